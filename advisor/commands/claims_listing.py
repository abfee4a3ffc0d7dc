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
    """The claims that were asked for. ``command`` begins the one that would test more of them."""

    claims: tuple[JudgedClaim, ...]
    judged: JudgedClaims
    command: tuple[str, ...]
    today: date

    def lines(self) -> Iterator[Line]:
        """Tested ones first, then those that facts settle, then the rest."""
        in_full = len(self.claims) <= _FEW
        for one in sorted(self.claims, key=lambda one: _ORDER.index(one.verdict)):
            yield Line(f"{one.claim.id:5} {one.claim.text}", "bold", _HANG)
            standing = f"{one.verdict} · {one.claim.kind} · {', '.join(one.claim.seeds)}"
            yield _indented(standing, _STYLES.get(one.verdict, ""))
            for text in self._texts(one, in_full=in_full):
                yield _indented(one_line(text))  # errors of trials are in it
            if self._could_be_tested(one):
                yield Line(f"{'':{_HANG}}-> {self._command(one)}", hang=_HANG + 3, command=True)
            if in_full:
                yield from (_indented(text) for _, text in self._contradicted(one))

    def legend(self) -> str:
        """How many claims there are, and which articles the short names stand for."""
        return f"{counted(len(self.claims), 'claim')}. {articles(self.judged, self.claims)}"

    def json(self) -> str:
        """All of it for programs: the rules, every finding and the facts."""
        return json.dumps([self._json(one) for one in self.claims], indent=1, allow_nan=False)

    def _texts(self, one: JudgedClaim, *, in_full: bool) -> Iterator[str]:
        if said := what_was_measured(one) if one.tested else "":
            yield said
        if one.reason:
            yield one.reason if one.reason.endswith(".") else f"{one.reason[0].upper()}{one.reason[1:]}."
        if rests := rests_on(one, self.today):
            yield f"by {rests}"
        if one.claim.note and (in_full or one.tested):
            yield one.claim.note
        if one.parts and in_full:
            yield from finding_lines(one)
        elif one.claim.tests and (in_full or not one.tested):
            yield from (rule(test) for test in one.claim.tests)

    def _could_be_tested(self, one: JudgedClaim) -> bool:
        """Whether another run would say more."""
        return one.verdict == "not tested here" or (
            one.verdict == "not resolved here" and any(part.missing for part in one.parts)
        )

    def _command(self, one: JudgedClaim) -> str:
        """What would test it."""
        return shlex.join([*self.command, *one.options])

    def _contradicted(self, one: JudgedClaim) -> Iterator[tuple[str, str]]:
        """The id of each claim that says otherwise, and a sentence about it."""
        for contradiction in self.judged.contradictions:
            for side in contradiction.sides:
                if one.claim.id in contradiction.claims and one.claim.id not in side:
                    for name in side:
                        other = self.judged.of(name)
                        yield name, f"contradicts {name}: {other.claim.text} ({other.verdict})"

    def _json(self, one: JudgedClaim) -> dict[str, object]:
        return {
            **one.claim.model_dump(mode="json", include={"id", "text", "seeds", "kind", "note", "untested"}),
            "verdict": one.verdict,
            "measured_here": what_was_measured(one) if one.tested else "",
            "reason": one.reason,
            "facts": [fact.model_dump(mode="json", include={"id", "text", "as_of", "source"}) for fact in one.facts],
            "source": rests_on(one, self.today),
            "rules": [rule(test) for test in one.claim.tests],
            "tests": [_part_json(part) for part in one.parts],
            "contradicts": [name for name, _ in self._contradicted(one)],
            "command": self._command(one) if one.claim.tests else "",
        }


def _indented(text: str, style: str = "") -> Line:
    return Line(f"{'':{_HANG}}{text}", style, _HANG)


def listing(study: Path | None, about: str | None, today: date) -> Listing:
    """The claims, by what was measured in a study if one is named.

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
        # Advisor's own pilots run in a study of their own where this one is about the user's data.
        command = (*command, str(study)) if inputs.data is None else (*command, "STUDY")
    wanted = {claim.id for claim in claims_about([one.claim for one in judged.claims], about)}
    return Listing(tuple(one for one in judged.claims if one.claim.id in wanted), judged, command, today)


def _part_json(part: Part) -> dict[str, object]:
    findings: Sequence[dict[str, object]] = [asdict(one) for one in part.findings]
    return {"rule": rule(part.test), "standing": part.standing, "missing": list(part.missing), "findings": findings}
