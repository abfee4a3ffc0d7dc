"""The routes as shipped: complete, cited, and named as the interview names them."""

import tomllib
from importlib.resources import files

import pytest

from advisor.catalog import CANDIDATES, TARGETS
from advisor.knowledge.facts import load_facts
from advisor.knowledge.routes import RouteLimits, load_routes

ROUTES = load_routes()


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("candidate", CANDIDATES)
def test_every_candidate_has_an_answer_for_every_target(target, candidate):
    route = ROUTES.to(target, candidate)
    assert route is not None
    assert route.text(candidate).startswith(CANDIDATES[candidate].title + " → ")
    assert route.condition or route.status != "with_conditions"


def test_cited_facts_exist():
    known = {fact.id for fact in load_facts()}
    for entry in (*ROUTES.routes, *ROUTES.formats):
        assert set(entry.facts) <= known
        assert entry.sources[-1] == entry.source
        assert entry.review_by > entry.as_of


def test_formats_are_those_of_the_interview():
    questions = tomllib.loads(files("advisor.interview").joinpath("questions.toml").read_text("utf-8"))
    (accepts,) = [q for q in questions["question"] if q["id"] == "deployment.accepts"]
    assert {support.format for support in ROUTES.formats} <= {choice["value"] for choice in accepts["choices"]}


def test_well_known_routes():
    android = ROUTES.to("android", "pytorch")
    browser = ROUTES.to("browser", "pytorch")
    assert android is not None and android.runtime == "ExecuTorch"
    assert browser is not None and browser.runtime == "ONNX Runtime Web"
    assert ROUTES.writes("coreml", "keras-jax") is None


def test_a_detour_over_another_backend_is_never_a_plain_yes():
    detours = [entry for entry in (*ROUTES.routes, *ROUTES.formats) if "reload the .keras file" in entry.condition]
    assert {entry.status for entry in detours} == {"with_conditions"}
    assert {candidate for entry in detours for candidate in entry.candidates} == {"keras-jax", "keras-torch"}


@pytest.mark.parametrize(
    ("file_format", "status"),
    [
        ("saved_model", "yes"),
        ("onnx", "with_conditions"),
        ("tflite", "with_conditions"),
        ("openvino", "with_conditions"),
        ("executorch", "no"),
    ],
)
def test_savedmodel_is_the_one_format_that_keras_on_jax_writes_by_itself(file_format, status):
    support = ROUTES.writes(file_format, "keras-jax")
    assert support is not None and support.status == status and support.condition


@pytest.mark.parametrize(
    ("target", "candidate", "limits", "runtime"),
    [
        ("android", "pytorch", RouteLimits(), "ExecuTorch"),
        ("android", "pytorch", RouteLimits(accepts=("tflite",)), "LiteRT"),
        ("android", "pytorch", RouteLimits(accepts=("tflite", "executorch")), "ExecuTorch"),
        ("android", "pytorch", RouteLimits(accepts=("coreml",)), "ExecuTorch"),  # none is taken: the best there is
        ("cpp_server", "keras-tensorflow", RouteLimits(), "TensorFlow Serving"),
        ("cpp_server", "keras-tensorflow", RouteLimits(accepts=("tensorrt",)), "ONNX Runtime (C++)"),
        ("python_package", "tensorflow", RouteLimits(), "TensorFlow"),
        ("python_package", "tensorflow", RouteLimits(installed_mb=200), "ONNX Runtime"),
        ("python_package", "tensorflow", RouteLimits(installed_mb=1), "TensorFlow"),
        ("python_package", "tensorflow", RouteLimits(200, ("tflite",)), "TensorFlow"),
        ("python_package", "tensorflow", RouteLimits(only_predicts=True), "ONNX Runtime"),
        ("cpp_server", "keras-tensorflow", RouteLimits(only_predicts=True), "ONNX Runtime (C++)"),
    ],
)
def test_the_route_is_the_best_that_keeps_to_the_limits(target, candidate, limits, runtime):
    route = ROUTES.to(target, candidate, limits)
    assert route is not None and route.runtime == runtime


def test_a_framework_on_the_target_is_said_to_weigh_what_it_weighs():
    for route in ROUTES.routes:
        if route.with_framework and route.installed_mb is not None:
            assert route.installed_mb >= 400
