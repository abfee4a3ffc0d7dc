"""One trial process: faults that are real, pauses that hold, memory that is seen, and nothing left behind."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from scripted_trial import EPOCH, LEARN

from advisor.measuring.running import supervisor
from advisor.measuring.running.host import TrialError
from advisor.measuring.running.supervisor import TrialLimits, TrialProcess, trial_environment
from pilots.protocol import (
    BlockDone,
    Done,
    EndRace,
    Infer,
    Inferred,
    Learn,
    Learned,
    Open,
    Opened,
    RaceEnded,
    RunBlock,
    StartRace,
    WarmedUp,
)
from pilots.records import TrialSpec

PATIENT = TrialLimits(timeout_s=60, memory_mib=100_000)
OBEY = """
    import json, sys
    def obey(action=lambda: None):
        for _ in sys.stdin:
            action()
            print(json.dumps({"type": "done"}), flush=True)
"""


def start(python: str, limits: TrialLimits = PATIENT) -> closing[TrialProcess]:
    return closing(TrialProcess(python, {}, limits))


def gone(process: psutil.Process) -> bool:
    """Ended; one that nobody has collected yet has ended too."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a state; the limit only keeps a failing test from hanging."""
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"never came about: {what}")


def only_child() -> psutil.Process:
    (child,) = psutil.Process().children()
    return child


SAY_GOODBYE = 'import os, signal, sys; sys.stdin.readline(); print("goodbye", file=sys.stderr, flush=True);'


@pytest.mark.parametrize(
    ("code", "outcome", "message"),
    [
        ("print('hello')\nsys.stdin.readline()", "crashed", "garbage in place of a reply: 'hello\\n'"),
        ("print('{}')\nsys.stdin.readline()", "crashed", "garbage in place of a reply: '{}\\n'"),
        ('print(\'{"type": "done"\')\nsys.stdin.readline()', "crashed", "garbage in place of a reply"),
        ("os.write(1, b'\\xff\\xfe\\n')\nsys.stdin.readline()", "crashed", "garbage in place of a reply"),
        ('print(\'{"type": "done"}\')\nsys.stdin.readline()', "crashed", "unexpected reply done to learn"),
        ("sys.exit(3)", "crashed", "ended with exit code 3"),
        ("sys.exit(0)", "crashed", "ended with exit code 0"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "crashed", "ended with signal SIGSEGV"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "out_of_memory", "ended with signal SIGKILL"),
        # Some of the real-time signals have no name.
        pytest.param(
            "os.kill(os.getpid(), 40)",
            "crashed",
            "ended with signal 40",
            marks=pytest.mark.skipif(sys.platform != "linux", reason="has no real-time signals"),
        ),
    ],
)
def test_a_fault_has_an_outcome_and_the_last_words(python_that, code, outcome, message):
    with start(python_that(f"{SAY_GOODBYE}\n{code}")) as trial, pytest.raises(TrialError) as caught:
        trial.request(Learn(), Learned)
    assert caught.value.outcome == outcome
    first, *rest = caught.value.error.splitlines()
    assert first.startswith(message)
    assert rest == ["goodbye"]


def test_silence_ends_with_the_time_limit(python_that):
    python = python_that(f"{SAY_GOODBYE}\nsys.stdin.readline()")
    with start(python, TrialLimits(timeout_s=2, memory_mib=100_000)) as trial, pytest.raises(TrialError) as caught:
        trial.request(Learn(), Learned)
    assert caught.value.outcome == "timed_out"
    assert caught.value.error == "no answer for 2 s\ngoodbye"


def test_a_process_that_closes_its_pipe_and_stays_is_given_up(python_that, monkeypatch):
    monkeypatch.setattr(supervisor, "_END_S", 0.2)
    python = python_that(f"{SAY_GOODBYE}\nos.close(1)\nsys.stdin.readline()")
    with start(python) as trial, pytest.raises(TrialError) as caught:
        trial.request(Learn(), Learned)
    assert caught.value.outcome == "crashed"
    assert caught.value.error == "closed its pipe without ending\ngoodbye"


def test_a_command_to_a_process_that_is_gone_says_how_it_ended(python_that):
    with start(python_that("import sys; sys.exit('no such thing')")) as trial:
        until(lambda: gone(only_child()), "the process ended")
        with pytest.raises(TrialError, match="ended with exit code 1\nno such thing"):
            trial.request(Learn(), Learned)


def test_of_a_long_error_the_end_is_kept(python_that):
    python = python_that("import sys\nfor n in range(100): print('line', n, file=sys.stderr)\nsys.exit(1)")
    with start(python) as trial, pytest.raises(TrialError) as caught:
        trial.request(Learn(), Learned)
    assert caught.value.error.splitlines()[1:] == [f"line {number}" for number in range(85, 100)]


@pytest.mark.parametrize("name", ["nothing", "folder", "text"])
def test_an_interpreter_that_is_gone_since_is_a_finding(tmp_path, name):
    (tmp_path / "folder").mkdir()
    (tmp_path / "text").write_text("no program", encoding="utf-8")
    with pytest.raises(TrialError, match="cannot be started") as caught:
        TrialProcess(str(tmp_path / name), {}, PATIENT)
    assert caught.value.outcome == "unavailable"


@pytest.mark.parametrize("kind", ["unavailable", "out_of_memory", "failed"])
def test_a_reported_failure_keeps_its_kind(scripted, kind):
    fault = f'print(\'{{"type": "failed", "kind": "{kind}", "error": "why"}}\', flush=True)'
    with start(scripted(learn=fault)) as trial, pytest.raises(TrialError) as caught:
        trial.request(Learn(), Learned)
    assert (caught.value.outcome, caught.value.error) == (kind, "why")


def test_epochs_are_told_while_the_reply_is_awaited(scripted):
    epochs = []
    with start(scripted()) as trial:
        learned = trial.request(Learn(), Learned, epochs.append)
        inferred = trial.request(Infer(2), Inferred)
    assert [event.epoch for event in epochs] == list(learned.result.epochs)
    assert inferred.result.batches[0].calls_ms == (1.0, 2.0)


def test_a_training_run_waits_until_its_epoch_was_shown(python_that, tmp_path):
    """Were the next epoch timed meanwhile, drawing would slow it down."""
    told, gone_on = {"type": "epoch_ended", "epoch": EPOCH, "of_epochs": 1}, tmp_path / "gone_on"
    python = python_that(
        f"""
        import json, sys
        from pathlib import Path
        sys.stdin.readline()
        print({json.dumps(told)!r}, flush=True)
        if json.loads(sys.stdin.readline())["type"] == "go_on":
            Path({str(gone_on)!r}).touch()
        print({json.dumps({"type": "learned", "result": LEARN})!r}, flush=True)
        sys.stdin.readline()
        """
    )
    went_on = []

    def show(event):
        time.sleep(0.3)
        went_on.append(gone_on.exists())

    with start(python) as trial:
        trial.request(Learn(), Learned, show)
    assert (went_on, gone_on.exists()) == ([False], True)


@pytest.mark.parametrize("new_session", [False, True])
@pytest.mark.parametrize("paused", [False, True])
def test_close_leaves_nobody_behind(python_that, new_session, paused):
    child = f"subprocess.Popen(['sleep', '60'], start_new_session={new_session})"
    python = python_that(f"import subprocess\n{textwrap.dedent(OBEY)}\nobey(lambda: {child})")
    with start(python) as trial:
        trial.request(Infer(1), Done)
        family = psutil.Process().children(recursive=True)
        assert [process.name() for process in family[1:]] == ["sleep"]
        if paused:
            trial.pause()
    assert gone(family[0])
    until(lambda: all(gone(process) for process in family), "the grandchild ended")
    trial.close()  # twice does no harm


def test_close_ends_a_grandchild_whose_parent_crashed(python_that):
    child = "subprocess.Popen(['sleep', '60'], stdout=2).pid"
    with start(python_that(f"import subprocess, sys\nsys.exit(str({child}))")) as trial:
        with pytest.raises(TrialError) as caught:
            trial.request(Learn(), Learned)
        orphan = psutil.Process(int(caught.value.error.splitlines()[-1]))
        assert not gone(orphan)
    until(lambda: gone(orphan), "the orphan ended")


def test_a_paused_process_stands_still_and_goes_on(python_that):
    busy = "threading.Thread(target=lambda: [0 for _ in iter(int, 1)], daemon=True).start()"
    with start(python_that(f"import threading\n{textwrap.dedent(OBEY)}\n{busy}\nobey()")) as trial:
        with trial.awake():
            trial.request(Infer(1), Done)
        process = only_child()
        until(lambda: process.status() == psutil.STATUS_STOPPED, "it stopped")
        used = sum(process.cpu_times()[:2])
        time.sleep(0.5)
        assert sum(process.cpu_times()[:2]) == used
        with trial.awake():
            until(lambda: sum(process.cpu_times()[:2]) > used, "it goes on")
            assert trial.request(Infer(1), Done) == Done()
        until(lambda: process.status() == psutil.STATUS_STOPPED, "it stopped again")


def test_a_process_that_is_gone_can_be_paused_and_resumed(python_that):
    with start(python_that("")) as trial:
        until(lambda: gone(only_child()), "it ended")
        trial.pause()
        trial.resume()
        assert trial.memory_mib() == 0
        with trial.watched_memory() as peak:
            pass
    assert peak.mib == 0
    assert peak.accelerator_mib is None


def test_more_memory_than_allowed(python_that):
    python = python_that(f"{textwrap.dedent(OBEY)}\nkept = b'x' * (300 * 2**20)\nobey()")
    with start(python, TrialLimits(60, memory_mib=200)) as trial, pytest.raises(TrialError) as caught:
        trial.request(Infer(1), Done)
    assert caught.value.outcome == "out_of_memory"
    assert "more than the 200 MiB a trial may take" in caught.value.error


def test_memory_is_watched_while_no_answer_comes(python_that):
    """In pieces and for ever, so that only the limit ends it; the process is gone before anybody closes it."""
    eat = "while len(held) < 300: held.append(b'x' * (10 * 2**20)); time.sleep(0.01)"
    python = python_that(f"import sys, time\nsys.stdin.readline()\nheld = []\n{eat}\ntime.sleep(600)")
    with start(python, TrialLimits(60, memory_mib=200)) as trial:
        process = only_child()
        with pytest.raises(TrialError) as caught:
            trial.request(Infer(1), Done)
        assert gone(process)
        trial.pause()
        trial.resume()
    assert caught.value.outcome == "out_of_memory"
    used_mib, allowed_mib = (int(number) for number in re.findall(r"(\d+) MiB", caught.value.error))
    assert used_mib > allowed_mib == 200


def test_memory_is_not_looked_at_after_every_reply(python_that, monkeypatch):
    """A look at all processes of the machine would take a good part of a short block of a race."""
    looks = []
    monkeypatch.setattr(supervisor, "_LOOK_S", 600.0)
    monkeypatch.setattr(supervisor, "resident_mib", lambda family: looks.append(len(family)) or 0.0)
    with start(python_that(f"{textwrap.dedent(OBEY)}\nobey()")) as trial:
        for _ in range(20):
            trial.request(Infer(1), Done)
    assert looks == [1]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_what_is_not_a_number_is_a_failure_and_no_result(scripted, number):
    reply = f'{{"type": "block_done", "steps": 1, "seconds": 0.5, "cpu_seconds": {number}}}'
    with start(scripted(run_block=f"print({reply!r}, flush=True)")) as trial, pytest.raises(TrialError) as caught:
        trial.request(RunBlock(1), BlockDone)
    assert caught.value.outcome == "failed"
    assert re.fullmatch(r"block_done: cpu_seconds is not a number \((nan|-?inf)\)", caught.value.error)


@pytest.mark.parametrize("where", ["use()", "subprocess.run([sys.executable, '-c', source])"])
def test_memory_that_was_held_only_for_a_while_is_seen(python_that, where):
    source = "import time; held = b'x' * (300 * 2**20); time.sleep(0.5)"
    code = f"import subprocess\n{textwrap.dedent(OBEY)}\nsource = {source!r}\n"
    with start(python_that(f"{code}def use(): exec(source, {{}})\nobey(lambda: {where})")) as trial:
        before = trial.memory_mib()
        with trial.watched_memory() as peak:
            trial.request(Infer(1), Done)
        assert before < 300 < peak.mib
        assert trial.memory_mib() < 300


def test_the_environment_reaches_the_process(python_that):
    python = python_that("import os, sys\nsys.exit(os.environ['OMP_NUM_THREADS'] + os.environ['HOME'])")
    trial = TrialProcess(python, trial_environment(7), PATIENT)
    with closing(trial), pytest.raises(TrialError, match="\n7/"):
        trial.request(Learn(), Learned)


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """The folder for temporary files of this process and of those it starts, with nothing in it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return folder


@pytest.mark.parametrize("ending", ["obey()", "os.kill(os.getpid(), signal.SIGKILL)", "time.sleep(600)"])
def test_temporary_files_go_with_the_process_however_it_ends(python_that, temporary, ending):
    leave = "Path(tempfile.gettempdir(), 'left').touch()"
    imports = "import os, signal, tempfile, time\nfrom pathlib import Path"
    with start(python_that(f"{imports}\n{textwrap.dedent(OBEY)}\n{leave}\n{ending}")):
        (scratch,) = temporary.iterdir()
        until((scratch / "left").exists, "a file was left")
    assert not list(temporary.iterdir())


def test_without_room_for_temporary_files_there_is_no_trial(python_that, tmp_path, monkeypatch):
    python = python_that("")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "gone"))
    with pytest.raises(TrialError, match="temporary files cannot be written") as caught:
        TrialProcess(python, {}, PATIENT)
    assert caught.value.outcome == "failed"


@pytest.mark.long
@pytest.mark.parametrize("candidate", ["pytorch", "keras-jax"])
def test_every_process_compiles_for_itself_and_leaves_nothing(candidate, temporary, tmp_path, monkeypatch):
    """The second process finds nothing of the first, and neither touches the caches that a user has set up."""
    caches = tmp_path / "caches"
    caches.mkdir()
    for variable in ("TORCHINDUCTOR_CACHE_DIR", "TRITON_CACHE_DIR", "JAX_COMPILATION_CACHE_DIR"):
        monkeypatch.setenv(variable, str(caches))
    spec = TrialSpec("race", "tabular", "smoke", candidate, "tuned", 0, 0, threads=1)
    for _ in range(2):
        with closing(TrialProcess(sys.executable, trial_environment(1), TrialLimits(300, 100_000))) as trial:
            trial.request(Open(spec), Opened)
            trial.request(StartRace(window_steps=2, windows=1, limit_s=1), WarmedUp)
            compilation = trial.request(EndRace(), RaceEnded).compilation
            assert compilation.graphs != 0
            if candidate == "pytorch":
                (scratch,) = temporary.iterdir()
                assert list(scratch.glob("inductor/**/*.so")), "nothing was compiled"
        assert not list(temporary.iterdir())
    assert not list(caches.iterdir())


SUPERVISOR = """
import sys
from advisor.measuring.running.supervisor import TrialLimits, TrialProcess
from pilots.protocol import BlockDone, Open, Opened, RunBlock, StartRace, WarmedUp
from pilots.records import TrialSpec

def opened(candidate):
    trial = TrialProcess(sys.executable, {}, TrialLimits(600, 100_000))
    trial.request(Open(TrialSpec("race", "tabular", "smoke", candidate, "default", 0, 0, threads=1)), Opened)
    return trial

opened("baseline").pause()
waiting, busy = opened("baseline"), opened("pytorch")
busy.request(StartRace(window_steps=2, windows=1, limit_s=1), WarmedUp)
print("ready", flush=True)
busy.request(RunBlock(10**9), BlockDone)
"""


def test_a_supervisor_that_is_killed_takes_its_workers_along(temporary):
    """The one that stands still, the one that waits for a command, and the one that would train for days."""
    with subprocess.Popen([sys.executable, "-c", SUPERVISOR], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        workers = psutil.Process(process.pid).children(recursive=True)
        assert len(workers) == 3
        assert [worker.status() == psutil.STATUS_STOPPED for worker in workers].count(True) == 1
        used = {worker: sum(worker.cpu_times()[:2]) for worker in workers}
        until(lambda: any(sum(worker.cpu_times()[:2]) > used[worker] for worker in workers), "one trains")
        process.send_signal(signal.SIGKILL)
    try:
        until(lambda: all(gone(worker) for worker in workers), "all workers ended")
    finally:
        for worker in workers:
            if not gone(worker):
                worker.kill()


def test_a_block_is_asked_for_by_steps(scripted):
    with start(scripted()) as trial:
        assert trial.request(RunBlock(7), BlockDone).steps == 7
