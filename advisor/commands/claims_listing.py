"""What ``advisor claims`` prints: a line for where each claim stands, and more of it for those that were asked for."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from advisor.claims.claims import claims_about
from advisor.claims.judge import CITED, TESTED, JudgedClaim, JudgedClaims, Part
from advisor.commands.output import Line
from advisor.knowledge.facts import load_facts
from advisor.reporting.formats.escape import one_line
from advisor.reporting.sections.claims import articles, rests_on
from advisor.reporting.words.claim_words import finding_lines, rule, what_was_measured
from advisor.reporting.words.numbers import counted

#: How far what is said of a claim is indented, below its text.
_HANG = 6
#: With so few claims each is shown with its rules and findings.
_FEW = 3
_ORDER = (*TESTED, *CITED, "not tested here", "cannot be tested")
_STYLES = {
    "confirmed here": "green",
    "mostly confirmed here": "green",
    "refuted here": "red",
    "not resolved here": "yellow",
}


@dataclass(frozen=True)
class Listing:
    """The claims that were asked for. ``command`` begins the command that would test more of them."""

    claims: tuple[JudgedClaim, ...]
    judged: JudgedClaims
    command: tuple[str, ...]
    today: date

    def lines(self) -> Iterator[Line]:
        """Tested claims first, then those that facts settle, then the rest."""
        in_full = len(self.claims) <= _FEW
        for judged_claim in sorted(self.claims, key=lambda judged_claim: _ORDER.index(judged_claim.verdict)):
            yield Line(f"{judged_claim.claim.id:5} {judged_claim.claim.text}", "bold", _HANG)
            standing = f"{judged_claim.verdict} · {judged_claim.claim.kind} · {', '.join(judged_claim.claim.seeds)}"
            yield _indented(standing, _STYLES.get(judged_claim.verdict, ""))
            for text in self._texts(judged_claim, in_full=in_full):
                yield _indented(one_line(text))  # errors of trials are in it
            if self._could_be_tested(judged_claim):
                yield Line(f"{'':{_HANG}}-> {self._command(judged_claim)}", hang=_HANG + 3, command=True)
            if in_full:
                yield from (_indented(text) for _, text in self._contradicted(judged_claim))

    def legend(self) -> str:
        """How many claims there are, and which articles the short names stand for."""
        return f"{counted(len(self.claims), 'claim')}. {articles(self.judged, self.claims)}"

    def json(self) -> str:
        """All of it for programs: the rules, every finding and the facts."""
        return json.dumps([self._json(judged_claim) for judged_claim in self.claims], indent=1, allow_nan=False)

    def _texts(self, judged_claim: JudgedClaim, *, in_full: bool) -> Iterator[str]:
        if said := what_was_measured(judged_claim) if judged_claim.tested else "":
            yield said
        if judged_claim.reason:
            yield (
                judged_claim.reason
                if judged_claim.reason.endswith(".")
                else f"{judged_claim.reason[0].upper()}{judged_claim.reason[1:]}."
            )
        if rests := rests_on(judged_claim, self.today):
            yield f"by {rests}"
        if judged_claim.claim.note and (in_full or judged_claim.tested):
            yield judged_claim.claim.note
        if judged_claim.parts and in_full:
            yield from finding_lines(judged_claim)
        elif judged_claim.claim.tests and (in_full or not judged_claim.tested):
            yield from (rule(test) for test in judged_claim.claim.tests)

    def _could_be_tested(self, judged_claim: JudgedClaim) -> bool:
        """Whether another run would say more."""
        return judged_claim.verdict == "not tested here" or (
            judged_claim.verdict == "not resolved here" and any(part.missing for part in judged_claim.parts)
        )

    def _command(self, judged_claim: JudgedClaim) -> str:
        """What would test it."""
        return shlex.join([*self.command, *judged_claim.options])

    def _contradicted(self, judged_claim: JudgedClaim) -> Iterator[tuple[str, str]]:
        """The id of each claim that says otherwise, and a sentence about it."""
        for contradiction in self.judged.contradictions:
            for side in contradiction.sides:
                if judged_claim.claim.id in contradiction.claims and judged_claim.claim.id not in side:
                    for name in side:
                        other = self.judged.of(name)
                        yield name, f"contradicts {name}: {other.claim.text} ({other.verdict})"

    def _json(self, judged_claim: JudgedClaim) -> dict[str, object]:
        return {
            **judged_claim.claim.model_dump(mode="json", include={"id", "text", "seeds", "kind", "note", "untested"}),
            "verdict": judged_claim.verdict,
            "measured_here": what_was_measured(judged_claim) if judged_claim.tested else "",
            "reason": judged_claim.reason,
            "facts": [
                fact.model_dump(mode="json", include={"id", "text", "as_of", "source"}) for fact in judged_claim.facts
            ],
            "source": rests_on(judged_claim, self.today),
            "rules": [rule(test) for test in judged_claim.claim.tests],
            "tests": [_part_json(part) for part in judged_claim.parts],
            "contradicts": [name for name, _ in self._contradicted(judged_claim)],
            "command": self._command(judged_claim) if judged_claim.claim.tests else "",
        }


def _indented(text: str, style: str = "") -> Line:
    return Line(f"{'':{_HANG}}{text}", style, _HANG)


def listing(study: Path | None, about: str | None, today: date) -> Listing:
    """The claims, by what was measured in a study if a study is named.

    Raises:
        AdvisorError: there is no such study, it is damaged, or no claim is about what was asked for.
    """
    command: tuple[str, ...] = ("advisor", "run")
    if study is None:
        from advisor.claims.judge_study import judged_by_facts

        judged = judged_by_facts(load_facts())
    else:
        from advisor.study import existing_study
        from advisor.workflow.assess import assess
        from advisor.workflow.snapshot import load_snapshot

        where = existing_study(study)
        with where.lock():
            inputs = assess(load_snapshot(where), today=today)
        judged = inputs.claims
        # Advisor's own pilots run in a study of their own where this study is about the user's data.
        command = (*command, str(study)) if inputs.data is None else (*command, "STUDY")
    wanted = {claim.id for claim in claims_about([judged_claim.claim for judged_claim in judged.claims], about)}
    return Listing(
        tuple(judged_claim for judged_claim in judged.claims if judged_claim.claim.id in wanted), judged, command, today
    )


def _part_json(part: Part) -> dict[str, object]:
    findings: Sequence[dict[str, object]] = [asdict(finding) for finding in part.findings]
    return {"rule": rule(part.test), "standing": part.standing, "missing": list(part.missing), "findings": findings}
