"""The parity gate: whether every candidate, in each lane, is the same model as the reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from advisor.catalog import LANES
from advisor.measuring.error_text import headline
from advisor.reporting.words.names import (
    OUTCOME_WORDS,
    candidate_title,
    catalog_order,
    entrant_title,
    joined,
    reference_title,
    words,
)
from advisor.reporting.words.numbers import significant
from advisor.reporting.words.table import Table
from pilots.records import TrialRecord
from pilots.results import ParityCheck, ParityResult

#: What a check is called in a table, and its tolerance in a sentence.
_CHECKS: Mapping[str, tuple[str, str]] = {
    "data": ("Data", "data"),
    "shapes": ("Parameters", "shapes"),
    "forward": ("Outputs", "outputs"),
    "gradients": ("Gradients", "gradients"),
    "steps": ("First steps", "first training steps"),
    "feeding": ("Feeding", "feeding"),
}


@dataclass(frozen=True)
class Gate:
    """The gate on one workload.

    ``passed`` has a row for each candidate and lane that is the same model as the ``reference``, ``not_comparable`` a
    row for each failed check, and for each candidate and lane that was never checked to the end. ``tolerances`` say how
    far off a number may be.
    """

    workload: str
    reference: str
    passed: Table | None
    tolerances: tuple[str, ...]
    not_comparable: Table | None


def build_gates(records: Sequence[TrialRecord]) -> tuple[Gate, ...]:
    """One gate for each workload on which it ran."""
    by_workload: dict[str, list[TrialRecord]] = {}
    for record in sorted(records, key=_shown_order):
        if record.spec.experiment == "parity":
            by_workload.setdefault(record.spec.workload, []).append(record)
    return tuple(_gate(workload, checked) for workload, checked in by_workload.items())


def _shown_order(record: TrialRecord) -> tuple[int, int]:
    """They come in as they end, which says nothing."""
    return (list(LANES).index(record.spec.lane), catalog_order(record.spec.candidate))


def _gate(workload: str, records: Sequence[TrialRecord]) -> Gate:
    results = [(record, record.result) for record in records if isinstance(record.result, ParityResult)]
    made = {check.name for _, result in results for check in result.checks}
    # Gates of earlier versions lack the last.
    shown = [name for name in _CHECKS if name in made or name != "feeding"]
    passed = tuple(
        (candidate_title(record.spec.candidate), record.spec.lane, *[_error(result, name) for name in shown])
        for record, result in results
        if result.passed
    )
    failed = tuple(
        (
            candidate_title(record.spec.candidate),
            record.spec.lane,
            _CHECKS[check.name][0],
            significant(check.worst),
            _detail(check),
        )
        for record, result in results
        for check in result.checks
        if not check.passed
    )
    unfinished = tuple(
        (candidate_title(record.spec.candidate), record.spec.lane, "not finished", "none", _ended(record))
        for record in records
        if not isinstance(record.result, ParityResult)
    )
    references = list(dict.fromkeys(reference_title(result.reference) for _, result in results))
    return Gate(
        workload=words(workload),
        reference=joined(references),
        passed=Table(("Candidate", "Lane", *[_CHECKS[name][0] for name in shown]), passed) if passed else None,
        tolerances=_tolerances(results),
        not_comparable=(
            Table(("Candidate", "Lane", "Check", "Largest error", "What was found"), (*failed, *unfinished))
            if failed or unfinished
            else None
        ),
    )


def _error(result: ParityResult, name: str) -> str:
    """The largest error of a check that was passed, in units of its tolerance."""
    return next((f"{check.worst:.2g}" for check in result.checks if check.name == name), "not checked")


def _detail(check: ParityCheck) -> str:
    return check.detail or "no detail was recorded"


def _ended(record: TrialRecord) -> str:
    outcome = OUTCOME_WORDS.get(record.outcome, record.outcome)
    return f"{outcome}: {headline(record.error)}" if record.error else outcome


def _rounding(check: ParityCheck) -> str:
    """Said where it weighs: elsewhere it is a fraction of the tolerance."""
    return ", besides what rounding alone changes in the reference" if check.rounding > check.atol else ""


def _tolerances(results: Sequence[tuple[TrialRecord, ParityResult]]) -> tuple[str, ...]:
    """A sentence for each set of tolerances, naming who was held to it where there are several."""
    held_to: dict[str, list[str]] = {}
    for record, result in results:
        limits = [
            f"{_CHECKS[check.name][1]} {check.atol:g} plus {check.rtol:g} of the value{_rounding(check)}"
            for check in result.checks
            if check.rtol or check.atol
        ]
        if limits:
            title = entrant_title(record.spec.candidate, record.spec.lane)
            held_to.setdefault("; ".join(limits), []).append(title)
    return tuple(
        f"Tolerances{'' if len(held_to) == 1 else f' for {joined(titles)}'}: {limits}."
        for limits, titles in held_to.items()
    )
