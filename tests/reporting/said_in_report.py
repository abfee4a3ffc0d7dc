"""What a report has to say for its decision, whatever the words around it are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from markdown_structure import parse, split_front_matter

from advisor.deciding.decision import Decision
from advisor.reporting.document import Document
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words.names import candidate_title, criterion_title, family_title
from advisor.reporting.words.numbers import percent

#: By verdict: what the first sentence has to say, and the option that is chosen; None: the recommended candidate.
SAYS = {
    "clear": ("is the clear choice", None),
    "lean": ("is the better choice but not a certain one", None),
    "too_close": ("are too close to call", "none yet; either "),
    "conditional": ("is ahead", None),
    "none_feasible": ("fail at least one of your requirements", "none of the candidates"),
    "insufficient": ("There is not enough evidence to recommend anything", "none yet"),
}
#: The sections of a decision record, in the order in which a reader needs them.
SECTIONS = ("Context and Problem Statement", "Decision Drivers", "Considered Options", "Decision Outcome", "Evidence")


def headings(report: str, tag: str = "h2") -> list[str]:
    """The headings of a level, in their order."""
    tokens = pairwise(parse(report))
    return [after.content for token, after in tokens if token.tag == tag and token.nesting == 1]


def part(report: str, heading: str) -> str:
    """What stands below a heading of the second level."""
    return report.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def missing(report: str, inputs: ReportInputs, document: Document) -> Iterator[str]:
    """What of a decision a Markdown report with front matter lacks, or says otherwise."""
    decision = inputs.decision
    _, body = split_front_matter(report)
    first, chosen = SAYS[decision.verdict]
    opening = body.partition("\n## ")[0]
    if document.summary.verdict not in opening or first not in opening:
        yield "its verdict, in the first lines"
    found = [heading for heading in headings(body) if heading in SECTIONS]
    if tuple(found) != SECTIONS:
        yield f"the sections of a decision record in their order: {found}"
    option = candidate_title(decision.recommended or "") if chosen is None else chosen
    if f'Chosen option: "{option}' not in part(body, "Decision Outcome"):
        yield f"the chosen option, {option}"
    yield from _shares(opening, decision)
    yield from _criteria(body, decision)
    yield from _reasons(opening, document)
    for family, share in decision.family_probability.items():
        if f"{family_title(family)} {percent(share)}" not in body:
            yield f"the share of {family}"
    for result in decision.candidates:
        for veto in result.vetoes:
            if veto.reason.rstrip(".") not in re.sub(r"\\(.)", r"\1", body):
                yield f"why {result.id} is ruled out, or may be"


def _shares(opening: str, decision: Decision) -> Iterator[str]:
    """A row for each candidate that may be chosen, with its share of the readings."""
    for result in decision.candidates:
        if not result.rank_probability:
            continue
        if f"| {candidate_title(result.id)} | {percent(result.rank_probability[0])} |" not in opening:
            yield f"the share of {result.id}"


def _criteria(body: str, decision: Decision) -> Iterator[str]:
    """Each criterion with the range of its weight, and those without one with the reason."""
    drivers = part(body, "Decision Drivers")
    for criterion, weight in decision.weights.items():
        row = next((line for line in drivers.splitlines() if line.startswith(f"| {criterion_title(criterion)} |")), "")
        if not row.endswith(f" {percent(weight.low)} to {percent(weight.high)} |"):
            yield f"the weight of {criterion}"
    for criterion, reason in decision.not_applicable.items():
        if f"{criterion_title(criterion)} does not count here: {reason}" not in drivers:
            yield f"why {criterion} has no weight"


def _reasons(opening: str, document: Document) -> Iterator[str]:
    told = re.sub(r"\\(.)", r"\1", opening)
    summary = document.summary
    for text in (*summary.reasons_for, *summary.reasons_against, *summary.flips):
        if text not in told:
            yield f"{text!r} in the first part"
    step = summary.next_step
    if step is not None and (step.text not in told or step.command not in opening):
        yield "the next step with its command"
