"""What the first screen says of a busy machine: of what counts or would be measured anew, and of nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_decision import decision
from report_study import study_inputs

from advisor.reporting.first_page.busy import busy_caveat, quieter
from advisor.reporting.inputs import ReportInputs
from pilots.epoch_records import EpochsResult
from pilots.records import TrialRecord
from pilots.results import Contention, RaceResult

BUSY = Contention(0.6, None, busy=True, cores=2)


def with_busy_race(inputs: ReportInputs, launch: int) -> ReportInputs:
    """One of the races, as if it had been in another launch beside others."""
    records: list[TrialRecord] = []
    for one in inputs.records:
        if isinstance(one.result, RaceResult) and one.spec.launch == 0:
            spec = replace(one.spec, launch=launch)
            records.append(replace(one, spec=spec, result=replace(one.result, contention=BUSY, session="busy")))
        else:
            records.append(one)
    return replace(inputs, records=tuple(records))


@pytest.mark.parametrize(("launch", "settled", "told"), [(0, True, True), (9, True, False), (9, False, True)])
def test_a_busy_race_that_no_pair_needs_any_more_is_told_no_more(launch: int, settled: bool, told: bool) -> None:
    inputs = with_busy_race(study_inputs(decision()), launch)
    pairs = tuple(replace(pair, settled=settled) for pair in inputs.comparisons)
    assert bool(busy_caveat(replace(inputs, comparisons=pairs))) is told
    assert (quieter(replace(inputs, comparisons=pairs)) is not None) is told


def test_whole_epochs_that_were_timed_beside_others_are_told() -> None:
    inputs = study_inputs(decision())
    spec = replace(inputs.records[0].spec, experiment="epochs", launch=0)
    timed = replace(inputs.records[0], spec=spec, result=EpochsResult("epochs", 32, ()), contention=BUSY)
    assert "1 timing of whole epochs." in busy_caveat(replace(inputs, records=(*inputs.records, timed)))
