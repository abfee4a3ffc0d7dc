"""``load``: how fast the framework's own data pipeline is, and how long training waits for it.

The same loop trains on batches that lie ready in memory, and on as many from the pipeline: what a step then takes
longer is what its data cost. That holds for a loop as for ``fit``, and counts what is prepared while an earlier step
runs as what it is: free, unless it takes cores away from the training.

Each stretch that is timed lies in the middle of an epoch of its own. During the steps before it the queues of workers
fill; during those after it they run dry. So no stretch begins with batches that were made while something else was
timed, nor does the start of workers count.
"""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np

from pilots.augmentation import augmentation_of, augmented, find_difference, random_draws
from pilots.channel import Channel
from pilots.experiments.opening import OpenedTrial
from pilots.idle_watch import IdleWatch
from pilots.pilot import Feed, Pilot, Pipeline
from pilots.pipeline_protocol import Load, PipelinesTimed
from pilots.results import LoadResult, PipelineLoad

#: Untimed steps at either end of an epoch: as many as PyTorch keeps ready with eight workers, two for each of them;
#: Keras keeps ten, whatever their number.
_AROUND = 16
_CHECKED_EPOCHS = 2
_CHECKED_BATCHES = 5

#: What is timed: training on ready batches, or with so many workers a pipeline alone or training fed by it.
_Source = tuple[Literal["ready", "alone", "fed"], int]


def run(channel: Channel, trial: OpenedTrial, command: Load) -> None:
    """Check both settings of the pipeline against the reference; if neither differs from it, time them."""
    pilot = trial.new_pilot()
    errors: dict[int, str] = {}
    for workers in (0, command.workers):
        try:
            difference = _check(pilot, trial, workers)
        except (OSError, RuntimeError) as error:
            if workers == 0:
                raise
            # No processes, or no memory to share with them: a finding about this machine, beside the default's times.
            errors[workers] = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
            continue
        if difference is not None:
            channel.send(PipelinesTimed(LoadResult("load", trial.recipe.batch_size, command.steps, (), (), difference)))
            return
    with IdleWatch(watched=False) as watch:
        watch.resume()
        result = _measure(pilot, trial, command, errors)
    channel.send(PipelinesTimed(replace(result, time=watch.use())))


def _check(pilot: Pilot, trial: OpenedTrial, workers: int) -> str | None:
    """What the pipeline does otherwise than the reference, which gets the same draws; row numbers are its labels."""
    batch_size = trial.recipe.batch_size
    # The last batch is half full, and must not come out.
    x = trial.data.x_train[: _CHECKED_BATCHES * batch_size + batch_size // 2]
    augmentation = augmentation_of(trial.data.x_train)
    draws = random_draws(augmentation, len(x), np.random.default_rng(trial.spec.seed))
    with closing(
        pilot.pipeline(x, np.arange(len(x)), augmentation, workers=workers, seed=trial.spec.seed, given=draws)
    ) as pipeline:
        epochs = [[pipeline.arrays(batch) for batch in pipeline.batches()] for _ in range(_CHECKED_EPOCHS)]
        difference = find_difference(epochs, augmented(x, draws, augmentation), batch_size)
        return difference and f"the data pipeline ({pipeline.setting}) is not the reference's: {difference}"


def _measure(pilot: Pilot, trial: OpenedTrial, command: Load, errors: Mapping[int, str]) -> LoadResult:
    rows = (command.steps + 2 * _AROUND) * trial.recipe.batch_size
    x = np.resize(trial.data.x_train, (rows, *trial.data.x_train.shape[1:]))
    y = np.resize(trial.data.y_train, rows)
    augmentation = augmentation_of(trial.data.x_train)
    draws = random_draws(augmentation, rows, np.random.default_rng(trial.spec.seed))
    with ExitStack() as stack:
        pipelines = {
            workers: stack.enter_context(
                closing(pilot.pipeline(x, y, augmentation, workers=workers, seed=trial.spec.seed))
            )
            for workers in (0, command.workers)
        }
        ready = pilot.from_memory(augmented(x, draws, augmentation), y)
        sources: dict[_Source, Callable[[], float]] = {("ready", 0): partial(_time_training, pilot, ready, command)}
        for workers, pipeline in pipelines.items():
            if workers not in errors:
                sources["alone", workers] = partial(_time_alone, pilot, pipeline, command)
                sources["fed", workers] = partial(_time_training, pilot, pipeline, command)
        seconds = time_in_rounds(sources, command, random.Random(trial.spec.seed))
        return LoadResult(
            kind="load",
            batch_size=trial.recipe.batch_size,
            steps=command.steps,
            ready_s=seconds["ready", 0],
            pipelines=tuple(
                PipelineLoad(
                    workers=workers,
                    setting=pipeline.setting,
                    alone_s=seconds.get(("alone", workers), ()),
                    fed_s=seconds.get(("fed", workers), ()),
                    error=errors.get(workers),
                )
                for workers, pipeline in pipelines.items()
            ),
        )


def time_in_rounds(
    sources: Mapping[_Source, Callable[[], float]], command: Load, rng: random.Random
) -> dict[_Source, tuple[float, ...]]:
    """Seconds of every source by round, in an order drawn anew for each; a warm-up before them does not count.

    The warm-up begins with the ready batches, from which Keras builds its model better than from a pipeline.
    """
    seconds: dict[_Source, list[float]] = {source: [] for source in sources}
    order = list(sources)
    started_at = time.perf_counter()
    for number in range(command.rounds + 1):
        if number > 1 and time.perf_counter() - started_at > command.limit_s:
            break
        for source in order:
            seconds[source].append(sources[source]())
        rng.shuffle(order)
    return {source: tuple(taken[1:]) for source, taken in seconds.items()}


def _time_training(pilot: Pilot, feed: Feed, command: Load) -> float:
    watch = Stopwatch(pilot.sync, command.steps)
    feed.train(watch)
    return watch.seconds


def _time_alone(pilot: Pilot, pipeline: Pipeline, command: Load) -> float:
    watch = Stopwatch(pilot.sync, command.steps)
    for _ in pipeline.batches():
        watch.before_step()
    return watch.seconds


class Stopwatch:
    """A pace that times ``steps`` steps in the middle of an epoch, up to the device having finished."""

    def __init__(self, sync: Callable[[], None], steps: int) -> None:
        self._sync = sync
        self._ends = (_AROUND, _AROUND + steps)
        self._seen = 0
        self._marks_s: list[float] = []

    def before_step(self) -> None:
        """Read the clock where the stretch begins and where it is over."""
        if self._seen in self._ends:
            self._sync()
            self._marks_s.append(time.perf_counter())
        self._seen += 1

    def after_epoch(self) -> None:
        """Nothing: an epoch's end is not timed."""

    @property
    def seconds(self) -> float:
        """What the stretch took, after the epoch."""
        start, end = self._marks_s
        return end - start
