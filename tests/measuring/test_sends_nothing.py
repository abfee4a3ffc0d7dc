"""Runtimes send nothing and write nothing about this machine: rehearsals, with network and home folder watched."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from command_line import COMMAND, LIMIT_S

#: Loaded by every Python that is started: names of hosts that are looked up, and addresses that are called.
WATCH = """
import os, sys
def watch(event, arguments):
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.connect"):
        with open(os.environ["ADVISOR_TEST_CALLS"], "a") as calls:
            calls.write(f"{event} {arguments!r}\\n")
sys.addaudithook(watch)
"""
MAKE = """
import sys, torch
network = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3))
rows = torch.export.Dim("rows", min=1, max=512)
torch.onnx.export(
    network, (torch.rand(2, 8),), sys.argv[1], dynamo=True, dynamic_shapes=({0: rows},), external_data=False
)
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("onnxscript", reason="python -m pip install '.[onnx]'")
    path = tmp_path_factory.mktemp("model") / "tiny.onnx"
    subprocess.run([sys.executable, "-c", MAKE, path], check=True, capture_output=True)
    return path


def rehearsed(folder: Path, *words: str | Path) -> tuple[list[dict[str, object]], str, set[str]]:
    """What was rehearsed, what was called over the network, and what lies in the home folder afterwards."""
    home, calls = folder / "home", folder / "calls"
    home.mkdir()
    (folder / "sitecustomize.py").write_text(WATCH, encoding="utf-8")
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "CI"))},
        "HOME": str(home),
        "PYTHONPATH": f"{folder}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
        "ADVISOR_TEST_CALLS": str(calls),
    }
    done = subprocess.run(
        [*COMMAND, "rehearse", *map(str, words), "--smoke", "--json"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=3 * LIMIT_S,
    )
    assert done.returncode == 0, done.stderr
    found = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    return json.loads(done.stdout), calls.read_text("utf-8") if calls.exists() else "", found


@pytest.mark.long
@pytest.mark.skipif(find_spec("openvino") is None or find_spec("onnxruntime") is None, reason="needs both runtimes")
def test_onnx_runtime_and_openvino(model: Path, tmp_path: Path) -> None:
    results, calls, found = rehearsed(tmp_path, model, "--target", "python_server", "--target", "edge_linux")
    routes = {str(one["route"]) for one in results if one["result"] and one["result"]["works"]}  # type: ignore[index]
    assert {"onnx_runtime", "openvino_runtime"} <= routes
    assert [line for line in calls.splitlines() if "127.0.0.1" not in line] == []
    assert found == set()
