"""What can go wrong inside a trial, planted in a real PyTorch worker: one row in the book, and nobody else's trial.

Faults of the pipe and of the process as such are in ``test_supervisor.py``, where in a launch they strike in
``test_launch.py``.
"""

from __future__ import annotations

import random
import tempfile
import textwrap
from pathlib import Path

import psutil
import pytest

from advisor.catalog import LANES
from advisor.interview.answers import Answers
from advisor.measuring.running.events import ignore
from advisor.measuring.running.launch import LaunchContext, run_launch
from advisor.measuring.running.local_host import LocalHost
from advisor.measuring.running.logbook import Logbook
from advisor.measuring.running.quiet import QuietGate
from advisor.measuring.running.supervisor import TrialLimits
from advisor.method import method
from advisor.planning.plan import Settings, make_plan
from advisor.study import Study
from pilots import workload as workloads
from pilots.records import TrialRecord

#: The worker as it is, but for what it does on ``learn``. ``usual`` is what it would do.
PLANTED = """
import ctypes, dataclasses, os, signal, subprocess, sys, time
from pathlib import Path

sys.path.insert(0, str(Path(sys.argv[1]).parents[1]))
import numpy as np
from pilots import scores, worker
from pilots.experiments import learn

usual = learn.run

def fault(channel, trial):
{code}

learn.run = fault
sys.exit(worker.main())
"""
MEMORY_LIMIT_MIB = 1500
PATIENT_S, IMPATIENT_S = 120.0, 15.0


@pytest.fixture
def temporary(tmp_path, monkeypatch) -> Path:
    """The folder in which this process makes temporary files."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def learn_beside(tmp_path, temporary, python_that, scripted):
    """Run the ``learn`` trials of PyTorch with a fault and of a neighbour without; their records, read from disk."""

    def run(code: str, timeout_s: float = PATIENT_S) -> dict[str, TrialRecord]:
        python = {
            "pytorch": python_that(PLANTED.replace("{code}", textwrap.indent(textwrap.dedent(code), "    "))),
            "keras-torch": scripted(),
        }
        plan = make_plan(
            Answers({"project.problem": "tabular"}),
            Settings(size="smoke", candidates=tuple(python)),
            method(),
            unavailable={},
            workloads=[workloads.load("tabular")],
            threads=1,
        )
        launch = next(one for one in plan.launches if one.stage == "pilots")
        missing = [spec for spec in launch.trials if spec.experiment == "learn"]
        assert {spec.candidate for spec in missing} == set(python)
        study = Study(tmp_path / "study")
        study.create()
        gate = {(candidate, lane): True for candidate in python for lane in LANES}
        measuring = method().measuring.model_copy(update={"trial_timeout_s": timeout_s})
        host = LocalHost(python, TrialLimits(timeout_s, MEMORY_LIMIT_MIB))
        quiet = QuietGate(method().quiet, 0.0, read=host.processor_time)
        rule = method().model_copy(update={"measuring": measuring})
        context = LaunchContext(host, rule, ignore, random.Random(1), quiet)
        run_launch(launch, missing, Logbook(lambda spec: spec.candidate, study.append_trials, gate), context)
        assert not psutil.Process().children(recursive=True), "a process was left behind"
        assert not list(temporary.iterdir()), "a scratch folder was left behind"
        return {record.spec.candidate: record for record in study.trials()}

    return run


@pytest.mark.parametrize(
    ("code", "outcome", "error"),
    [
        pytest.param("ctypes.string_at(0)", "crashed", "ended with signal SIGSEGV", id="crash"),
        pytest.param(
            "np.empty(2**62, np.uint8)",
            "out_of_memory",
            "Unable to allocate 4.00 EiB",
            id="MemoryError",
            marks=pytest.mark.long,
        ),
        pytest.param(
            "os.kill(os.getpid(), signal.SIGKILL)",
            "out_of_memory",
            "ended with signal SIGKILL",
            id="killed",
            marks=pytest.mark.long,
        ),
        pytest.param(
            """
            held = []
            while len(held) < 200:
                held.append(b"x" * (20 * 2**20))
                time.sleep(0.02)
            time.sleep(600)
            """,
            "out_of_memory",
            f"MiB, more than the {MEMORY_LIMIT_MIB} MiB a trial may take",
            id="memory, without an answer",
        ),
        pytest.param(
            """
            spoilt = {name: np.full_like(weight, np.nan) for name, weight in trial.initial_weights.items()}
            usual(channel, dataclasses.replace(trial, initial_weights=spoilt))
            """,
            "failed",
            "training has diverged",
            id="diverged training",
        ),
        pytest.param(
            """
            scores.score = lambda *_: (float("nan"), None)
            usual(channel, trial)
            """,
            "failed",
            "epoch_ended: epoch.metric is not a number (nan)",
            id="metric that is no number",
            marks=pytest.mark.long,
        ),
        pytest.param(
            "channel._replies.write('no JSON\\n'); channel._replies.flush(); time.sleep(600)",
            "crashed",
            "garbage in place of a reply: 'no JSON\\n'",
            id="reply that is no JSON",
            marks=pytest.mark.long,
        ),
    ],
)
def test_a_fault_in_one_trial_is_its_row_alone(learn_beside, code, outcome, error):
    records = learn_beside(code)
    assert records["pytorch"].outcome == outcome
    assert error in (records["pytorch"].error or "")
    assert records["pytorch"].result is None
    assert records["keras-torch"].outcome == "ok"


@pytest.mark.long
def test_a_trial_that_hangs_is_ended_and_its_row_says_so(learn_beside):
    records = learn_beside("time.sleep(600)", IMPATIENT_S)
    assert records["pytorch"].outcome == "timed_out"
    assert (records["pytorch"].error or "").startswith(f"no answer for {IMPATIENT_S:.0f} s")
    assert records["keras-torch"].outcome == "ok"


def test_what_a_library_prints_harms_nobody(learn_beside):
    records = learn_beside(
        """
        print("chatter from Python", flush=True)
        os.write(1, b'{"type": "done"} is chatter from C\\n')
        os.system("echo chatter from a child")
        usual(channel, trial)
        """
    )
    assert [record.outcome for record in records.values()] == ["ok", "ok"]


DAEMON = "import subprocess; print(subprocess.Popen(['sleep', '600'], start_new_session=True, stdout=2).pid)"


@pytest.mark.parametrize(
    ("ending", "outcome"), [("os._exit(3)", "crashed"), ("usual(channel, trial)", "ok")], ids=["crashed", "ok"]
)
@pytest.mark.long
def test_a_daemon_ends_with_the_trial_that_left_it(learn_beside, tmp_path, ending, outcome):
    """Its parent has ended, so that it is nobody's child; it has a session of its own, so that no group holds it."""
    number = tmp_path / "daemon"
    records = learn_beside(
        f"""
        done = subprocess.run([sys.executable, "-c", {DAEMON!r}], stdout=subprocess.PIPE, check=True)
        Path({str(number)!r}).write_bytes(done.stdout)
        {ending}
        """
    )
    assert records["pytorch"].outcome == outcome
    assert records["keras-torch"].outcome == "ok"
    daemon = int(number.read_text())
    assert not psutil.pid_exists(daemon) or psutil.Process(daemon).status() == psutil.STATUS_ZOMBIE
