"""The ends of epochs: what is timed where; and a training that stands still is caught, with the line it waits in."""

from __future__ import annotations

import shutil
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.measuring.analysis.epoch_ends import epoch_ends, idlings
from advisor.measuring.running.supervisor import TrialLimits, TrialProcess, trial_environment
from advisor.method import method
from pilots.epoch_protocol import EpochsTrained, TrainEpochs
from pilots.epoch_records import EpochsResult
from pilots.experiments.epochs import EpochsPace, rows_of
from pilots.idle_watch import IdleWatch
from pilots.pilot import StopTraining
from pilots.protocol import Learn, Learned, Open, Opened
from pilots.records import Result, TrialRecord, TrialSpec
from pilots.results import LearnResult

PLANTED = Path(__file__).with_name("sleeping_loader.py")


class Synced:
    """A pilot that only counts how often the device is waited for."""

    def __init__(self) -> None:
        self.times = 0

    def sync(self) -> None:
        self.times += 1


def trained(steps: int, ends: int, *, leaves: bool, until_s: float = float("inf")) -> tuple[EpochsPace, int]:
    """A loop of ``ends + 1`` epochs that computes nothing; how many steps it came to."""
    pace = EpochsPace(Synced(), steps, ends, until_s=until_s, leaves=leaves)
    came_to = 0
    try:
        for _ in range(ends + 1):
            for _ in range(steps):
                pace.before_step()
                came_to += 1
            pace.after_epoch()
    except StopTraining:
        assert pace.was_left
    return pace, came_to


@given(st.integers(3, 400), st.integers(1, 4), st.booleans())
def test_every_end_is_timed_once_however_long_the_epoch(steps, ends, leaves):
    pace, came_to = trained(steps, ends, leaves=leaves)
    result = pace.result(1.0)
    assert len(result.ends) == ends
    assert result.steps == steps
    assert 1 <= result.edge_steps <= 8
    assert 2 * result.edge_steps < steps
    # Whoever is free to leave does so at the last end; nobody else is stopped.
    whole = (ends + 1) * steps
    assert came_to == (ends * steps + result.edge_steps if leaves else whole)
    assert len(result.epochs_s) == ends
    assert result.step_s >= 0


def test_a_training_is_left_when_time_is_up():
    pace, came_to = trained(100, 3, leaves=False, until_s=time.perf_counter())
    assert pace.was_left
    assert not pace.has_ends
    assert came_to < 100


def test_an_epoch_of_another_length_is_refused():
    pace = EpochsPace(Synced(), 10, 1, until_s=float("inf"), leaves=True)
    pace.before_step()
    with pytest.raises(ValueError, match="had 1 steps, where its rows make 10"):
        pace.after_epoch()


@given(st.integers(1, 200), st.integers(1, 32), st.floats(0.1, 300))
def test_rows_fill_whole_batches(rows, batch, steps):
    x = np.arange(rows, dtype=np.float32)[:, None]
    long_x, long_y = rows_of(x, np.arange(rows), batch, steps)
    assert len(long_x) == len(long_y) == max(3, round(steps)) * batch
    np.testing.assert_array_equal(long_x[:, 0], long_y)  # every row kept its label


def test_memory_bounds_the_rows():
    x = np.zeros((4, 1000), np.float32)
    long_x, _ = rows_of(x, np.zeros(4), 2, 1000, most_bytes=80_000)
    assert long_x.shape == (20, 1000)


def test_a_thread_that_sleeps_is_idle_and_the_line_is_told():
    with IdleWatch() as watch:
        time.sleep(0.5)  # before the beginning: counts for nothing
        watch.resume()
        time.sleep(0.5)
        watch.pause()
        time.sleep(0.5)
    use = watch.use()
    assert use.idle_s == pytest.approx(use.wall_s, rel=0.5)
    assert use.wall_s < 1.4
    (wait,) = (one for one in use.waits if one.seconds > 0.25)
    here = next(number for number, line in enumerate(Path(__file__).read_text().splitlines(), 1) if "resume()" in line)
    assert wait.stack[0] == f"test_epochs.py:{here + 1} test_a_thread_that_sleeps_is_idle_and_the_line_is_told"


def test_a_thread_that_works_is_not_idle():
    with IdleWatch() as watch:
        watch.resume()
        end = time.process_time() + 0.3
        while time.process_time() < end:
            pass
    use = watch.use()
    assert use.processor_s >= 0.3
    assert use.idle_s == 0
    assert use.waits == ()


def test_what_is_shorter_than_a_look_is_not_seen():
    """Or a training that is timed in many short stretches would seem to idle between them."""
    with IdleWatch() as watch:
        for _ in range(20):
            watch.resume()
            time.sleep(0.005)
            watch.pause()
    assert all(wait.seconds >= 0.02 * wait.times for wait in watch.use().waits)


def test_no_folder_of_a_user_is_told():
    space: dict[str, Any] = {}
    file = "/home/site-packages/somebody/lib/python3.11/site-packages/package/module.py"
    exec(compile("import time\ndef wait(): time.sleep(0.3)", file, "exec"), space)
    with IdleWatch() as watch:
        watch.resume()
        space["wait"]()
        watch.pause()
    assert "package/module.py:2 wait" in {wait.stack[0] for wait in watch.use().waits}


def test_nobody_looks_where_nobody_is_to():
    with IdleWatch(watched=False) as watch:
        watch.resume()
    assert watch.use().idle_s is None


def planted(candidate: str, sleeps: str, folder: Path, command: TrainEpochs) -> tuple[EpochsResult, LearnResult | None]:
    """A trial process of its own, whose loader sleeps; it trains to quality as well where that has whole epochs."""
    shutil.copy(PLANTED, folder / "sitecustomize.py")
    environment = trial_environment(1) | {"PYTHONPATH": str(folder), "SLEEPS": sleeps}
    with closing(TrialProcess(sys.executable, environment, TrialLimits(300, 100_000))) as trial:
        trial.request(Open(spec_of(candidate)), Opened)
        found = trial.request(command, EpochsTrained).result
        learned = trial.request(Learn(), Learned, lambda _: None).result if sleeps == "epoch" else None
    return found, learned


def spec_of(candidate: str) -> TrialSpec:
    return TrialSpec("epochs", "tabular", "smoke", candidate, "default", seed=0, launch=0, threads=1)


def record(candidate: str, result: Result) -> TrialRecord:
    return TrialRecord("key", spec_of(candidate), "ok", "2026-12-01T00:00:00+00:00", 1.0, None, result)


@pytest.mark.parametrize("candidate", ["pytorch", pytest.param("keras-torch", marks=pytest.mark.long)])
def test_a_loader_that_sleeps_between_epochs_is_found(candidate, tmp_path):
    found, learned = planted(candidate, "epoch", tmp_path, TrainEpochs((0.1,), (2,), limit_s=20))
    (ends,) = epoch_ends([record(candidate, found)], method().measuring)
    # On a busy machine the steps around an end may take so much longer that it does not look idle any more.
    assert 1 <= ends.idle <= ends.ends == 2
    assert ends.idle_s > 0.5
    assert learned is not None
    for result in (found, learned):
        (idling,) = idlings([record(candidate, result)])
        assert idling.share > 0.2
        assert "sitecustomize.py" in idling.places[0].stack[0]
        assert idling.places[0].stack[0].endswith(" sleep")


@pytest.mark.parametrize("candidate", ["pytorch", pytest.param("keras-torch", marks=pytest.mark.long)])
@pytest.mark.long
def test_a_loader_that_sleeps_once_in_fifty_steps_is_found(candidate, tmp_path):
    found, _ = planted(candidate, "step", tmp_path, TrainEpochs((2.0,), (1,), limit_s=6))
    (idling,) = idlings([record(candidate, found)])
    assert idling.idle_s > 0.5
    assert idling.places[0].stack[0].endswith(" sleep")
