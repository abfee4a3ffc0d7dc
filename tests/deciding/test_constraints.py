"""Constraints, as a table of answers and what they rule out."""

import pytest
from decision_study import FACTS, ROUTES, STEP, component, table

from advisor.catalog import CANDIDATES
from advisor.deciding.constraints import TITLES, Check, Given, check, relaxation, require_constraints
from advisor.errors import AdvisorError
from advisor.evidence.table import Cell, EvidenceTable, Launches, Triangular
from advisor.interview.answers import NOT_SURE, Answers

ALL = tuple(CANDIDATES)
NO_LATENCY = table({candidate: {"inference_speed": 0.5} for candidate in ALL})
TF = {"tensorflow", "keras-tensorflow"}
KERAS = {"keras-tensorflow", "keras-jax", "keras-torch"}
PACKAGE = {"deployment.targets": ("python_package",), "deployment.required": ("python_package",)}


def statuses(said, evidence=NO_LATENCY, unmeasured=None, routes=ROUTES):
    given = Given(Answers(said), evidence, FACTS, routes, unmeasured or {})
    found = {candidate: check(candidate, given) for candidate in ALL}
    return {(i, each.constraint): each.status for i, checks in found.items() for each in checks}


def everyone(names, constraint, status):
    return {(name, constraint): status for name in names}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, {}),
        ({"deployment.required": ("browser", "android")}, {}),
        ({"deployment.accepts": ("onnx",)}, {}),
        (
            {"deployment.accepts": ("executorch",)},
            everyone(TF | {"keras-jax"}, "accepted_formats", "fail")
            | everyone({"keras-torch"}, "accepted_formats", "unknown"),
        ),
        ({"deployment.accepts": ("executorch", "onnx")}, {}),
        ({"deployment.accepts": ("saved_model",)}, everyone({"pytorch"}, "accepted_formats", "fail")),
        ({"deployment.accepts": ("tensorrt",)}, {}),
        ({"deployment.accepts": ("coreml",)}, everyone({"keras-jax", "keras-torch"}, "accepted_formats", "unknown")),
        ({"deployment.serving": "tensorflow_serving"}, everyone({"pytorch"}, "serving_stack", "unknown")),
        (
            {"training.vendor": "intel"},
            everyone(TF, "gpu_vendor", "fail") | everyone({"keras-jax"}, "gpu_vendor", "unknown"),
        ),
        ({"training.vendor": "amd"}, everyone(TF, "gpu_vendor", "unknown")),
        ({"training.vendor": NOT_SURE, "training.hardware": ("one_gpu",)}, {}),
        ({**PACKAGE, "deployment.install_mb": 200.0}, {}),
        ({**PACKAGE, "deployment.install_mb": 50.0}, everyone(ALL, "install_budget", "fail")),
        (
            {"deployment.targets": ("python_package",), "deployment.install_mb": 50.0},
            everyone(ALL, "install_budget", "unknown"),
        ),
        ({"deployment.targets": ("android",), "deployment.install_mb": 5.0}, {}),
        ({"training.python": "3.14"}, everyone(TF, "python_version", "fail")),
        ({"training.python": "3.12"}, {}),
        (
            {"training.python": "3.10"},
            everyone({"pytorch"} | KERAS, "python_version", "fail"),
        ),
        (
            {"training.os": "windows", "training.hardware": ("one_gpu",)},
            everyone(TF | {"keras-jax"}, "gpu_system", "fail"),
        ),
        (
            {"training.os": "macos", "training.hardware": ("one_gpu", "cpu")},
            everyone(TF, "gpu_system", "fail") | everyone({"keras-jax"}, "gpu_system", "unknown"),
        ),
        ({"training.os": "wsl", "training.hardware": ("one_gpu",)}, {}),
        ({"training.os": "windows", "training.hardware": ("cpu",)}, {}),
        (
            {"training.os": NOT_SURE, "training.hardware": ("one_gpu",)},
            everyone(TF | {"keras-jax"}, "gpu_system", "unknown"),
        ),
        ({"training.os": NOT_SURE, "training.hardware": NOT_SURE}, {}),
        ({"training.hardware": ("one_gpu",)}, {}),
        ({"training.hardware": ("tpu",)}, everyone({"pytorch", "keras-torch"}, "tpu", "unknown")),
        (
            {"architecture.pretrained": ("hugging_face",)},
            everyone({"tensorflow"}, "pretrained_weights", "fail")
            | everyone({"keras-tensorflow", "keras-jax"}, "pretrained_weights", "unknown"),
        ),
        (
            {"architecture.needs": ("backend_neutral",)},
            everyone({"pytorch", "tensorflow"}, "backend_neutral", "fail"),
        ),
        (
            {"operations.needs": ("untrusted_models",)},
            everyone(KERAS | {"tensorflow"}, "untrusted_models", "unknown"),
        ),
        ({"operations.languages": ("r",)}, everyone({"tensorflow"}, "languages", "unknown")),
    ],
)
def test_what_answers_rule_out(said, expected):
    assert statuses(said) == expected


def test_required_targets_rest_on_routes():
    broken = [
        route.model_copy(update={"status": "no", "candidates": ("pytorch",), "condition": "nothing converts it"})
        for route in ROUTES.routes
        if route.target == "ios"
    ]
    only = type(ROUTES)(tuple(broken[:1]), ())
    found = statuses({"deployment.required": ("ios",)}, routes=only)
    assert found.pop(("pytorch", "required_targets")) == "fail"
    assert found == everyone(KERAS | {"tensorflow"}, "required_targets", "unknown")


def latency(kind, low, middle, high):
    """All candidates with the same p95 in milliseconds."""
    measured = Launches((0, 1, 2), (low, middle, high), STEP)
    distribution = measured if kind == "measured" else Triangular(0.5, 0.15)
    known = component(distribution, "infer.p95_ms", (low, middle, high))
    return EvidenceTable(ALL, ("inference_speed",), tuple(Cell(i, "inference_speed", (known,)) for i in ALL), {})


@pytest.mark.parametrize(
    ("kind", "interval", "status"),
    [
        ("measured", (5.0, 6.0, 7.0), None),
        ("measured", (9.0, 10.5, 12.0), "unknown"),
        ("measured", (11.0, 12.0, 13.0), "fail"),
        ("cited", (11.0, 12.0, 13.0), "unknown"),
    ],
)
def test_a_latency_budget_fails_only_where_the_whole_interval_lies_beyond(kind, interval, status):
    found = statuses({"deployment.latency_ms": 10.0}, latency(kind, *interval))
    assert found == ({} if status is None else everyone(ALL, "latency_budget", status))


def test_a_latency_budget_without_a_measurement_is_open():
    assert statuses({"deployment.latency_ms": 10.0}) == everyone(ALL, "latency_budget", "unknown")


def test_a_candidate_that_never_ran_is_unknown_with_its_error():
    given = Given(Answers(), NO_LATENCY, FACTS, ROUTES, {"tensorflow": "No module named 'tensorflow'"})
    (found,) = check("tensorflow", given)
    assert (found.constraint, found.status) == ("runs_here", "unknown")
    assert "No module named 'tensorflow'" in found.reason


def test_failures_come_first_and_every_check_says_why():
    said = {"architecture.pretrained": ("hugging_face",), "operations.needs": ("untrusted_models",)}
    found = check("tensorflow", Given(Answers(said), NO_LATENCY, FACTS, ROUTES, {}))
    assert [each.status for each in found] == ["fail", "unknown"]
    assert all(each.reason.endswith(".") and each.evidence for each in found)


def test_every_constraint_of_the_facts_has_words():
    assert {exclusion.constraint for fact in FACTS for exclusion in fact.excludes} <= set(TITLES)


def test_the_smallest_relaxation_is_that_of_the_fewest_then_the_best():
    def failing(*names):
        return [Check(name, "fail", "", ()) for name in names]

    checks = {
        "pytorch": failing("tpu", "languages"),
        "tensorflow": failing("gpu_system"),
        "keras-torch": failing("python_version", "python_version"),
    }
    value = {"pytorch": 0.9, "tensorflow": 0.4, "keras-torch": 0.5}
    assert relaxation(checks, value) == "Giving way on the Python version lets Keras 3 on PyTorch back in."


def test_a_lifted_constraint_does_not_count_and_the_others_do():
    said = {"training.python": "3.14", "training.os": "windows", "training.hardware": ("one_gpu",)}
    given = Given(Answers(said), NO_LATENCY, FACTS, ROUTES, {}, frozenset({"python_version"}))
    assert {each.constraint for each in check("tensorflow", given)} == {"gpu_system"}


def test_only_constraints_can_be_lifted():
    require_constraints(["python_version", "tpu"])
    with pytest.raises(AdvisorError, match="Did you mean python_version") as raised:
        require_constraints(["python_versions"])
    assert "gpu_system" in str(raised.value) and "--lift" in str(raised.value)


def test_every_constraint_of_a_fact_has_a_title():
    assert {exclusion.constraint for fact in FACTS for exclusion in fact.excludes} <= set(TITLES)
