"""The doctor and the probe: interpreters that lack a framework, crash, hang or chatter, and ones that work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from advisor.catalog import CANDIDATES
from advisor.doctor.checks import (
    compiler_finding,
    disk_finding,
    examine,
    find_compiler,
    machine_findings,
    probe_findings,
    python_finding,
    run_probe,
)
from advisor.doctor.findings import Diagnosis
from advisor.errors import AdvisorError
from advisor.measuring.machine.fingerprint import MachineWarning, fingerprint
from pilots.probe import Probe, versions

PYTORCH = CANDIDATES["pytorch"]
PROBE = Probe("pytorch", "3.12.4", True, None, 2.5, "2.13.0", ("cpu",), 4, ())

#: Makes a module called torch with this source importable in the bare interpreter.
WriteTorch = Callable[[str], None]

#: As much of torch as the probe touches.
WORKING_TORCH = """
__version__ = "9.9"
class _Ones:
    def __matmul__(self, other): return self
    def sum(self): return self
    def item(self): return 8.0
class cuda:
    device_count = staticmethod(lambda: 0)
class xpu:
    is_available = staticmethod(lambda: False)
class backends:
    class mps:
        is_available = staticmethod(lambda: False)
def ones(shape, device): return _Ones()
def get_num_threads(): return 3
"""


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """An interpreter with nothing but the standard library."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False)
    return str(folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))


@pytest.fixture
def torch_of(bare_python: str, tmp_path: Path) -> Iterator[WriteTorch]:
    (packages,) = Path(bare_python).parents[1].rglob("site-packages")
    link = packages / "more.pth"

    def write(source: str) -> None:
        (tmp_path / "torch.py").write_text(source, encoding="utf-8")
        link.write_text(str(tmp_path), encoding="utf-8")

    yield write
    link.unlink()


def finding(answer: Probe | Diagnosis) -> Diagnosis:
    assert isinstance(answer, Diagnosis)
    return answer


def test_an_interpreter_without_frameworks_gives_missing_findings(bare_python: str) -> None:
    examination = examine(list(CANDIDATES), dict.fromkeys(CANDIDATES, bare_python))
    found = {one.subject: one for one in examination.findings if one.subject in CANDIDATES}
    assert {one.status for one in found.values()} == {"missing"}
    assert found["pytorch"].what == "PyTorch cannot be imported: ModuleNotFoundError: No module named 'torch'."
    assert found["pytorch"].action == f"{bare_python} -m pip install torch"
    assert found["keras-tensorflow"].action.endswith("pip install keras tensorflow")
    assert {probe.lacking for probe in examination.probes} == {("numpy", "scikit-learn")}
    assert {one.subject for one in examination.findings} >= {
        "python",
        "machine",
        "threads",
        "clock",
        "container",
        "noise",
        "compiler",
        "disk",
    }


def test_garbage_on_standard_output_hides_no_answer(bare_python: str, torch_of: WriteTorch) -> None:
    torch_of(
        "import atexit, os, sys\n"
        "print('{\"candidate\": 1}'); os.write(1, b'\\xff\\x00 no newline')\n"
        "atexit.register(print, 'bye')\n" + WORKING_TORCH
    )
    answer = run_probe(PYTORCH, bare_python, 30)
    assert isinstance(answer, Probe)
    assert (answer.version, answer.devices, answer.threads, answer.error) == ("9.9", ("cpu",), 3, None)


def test_garbage_of_the_interpreter_itself_hides_no_answer(
    bare_python: str,
    torch_of: WriteTorch,
    tmp_path: Path,
) -> None:
    torch_of(WORKING_TORCH)
    (tmp_path / "sitecustomize.py").write_text("print('welcome'); print('{}')\n", encoding="utf-8")
    answer = run_probe(PYTORCH, bare_python, 30)
    assert isinstance(answer, Probe)
    assert answer.version == "9.9"


@pytest.mark.parametrize(
    ("source", "importable", "error"),
    [
        ("raise OSError('cannot load\\nlibc10.so: no such file')", False, "OSError: libc10.so: no such file"),
        ("raise RuntimeError", False, "RuntimeError"),
        ("__version__ = '0.1'", True, "AttributeError: module 'torch' has no attribute 'cuda'"),
        (
            WORKING_TORCH.replace("8.0", "7.5"),
            True,
            "ArithmeticError: two matrices of ones multiply to a sum of 7.5, not 8",
        ),
    ],
)
def test_a_broken_framework_is_described_by_its_last_line(
    bare_python: str,
    torch_of: WriteTorch,
    source: str,
    importable: bool,
    error: str,
) -> None:
    torch_of(source)
    answer = run_probe(PYTORCH, bare_python, 30)
    assert isinstance(answer, Probe)
    assert (answer.importable, answer.error) == (importable, error)


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_a_crash_is_a_finding(bare_python: str, torch_of: WriteTorch) -> None:
    torch_of(
        "import os, signal, sys; print('illegal instruction', file=sys.stderr); os.kill(os.getpid(), signal.SIGILL)"
    )
    found = finding(run_probe(PYTORCH, bare_python, 30))
    assert found.status == "missing"
    assert found.what == "PyTorch cannot be used: its probe ended with signal SIGILL: illegal instruction."
    assert found.action == f"{bare_python} -m pip install torch --force-reinstall"


def test_leaving_quietly_is_a_finding(bare_python: str, torch_of: WriteTorch) -> None:
    torch_of("raise SystemExit(0)")
    assert "ended with exit code 0." in finding(run_probe(PYTORCH, bare_python, 30)).what


def test_hanging_is_a_finding(bare_python: str, torch_of: WriteTorch) -> None:
    torch_of("import time; time.sleep(60)")
    assert "did not answer within 0.5 s" in finding(run_probe(PYTORCH, bare_python, 0.5)).what


def test_an_interpreter_that_does_not_exist_is_a_finding(tmp_path: Path) -> None:
    found = finding(run_probe(PYTORCH, str(tmp_path / "python"), 5))
    assert found.status == "missing"
    assert "cannot be started (No such file or directory)" in found.what
    assert "--python pytorch=" in found.action


def test_an_unknown_candidate_is_refused_with_those_that_exist() -> None:
    with pytest.raises(AdvisorError, match="no candidate called 'theano'") as error:
        examine(["theano"], {})
    assert "pytorch" in error.value.allowed


@pytest.mark.parametrize("candidate", ["pytorch", pytest.param("keras-tensorflow", marks=pytest.mark.long)])
def test_an_installed_candidate_works(candidate: str) -> None:
    answer = run_probe(CANDIDATES[candidate], sys.executable, 180)
    assert isinstance(answer, Probe)
    assert answer.error is None
    assert answer.version == versions()[CANDIDATES[candidate].packages[0]]
    assert answer.devices
    assert [one.status for one in probe_findings(CANDIDATES[candidate], answer, sys.executable)] == ["ok"]


def test_versions_come_as_one_line_of_json(bare_python: str) -> None:
    import pilots

    main = Path(pilots.__file__).parent / "__main__.py"
    outputs = [
        subprocess.run([python, str(main), "versions"], capture_output=True, text=True, check=True).stdout
        for python in (bare_python, sys.executable)
    ]
    assert list(json.loads(outputs[0])) == ["python"]
    assert json.loads(outputs[1]) == versions()
    assert {"torch", "keras", "tensorflow", "numpy", "scikit-learn"} <= set(versions())


def test_a_mistaken_probe_command_says_how_to_use_it(bare_python: str) -> None:
    code = "import sys; from pilots.probe import main; sys.exit(main(sys.argv[1:]))"
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [bare_python, "-c", code, "probe", "theano"], cwd=root, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage" in done.stderr


@pytest.mark.parametrize(
    ("candidate", "probe", "executable", "statuses", "says"),
    [
        ("pytorch", PROBE, sys.executable, ["ok"], "PyTorch (torch 2.13.0) works on cpu with 4 threads"),
        ("pytorch", replace(PROBE, threads=None), sys.executable, ["ok"], "as many threads as the system"),
        ("pytorch", PROBE, "/opt/env/bin/python", ["ok", "ok"], "The Python of PyTorch is 3.12.4"),
        ("pytorch", replace(PROBE, python="3.9.1"), "/opt/env/bin/python", ["ok", "warning"], "3.11 to 3.13"),
        ("pytorch", replace(PROBE, lacking=("numpy",)), sys.executable, ["ok", "missing"], "no numpy beside it"),
        ("keras-torch", replace(PROBE, version="2.15.0"), sys.executable, ["missing"], "needs Keras 3"),
        ("pytorch", replace(PROBE, error="X: y"), sys.executable, ["missing"], "does not compute: X: y"),
    ],
)
def test_probe_findings(candidate: str, probe: Probe, executable: str, statuses: list[str], says: str) -> None:
    found = probe_findings(CANDIDATES[candidate], probe, executable)
    assert [one.status for one in found] == statuses
    assert says in " ".join(one.what for one in found)
    assert all(bool(one.action) == (one.status != "ok") for one in found)


def test_commands_survive_a_path_with_blanks() -> None:
    (found,) = probe_findings(PYTORCH, replace(PROBE, importable=False, error="E"), "/my envs/python")
    assert found.action == "'/my envs/python' -m pip install torch"


@pytest.mark.parametrize(
    ("version", "status"),
    [("3.10.14", "warning"), ("3.11.0", "ok"), ("3.13.1", "ok"), ("3.14.0rc1", "warning")],
)
def test_python_finding(version: str, status: str) -> None:
    found = python_finding("this Python", version)
    assert found.status == status
    assert version in found.what


def test_each_machine_warning_becomes_a_finding() -> None:
    machine = replace(fingerprint(), warnings=(MachineWarning("busy", "It is busy.", "Wait."),))
    hardware, busy = machine_findings(machine)
    assert hardware.status == "ok"
    assert busy == Diagnosis("machine", "warning", "It is busy.", "Wait.")


def test_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    assert find_compiler() is None
    assert compiler_finding(None).status == "warning"
    own = tmp_path / ("my-c++.exe" if os.name == "nt" else "my-c++")
    own.write_text("", encoding="utf-8")
    own.chmod(0o755)
    monkeypatch.setenv("CXX", str(own))
    assert find_compiler() == str(own)
    assert compiler_finding(find_compiler()).what.startswith("The C++ compiler my-c++")


@pytest.mark.skipif(os.name == "nt", reason="needs programs without an extension")
def test_only_the_compiler_that_torch_would_use_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    usual = tmp_path / ("clang++" if sys.platform == "darwin" else "g++")
    for program in (usual, tmp_path / "c++"):
        program.write_text("", encoding="utf-8")
        program.chmod(0o755)
    monkeypatch.delenv("CXX", raising=False)
    assert find_compiler() == str(usual)
    monkeypatch.setenv("CXX", "/nothing/g++")
    assert find_compiler() is None
    found = compiler_finding(None)
    assert "/nothing/g++, which CXX names, is not there" in found.what
    assert "unset" in found.action


def test_a_compiler_is_looked_for_only_for_torch(bare_python: str) -> None:
    def subjects(candidate: str) -> set[str]:
        return {one.subject for one in examine([candidate], {candidate: bare_python}).findings}

    assert "compiler" not in subjects("tensorflow")
    assert "compiler" in subjects("keras-torch")


def test_disk_of_a_study_that_does_not_exist_yet(tmp_path: Path) -> None:
    found = disk_finding(tmp_path / "new" / "study")
    assert found.subject == "disk"
    assert "GiB are free" in found.what
