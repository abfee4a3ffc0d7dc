"""What became of the trials: whether the models were matched, and which trials did not finish."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.measuring.error_text import headline
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.pilots.gate import Gate, build_gates
from advisor.reporting.words.names import OUTCOME_WORDS, entrant_title, joined, words
from advisor.reporting.words.numbers import counted
from advisor.reporting.words.table import Code, Table
from pilots.records import TrialRecord
from pilots.results import ParityResult

_ERROR_CHARACTERS = 300


@dataclass(frozen=True)
class Trials:
    """How many trials were run, the parity gate workload by workload, and the trials that did not finish."""

    finished: str
    gates: tuple[Gate, ...]
    failed: Table | None


def build_trials(inputs: ReportInputs) -> Trials:
    """All trials of the study, whatever came of them."""
    finished = sum(record.outcome in ("ok", "not_comparable") for record in inputs.records)
    total = len(inputs.records)
    return Trials(
        finished=f"{finished} of {counted(total, 'trial')} finished." if total else "No trial was run.",
        gates=build_gates(inputs.records),
        failed=_failed(inputs.records),
    )


def _failed(records: tuple[TrialRecord, ...]) -> Table | None:
    """One row per candidate, lane, outcome and error: twenty trials that lack the same package are one finding.

    A parity check that failed did finish; it stands in the table of the gate.
    """
    groups: dict[tuple[str, str, str, str], list[TrialRecord]] = {}
    for record in records:
        if record.outcome != "ok" and not isinstance(record.result, ParityResult):
            key = (record.spec.candidate, record.spec.lane, record.outcome, record.error or "")
            groups.setdefault(key, []).append(record)
    if not groups:
        return None
    rows = tuple(
        (
            entrant_title(candidate, lane),
            OUTCOME_WORDS.get(outcome, outcome),
            _trials(group),
            Code(_last_part(headline(error))) if error.strip() else "no message",
        )
        for (candidate, lane, outcome, error), group in groups.items()
    )
    return Table(("Candidate", "What happened", "Trials", "Error"), rows)


def _trials(group: list[TrialRecord]) -> str:
    kinds = dict.fromkeys(f"{record.spec.experiment} on {words(record.spec.workload)}" for record in group)
    return f"{counted(len(group), 'trial')}: {joined(list(kinds))}"


def _last_part(text: str) -> str:
    """The end of a long line: what it has in the end is often the most particular."""
    return text if len(text) <= _ERROR_CHARACTERS else f"... {text[-_ERROR_CHARACTERS:]}"
