"""Which trials stand behind each number: by pilot, kind of trial, lane and candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.catalog import BASELINE, LANES
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words.names import catalog_order, entrant_title, words
from advisor.reporting.words.table import Code, Table
from pilots.experiment import experiments
from pilots.records import ExperimentName, TrialRecord

KEY_CHARACTERS = 8


@dataclass(frozen=True)
class Trail:
    """``how`` says how to look a trial up; one table for each pilot, under its title."""

    how: str
    pilots: tuple[tuple[str, Table], ...]


def build_trail(inputs: ReportInputs) -> Trail | None:
    """All trials of the study by the numbers they stand behind; None where none was run."""
    if not inputs.records:
        return None
    by_pilot: dict[str, list[TrialRecord]] = {}
    for record in inputs.records:
        by_pilot.setdefault(record.spec.workload, []).append(record)
    return Trail(
        how=(
            f"A number about a candidate rests on the trials in its row. They are named by the first {KEY_CHARACTERS} "
            "characters of their key, with which the line of trials.jsonl begins that holds all they measured."
        ),
        pilots=tuple((words(name), _table(records)) for name, records in by_pilot.items()),
    )


def _table(records: Sequence[TrialRecord]) -> Table:
    rows: dict[tuple[ExperimentName, str, str], list[str]] = {}
    for record in sorted(records, key=_order):
        spec = record.spec
        rows.setdefault((spec.experiment, spec.candidate, spec.lane), []).append(record.key[:KEY_CHARACTERS])
    return Table(
        ("Numbers about", "Candidate", "Trials"),
        tuple(
            (experiments()[experiment].tells or words(experiment), entrant_title(candidate, lane), Code(" ".join(keys)))
            for (experiment, candidate, lane), keys in rows.items()
        ),
    )


def _order(record: TrialRecord) -> tuple[int, int, int, int]:
    spec = record.spec
    kind = experiments()[spec.experiment].order
    place = -1 if spec.candidate == BASELINE else catalog_order(spec.candidate)
    return (kind, list(LANES).index(spec.lane), place, spec.launch)
