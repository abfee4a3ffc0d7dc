"""The ends of epochs in the report, and the places where a training waited."""

from __future__ import annotations

from dataclasses import replace

from markdown_structure import ragged_rows, split_front_matter
from report_decision import decision
from report_study import study_inputs

from advisor.measuring.analysis.series import series
from advisor.measuring.running.events import TrialsFinished
from advisor.reporting.document import build_document
from advisor.reporting.first_page.warnings_shown import idle_cautions
from advisor.reporting.formats.render import render
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.pilots.pilots import PilotSection
from advisor.watching.words import warnings
from pilots.epoch_records import EpochEnd, EpochsOfLength, EpochsResult, TimeUse, Wait
from pilots.records import Lane, TrialRecord, TrialSpec
from pilots.results import RaceBlock, RaceResult

STILL = EpochEnd(0.25, 0.0, 0.0)
BUSY = EpochEnd(0.0, 0.0, 0.0)
FIT = ("keras/src/backend/tensorflow/trainer.py:397 fit", "pilots/frameworks/keras_training.py:38 fit")


def trained(
    candidate: str, *ends: EpochEnd, lane: Lane = "default", time: TimeUse | None = None, launch: int = 0
) -> TrialRecord:
    """Epochs of a hundred steps of 5 ms."""
    result = EpochsResult("epochs", 32, (EpochsOfLength(0.5, 100, 8, 0.005, 0.005, (), ends),), time)
    spec = TrialSpec("epochs", "vision", "quick", candidate, lane, launch, launch, 2)
    return TrialRecord(f"{candidate}-{lane}", spec, "ok", "2026-12-01T10:00:00+00:00", 3.0, None, result)


def with_records(*more: TrialRecord) -> ReportInputs:
    study = study_inputs(decision())
    return replace(study, records=(*study.records, *more), series=(*study.series, *series((*study.records, *more))))


def section_of(*more: TrialRecord) -> PilotSection:
    (workload,) = build_document(with_records(*more)).workloads
    return workload


def test_a_row_for_each_candidate_and_lane_and_what_helps() -> None:
    found = section_of(
        trained("keras-tensorflow", STILL, BUSY, STILL, BUSY),
        trained("keras-tensorflow", BUSY, BUSY, lane="tuned"),
        trained("pytorch", BUSY, BUSY),
    ).epoch_ends
    assert found is not None
    assert [row[:1] + row[2:] for row in found.table.rows] == [
        ("PyTorch", "2", "under 1 ms", "under 1 ms", "0%", "none"),
        ("Keras 3 on TensorFlow", "4", "0.125 s", "0.250 s", "20%", "2, 0.500 s in all"),
        ("Keras 3 on TensorFlow (tuned)", "2", "under 1 ms", "under 1 ms", "0%", "none"),
    ]
    (finding,) = found.findings
    assert finding.startswith("Keras 3 on TensorFlow stands still between epochs: at 2 of 4 ends the processor idled")
    assert "options.autotune.enabled = False" in finding
    assert finding.endswith("There it idled at none of 2 ends.")
    # Others raced whose ends nobody timed.
    assert found.meaning.startswith("They do not count")


def test_it_counts_where_everybody_was_timed() -> None:
    study = study_inputs(decision())
    raced = {one.candidate for one in study.series if one.measure == "race.step_ms"}
    found = section_of(*(trained(candidate, BUSY) for candidate in raced)).epoch_ends
    assert found is not None
    assert found.meaning.startswith("Training speed is judged by the step with its share of an end")
    assert found.findings == ()


def test_a_training_that_idles_is_a_finding_with_the_place_where_it_waits() -> None:
    idle = TimeUse(10.0, 7.0, 0.0, idle_s=2.5, waits=(Wait(2.0, 4, FIT), Wait(0.5, 1, ("other.py:1 other",))))
    record = trained("keras-tensorflow", STILL, time=idle)
    (finding,) = section_of(record).idling
    assert "the processor idled for 25% of the time" in finding
    assert f"innermost first: {FIT[0]} in {FIT[1]}." in finding
    (caution,) = idle_cautions([record])
    assert "Keras 3 on TensorFlow trained vision, the processor idled for 25% of the time" in caution
    assert any(
        "the processor idled for 25% of a training" in text for text in warnings(TrialsFinished((record,), 1, 1, 0))
    )


def test_a_little_idling_is_none() -> None:
    record = trained("keras-tensorflow", BUSY, time=TimeUse(10.0, 9.0, 0.0, idle_s=1.9, waits=(Wait(1.9, 1, FIT),)))
    assert section_of(record).idling == ()
    assert idle_cautions([record]) == ()


def test_idle_blocks_of_a_race_are_told() -> None:
    blocks = [RaceBlock(number, 10, 0.1, 0.2) for number in range(10)]
    blocks[4] = RaceBlock(4, 10, 3.1, 0.2)
    result = RaceResult("race", "s", 32, 1.5, 0.2, 0.7, 32, 2.5, True, tuple(blocks), tuple(range(10)))
    spec = TrialSpec("race", "vision", "quick", "keras-tensorflow", "default", 9, 9, 2)
    record = TrialRecord("idle", spec, "ok", "2026-12-01T10:00:00+00:00", 3.0, None, result)
    (finding,) = section_of(record).idling
    assert "of the races of Keras 3 on TensorFlow the processor idled, for up to 3 s and 3 s in all" in finding


def test_it_is_a_part_of_the_report_that_renders() -> None:
    idle = TimeUse(10.0, 7.0, 0.0, idle_s=2.5, waits=(Wait(2.5, 4, FIT),))
    text = render(build_document(with_records(trained("keras-tensorflow", STILL, time=idle))))
    _, body = split_front_matter(text)
    assert not ragged_rows(body)
    assert "What the end of an epoch takes beyond its steps" in text
    assert "Where the processor idled:" in text
