"""From what was measured to a value between 0 and 1, and when a criterion has no weight."""

import pytest
from evidence_tables import METHOD, table
from hypothesis import given
from hypothesis import strategies as st

from advisor.catalog import CRITERIA
from advisor.evidence.relevance import not_applicable, same_hardware
from advisor.evidence.scales import raw_of, scale_for, value_of
from advisor.evidence.table import ValueScale
from advisor.interview.answers import NOT_SURE, Answers
from advisor.measuring.machine.fingerprint import Machine
from advisor.method import method


@pytest.mark.parametrize(
    ("raw", "scale", "value"),
    [
        (20.0, ValueScale(20, 0.2, True), 0.0),
        (2.0, ValueScale(20, 0.2, True), 0.5),
        (0.2, ValueScale(20, 0.2, True), 1.0),
        (0.01, ValueScale(20, 0.2, True), 1.0),
        (100.0, ValueScale(20, 0.2, True), 0.0),
        (0.75, ValueScale(0.5, 1.0, False), 0.5),
        (-1.0, ValueScale(0.5, 1.0, False), 0.0),
    ],
)
def test_values_by_hand(raw, scale, value):
    assert value_of(raw, scale) == pytest.approx(value)


@given(st.floats(0, 1), st.booleans())
def test_raw_is_the_inverse_of_value(value, log):
    scale = ValueScale(20.0, 0.2, log)
    assert value_of(raw_of(value, scale), scale) == pytest.approx(value, abs=1e-9)


def test_a_latency_budget_is_the_barely_acceptable_time_and_own_anchors_win():
    answers = Answers({"deployment.latency_ms": 10.0})
    assert scale_for("inference_speed", answers, METHOD) == ValueScale(10.0, pytest.approx(0.1), True)
    own = Answers({"deployment.latency_ms": 10.0, "priorities.anchors": {"inference_speed": (8.0, 4.0)}})
    assert scale_for("inference_speed", own, METHOD) == ValueScale(8.0, 4.0, True)
    assert scale_for("training_speed", own, METHOD).barely_acceptable == 20.0


@pytest.mark.parametrize(
    ("said", "left_out"),
    [
        ({}, {"scaling", "deployment", "operations"}),
        ({"training.hardware": ("multi_gpu",)}, {"deployment", "operations"}),
        ({"training.hardware": NOT_SURE, "deployment.targets": NOT_SURE}, set()),
        ({"training.hardware": ("cpu",), "deployment.targets": ("android",)}, {"scaling"}),
        ({"training.hardware": ("tpu",), "operations.needs": ("rollback",)}, {"deployment"}),
        ({"training.hardware": ("tpu",), "deployment.serving": "triton"}, {"deployment"}),
        (
            {"project.trains": "no", "training.hardware": ("tpu",), "deployment.targets": ("ios",)},
            {"scaling", "time_to_baseline", "training_speed", "model_quality"},
        ),
        (
            {"architecture.novelty": "standard", "training.hardware": ("tpu",), "deployment.targets": ("ios",)},
            {"flexibility"},
        ),
        (
            {"project.horizon_years": 0.5, "training.hardware": ("tpu",), "deployment.targets": ("ios",)},
            {"longevity"},
        ),
    ],
)
def test_criteria_without_weight(said, left_out):
    reasons = not_applicable(Answers(said), method().default_weights)
    assert set(reasons) == left_out
    assert all(reason.endswith(".") for reason in reasons.values())
    assert set(table(said).criteria) == set(CRITERIA) - left_out


@pytest.mark.parametrize(
    ("asked", "accelerators", "same"),
    [
        ((), (), True),
        (("cpu",), (), True),
        (("one_gpu",), (), False),
        (("one_gpu",), ("NVIDIA A10",), True),
        (("tpu",), ("NVIDIA A10",), False),
        (("tpu",), ("TPU v5e",), True),
    ],
)
def test_same_hardware(asked, accelerators, same):
    machine = Machine("m", "Linux", "cpu", (), 2, 2, 8192, accelerators, "3.11", None, None, None, None, {}, ())
    assert same_hardware(Answers({"training.hardware": asked}), machine) is same
