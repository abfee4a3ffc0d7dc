"""What ``advisor compare`` prints, line by line."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.commands.output import Line
from advisor.deciding.decision import Decision
from advisor.reporting.formats.escape import one_line
from advisor.reporting.words.names import candidate_title, criterion_title, joined, words
from advisor.reporting.words.numbers import percent, rating
from advisor.workflow.compare import StudyComparison


def lines(found: StudyComparison) -> Iterator[Line]:
    """The verdicts, what turns the first into the second, and every difference."""
    for name, decision in zip(found.names, found.decisions, strict=True):
        yield Line(f"{one_line(name)}: {_verdict(decision)}", "bold")
    yield Line(_what_turns_it(found))
    yield from _part(
        "Answers",
        [
            f"{answer.key}: {one_line(answer.first)} against {one_line(answer.second)}"
            + (f"; that alone would recommend {candidate_title(answer.recommended)}" if answer.recommended else "")
            for answer in found.answers
        ],
    )
    yield from _part(
        "Values",
        [
            f"{candidate_title(value.candidate)}, {criterion_title(value.criterion)}: {rating(value.first)} "
            f"({value.kinds[0]}) against {rating(value.second)} ({value.kinds[1]})"
            for value in found.values
        ],
    )
    yield from _part("Circumstances", [one_line(text) for text in found.circumstances])


def _verdict(decision: Decision) -> str:
    if decision.recommended is None:
        return words(decision.verdict)
    share = percent(decision.probability_best or 0.0)
    return f"{words(decision.verdict)}, {candidate_title(decision.recommended)} (best in {share} of the readings)"


def _what_turns_it(found: StudyComparison) -> str:
    if found.agree:
        return "Both recommend the same; nothing below turns the answer."
    alone = [answer.key for answer in found.answers if answer.recommended == found.decisions[1].recommended]
    if alone:
        return f"It is the answers: {joined(alone)} alone would do."
    if found.answers_turn_it and found.evidence_turns_it:
        return "Either the answers or the evidence of the second study would turn the first."
    if found.answers_turn_it:
        return "It is the answers, several of them together."
    if found.evidence_turns_it:
        return "It is the evidence: with the same answers the two still differ."
    return "Answers and evidence turn it only together."


def _part(title: str, texts: list[str]) -> Iterator[Line]:
    if not texts:
        yield Line(f"{title}: the same.")
        return
    yield Line(title, "bold")
    for text in texts:
        yield Line(f"  {text}", hang=2)
