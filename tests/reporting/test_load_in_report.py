"""The data pipelines in the report: what each setting gave, what that means, and what was left out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from markdown_structure import ragged_rows, split_front_matter, structure
from report_decision import decision
from report_study import study_inputs

from advisor.measuring.analysis.series import series
from advisor.reporting.document import build_document
from advisor.reporting.formats.render import render
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.pilots.load import Load
from pilots.outcomes import Outcome
from pilots.records import TrialRecord, TrialSpec
from pilots.results import LoadResult, PipelineLoad

IN_PROCESS = "num_workers=0: in the training process"


def load_record(
    candidate: str, launch: int, fed_s: float, *, workers_fed_s: float | None = None, error: str | None = None
) -> TrialRecord:
    """Ten steps with batches of 64 take a second when these lie ready."""
    default = PipelineLoad(0, IN_PROCESS, (0.25,), (fed_s,))
    timed = () if workers_fed_s is None else (workers_fed_s,)
    workers = PipelineLoad(2, "num_workers=2: 2 processes", timed and (0.1,), timed, error)
    result = LoadResult("load", 64, 10, (1.0,), (default, workers))
    return recorded(candidate, launch, "ok", result)


def recorded(candidate: str, launch: int, outcome: Outcome, result: LoadResult | None, error: str = "") -> TrialRecord:
    spec = TrialSpec("load", "vision", "quick", candidate, "default", launch, launch, 2)
    return TrialRecord(
        f"load-{candidate}-{launch}", spec, outcome, "2026-11-20T10:00:00+00:00", 3.0, None, result, error or None
    )


def with_load(*loads: TrialRecord) -> ReportInputs:
    study = study_inputs(decision())
    return replace(study, records=(*study.records, *loads), series=(*study.series, *series(loads)))


def load_of(*loads: TrialRecord) -> Load:
    (workload,) = build_document(with_load(*loads)).workloads
    assert workload.load is not None
    return workload.load


def test_a_row_for_each_candidate_and_setting() -> None:
    found = load_of(
        *[load_record("tensorflow", launch, 1.0, workers_fed_s=0.9) for launch in (0, 1)],
        *[load_record("pytorch", launch, (2.0, 4.0)[launch], workers_fed_s=1.25) for launch in (0, 1)],
    )
    assert found.table is not None
    assert found.table.rows == (
        (
            "PyTorch",
            "as by default",
            IN_PROCESS,
            "2560 samples/s (2560 to 2560)",
            "62% (0% to 100%)",  # the mean of 50% and 75%, and Student's t with one degree of freedom
            "2",
        ),
        (
            "PyTorch",
            "2 workers",
            "num_workers=2: 2 processes",
            "6400 samples/s (6400 to 6400)",
            "20% (20% to 20%)",
            "2",
        ),
        (
            "TensorFlow",
            "as by default",
            IN_PROCESS,
            "2560 samples/s (2560 to 2560)",
            "0% (0% to 0%)",
            "2",
        ),
        (
            "TensorFlow",
            "2 workers",
            "num_workers=2: 2 processes",
            "6400 samples/s (6400 to 6400)",
            "0% (0% to 0%)",  # faster than from ready batches, which is noise
            "2",
        ),
    )
    assert found.left_out == ()


def test_long_waits_are_named_with_what_follows_and_so_is_what_is_not_resolved() -> None:
    found = load_of(
        *[load_record("pytorch", launch, 4.0, workers_fed_s=2.0) for launch in (0, 1)],
        *[load_record("keras-jax", launch, 1.1, workers_fed_s=1.5) for launch in (0, 1)],
        *[load_record("tensorflow", launch, (1.0, 4.0)[launch], workers_fed_s=1.2) for launch in (0, 1)],
    )
    assert found.meaning == (
        "More than 20% of a training step goes into waiting for data with PyTorch (as by default), PyTorch (2 "
        "workers) and Keras 3 on JAX (2 workers). There the data pipeline is what to make faster, and the time of the "
        "step itself says less than it seems to. Whether waiting takes more than 20% of a step is not resolved with "
        "TensorFlow (as by default)."
    )


def test_where_nobody_waits_long_the_step_decides() -> None:
    found = load_of(*[load_record("pytorch", launch, 1.2, workers_fed_s=1.0) for launch in (0, 1)])
    assert found.meaning.startswith("No training step spends more than 20% of its time waiting for data")


def test_one_launch_resolves_nothing() -> None:
    found = load_of(load_record("pytorch", 0, 4.0))
    assert found.table is not None
    assert found.table.rows[0][4] == "75% (0% to 100%)"
    assert found.meaning == (
        "Whether waiting takes more than 20% of a step is not resolved with PyTorch (as by default)."
    )


def test_what_could_not_be_timed_is_said_once_with_its_reason() -> None:
    other = LoadResult("load", 64, 10, (), (), "the data pipeline (map) is not the reference's: other labels")
    found = load_of(
        *[load_record("pytorch", launch, 1.0, error=f"RuntimeError: worker {launch} is gone") for launch in (0, 1)],
        recorded("tensorflow", 0, "not_comparable", other, other.difference or ""),
    )
    assert found.table is not None
    assert [row[1] for row in found.table.rows] == ["as by default"]
    assert found.left_out == (
        "PyTorch cannot run here with num_workers=2: 2 processes: RuntimeError: worker 1 is gone.",
        "TensorFlow is left out: the data pipeline (map) is not the reference's: other labels.",
    )


def test_without_a_single_time_there_is_no_table_but_the_reasons() -> None:
    other = LoadResult("load", 64, 10, (), (), "other labels")
    found = load_of(recorded("tensorflow", 0, "not_comparable", other, "other labels"))
    assert (found.table, found.meaning) == (None, "")
    report = render(build_document(with_load(recorded("tensorflow", 0, "not_comparable", other, "other labels"))))
    assert "- TensorFlow is left out: other labels.\n" in report


def test_a_trial_that_failed_is_a_row_among_those_that_did_not_finish() -> None:
    document = build_document(with_load(recorded("pytorch", 0, "timed_out", None, "no answer for 600 s")))
    (workload,) = document.workloads
    assert workload.load is None
    assert document.trials.failed is not None
    assert ("PyTorch", "ran out of time", "1 trial: load on vision") in [row[:3] for row in document.trials.failed.rows]


@pytest.mark.parametrize(
    "text", ["| a | b |", "<script>alert(1)</script>", "`x` **y** [z](https://example.org)", "a\n# b"]
)
def test_texts_from_outside_stay_text(text: str) -> None:
    def report(words: str) -> str:
        workers = PipelineLoad(2, words, (), (), error=words)
        result = LoadResult("load", 64, 10, (1.0,), (PipelineLoad(0, words, (0.25,), (1.0,)), workers))
        _, body = split_front_matter(render(build_document(with_load(recorded("pytorch", 0, "ok", result)))))
        return body

    assert structure(report(text)) == structure(report("plain words"))
    assert ragged_rows(report(text)) == []
