"""Models in a real browser: routes that work, bad exports that are caught, and no process left behind."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import psutil
import pytest
from planted_routes import copy_with
from test_rehearsal import HERE, SPEC, run, start

from advisor.measuring.machine.process_tree import started_with
from advisor.measuring.rehearsing.rehearsal import Rehearsal
from advisor.measuring.running import supervisor
from advisor.measuring.running.host import TrialError
from advisor.measuring.running.local_host import LocalFolder
from advisor.measuring.running.supervisor import TrialLimits, TrialProcess
from advisor.method import method
from pilots.kept_model import SampleRows, save_sample
from pilots.protocol import Done, Inferred, Open, Opened
from pilots.records import RouteChoice, TrialSpec
from pilots.rehearsal_protocol import (
    ArtifactLoaded,
    FiguresTaken,
    KeepModel,
    LoadArtifact,
    RunArtifact,
    TakeFigures,
    TimeArtifact,
)
from pilots.rehearsal_records import RehearseResult
from pilots.routes import routes
from pilots.web_packages import install_command, installed_version


def need(name: str, *, python: bool = True) -> None:
    """Skip where the route cannot run, with the reason."""
    route = routes()[name]
    for programs in route.programs:
        if not programs.found():
            pytest.skip(f"{programs.title} is not on the path: {programs.command or 'install it'}")
    if missing := [one for one in route.npm_names if installed_version(one) is None]:
        pytest.skip(f"{', '.join(missing)} is not installed: {install_command(route.npm)}")
    for package in route.packages if python else ():
        try:
            version(package)
        except PackageNotFoundError:
            pytest.skip(f"{package} is not installed: python -m pip install '.[{route.extra}]'")


@pytest.mark.parametrize(
    ("candidate", "name", "runtime_bytes"),
    [
        pytest.param("pytorch", "onnx_web", 5_000_000, marks=pytest.mark.long),
        pytest.param("tensorflow", "litert_web", 5_000_000, marks=pytest.mark.long),
        pytest.param("tensorflow", "tfjs_web", 1_000_000, marks=pytest.mark.long),
    ],
)
def test_they_work(candidate: str, name: str, runtime_bytes: int) -> None:
    need(name)
    (record,) = run([replace(SPEC, candidate=candidate, route=RouteChoice(name))])
    result = record.result
    assert isinstance(result, RehearseResult)
    assert result.works, f"failed at {result.failed_stage}: {result.error}"
    assert result.agreement == 1.0
    assert result.worst_error is not None and result.worst_error <= method().rehearsing.largest_error
    assert result.metric == pytest.approx(result.metric_before)
    assert [batch.batch_size for batch in result.batches] == [1, 256]
    assert all(len(batch.calls_ms) == 10 and min(batch.calls_ms) > 0 for batch in result.batches)
    assert result.installed_bytes is None
    assert result.artifact_bytes and result.figures.download_bytes
    assert result.figures.download_bytes > runtime_bytes + result.artifact_bytes


@pytest.mark.parametrize(
    ("workload", "remarks"),
    [
        ("text", ("the page brings a kernel for Einsum, for which TensorFlow.js has none in WebAssembly",)),
        (
            "time_series",
            (
                "recurrent layers are unrolled in what is exported",
                "sums that the converter had fused with products are taken apart, as WebAssembly takes vectors alone",
            ),
        ),
    ],
)
def test_what_tensorflow_js_has_no_kernel_for_is_worked_around_and_told(
    workload: str, remarks: tuple[str, ...]
) -> None:
    need("tfjs_web")
    (record,) = run([replace(SPEC, workload=workload, candidate="keras-tensorflow", route=RouteChoice("tfjs_web"))])
    result = record.result
    assert isinstance(result, RehearseResult)
    assert result.works, f"failed at {result.failed_stage}: {result.error}"
    assert result.agreement == 1.0
    assert result.worked_around == remarks


BAD = """
from pilots.targets import {route}
from pilots.targets.{route} import ROUTE, figures, load, run, time_calls

def export(subject, folder):
    {spoil}
    return {route}.export(subject, folder)
"""
SPOILT = {
    "onnx_web": "for weight in subject.model.parameters(): weight.detach().fill_({value})",
    "tfjs_web": "for weight in subject.model.variables: weight.assign(0 * weight + {value})",
}


def keep(spec: TrialSpec, folder: Path) -> Path:
    """Train a model and keep it in a new folder."""
    folder.mkdir()
    process = start()
    try:
        process.request(Open(spec), Opened)
        process.request(KeepModel(str(folder)), Done)
    finally:
        process.close()
    return folder


@pytest.mark.parametrize(
    ("candidate", "name"), [pytest.param("pytorch", "onnx_web", marks=pytest.mark.long), ("tensorflow", "tfjs_web")]
)
def test_bad_exports_are_caught_in_the_browser(
    candidate: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    need(name)
    spec = replace(SPEC, candidate=candidate)
    kept = keep(spec, tmp_path / "kept")
    planted = {
        module: BAD.format(route=name, spoil=SPOILT[name].format(value=value))
        for module, value in {"dropped": "0.0", "not_a_number": "float('nan')"}.items()
    }
    monkeypatch.setattr(supervisor, "PILOTS_MAIN", copy_with(tmp_path, planted))
    rehearsal = Rehearsal(HERE, start, threads=1, calls=3, limits=method().rehearsing)
    for module, words in {"dropped": "differs by", "not_a_number": "no finite numbers"}.items():
        result = rehearsal.of_pilot(spec, replace(routes()[name], module=module), LocalFolder(str(kept)))
        assert (result.works, result.failed_stage, result.batches) == (False, "compare", ())
        assert words in str(result.error)


def test_what_the_converter_refuses_is_the_routes_error(tmp_path: Path) -> None:
    """Such as a SavedModel of Keras on JAX, which holds no operators: so there is no direct route from it."""
    need("tfjs_web")
    pytest.importorskip("jax", reason="python -m pip install '.[jax]'")
    assert "keras-jax" not in routes()["tfjs_web"].candidates
    spec = replace(SPEC, candidate="keras-jax")
    rehearsal = Rehearsal(HERE, start, threads=1, calls=3, limits=method().rehearsing)
    result = rehearsal.of_pilot(spec, routes()["tfjs_web"], LocalFolder(str(keep(spec, tmp_path / "kept"))))
    assert (result.works, result.failed_stage) == (False, "export")
    assert "tensorflowjs_converter ended with exit code 1" in str(result.error)


def field(number: int, value: bytes | int) -> bytes:
    """A field of a protocol buffer shorter than 128 bytes."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    return bytes([number << 3 | 2, len(value)]) + value


def doubling(rows: int) -> bytes:
    """An ONNX model of one node, ``x + x`` for so many rows of two numbers, 0 for any: no exporter is needed for it."""
    first = field(1, field(1, rows) if rows else field(2, b"n"))
    kind = field(1, field(1, 1) + field(2, first + field(1, field(1, 2))))
    node = field(1, b"x") + field(1, b"x") + field(2, b"y") + field(4, b"Add")
    ends = field(11, field(1, b"x") + field(2, kind)) + field(12, field(1, b"y") + field(2, kind))
    return field(1, 8) + field(7, field(1, node) + field(2, b"g") + ends) + field(8, field(2, 13))


@pytest.fixture
def artifact(tmp_path: Path) -> Path:
    need("onnx_web", python=False)
    folder = tmp_path / "artifact"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(doubling(0))
    return folder


@pytest.fixture
def process() -> Iterator[TrialProcess]:
    made = start()
    yield made
    made.close()


def load(artifact: Path) -> LoadArtifact:
    return LoadArtifact(None, "", "onnx_web", str(artifact), 1)


def browser_of(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def wait_for_end(processes: Iterable[psutil.Process]) -> None:
    """Fail where one of them is still there after a minute."""
    _, alive = psutil.wait_procs(list(processes), timeout=60)
    assert not [one for one in alive if one.is_running() and one.status() != psutil.STATUS_ZOMBIE]


@pytest.mark.parametrize("fixed", [0, 4])
def test_a_model_predicts_in_the_page_and_leaves_nothing(
    fixed: int, artifact: Path, process: TrialProcess, tmp_path: Path
) -> None:
    (artifact / "model.onnx").write_bytes(doubling(fixed))
    rows = np.arange(14, dtype=np.float32).reshape(7, 2)
    save_sample(tmp_path, SampleRows("regression", rows, None, rows))
    process.request(load(artifact), ArtifactLoaded)
    family = browser_of(process.pid)
    assert family
    (scratch,) = {one.environ()["ADVISOR_TRIAL"] for one in family[:1]}
    port = next(one.laddr.port for one in psutil.Process(process.pid).net_connections() if one.status == "LISTEN")
    for one in family:
        assert f"127.0.0.1:{port}" not in " ".join(one.cmdline())  # nor the token, which others could read there
    process.request(RunArtifact(str(tmp_path), str(tmp_path / "found.npy")), Done)
    np.testing.assert_array_equal(np.load(tmp_path / "found.npy"), 2 * rows)
    timed = process.request(TimeArtifact(3), Inferred).result
    assert [(batch.batch_size, len(batch.calls_ms)) for batch in timed.batches] == [(1, 3), (256, 3)]
    download = process.request(TakeFigures(), FiguresTaken).figures.download_bytes
    assert download is not None and download > (artifact / "model.onnx").stat().st_size + 5_000_000
    process.close()
    wait_for_end(family)
    assert not started_with("ADVISOR_TRIAL", scratch)
    assert not Path(scratch).exists()
    assert port not in {one.laddr.port for one in psutil.net_connections() if one.status == "LISTEN"}


def test_a_file_that_is_no_model_is_the_pages_error(artifact: Path, process: TrialProcess) -> None:
    (artifact / "model.onnx").write_bytes(b"no model")
    with pytest.raises(TrialError, match="protobuf"):
        process.request(load(artifact), ArtifactLoaded)


def test_a_time_limit_ends_the_browser_too(artifact: Path, process: TrialProcess, tmp_path: Path) -> None:
    rows = np.ones((1, 2), np.float32)
    save_sample(tmp_path, SampleRows("regression", rows, None, rows))
    process.request(load(artifact), ArtifactLoaded)
    process.request(RunArtifact(str(tmp_path), str(tmp_path / "found.npy")), Done)
    family = browser_of(process.pid)
    process._limits = TrialLimits(1, 100_000)  # only now, so that loading may take its time
    with pytest.raises(TrialError) as caught:
        process.request(TimeArtifact(10_000_000), Inferred)
    assert caught.value.outcome == "timed_out"
    process.close()
    wait_for_end(family)


RUN = """
import sys
from advisor.measuring.running.supervisor import TrialLimits, TrialProcess, trial_environment
from pilots.rehearsal_protocol import ArtifactLoaded, LoadArtifact

process = TrialProcess(sys.executable, trial_environment(1), TrialLimits(300, 100_000))
process.request(LoadArtifact(None, "", "onnx_web", sys.argv[1], 1), ArtifactLoaded)
print(process.pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel ends orphans on Linux alone")
def test_a_run_that_is_killed_leaves_no_browser_behind(artifact: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-c", RUN, str(artifact)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        worker = psutil.Process(int(running.stdout.readline()))
        family = [worker, *browser_of(worker.pid)]
        assert len(family) > 2
        scratch = Path(worker.environ()["TMPDIR"])
        assert list(scratch.rglob("profile"))
        running.send_signal(signal.SIGKILL)
        running.wait()
    wait_for_end(family)
    assert not list(scratch.rglob("profile"))
    shutil.rmtree(scratch)  # which a run that is killed leaves, whatever it did


def test_no_time_is_lost_when_the_browser_dies(artifact: Path, process: TrialProcess) -> None:
    process.request(load(artifact), ArtifactLoaded)
    (waiting,) = psutil.Process(process.pid).children()
    (browser,) = waiting.children()
    browser.kill()
    started = time.monotonic()
    save_sample(artifact, SampleRows("regression", np.ones((1, 2), np.float32), None, np.ones((1, 2), np.float32)))
    with pytest.raises(TrialError, match="the browser ended"):
        process.request(RunArtifact(str(artifact), str(artifact / "found.npy")), Done)
    assert time.monotonic() - started < 60
