"""Whether the candidates were compared on the same terms: the same model, settings and device, judged as often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from markdown_structure import parse, table_after
from report_decision import decision
from report_study import NO_COMPILER, study_inputs

from advisor.reporting.document import build_document
from advisor.reporting.formats.render import render
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words.names import reference_title
from pilots.records import Environment, TrialRecord
from pilots.results import ParityResult

INPUTS = study_inputs(decision())


def report(inputs: ReportInputs) -> str:
    return render(build_document(inputs), flavor="plain")


def with_records(change: Callable[[TrialRecord], TrialRecord]) -> ReportInputs:
    return replace(INPUTS, records=tuple(change(record) for record in INPUTS.records))


def with_environments(change: Callable[[TrialRecord, Environment], Environment]) -> ReportInputs:
    def changed(record: TrialRecord) -> TrialRecord:
        found = record.environment
        return record if found is None else replace(record, environment=change(record, found))

    return with_records(changed)


def setting(values: dict[str, str], name: str, lane: str = "default") -> ReportInputs:
    """The study in which these candidates read back these values in one lane."""

    def changed(record: TrialRecord, found: Environment) -> Environment:
        value = values.get(record.spec.candidate) if record.spec.lane == lane else None
        return found if value is None else replace(found, settings={**found.settings, name: value})

    return with_environments(changed)


def on_devices(devices: dict[str, str]) -> ReportInputs:
    return with_environments(
        lambda record, found: replace(found, device=devices.get(record.spec.candidate, found.device))
    )


def first_screen(markdown: str) -> str:
    """Everything above the second heading."""
    headings = [token.map[0] for token in parse(markdown) if token.type == "heading_open" and token.map]
    return "\n".join(markdown.splitlines()[: headings[1]])


def test_the_gate_shows_the_largest_error_of_each_check() -> None:
    rows = table_after(report(INPUTS), "The same model on vision, compared with PyTorch:")
    assert [(row["Candidate"], row["Lane"]) for row in rows] == [
        ("PyTorch", "default"),
        ("Keras 3 on TensorFlow", "default"),
        ("Keras 3 on JAX", "default"),
        ("Keras 3 on TensorFlow", "tuned"),
        ("Keras 3 on JAX", "tuned"),
    ]
    assert [rows[-1][check] for check in ("Parameters", "Outputs", "Gradients", "First steps")] == [
        "0",
        "0.02",
        "0.05",
        "0.11",
    ]


def test_what_failed_the_gate_or_never_came_through_stands_apart() -> None:
    failed, unfinished = table_after(report(INPUTS), "Not comparable on vision, and so never scored:")
    assert failed == {
        "Candidate": "TensorFlow",
        "Lane": "default",
        "Check": "Outputs",
        "Largest error": "7",
        "What was found": "ValueError: shapes differ",
    }
    assert (unfinished["Candidate"], unfinished["Lane"], unfinished["Check"]) == ("PyTorch", "tuned", "not finished")
    assert unfinished["What was found"] == f"not available here: {NO_COMPILER}"


def test_equal_tolerances_are_said_once_and_others_with_whom_they_hold_for() -> None:
    data = "data 0.0001 plus 0.0001 of the value"
    assert report(INPUTS).count(f"- Tolerances: {data}; outputs 1e-05 plus 0.0001 of the value; gradients") == 1

    def looser(record: TrialRecord) -> TrialRecord:
        result = record.result
        if record.spec.lane == "default" or not isinstance(result, ParityResult):
            return record
        checks = tuple(replace(check, rtol=check.rtol * 100) for check in result.checks)
        return replace(record, result=replace(result, checks=checks))

    said = report(with_records(looser))
    data = "data 0.0001 plus 0.01 of the value"
    assert f"- Tolerances for Keras 3 on TensorFlow (tuned) and Keras 3 on JAX (tuned): {data}; outputs 1e-05" in said
    assert "- Tolerances for PyTorch, Keras 3 on TensorFlow, Keras 3 on JAX and TensorFlow: data 0.0001 plus" in said


def test_what_is_tolerated_for_rounding_is_said_where_it_weighs() -> None:
    def jumping(record: TrialRecord) -> TrialRecord:
        result = record.result
        if not isinstance(result, ParityResult):
            return record
        checks = tuple(replace(check, rounding=1e-3 if check.name == "gradients" else 1e-7) for check in result.checks)
        return replace(record, result=replace(result, checks=checks))

    said = "gradients 1e-05 plus 0.0001 of the value, besides what rounding alone changes in the reference; first"
    assert said in report(with_records(jumping))
    assert "what rounding alone" not in report(INPUTS)


def test_a_check_that_was_not_reached_is_not_an_error_of_nothing() -> None:
    def shapes_only(record: TrialRecord) -> TrialRecord:
        if not isinstance(record.result, ParityResult):
            return record
        return replace(record, result=replace(record.result, checks=record.result.checks[:1]))

    rows = table_after(report(with_records(shapes_only)), "The same model on vision")
    assert {row["Outputs"] for row in rows} == {"not checked"}


@pytest.mark.parametrize(
    ("reference", "title"),
    [("pytorch", "PyTorch"), ("pytorch (tuned)", "PyTorch (tuned)"), ("someone (else)", "someone (else)")],
)
def test_the_reference_may_be_a_lane(reference: str, title: str) -> None:
    assert reference_title(reference) == title


def test_settings_are_shown_by_candidate_and_lane() -> None:
    rows = table_after(report(INPUTS), "### Versions and settings in force")
    assert [(row["Candidate"], row["Lane"]) for row in rows] == [
        ("PyTorch", "default"),
        ("Keras 3 on TensorFlow", "default"),
        ("Keras 3 on JAX", "default"),
        ("TensorFlow", "default"),
        ("Keras 3 on TensorFlow", "tuned"),
        ("Keras 3 on JAX", "tuned"),
        ("scikit-learn baseline", "none"),
    ]
    assert {row["Threads"] for row in rows} == {"4"}
    assert [row["Precision"] for row in rows] == ["float32"] * 6 + ["not told"]
    assert [row["Compilation"] for row in rows] == [
        "none",
        "tf.function",
        "XLA",
        "tf.function",
        "XLA",
        "XLA",
        "not told",
    ]


def test_settings_without_a_race_tell_the_compilation_that_was_set() -> None:
    unraced = replace(INPUTS, records=tuple(one for one in INPUTS.records if one.spec.experiment != "race"))
    found = setting({"tensorflow": "tf.function(jit_compile=True)"}, "compilation")
    records = tuple(one for one in found.records if one.spec.experiment != "race")
    rows = table_after(report(replace(unraced, records=records)), "### Versions and settings in force")
    assert rows[3]["Compilation"] == "tf.function(jit_compile=True)"


@pytest.mark.parametrize(
    ("values", "name", "lane", "said"),
    [
        (
            {"pytorch": "2"},
            "threads",
            "default",
            "In the default lane candidates ran with different numbers of threads: PyTorch 2; "
            "Keras 3 on TensorFlow, Keras 3 on JAX and TensorFlow 4.",
        ),
        (
            {"keras-jax": "mixed_bfloat16"},
            "precision",
            "tuned",
            "In the tuned lane candidates ran with different precision: Keras 3 on TensorFlow float32; "
            "Keras 3 on JAX bfloat16.",
        ),
    ],
)
def test_unequal_settings_are_said(values: dict[str, str], name: str, lane: str, said: str) -> None:
    assert said in report(setting(values, name, lane))


@pytest.mark.parametrize(
    ("values", "name", "lane"),
    [
        ({"keras-jax": "NPROC=4"}, "threads", "default"),
        ({"keras-jax": "mixed_bfloat16", "keras-tensorflow": "bfloat16"}, "precision", "tuned"),
        ({"baseline": "1"}, "threads", "default"),
        ({}, "threads", "default"),
    ],
)
def test_settings_that_only_read_differently_are_equal(values: dict[str, str], name: str, lane: str) -> None:
    assert "candidates ran with different" not in report(setting(values, name, lane))


def test_different_devices_are_said_on_the_first_screen() -> None:
    said = report(on_devices({"pytorch": "mps", "keras-jax": "cpu"}))
    assert (
        "PyTorch ran on the Apple GPU (mps); Keras 3 on TensorFlow, Keras 3 on JAX and TensorFlow ran on the CPU: "
        "their times therefore compare devices as well as frameworks."
    ) in first_screen(said)


def test_a_candidate_that_ran_on_two_devices_is_named_with_both() -> None:
    def changed(record: TrialRecord, found: Environment) -> Environment:
        moved = (record.spec.candidate, record.spec.experiment) == ("pytorch", "learn")
        return replace(found, device="cuda:0 NVIDIA H200") if moved else found

    assert "PyTorch ran on the CPU and the GPU; Keras 3 on TensorFlow" in first_screen(
        report(with_environments(changed))
    )


@pytest.mark.parametrize(
    "devices",
    [
        {},
        {
            "pytorch": "cuda:0 NVIDIA H200",
            "keras-tensorflow": "gpu:0 NVIDIA H200",
            "keras-jax": "gpu:0 NVIDIA H200",
            "tensorflow": "GPU:0",
        },
    ],
)
def test_one_device_under_several_names_is_no_difference(devices: dict[str, str]) -> None:
    assert "compare devices" not in report(on_devices(devices))


def test_how_often_pairs_were_judged_is_part_of_the_method() -> None:
    method = report(INPUTS).partition("## Method")[2]
    assert "Pairs are judged after each launch from launch 3 on" in method
    assert "What a pair has of the error is spent over these looks (Lan and DeMets 1983)" in method
    assert "The 5% of wrong findings that are accepted are shared by all pairs of a pilot and lane (Holm 1979" in method


def test_with_a_single_look_nothing_is_said_of_looks() -> None:
    smoke = with_records(lambda record: replace(record, spec=replace(record.spec, size="smoke")))
    assert "Lan and DeMets" not in report(smoke)
    assert "(Holm 1979)" in report(smoke)
