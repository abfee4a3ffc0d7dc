"""Settings and studies of all tests, and the check that none leaves a process behind."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from command_line import EXAMPLE, advisor
from hypothesis import settings

# Time is never asserted: on a busy machine a deadline would be.
settings.register_profile("advisor", deadline=None)
settings.load_profile("advisor")

#: Files that take minutes, those that take longest first.
LONGEST = (
    "test_run_for_real.py",
    "test_frameworks.py",
    "test_own_pilot.py",
    "test_wheel.py",
    "test_other_python.py",
    "test_load.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first: a file runs in one process, and one that is begun last would keep the others waiting."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


@pytest.fixture(autouse=True)
def no_process_left() -> Iterator[None]:
    """Every test clears up the processes it started, down to the last grandchild."""
    before = set(psutil.Process().children(recursive=True))
    yield
    left = set(psutil.Process().children(recursive=True)) - before
    for process in left:
        process.kill()
    assert not left


@pytest.fixture(scope="session")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A study decided without pilots. Shared: copy it before changing it."""
    study = tmp_path_factory.mktemp("decided") / "study"
    done = advisor("run", study, "--answers", EXAMPLE, "--no-input", "--no-pilots")
    assert done.returncode == 0, done.stderr
    return study


@pytest.fixture
def study(decided: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(decided, tmp_path / "study"))
