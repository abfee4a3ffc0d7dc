"""What the report says of the time that care for quiet took, and of what nobody looked at."""

from __future__ import annotations

from dataclasses import replace

from report_decision import decision
from report_study import study_inputs

from advisor.reporting.first_page.busy import surroundings
from advisor.reporting.inputs import ReportInputs
from pilots.records import TrialRecord
from pilots.results import Contention, RaceResult, RaceRound

WORKLOAD = "vision"


def told(inputs: ReportInputs) -> str:
    return surroundings(inputs, WORKLOAD)


def waited(record: TrialRecord) -> TrialRecord:
    """Each race waited for 5 s, and its only round was crowded; each training for 2 s."""
    if isinstance(record.result, RaceResult):
        contention = Contention(0.02, 0.0, waited_s=5.0, cores=2)
        crowded = RaceRound(0, 0.5, 0.0, 1.0, crowded=True)
        return replace(record, result=replace(record.result, contention=contention, rounds=(crowded,)))
    if record.spec.experiment == "learn":
        return replace(record, contention=Contention(0.0, 0.0, waited_s=2.0, cores=2))
    return record


def test_all_waiting_is_told_and_what_was_raced_for_nothing() -> None:
    inputs = study_inputs(decision())
    assert "quiet took" not in told(inputs)
    trials = [one for one in inputs.records if one.spec.workload == WORKLOAD]
    races = [one.result for one in trials if isinstance(one.result, RaceResult)]
    waited_s = 5 * len({one.session for one in races}) + 2 * sum(one.spec.experiment == "learn" for one in trials)
    left_out_s = sum(block.seconds for one in races for block in one.blocks)
    assert waited_s > 5 and left_out_s >= 1
    sentence = f"quiet took {waited_s:.0f} s, rounds that were left out {left_out_s:.0f} s."
    assert sentence in told(replace(inputs, records=tuple(map(waited, inputs.records))))


def test_what_others_did_on_an_accelerator_is_said_to_be_unknown() -> None:
    def moved(record: TrialRecord) -> TrialRecord:
        if record.environment is None or record.spec.candidate != "pytorch":
            return record
        return replace(record, environment=replace(record.environment, device="cuda:0 NVIDIA H200"))

    inputs = study_inputs(decision())
    assert "accelerator" not in told(inputs)
    on_gpu = replace(inputs, records=tuple(map(moved, inputs.records)))
    assert "What others did on the accelerator was not looked at" in told(on_gpu)
