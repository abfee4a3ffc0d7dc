"""What became of the trials: whether the models were matched, and which trials did not finish."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.reporting.inputs import ReportInputs
from advisor.reporting.names import OUTCOME_WORDS, candidate_title, joined, words
from advisor.reporting.numbers import counted, significant
from advisor.reporting.table import Cell, Code, Table
from pilots.records import ParityCheck, ParityResult, TrialRecord

_CHECKS = {
    "shapes": "same parameters",
    "forward": "same outputs",
    "gradients": "same gradients",
    "steps": "same first training steps",
}
_ERROR_CHARACTERS = 300


@dataclass(frozen=True)
class Trials:
    """How many trials were run, the parity gate check by check, and the trials that did not finish."""

    finished: str
    parity: Table | None
    failed: Table | None


def build_trials(inputs: ReportInputs) -> Trials:
    """All trials of the study, whatever came of them."""
    finished = sum(record.outcome in ("ok", "not_comparable") for record in inputs.records)
    total = len(inputs.records)
    return Trials(
        finished=f"{finished} of {counted(total, 'trial')} finished." if total else "No trial was run.",
        parity=_parity(inputs.records),
        failed=_failed(inputs.records),
    )


def _parity(records: tuple[TrialRecord, ...]) -> Table | None:
    rows = tuple(
        _check_row(record, record.result, check)
        for record in records
        if isinstance(record.result, ParityResult)
        for check in record.result.checks
    )
    if not rows:
        return None
    header = ("Workload", "Candidate", "Compared with", "Check", "Result", "Largest error", "Tolerance")
    return Table(header, rows)


def _check_row(record: TrialRecord, result: ParityResult, check: ParityCheck) -> tuple[Cell, ...]:
    finding = "passed" if check.passed else f"failed: {check.detail}" if check.detail else "failed"
    return (
        words(record.spec.workload),
        candidate_title(record.spec.candidate),
        "itself" if result.reference == record.spec.candidate else candidate_title(result.reference),
        _CHECKS.get(check.name, check.name),
        finding,
        f"{significant(check.worst)} of the tolerance",
        f"relative {check.rtol:g}, absolute {check.atol:g}",
    )


def _failed(records: tuple[TrialRecord, ...]) -> Table | None:
    """One row per candidate, outcome and error: twenty trials that lack the same package are one finding.

    A parity check that failed did finish; it stands in the table of the gate.
    """
    groups: dict[tuple[str, str, str], list[TrialRecord]] = {}
    for record in records:
        if record.outcome != "ok" and not isinstance(record.result, ParityResult):
            key = (record.spec.candidate, record.outcome, record.error or "")
            groups.setdefault(key, []).append(record)
    if not groups:
        return None
    rows = tuple(
        (
            candidate_title(candidate),
            OUTCOME_WORDS.get(outcome, outcome),
            _trials(group),
            Code(_last_part(error)) if error.strip() else "no message",
        )
        for (candidate, outcome, error), group in groups.items()
    )
    return Table(("Candidate", "What happened", "Trials", "Error"), rows)


def _trials(group: list[TrialRecord]) -> str:
    kinds = dict.fromkeys(f"{record.spec.experiment} on {words(record.spec.workload)}" for record in group)
    return f"{counted(len(group), 'trial')}: {joined(list(kinds))}"


def _last_part(error: str) -> str:
    """The end of an error, where Python says what went wrong."""
    text = " ".join(error.split())
    return text if len(text) <= _ERROR_CHARACTERS else f"... {text[-_ERROR_CHARACTERS:]}"
