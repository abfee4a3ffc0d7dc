"""Candidates in Pythons of their own: other versions beside ours, and Pythons that will not do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from command_line import EXAMPLE_FOR_REAL, advisor
from other_environment import environment_with

from advisor.catalog import CANDIDATES
from advisor.doctor.checks import run_probe
from advisor.doctor.findings import Diagnosis
from advisor.errors import AdvisorError
from advisor.measuring.machine.interpreters import find_interpreters
from advisor.study import Study

OTHER_KERAS = "3.12.0"


@pytest.fixture(scope="module")
def other_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with another Keras, in a folder with a space; all else is looked up in the environment of the tests."""
    folder = tmp_path_factory.mktemp("other") / "another environment"
    python = environment_with(folder, "--no-deps", f"keras=={OTHER_KERAS}")
    (packages,) = folder.rglob("site-packages")
    outer = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (packages / "outer.pth").write_text("\n".join(outer) + "\n", encoding="utf-8")
    return python


@pytest.fixture(scope="module")
def old_python() -> str:
    """A Python that is older than supported, if this system has one."""
    names = [f"python3.{minor}" for minor in range(7, 11)]
    found = [path for name in names if (path := shutil.which(name))]
    found += map(str, sorted(Path.home().glob(".pyenv/versions/3.[7-9]*/bin/python")))
    for python in found:
        if subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0:
            return python
    pytest.skip("there is no Python 3.7 to 3.10 here")


@pytest.fixture
def poisoned(tmp_path: Path) -> str:
    """A search path for modules on which Keras cannot be imported, in front of that of the tests."""
    (tmp_path / "poison").mkdir()
    (tmp_path / "poison" / "keras.py").write_text("raise ImportError('of the wrong environment')", encoding="utf-8")
    return os.pathsep.join(filter(None, [str(tmp_path / "poison"), os.environ.get("PYTHONPATH")]))


@pytest.mark.long
def test_a_study_with_another_keras_beside_ours(other_python: Path, poisoned: str, tmp_path: Path) -> None:
    """What our environment says about modules does not reach the other one, and the report names both versions."""
    study = tmp_path / "study"
    # Without training there is less to wait for.
    options = (*EXAMPLE_FOR_REAL, "--smoke", "--set", "project.trains=no")
    python = ("--candidates", "pytorch,keras-tensorflow", "--python", f"keras-tensorflow={other_python}")
    done = advisor("run", study, *options, *python, limit_s=900, PYTHONPATH=poisoned)
    assert done.returncode in (0, 5), done.stderr
    records = Study(study).trials()
    assert {record.outcome for record in records} == {"ok"}
    used = {(record.spec.candidate, record.environment.versions["keras"]) for record in records if record.environment}
    assert ("keras-tensorflow", OTHER_KERAS) in used
    assert ("pytorch", OTHER_KERAS) not in used
    versions = json.loads((study / "machine.json").read_text("utf-8"))["versions"]
    assert versions["keras-tensorflow"]["keras"] == OTHER_KERAS
    options_of = (study / "report.md").read_text("utf-8").split("## Considered Options")[1].split("\n## ")[0]
    # The first table; candidates that fail a requirement come in a second one.
    first = options_of.partition("| Candidate |")[2].partition("\n\n")[0]
    rows = {row.split("|")[1].strip(): row for row in first.splitlines()[2:]}
    assert f"keras {OTHER_KERAS}" in rows["Keras 3 on TensorFlow"]
    assert f"torch {versions['pytorch']['torch']}" in rows["PyTorch"]
    assert "keras" not in rows["PyTorch"]
    assert str(other_python) not in (study / "report.md").read_text("utf-8")


def test_the_probe_sees_the_other_keras(other_python: Path, poisoned: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", poisoned)
    answer = run_probe(CANDIDATES["keras-jax"], str(other_python), 120)
    assert not isinstance(answer, Diagnosis)
    assert (answer.version, answer.error, answer.lacking) == (OTHER_KERAS, None, ())
    ours = run_probe(CANDIDATES["keras-jax"], sys.executable, 120)
    assert not isinstance(ours, Diagnosis)
    assert ours.error == "ImportError: of the wrong environment"


@pytest.mark.long
def test_a_workload_is_checked_with_another_keras(other_python: Path, tmp_path: Path) -> None:
    python = ("--python", f"keras-torch={other_python}")
    done = advisor("pilot", "--workload", "tabular", "--check", "--candidates", "keras-torch", *python, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert f"keras-torch (keras {OTHER_KERAS}, torch" in done.stdout


def test_a_python_that_is_too_old_is_told_as_such(old_python: str, tmp_path: Path) -> None:
    with pytest.raises(AdvisorError, match=r"cannot be used: Python 3\.\d+\.\d+ is too old: 3\.11 or later") as caught:
        find_interpreters(["pytorch"], {"pytorch": old_python})
    assert caught.value.where == old_python
    finding = run_probe(CANDIDATES["pytorch"], old_python, 60)
    assert isinstance(finding, Diagnosis)
    assert "is too old: 3.11 or later is needed" in finding.what
    assert finding.action == "Name another interpreter with --python pytorch=PATH"


def test_a_python_without_numpy_leaves_its_candidate_out(study: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "bare", with_pip=False)
    (bare,) = (tmp_path / "bare").glob("Scripts/python.exe" if os.name == "nt" else "bin/python")
    done = advisor("plan", study, "--quick", "--candidates", "pytorch,tensorflow", "--python", f"tensorflow={bare}")
    assert done.returncode == 0, done.stderr
    assert (
        "tensorflow is left out: not installed in the Python that --python names: tensorflow, numpy, scikit-learn"
        in done.stdout
    )
