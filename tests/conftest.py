"""Settings and studies of all tests, and the check that none leaves a process behind."""

import atexit
import os
import re
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from command_line import EXAMPLE, advisor
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

# Time is never asserted: on a busy machine a deadline would be.
settings.register_profile("advisor", deadline=None)
settings.load_profile("advisor")

# Tests share the cores, and a thread that waits for another in a loop keeps it from running: trainings on two threads
# took six times as much of the processor. What is computed stays the same.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

# What this user has said may be run and read is kept outside of studies: here, for the tests of one process.
os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix="advisor-tests-")
atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)

# What a shell runs in the background ignores Ctrl-C, and so would all that tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

TESTS = Path(__file__).parent
#: Pure logic; nothing here trains a model.
QUICK = ("deciding", "evidence", "interview", "knowledge", "planning", "test_architecture.py")
#: Files of which every stack is a unit of work of its own, since it takes as long as other files.
BY_STACK = ("test_frameworks.py", "test_load.py")
_STACK = re.compile(r"[\[-](pytorch|keras-torch|keras-tensorflow|keras-jax|tensorflow)[\]-]")
#: Units that take minutes, those that take longest first; PyTorch is what the other stacks are compared with.
LONGEST = (
    "test_run_for_real.py",
    "test_frameworks.py pytorch",
    "test_own_data_for_real.py",
    "test_rehearsal.py",
    "test_stopping.py",
    "test_rehearse_command.py",
    "test_frameworks.py keras-torch",
    "test_frameworks.py keras-jax",
    "test_frameworks.py keras-tensorflow",
    "test_frameworks.py tensorflow",
    "test_worker.py",
    "test_conformance.py",
    "test_planted.py",
    "test_own_pilot.py",
    "test_other_python.py",
    "test_faults.py",
    "test_browser_routes.py",
    "test_feeding.py",
    "test_schedule.py",
    "test_cli.py",
    "test_html_in_browser.py",
    "test_wheel.py",
    "test_load.py pytorch",
    "test_load.py keras-torch",
    "test_load.py keras-jax",
    "test_load.py keras-tensorflow",
    "test_load.py tensorflow",
)


def unit_of(nodeid: str) -> str:
    """What runs in one process: a file, or one stack of it."""
    file = nodeid.partition("::")[0]
    stack = _STACK.search(nodeid) if file.endswith(BY_STACK) else None
    return f"{file} {stack[1]}" if stack else file


class ByUnit(LoadFileScheduling):
    """Hands out units in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One more than there are cores: while a test waits, for a time limit or a terminal, another can run."""
    return (psutil.cpu_count(logical=False) or psutil.cpu_count() or 1) + 1


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByUnit:
    """In place of files as a whole."""
    return ByUnit(config, log)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `-m quick`, only the folders of what is quick are read: to read all others takes as long as to run these."""
    if config.option.markexpr != "quick" or not collection_path.is_relative_to(TESTS) or collection_path == TESTS:
        return None
    return None if collection_path.relative_to(TESTS).parts[0] in (*QUICK, "conftest.py") else True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is quick, and put long units first: one that is begun last would keep the others waiting."""
    for item in items:
        if item.path.relative_to(TESTS).parts[0] in QUICK:
            item.add_marker(pytest.mark.quick)

    def place(item: pytest.Item) -> int:
        unit = unit_of(item.nodeid).rpartition("/")[2]
        return LONGEST.index(unit) if unit in LONGEST else len(LONGEST)

    items.sort(key=place)


@pytest.fixture(scope="session")
def of_all_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the processes of this run of the tests share; what is written there needs a lock."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


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
