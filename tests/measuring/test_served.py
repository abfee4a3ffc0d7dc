"""Artifacts behind LitServe for real: served, loaded, stopped, and nothing left behind, however it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import psutil
import pytest
from planted_routes import NUMPY_NETWORK, copy_with

from advisor.measuring.rehearsing.rehearsal import Rehearsal
from advisor.measuring.running import supervisor
from advisor.measuring.running.local_host import LocalFolder, LocalHost
from advisor.measuring.running.supervisor import TrialLimits, TrialProcess
from advisor.method import method
from pilots.kept_model import SampleRows, save_sample
from pilots.rehearsal_records import RehearseResult
from pilots.routes import ExportRoute

pytestmark = [
    pytest.mark.skipif(find_spec("litserve") is None, reason="needs the extra: python -m pip install '.[serve]'"),
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc"),
]
SIZES = {"hidden_1": (64, 30), "hidden_2": (32, 64), "output": (2, 32)}
ONE_AT_A_TIME = NUMPY_NETWORK.replace("    for layer in", "    if len(x) == 1:\n        FAULT\n    for layer in")
MODULES = {
    "numpy_network": NUMPY_NETWORK,
    "otherwise": ONE_AT_A_TIME.replace("FAULT", "x = x + 1"),
    "raising": ONE_AT_A_TIME.replace("FAULT", "if x.sum() > 10: raise ValueError('no such row')"),
}


def network(x):
    """A table network with drawn weights, by its arrays, and its outputs."""
    rng = np.random.default_rng(3)
    arrays = {}
    for layer, shape in SIZES.items():
        arrays[f"{layer}.weight"] = rng.normal(size=shape).astype("float32") / 5
        arrays[f"{layer}.bias"] = np.zeros(shape[0], "float32")
        x = x @ arrays[f"{layer}.weight"].T
        x = x if layer == "output" else np.maximum(x, 0)
    return arrays, x


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sample, an artifact beside it, and routes that serve it."""
    monkeypatch.setattr(supervisor, "PILOTS_MAIN", copy_with(tmp_path, MODULES))
    rows = np.random.default_rng(1).normal(size=(40, 30)).astype("float32")
    arrays, outputs = network(rows)
    for name in ("kept", "artifact"):
        (tmp_path / name).mkdir()
    np.savez(tmp_path / "artifact" / "model.npz", **arrays)
    save_sample(tmp_path / "kept", SampleRows("classification", rows, outputs.argmax(axis=1), outputs))
    return tmp_path


HERE = LocalHost({"pytorch": sys.executable}, TrialLimits(300, 100_000))


def start() -> TrialProcess:
    return HERE.start("pytorch", 1)


@pytest.fixture
def serve(kept: Path) -> Callable[[str], RehearseResult]:
    def of(module: str) -> RehearseResult:
        route = ExportRoute("arrays", "NumPy", ("pytorch",), ("python_server",), module=module)
        limits = method().rehearsing.model_copy(update={"largest_error": 1e-3})
        rehearsal = Rehearsal(HERE, start, 1, 3, limits, requests=16)
        before = replace(RehearseResult("rehearse", module, works=False))
        return rehearsal.of_artifact(
            before, LocalFolder(str(kept / "artifact")), LocalFolder(str(kept / "kept")), None, route
        )

    return of


def of_servers(folder: Path) -> list[psutil.Process]:
    """Processes of servers that were started from this copy, with all that they started."""
    found = []
    for process in psutil.process_iter():
        try:
            command = process.cmdline()
            if str(folder) in " ".join(command) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def test_an_artifact_that_works_is_served_and_stops(serve, kept: Path):
    result = serve("numpy_network")
    assert result.works and result.served is not None
    assert result.served.error is None
    assert [(load.clients, len(load.calls_ms), load.failed) for load in result.served.loads] == [(1, 16, 0), (8, 16, 0)]
    assert result.served.start_s and result.served.stopped_cleanly
    assert of_servers(kept) == []


@pytest.mark.parametrize(("module", "words"), [("otherwise", "an output differs by"), ("raising", "answered 500")])
def test_a_server_that_fails_is_a_finding_and_the_route_still_works(module: str, words: str, serve, kept: Path):
    result = serve(module)
    assert result.works and result.served is not None
    assert result.served.error is not None and words in result.served.error
    assert result.served.loads == () and result.served.stopped_cleanly is None
    assert of_servers(kept) == []


RUN = """
import sys
from pathlib import Path
from advisor.measuring.running import supervisor
from advisor.measuring.running.supervisor import TrialLimits, TrialProcess, trial_environment
from pilots.rehearsal_protocol import ServeArtifact, Serving

folder = sys.argv[1]
supervisor.PILOTS_MAIN = Path(folder) / "pilots" / "__main__.py"
process = TrialProcess(sys.executable, trial_environment(1), TrialLimits(300, 100_000))
command = ServeArtifact(
    None, "pytorch", "numpy_network", f"{folder}/artifact", 1, False, f"{folder}/kept", 120.0
)
process.request(command, Serving)
print("ready", flush=True)
sys.stdin.read()
"""


def test_a_run_that_is_killed_leaves_no_server_and_no_port_behind(kept: Path):
    with subprocess.Popen(
        [sys.executable, "-c", RUN, str(kept)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline() == "ready\n"
        family = psutil.Process(running.pid).children(recursive=True)
        ports = {one.laddr.port for process in family for one in process.net_connections("tcp4")}
        assert len(family) >= 4 and ports  # the client, LitServe, and what LitServe started
        running.send_signal(signal.SIGKILL)
        running.wait()
    until = time.monotonic() + 60
    while any(process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in family):
        assert time.monotonic() < until, f"still there: {[process for process in family if process.is_running()]}"
        time.sleep(0.05)
    listening = {one.laddr.port for one in psutil.net_connections("tcp4") if one.status == psutil.CONN_LISTEN}
    assert not ports & listening
