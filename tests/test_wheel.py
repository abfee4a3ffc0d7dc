"""The wheel that is built from this tree, installed elsewhere and run there."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
from command_line import EXAMPLE, ROOT

#: Keeps what surrounds the tests (a checkout on the path, say) out of the new environment.
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_"))}


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(
        list(map(str, command)), cwd=cwd, env=CLEAN, capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the backend itself: nothing is downloaded."""
    folder = tmp_path_factory.mktemp("wheel")
    code = "import sys, hatchling.build; hatchling.build.build_wheel(sys.argv[1])"
    run(sys.executable, "-c", code, folder, cwd=ROOT)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def binaries(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment that has the wheel; dependencies are looked up in the outer one."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    python = programs / ("python.exe" if os.name == "nt" else "python")
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel, cwd=folder)
    ours = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip())
    outer = dict.fromkeys(sysconfig.get_path(name) for name in ("purelib", "platlib"))
    (ours / "outer.pth").write_text("\n".join(outer) + "\n", encoding="utf-8")
    return programs


def test_the_wheel_holds_what_is_read_at_run_time_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    data = [path for package in ("advisor", "pilots") for path in (ROOT / package).rglob("*.toml")]
    templates = [path for path in (ROOT / "templates").rglob("*") if path.suffix in (".j2", ".py", ".toml", ".md")]
    expected = {path.relative_to(ROOT).as_posix() for path in data}
    expected |= {f"advisor/{path.relative_to(ROOT).as_posix()}" for path in templates}
    pages = [path for path in (ROOT / "pilots" / "browser" / "page").iterdir() if path.suffix in (".html", ".js")]
    expected |= {path.relative_to(ROOT).as_posix() for path in pages}
    expected |= {
        path.relative_to(ROOT).as_posix()
        for package in ("advisor", "pilots")
        for path in (ROOT / package).rglob("*.py")
    }
    assert expected <= names
    for name in (
        "advisor/interview/questions.toml",
        "advisor/method.toml",
        "advisor/criteria/memory.toml",
        "advisor/knowledge/facts.toml",
    ):
        assert name in expected
    assert {"advisor/knowledge/routes.toml", "pilots/workloads/tabular/workload.toml"} <= expected
    assert {"pilots/browser/page/page.html", "pilots/browser/page/onnx.js"} <= expected
    assert {"advisor/templates/report.md.j2", "advisor/templates/workload/in_keras.py"} <= expected
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"advisor", "pilots"}
    assert not [name for name in names if "test" in name.casefold()]
    assert any(name.endswith("LICENSE") for name in names)


def test_the_installed_command_works_in_an_empty_folder(binaries: Path, tmp_path: Path) -> None:
    advisor = binaries / "advisor"
    code = "import advisor, pilots; print(advisor.__file__); print(pilots.__file__)"
    for place in run(binaries / "python", "-c", code, cwd=tmp_path).splitlines():
        assert Path(place).resolve().is_relative_to(binaries.parent.resolve())
    assert "advisor run" in run(advisor, "--help", cwd=tmp_path)
    done = run(advisor, "run", "S", "--answers", EXAMPLE, "--no-input", "--no-pilots", cwd=tmp_path)
    assert done.splitlines()[-1] == str(Path("S", "report.md"))
    first = (tmp_path / "S" / "report.md").read_text(encoding="utf-8")
    assert run(advisor, "report", "S", cwd=tmp_path) == f"{Path('S', 'report.md')}\n"
    assert (tmp_path / "S" / "report.md").read_text(encoding="utf-8") == first
    assert "fraud scoring of orders" in first
    assert [path.name for path in tmp_path.iterdir()] == ["S"]


@pytest.mark.long
def test_the_installed_command_makes_a_workload(binaries: Path, tmp_path: Path) -> None:
    assert run(binaries / "advisor", "new", "workload", "churn", cwd=tmp_path) == "churn\n"
    done = run(binaries / "advisor", "pilot", "--workload", "churn", "--check", "--candidates", "pytorch", cwd=tmp_path)
    assert done.splitlines()[-1] == "all passed"


def test_the_installed_pilots_start(binaries: Path, tmp_path: Path) -> None:
    """The trial processes are started by path, so the wheel's own copy has to be complete."""
    options = ("--no-input", "--smoke", "--candidates", "pytorch", "--dry-run")
    plan = run(binaries / "advisor", "run", "S", "--answers", EXAMPLE, *options, cwd=tmp_path)
    assert "tabular, launch 1" in plan
    code = "from advisor.measuring.running.supervisor import PILOTS_MAIN; print(PILOTS_MAIN)"
    main = run(binaries / "python", "-c", code, cwd=tmp_path).strip()
    assert '"torch"' in run(binaries / "python", main, "versions", cwd=tmp_path)
