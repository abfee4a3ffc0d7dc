"""Claims you may have read: those that this study can speak about, and contradictions side by side."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from advisor.claims.judge import CITED, TESTED, JudgedClaim, JudgedClaims
from advisor.interview.conditions import holds
from advisor.knowledge.facts import is_stale
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words.claim_words import what_was_measured
from advisor.reporting.words.names import joined, sentence
from advisor.reporting.words.numbers import counted
from advisor.reporting.words.table import Code, Table

_TESTED_HEADER = ("Claim", "Stands in", "Verdict", "What was measured here")
_CITED_HEADER = ("Claim", "Stands in", "Verdict", "Why", "Rests on")
_SIDES_HEADER = ("Question", "One answer", "Another answer")


@dataclass(frozen=True)
class ClaimsView:
    """The section on claims; a table is None where it would have no row. ``rest`` says how to see the others."""

    counts: str
    tested: Table | None
    cited: Table | None
    contradictions: Table | None
    articles: str
    rest: str
    command: str


def build_claims(inputs: ReportInputs) -> ClaimsView | None:
    """The claims that were tested here, then those that facts settle and these answers make relevant."""
    judged = inputs.claims.claims
    if not judged:
        return None
    tested = _ordered([judged_claim for judged_claim in judged if judged_claim.tested], TESTED)
    cited = _ordered(
        [
            judged_claim
            for judged_claim in judged
            if judged_claim.verdict in CITED
            and judged_claim.claim.when
            and holds(judged_claim.claim.when, inputs.answers)
        ],
        CITED,
    )
    shown, listed = len(tested) + len(cited), articles(inputs.claims, [*tested, *cited])
    return ClaimsView(
        counts=_counts(inputs, tested, cited),
        tested=_tested(tested),
        cited=_cited(inputs, cited),
        contradictions=_contradictions(inputs, {judged_claim.claim.id for judged_claim in (*tested, *cited)}),
        articles=sentence(f"the articles are {listed}") if listed else "",
        rest=f"These are {shown} of {len(judged)} claims. All of them, each with its rule and its findings:",
        command=shlex.join(["advisor", "claims", inputs.study]),
    )


def articles(judged: JudgedClaims, shown: Sequence[JudgedClaim]) -> str:
    """Which articles the short names stand for, of those in which the claims shown stand."""
    named = {seed for judged_claim in shown for seed in judged_claim.claim.seeds}
    return "; ".join(f"{article.id}: {article.title}" for article in judged.articles if article.id in named)


def _ordered(claims: Sequence[JudgedClaim], verdicts: Sequence[str]) -> list[JudgedClaim]:
    return sorted(claims, key=lambda judged: list(verdicts).index(judged.verdict))


def _counts(inputs: ReportInputs, tested: Sequence[JudgedClaim], cited: Sequence[JudgedClaim]) -> str:
    if not tested:
        waiting = sum(judged.verdict == "not tested here" for judged in inputs.claims.claims)
        by_facts = " What dated facts settle, and what you answered makes worth knowing, follows." if cited else ""
        return (
            "Nothing that was measured here bears on what articles claim; pilots could test "
            f"{counted(waiting, 'claim')}.{by_facts}"
        )
    numbers = [(verdict, sum(judged.verdict == verdict for judged in tested)) for verdict in TESTED]
    parts = [f"{number} {'is' if number == 1 else 'are'} {verdict}" for verdict, number in numbers if number]
    return (
        f"What articles claim, held against what was measured here: {joined(parts)}. What is said of things in general "
        "is confirmed where it came out so in every case, mostly confirmed where in more than half of them, and "
        "refuted where more than half came out otherwise. One case refutes only what says always, and a larger gain "
        "does not refute what says up to. All of it speaks of this hardware and these pilots alone."
    )


def _tested(claims: Sequence[JudgedClaim]) -> Table | None:
    rows = tuple(
        (
            _claim(judged),
            ", ".join(judged.claim.seeds),
            judged.verdict,
            f"{what_was_measured(judged)} {judged.claim.note}".strip(),
        )
        for judged in claims
    )
    return Table(_TESTED_HEADER, rows) if rows else None


def _cited(inputs: ReportInputs, claims: Sequence[JudgedClaim]) -> Table | None:
    rows = tuple(
        (_claim(judged), ", ".join(judged.claim.seeds), judged.verdict, judged.reason, rests_on(judged, inputs.date))
        for judged in claims
    )
    return Table(_CITED_HEADER, rows) if rows else None


def rests_on(judged: JudgedClaim, today: date) -> str:
    """The facts behind a verdict, each with its date, and a note if its review date is past."""
    if judged.verdict not in CITED:
        return ""
    stale = ", past its review date"
    return "; ".join(
        f"{fact.id}: {fact.source} ({fact.as_of}{stale if is_stale(fact, today) else ''})" for fact in judged.facts
    )


def _contradictions(inputs: ReportInputs, shown: set[str]) -> Table | None:
    """The contradictions that involve a claim just shown."""
    by_id = {judged.claim.id: judged for judged in inputs.claims.claims}
    rows = tuple(
        (contradiction.about, *(" ".join(_side(by_id[name]) for name in side) for side in contradiction.sides))
        for contradiction in inputs.claims.contradictions
        if shown & set(contradiction.claims)
    )
    return Table(_SIDES_HEADER, rows) if rows else None


def _side(judged: JudgedClaim) -> str:
    return f"{judged.claim.id}: {judged.claim.text} ({judged.verdict})"


def _claim(judged: JudgedClaim) -> tuple[Code | str, ...]:
    return (Code(judged.claim.id), f" {judged.claim.text}")
