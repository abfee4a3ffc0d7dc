"""The built wheel works outside the checkout: everything it needs is inside it."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that has the wheel installed and takes only its dependencies from this one."""
    folder = tmp_path_factory.mktemp("clean")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=120)
    executable = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    site = subprocess.run(
        [str(executable), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(executable), "install", "--no-deps", "--no-index", str(wheel)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    # A plain path entry does not process this environment's own .pth files, so its editable install stays out.
    (Path(site) / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return executable


def test_everything_is_inside(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for path in (
        "advisor/method.toml",
        "advisor/interview/questions.toml",
        "advisor/knowledge/facts.toml",
        "advisor/knowledge/routes.toml",
        "pilots/workloads/tabular/workload.toml",
        "pilots/workloads/vision/workload.toml",
        "pilots/__main__.py",
    ):
        assert path in names
    templates = {path.relative_to(ROOT / "templates") for path in (ROOT / "templates").rglob("*.j2")}
    assert {f"advisor/templates/{path.as_posix()}" for path in templates} <= names
    assert not any(name.startswith(("tests/", "examples/")) for name in names)


def test_it_runs_from_an_empty_folder(python: Path, tmp_path: Path) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(python), *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=180,
            env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            check=False,
        )

    where = run("-c", "import advisor, pilots; print(advisor.__file__); print(pilots.__file__)").stdout.splitlines()
    assert all(Path(path).is_relative_to(python.parents[1]) for path in where) and len(where) == 2
    advisor = str(python.with_name("advisor"))
    assert "Commands" in subprocess.run([advisor, "--help"], capture_output=True, text=True, check=True).stdout
    answers = str(ROOT / "examples" / "answers.toml")
    done = run("-m", "advisor", "run", "S", "--answers", answers, "--no-input", "--no-pilots")
    assert done.returncode in (0, 5), done.stderr
    assert run("-m", "advisor", "report", "S").returncode == 0
    assert (tmp_path / "S" / "report.md").exists()
    # The trial processes come from the wheel too.
    done = run(
        *("-m", "advisor", "run", "T", "--answers", answers, "--no-input", "--smoke"),
        *("--candidates", "pytorch", "--set", "project.trains=no"),
    )
    assert done.returncode in (0, 5), done.stderr
    assert (tmp_path / "T" / "trials.jsonl").read_text().count('"outcome": "ok"') == 1 + 3 + 3
