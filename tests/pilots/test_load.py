"""Data pipelines, each candidate's for real. Run as a script, this file is one candidate's trial process."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from advisor.measuring.running.supervisor import TrialLimits, TrialProcess, trial_environment
from pilots import workload as workloads
from pilots.augmentation import augmentation_of, augmented, find_difference, random_draws
from pilots.experiments import load
from pilots.experiments.load import Stopwatch
from pilots.frameworks import load_framework
from pilots.lanes import DEFAULT
from pilots.pilot import Array, Augmentation, Pilot
from pilots.pipeline_protocol import Load, PipelinesTimed
from pilots.protocol import Open, Opened, encode
from pilots.records import TrialSpec
from pilots.results import LoadResult

CANDIDATES = ("pytorch", "keras-torch", "keras-tensorflow", "keras-jax", "tensorflow")
FOREIGN = {
    "pytorch": {"tensorflow", "keras", "jax"},
    "keras-torch": {"tensorflow"},
    "keras-tensorflow": {"torch"},
    "keras-jax": {"torch", "tensorflow"},
    "tensorflow": {"torch"},
}
WORKERS = 2
STEPS, ROUNDS = 3, 2
BROKEN_SPAWN = """
import multiprocessing.popen_spawn_posix as spawn
def refuse(self, process):
    raise OSError("no more processes")
spawn.Popen._launch = refuse
"""


@dataclass(frozen=True)
class Shown:
    """What one setting of a pipeline showed in a trial process."""

    setting: str
    difference: str | None
    with_other_edge: str | None
    with_shifted_labels: str | None
    strays: int
    corners: list[list[int]]
    darkest: float
    brightest: float
    orders_differ: bool
    steps: int
    epochs: int
    weights_moved: bool


class CountingPace:
    """Counts."""

    def __init__(self) -> None:
        self.steps = 0
        self.epochs = 0

    def before_step(self) -> None:
        self.steps += 1

    def after_epoch(self) -> None:
        self.epochs += 1


def look_at(pilot: Pilot, x: Array, y: Array, batch_size: int, workers: int) -> Shown:
    """One setting with given draws, with mistakes, with draws of its own, and in training."""
    augmentation = augmentation_of(x)
    draws = random_draws(augmentation, len(x), np.random.default_rng(5))
    expected = augmented(x, draws, augmentation)
    rows = np.arange(len(x))

    def epochs(labels: Array, **changes) -> list[list[tuple[Array, Array]]]:
        arguments = {"augmentation": augmentation, "workers": workers, "seed": 1} | changes
        with closing(pilot.pipeline(x, labels, **arguments)) as pipeline:
            return [[pipeline.arrays(batch) for batch in pipeline.batches()] for _ in range(2)]

    other_edge = Augmentation(background=augmentation.background + 1)
    strays, corners, brightness, orders = 0, set(), [], []
    for epoch in epochs(rows):
        orders.append(np.concatenate([labels for _, labels in epoch]))
        for images, labels in epoch:
            for image, row in zip(images, labels, strict=True):
                found = undone(image, x[row], augmentation)
                strays += found is None
                if found is not None:
                    corners.add(found[:2])
                    brightness.append(found[2])
    before = pilot.weights()
    pace = CountingPace()
    with closing(pilot.pipeline(x, y, augmentation, workers=workers, seed=1)) as pipeline:
        pipeline.train(pace)
        setting = pipeline.setting
    pilot.sync()
    after = pilot.weights()
    return Shown(
        setting=setting,
        difference=find_difference(epochs(rows, given=draws), expected, batch_size),
        with_other_edge=find_difference(epochs(rows, given=draws, augmentation=other_edge), expected, batch_size),
        with_shifted_labels=find_difference(epochs(np.roll(rows, 1), given=draws), expected, batch_size),
        strays=strays,
        corners=sorted([int(top), int(left)] for top, left in corners),
        darkest=float(min(brightness)),
        brightest=float(max(brightness)),
        orders_differ=not np.array_equal(*orders),
        steps=pace.steps,
        epochs=pace.epochs,
        weights_moved=any((before[name] != after[name]).any() for name in before),
    )


def undone(image: Array, original: Array, augmentation: Augmentation) -> tuple[int, int, float] | None:
    """Top, left and brightness by which this image came of the original; None if it did not."""
    height, width = original.shape[:2]
    edge = (augmentation.shift, augmentation.shift)
    padded = np.pad(original, (edge, edge, (0, 0)), constant_values=augmentation.background)
    for top in range(2 * augmentation.shift + 1):
        for left in range(2 * augmentation.shift + 1):
            added = image - padded[top : top + height, left : left + width]
            if np.ptp(added) < 1e-5:
                return top, left, float(added.mean())
    return None


def main(candidate: str, report: Path) -> None:
    """Look at both settings of a candidate's pipeline."""
    framework = load_framework(candidate)
    framework.configure(threads=1, device="cpu")
    workload = workloads.load("vision")
    data = workloads.read_data(workload, None)
    recipe = workload.recipe("smoke", len(data.x_train))
    pilot = framework.build(workload, data, recipe, DEFAULT)
    rows = 5 * recipe.batch_size + 7
    x, y = data.x_train[:rows], data.y_train[:rows]
    pace = CountingPace()
    pilot.from_memory(x, y).train(pace)  # Keras builds its model here
    shown = {workers: asdict(look_at(pilot, x, y, recipe.batch_size, workers)) for workers in (0, WORKERS)}
    modules = sorted({name.partition(".")[0] for name in sys.modules})
    report.write_text(json.dumps({"shown": shown, "ready_steps": pace.steps, "modules": modules}))


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory):
    """The report of a candidate; its process runs once."""

    @cache
    def report(candidate: str) -> dict:
        path = tmp_path_factory.mktemp(candidate) / "report.json"
        done = subprocess.run(
            [sys.executable, __file__, candidate, str(path)],
            env={**os.environ, **trial_environment(1)},
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(path.read_text())

    return report


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.long) for name in CANDIDATES])
def candidate(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=(0, WORKERS))
def shown(request: pytest.FixtureRequest, reports, candidate: str) -> Shown:
    return Shown(**reports(candidate)["shown"][str(request.param)])


def test_it_does_what_the_reference_does(shown: Shown) -> None:
    assert shown.difference is None


def test_another_edge_and_shifted_labels_are_found(shown: Shown) -> None:
    assert "augmented otherwise" in (shown.with_other_edge or "")
    assert "not those of their labels" in (shown.with_shifted_labels or "")


def test_what_it_draws_itself_is_what_the_augmentation_wants(shown: Shown) -> None:
    assert shown.strays == 0
    assert shown.corners == [[top, left] for top in range(3) for left in range(3)]
    limit = Augmentation(0.0).brightness
    assert -limit - 1e-4 <= shown.darkest < -0.9 * limit
    assert 0.9 * limit < shown.brightest <= limit + 1e-4
    assert shown.orders_differ


def test_it_trains_on_an_epoch_of_full_batches(shown: Shown) -> None:
    assert (shown.steps, shown.epochs, shown.weights_moved) == (5, 1, True)


def test_ready_batches_are_full_too(reports, candidate: str) -> None:
    assert reports(candidate)["ready_steps"] == 5


def test_workers_are_what_was_asked_for(reports, candidate: str) -> None:
    default, several = (Shown(**reports(candidate)["shown"][workers]).setting for workers in ("0", str(WORKERS)))
    assert default != several
    assert several.endswith("2 processes" if candidate == "pytorch" else "2 threads")


def test_it_imports_no_other_framework(reports, candidate: str) -> None:
    assert not set(reports(candidate)["modules"]) & FOREIGN[candidate]


def spec_of(candidate: str) -> TrialSpec:
    return TrialSpec("load", "vision", "smoke", candidate, "default", seed=3, launch=0, threads=1)


def children(trial: TrialProcess) -> list[psutil.Process]:
    """What the trial has started, but for the process in which Python keeps track of shared memory."""
    found = psutil.Process(trial.pid).children(recursive=True)
    return [process for process in found if "resource_tracker" not in " ".join(process.cmdline())]


def runs(process: psutil.Process) -> bool:
    """Whether it is there and does not merely wait to be collected."""
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def wait_until(condition: Callable[[], bool]) -> bool:
    """Wait for the state; the limit only keeps a failing test from hanging."""
    deadline = time.monotonic() + 120
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.1)
    return condition()


@pytest.mark.long
def test_both_settings_are_timed_and_no_worker_stays(candidate: str) -> None:
    with closing(TrialProcess(sys.executable, trial_environment(1), TrialLimits(300, 100_000))) as trial:
        trial.request(Open(spec_of(candidate)), Opened)
        result = trial.request(Load(STEPS, ROUNDS, WORKERS, limit_s=300), PipelinesTimed).result
        assert not children(trial)
    assert (result.batch_size, result.steps, result.difference) == (64, STEPS, None)
    assert [pipeline.workers for pipeline in result.pipelines] == [0, WORKERS]
    assert [pipeline.error for pipeline in result.pipelines] == [None, None]
    times = [result.ready_s, *[seconds for each in result.pipelines for seconds in (each.alone_s, each.fed_s)]]
    assert all(len(seconds) == ROUNDS and min(seconds) > 0 for seconds in times)


@pytest.mark.long
def test_where_no_process_can_be_started_the_default_is_timed_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(BROKEN_SPAWN, encoding="utf-8")
    environment = trial_environment(1) | {"PYTHONPATH": str(tmp_path)}
    with closing(TrialProcess(sys.executable, environment, TrialLimits(300, 100_000))) as trial:
        trial.request(Open(spec_of("pytorch")), Opened)
        default, several = trial.request(Load(STEPS, ROUNDS, WORKERS, limit_s=300), PipelinesTimed).result.pipelines
    assert (default.error, len(default.alone_s), len(default.fed_s)) == (None, ROUNDS, ROUNDS)
    assert (several.error, several.alone_s, several.fed_s) == ("OSError: no more processes", (), ())
    assert several.setting == "num_workers=2: 2 processes"


@pytest.mark.long
@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
@pytest.mark.parametrize("closed", [True, False], ids=["by its supervisor", "by somebody else"])
def test_workers_end_with_a_trial_that_is_killed(closed: bool) -> None:
    with closing(TrialProcess(sys.executable, trial_environment(1), TrialLimits(300, 100_000))) as trial:
        trial.request(Open(spec_of("pytorch")), Opened)
        trial._commands.write(encode(Load(STEPS, 100_000, WORKERS, limit_s=300)))  # nobody waits for the reply
        trial._commands.flush()
        assert wait_until(lambda: len(children(trial)) == WORKERS)
        workers = children(trial)
        if closed:
            trial.close()
        else:
            os.kill(trial.pid, signal.SIGKILL)
        assert wait_until(lambda: not any(map(runs, workers)))


class Recorded:
    """A channel that keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[PipelinesTimed] = []

    def send(self, reply: PipelinesTimed) -> None:
        self.sent.append(reply)


class Untouched:
    """A pilot whose pipeline keeps the images as they are, and which must never be trained."""

    setting = "as it comes"

    def pipeline(self, x, y, augmentation, *, workers, seed, given=None):
        self._batches = [(x[start : start + 64], y[start : start + 64]) for start in range(0, 320, 64)]
        return self

    def batches(self):
        return self._batches

    def arrays(self, batch):
        return batch

    def close(self) -> None:
        pass

    def train(self, pace):
        raise AssertionError("a pipeline that does something else was timed")

    from_memory = train


def test_a_pipeline_that_does_something_else_is_never_timed() -> None:
    data = workloads.read_data(workloads.load("vision"), None)
    trial = SimpleNamespace(
        new_pilot=Untouched, data=data, recipe=SimpleNamespace(batch_size=64), spec=SimpleNamespace(seed=0)
    )
    channel = Recorded()
    load.run(channel, trial, Load(STEPS, ROUNDS, WORKERS, limit_s=300))
    (reply,) = channel.sent
    assert isinstance(reply.result, LoadResult)
    assert (reply.result.ready_s, reply.result.pipelines) == ((), ())
    assert (reply.result.difference or "").startswith(
        "the data pipeline (as it comes) is not the reference's: images are augmented otherwise"
    )


def test_the_watch_runs_in_the_middle_of_an_epoch() -> None:
    synced_after: list[int] = []
    seen = 0
    watch = Stopwatch(lambda: synced_after.append(seen), steps=10)
    for _ in range(10 + 2 * 16):
        watch.before_step()
        seen += 1
    watch.after_epoch()
    assert synced_after == [16, 26]
    assert watch.seconds > 0


@pytest.mark.parametrize(("limit_s", "counted"), [(1e6, 5), (0, 1)])
def test_rounds_end_when_time_is_up_but_one_is_always_made(limit_s: float, counted: int) -> None:
    made: list[str] = []
    sources = {
        ("ready", 0): lambda: made.append("ready") or float(len(made)),
        ("fed", 0): lambda: made.append("fed") or float(len(made)),
    }
    seconds = load.time_in_rounds(sources, Load(STEPS, 5, WORKERS, limit_s), random.Random(1))
    assert made[0] == "ready"
    assert [len(taken) for taken in seconds.values()] == [counted] * 2
    assert min(min(taken) for taken in seconds.values()) > 2  # the first round has warmed up


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
