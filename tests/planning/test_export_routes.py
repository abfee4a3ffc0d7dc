"""Which routes are rehearsed, and what is said of the others."""

from __future__ import annotations

import pytest

from advisor.catalog import CANDIDATES, TARGETS
from advisor.interview.answers import Answers
from advisor.method import method
from advisor.planning.export_routes import find_export_routes
from advisor.planning.plan import Settings, make_plan
from pilots import workload as workloads
from pilots.records import RouteChoice
from pilots.routes import routes
from pilots.web_packages import VARIABLE

ALL = {package: "1.0" for route in routes().values() for package in route.packages}
BARE = {"torch": "2.13.0", "keras": "3.15.1", "tensorflow": "2.21.0", "jax": "0.10.2"}


def ways(
    targets: tuple[str, ...],
    installed: dict[str, str],
    compiler: str | None = "/usr/bin/g++",
    npm: str | None = "1.2.3",
):
    found = dict.fromkeys(CANDIDATES, installed)
    return find_export_routes(tuple(CANDIDATES), targets, found, lambda name: compiler, lambda name: npm)


def names(found, candidate: str) -> set[str]:
    return {choice.name for choice in found.open[candidate]}


def test_nothing_is_rehearsed_for_no_target():
    found = ways((), ALL)
    assert (dict(found.open), found.notes) == ({}, ())


@pytest.mark.parametrize("target", TARGETS)
def test_the_own_format_is_always_rehearsed(target: str):
    found = ways((target,), BARE)
    own = {
        "pytorch": "state_dict",
        "keras-jax": "keras_file",
        "keras-torch": "keras_file",
        "keras-tensorflow": "keras_file",
    }
    assert all(name in names(found, candidate) for candidate, name in own.items())


def test_the_default_install_opens_what_needs_no_extra():
    found = ways(("python_server",), BARE)
    assert names(found, "pytorch") == {"state_dict", "torch_export"}
    assert names(found, "keras-torch") == {"keras_file", "saved_model", "saved_model_via_tensorflow", "torch_export"}
    assert names(found, "tensorflow") == {"saved_model"}


def test_artifacts_for_python_servers_are_served_where_that_is_installed():
    served, bare = ways(("python_server",), {**BARE, "litserve": "0.2.19"}), ways(("python_server",), BARE)
    assert RouteChoice("state_dict", ("torch==2.13.0", "litserve==0.2.19")) in served.open["pytorch"]
    assert RouteChoice("state_dict", ("torch==2.13.0",)) in bare.open["pytorch"]
    wanted = "`python -m pip install 'framework-advisor[serve]'` puts what is exported for Python servers behind one"
    assert wanted in "\n".join(bare.notes) and wanted not in "\n".join(served.notes)
    assert "[serve]" not in "\n".join(ways(("android",), BARE).notes)


def test_a_closed_route_comes_with_the_command_that_opens_it():
    found = ways(("android",), BARE)
    notes = "\n".join(found.notes)
    assert "`python -m pip install 'framework-advisor[litert]'` opens more routes: .tflite file → LiteRT" in notes
    assert "`python -m pip install 'framework-advisor[onnx]'` opens more routes: ONNX → ONNX Runtime" in notes
    assert "openvino" not in notes  # which serves no phone
    assert "pip install" not in "\n".join(ways(("android",), ALL).notes)


def test_a_missing_program_closes_a_route():
    assert "aot_inductor" in names(ways(("cpp_server",), ALL), "pytorch")
    without = ways(("cpp_server",), ALL, compiler=None)
    assert "aot_inductor" not in names(without, "pytorch")
    assert any("Installing g++ or clang++ opens more routes: AOTInductor package" in note for note in without.notes)


def test_of_each_group_of_programs_one_is_needed():
    def open_with(*there: str):
        return find_export_routes(
            ("tensorflow",), ("browser",), {"tensorflow": ALL}, lambda name: name if name in there else None, str
        )

    for browser in ("chromium", "google-chrome"):
        assert "tfjs_web" in names(open_with(browser, "tensorflowjs_converter"), "tensorflow")
    without_converter, without_browser = open_with("chromium"), open_with("tensorflowjs_converter")
    assert "tfjs_web" not in names(without_converter, "tensorflow") | names(without_browser, "tensorflow")
    assert "litert_web" in names(without_converter, "tensorflow")
    (note,) = (note for note in without_converter.notes if "more routes" in note)
    assert note.startswith("`pipx install tensorflowjs==")
    assert "` (its environment is its own, since it needs an older TensorFlow than the candidates) opens" in note
    assert note.endswith("more routes: TensorFlow.js graph model → TensorFlow.js.")
    assert "pipx" not in "\n".join(without_browser.notes)


def test_a_browser_needs_packages_of_npm_whose_versions_count():
    (choice,) = (one for one in ways(("browser",), ALL).open["pytorch"] if one.name == "onnx_web")
    assert choice.packages[-1] == "onnxruntime-web==1.2.3"
    assert {"onnx_web", "litert_web"} <= names(ways(("browser",), ALL), "keras-tensorflow")


def test_one_command_brings_all_packages_of_npm(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(VARIABLE, "/somewhere")
    notes = ways(("browser",), ALL, npm=None).notes
    (note,) = (note for note in notes if "npm" in note)
    assert note.startswith('`npm install --prefix "$ADVISOR_WEB" ')
    assert all(f" {pin}" in note for route in routes().values() for pin in route.npm)
    assert "` opens more routes: " in note and "ONNX → ONNX Runtime Web" in note and "LiteRT.js" in note
    bare = "\n".join(ways(("browser",), BARE, compiler=None, npm=None).notes)
    assert "`python -m pip install 'framework-advisor[onnx]'` and `npm install" in bare
    assert "and installing chromium or " in bare and "open more routes: ONNX → ONNX Runtime Web" in bare
    monkeypatch.delenv(VARIABLE)
    assert "/somewhere" not in str(ways(("browser",), ALL, npm=None).notes)


def test_versions_are_part_of_what_is_planned():
    before, after = (
        make_plan(
            Answers({"deployment.targets": ("python_server",)}),
            Settings(size="smoke", candidates=("pytorch",)),
            method(),
            unavailable={},
            workloads=[workloads.load("tabular")],
            threads=1,
            installed={"pytorch": {"torch": version}},
        )
        for version in ("2.13.0", "2.14.0")
    )
    chosen = [[trial.route for trial in plan.trials if trial.experiment == "rehearse"] for plan in (before, after)]
    assert RouteChoice("state_dict", ("torch==2.13.0",)) in chosen[0]
    assert RouteChoice("state_dict", ("torch==2.14.0",)) in chosen[1]
    keys = [{trial.key({}, "m") for trial in plan.trials} for plan in (before, after)]
    assert keys[0] != keys[1]
    stages = [launch.stage for launch in before.launches if launch.launch == 0]
    assert stages[-1] == "rehearsal"  # after the pilots
    assert sum(launch.stage == "rehearsal" for launch in before.launches) == 1
