"""Rehearsals for real: routes that work, planted bad exports that are caught, and nothing left behind."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil
import pytest
from planted_routes import BAD_EXPORTS, copy_with, planted

from advisor.measuring.error_text import naming_line
from advisor.measuring.rehearsing.rehearsal import Rehearsal
from advisor.measuring.running import supervisor
from advisor.measuring.running.launch import LaunchContext, run_launch
from advisor.measuring.running.local_host import LocalFolder, LocalHost
from advisor.measuring.running.logbook import Logbook
from advisor.measuring.running.quiet import QuietGate
from advisor.measuring.running.supervisor import TrialLimits, TrialProcess
from advisor.method import method
from advisor.planning.plan import Launch
from pilots.protocol import Done, Open, Opened
from pilots.records import RouteChoice, TrialRecord, TrialSpec
from pilots.rehearsal_protocol import KeepModel
from pilots.rehearsal_records import RehearseResult
from pilots.routes import ExportRoute, routes, routes_of

SPEC = TrialSpec("rehearse", "tabular", "smoke", "pytorch", "default", 0, 0, threads=1)
LIMITS = TrialLimits(timeout_s=300, memory_mib=100_000)
DEFAULT = {
    "pytorch": ("state_dict", "torch_export"),
    "keras-tensorflow": ("keras_file", "saved_model"),
    "tensorflow": ("saved_model",),
}
WITH_EXTRAS = [
    ("pytorch", "onnx_runtime"),
    ("keras-tensorflow", "onnx_runtime"),
    ("tensorflow", "onnx_runtime"),
    ("keras-tensorflow", "litert"),
    ("tensorflow", "litert"),
    ("keras-tensorflow", "litert_int8"),
    ("pytorch", "openvino_runtime"),
    ("keras-tensorflow", "litert_full_int8"),
    ("tensorflow", "litert_micro"),
    ("pytorch", "executorch_xnnpack"),
    ("pytorch", "executorch_int8"),
    ("pytorch", "litert_torch"),
    ("pytorch", "litert_torch_int8"),
    ("pytorch", "litert_torch_full_int8"),
    ("pytorch", "litert_torch_micro"),
]
NATIVE = [("tensorflow", "saved_model_c"), ("pytorch", "aot_inductor_cpp")]


HERE = LocalHost({"pytorch": sys.executable}, LIMITS)


def start() -> TrialProcess:
    return HERE.start("pytorch", 1)


def run(
    specs: Sequence[TrialSpec], python: str = sys.executable, timeout_s: float = 300, quiet_wait_s: float = 0.0
) -> list[TrialRecord]:
    """With ``quiet_wait_s``, by a rule that nothing satisfies: then all that is timed has to be marked."""
    found: list[TrialRecord] = []
    launch = Launch("rehearsal", specs[0].workload, 0, 0, tuple(specs), ("deployment",), 1.0)
    measuring = method().measuring.model_copy(update={"trial_timeout_s": timeout_s})
    host = LocalHost(dict.fromkeys([spec.candidate for spec in specs], python), TrialLimits(timeout_s, 100_000))
    context = LaunchContext(
        host=host,
        method=method().model_copy(update={"measuring": measuring}),
        watch=lambda event: None,
        rng=random.Random(1),
        gate=QuietGate(
            method().quiet.model_copy(update={"crowded_cores": -1.0}), quiet_wait_s, read=host.processor_time
        ),
    )
    run_launch(launch, specs, Logbook(repr, found.extend, {}), context)  # no gate ran, and none is needed
    return found


def works(record: TrialRecord) -> RehearseResult:
    result = record.result
    assert isinstance(result, RehearseResult)
    assert record.outcome == "ok"
    assert result.works, f"{record.spec.candidate} by {result.route} failed at {result.failed_stage}: {result.error}"
    assert result.error is None and result.failed_stage is None
    assert result.agreement is not None and result.agreement >= 0.97
    assert result.artifact_bytes and result.runtime_mib and result.load_s
    assert bool(result.installed_bytes) == routes()[result.route].shipped
    assert [batch.batch_size for batch in result.batches] == [1, 256]
    assert all(len(batch.calls_ms) == 10 for batch in result.batches)
    return result


@pytest.mark.parametrize(
    "candidate",
    ["pytorch", *(pytest.param(name, marks=pytest.mark.long) for name in ("tensorflow", "keras-tensorflow"))],
)
def test_routes_of_the_default_install_work(candidate: str):
    names = DEFAULT[candidate]
    records = run([replace(SPEC, candidate=candidate, route=RouteChoice(name)) for name in names], quiet_wait_s=0.6)
    assert [record.spec.route and record.spec.route.name for record in records] == list(names)
    for record in records:
        result = works(record)
        assert result.worst_error is not None and result.worst_error <= method().rehearsing.largest_error
        assert result.metric == pytest.approx(result.metric_before)
        assert record.contention is not None and record.contention.busy


@pytest.mark.parametrize(("workload", "name"), [("vision", "aot_inductor"), ("text", "openvino_runtime")])
@pytest.mark.long
def test_what_keras_on_pytorch_exports_is_made_fit_for_the_next_step(workload: str, name: str):
    """Its layers compute in place, and its graph is made for one row."""
    if lacking(name):
        pytest.skip(lacking(name))
    (record,) = run([replace(SPEC, workload=workload, candidate="keras-torch", route=RouteChoice(name))])
    works(record)


@pytest.mark.long
def test_a_constant_that_a_converter_makes_an_input_is_made_one_again():
    """Of the transformer, whose positions are such a constant: ONNX Runtime refused the file for want of an input."""
    pytest.importorskip("onnxruntime", reason="python -m pip install '.[onnx]'")
    (record,) = run([replace(SPEC, workload="text", candidate="keras-tensorflow", route=RouteChoice("onnx_runtime"))])
    assert works(record).worked_around == ("a constant that the converter had made an input was made a constant again",)


def lacking(name: str) -> str:
    """What has to be installed for a route; empty where all is."""
    for package in routes()[name].packages:
        try:
            version(package)
        except PackageNotFoundError:
            return f"{package} is not installed: python -m pip install '.[{routes()[name].extra}]'"
    return "".join(f"a compiler is needed: {one.title}" for one in routes()[name].programs if not one.found())


@pytest.fixture(scope="module")
def by_route() -> Callable[[str, str], TrialRecord]:
    """Each candidate is trained once, and taken out by all its routes that are installed."""

    @cache
    def of(candidate: str) -> dict[str, TrialRecord]:
        names = [name for one, name in (*WITH_EXTRAS, *NATIVE) if one == candidate and not lacking(name)]
        records = run([replace(SPEC, candidate=candidate, route=RouteChoice(name)) for name in names])
        return dict(zip(names, records, strict=True))

    return lambda candidate, name: of(candidate)[name]


@pytest.mark.parametrize(("candidate", "name"), WITH_EXTRAS)
@pytest.mark.long
def test_routes_of_extras_work_where_they_are_installed(by_route, candidate: str, name: str):
    if lacking(name):
        pytest.skip(lacking(name))
    result = works(by_route(candidate, name))
    arena_bytes = result.figures.arena_bytes
    assert (arena_bytes is not None) == (name in ("litert_micro", "litert_torch_micro"))
    # No smaller than what comes in and goes out, and this model needs no more than a small chip has.
    assert arena_bytes is None or 30 + 2 < arena_bytes < 20_000


@pytest.mark.parametrize(("candidate", "name"), NATIVE)
@pytest.mark.long
def test_an_artifact_works_in_a_native_program_that_holds_the_watch(by_route, candidate: str, name: str):
    if lacking(name):
        pytest.skip(lacking(name))
    result = works(by_route(candidate, name))
    assert all(call_ms > 0 for batch in result.batches for call_ms in batch.calls_ms)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trained model of the table pilot in PyTorch."""
    folder = tmp_path_factory.mktemp("kept")
    process = start()
    try:
        process.request(Open(SPEC), Opened)
        process.request(KeepModel(str(folder)), Done)
    finally:
        process.close()
    return folder


@pytest.fixture
def rehearse(kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], RehearseResult]:
    """Rehearse the kept model by a route that was added to a copy of the package."""
    monkeypatch.setattr(supervisor, "PILOTS_MAIN", copy_with(tmp_path, planted()))
    rehearsal = Rehearsal(HERE, start, threads=1, calls=3, limits=method().rehearsing)

    def of(module: str) -> RehearseResult:
        route = ExportRoute("arrays", "NumPy", ("pytorch",), ("python_server",), module=module)
        return rehearsal.of_pilot(SPEC, route, LocalFolder(str(kept)))

    return of


def test_a_route_is_added_by_one_file_and_works(rehearse, tmp_path: Path):
    result = rehearse("numpy_network")
    assert result.works, result.error
    assert result.agreement == 1.0
    assert result.artifact_bytes and result.artifact_bytes > 4 * (30 * 64 + 64 * 32 + 32 * 2)
    assert result.figures.arena_bytes == 4 * (30 * 64 + 64 + 64 * 32 + 32 + 32 * 2 + 2)
    assert result.runtime_mib is not None and result.runtime_mib < 200  # no framework is in that process
    listed = "import json; from pilots.routes import routes; print(json.dumps(list(routes())))"
    done = subprocess.run([sys.executable, "-c", listed], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert set(json.loads(done.stdout)) == {*routes(), *planted()}


#: One for each stage at which a bad export is caught; the others in the long tests.
EACH_TIME = ("refused", "unloadable", "crashing", "weights_dropped")


@pytest.mark.parametrize(
    "module", [pytest.param(name, marks=[] if name in EACH_TIME else [pytest.mark.long]) for name in BAD_EXPORTS]
)
def test_bad_exports_are_caught(module: str, rehearse):
    _, stage, words = BAD_EXPORTS[module]
    result = rehearse(module)
    assert not result.works
    assert result.failed_stage == stage
    assert result.error is not None and words in result.error
    assert result.batches == ()  # what predicts otherwise is not timed
    assert (result.export_s is None) == (stage == "export")


def test_a_route_with_a_watch_of_its_own_is_timed_by_it(rehearse):
    result = rehearse("own_watch")
    assert result.works, result.error
    one, many = result.batches
    assert (one.batch_size, one.first_call_ms, one.calls_ms) == (1, 1000.0, (1000.0, 1001.0, 1002.0))
    assert (many.batch_size, many.first_call_ms) == (256, 256_000.0)


@pytest.mark.long
def test_a_watch_that_returns_too_few_times_is_caught(rehearse):
    result = rehearse("too_few_times")
    assert not result.works
    assert result.error == "ValueError: 1 times were returned for 3 calls"


def scripted(tmp_path: Path, **faults: str) -> str:
    script = Path(__file__).with_name("scripted_trial.py")
    python = tmp_path / "python"
    arguments = " ".join(f"'{command}={fault}'" for command, fault in faults.items())
    python.write_text(f'#!/bin/sh\nexec {sys.executable} {script} {arguments} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    return str(python)


@pytest.mark.parametrize(
    ("fault", "outcome", "words"),
    [
        ("hang", "timed_out", "no answer for"),
        ("die", "crashed", "ended with exit code 3"),
        ("kill", "out_of_memory", "SIGKILL"),
        ("garbage", "crashed", "garbage"),
    ],
)
def test_an_exporter_that_fails_is_a_finding(fault: str, outcome: str, words: str, tmp_path: Path):
    specs = [replace(SPEC, route=RouteChoice(name)) for name in ("state_dict", "torch_export")]
    records = run(specs, scripted(tmp_path, export=fault), timeout_s=3)
    assert [record.outcome for record in records] == ["ok", "ok"]
    for record in records:
        assert isinstance(record.result, RehearseResult)
        assert (record.result.works, record.result.failed_stage) == (False, "export")
        assert record.result.failed_outcome == outcome and words in str(record.result.error)


def test_a_model_that_cannot_be_trained_leaves_trials_without_results(tmp_path: Path):
    specs = [replace(SPEC, route=RouteChoice(name)) for name in ("state_dict", "torch_export")]
    records = run(specs, scripted(tmp_path, keep_model="die"))
    assert [(record.outcome, record.result) for record in records] == [("crashed", None)] * 2


RUN = """
import random, sys
from advisor.measuring.rehearsing.rehearsal import Rehearsal
from advisor.measuring.running.local_host import LocalFolder, LocalHost
from advisor.measuring.running.supervisor import TrialLimits
from advisor.method import method
from pilots.records import TrialSpec
from pilots.routes import routes

host = LocalHost({"pytorch": sys.argv[1]}, TrialLimits(300, 100_000))

def start():
    process = host.start("pytorch", 1)
    print(process.pid, flush=True)
    return process

spec = TrialSpec("rehearse", "tabular", "smoke", "pytorch", "default", 0, 0, threads=1)
Rehearsal(host, start, 1, 3, method().rehearsing).of_pilot(spec, routes()["state_dict"], LocalFolder("."))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends orphans on Linux alone")
def test_a_run_that_is_killed_leaves_no_exporter_behind():
    with subprocess.Popen([sys.executable, "-c", RUN, sys.executable], stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        pid = int(running.stdout.readline())
        running.send_signal(signal.SIGKILL)
        running.wait()
    until = time.monotonic() + 60
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < until, "the exporting process is still there"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("error", "line"),
    [
        ("Traceback (most recent call last):\n  File 'x'\nValueError: no", "ValueError: no"),
        (
            "Traceback ...\ntorch._dynamo.exc.UserError: bad\n\nThe error above occurred when",
            "torch._dynamo.exc.UserError: bad",
        ),
        (
            "Traceback ...\nRuntimeError: from infer.cpp:224:\nException from node.cpp:9:\nNo reshape\nmore",
            "RuntimeError: from infer.cpp:224: Exception from node.cpp:9: No reshape",
        ),
        ("no answer for 3 s\n", "no answer for 3 s"),
        ("", ""),
    ],
)
def test_the_line_that_names_an_error(error: str, line: str):
    assert naming_line(error) == line


def test_every_candidate_has_a_route_of_its_own_format():
    for candidate in ("pytorch", "keras-tensorflow", "keras-jax", "keras-torch", "tensorflow"):
        assert any(not route.extra and not route.through for route in routes_of(candidate))


def test_the_way_round_is_told_apart():
    direct, detour = routes()["saved_model"], routes()["saved_model_via_tensorflow"]
    assert "keras-torch" in direct.candidates and "keras-torch" in detour.candidates
    assert (direct.through, detour.through) == ("", "keras-tensorflow")
    assert direct.title != detour.title
