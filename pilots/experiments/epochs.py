"""``epochs``: what the end of an epoch costs, through the loop that the race times, at epochs of several lengths.

The race repeats rows until an epoch is long, and takes medians, so that what happens between epochs falls out of it;
the epochs of ``learn`` are as short as the pilot's data. Here rows are repeated until an epoch lasts as long as asked
for, and the stretch from ``edge_steps`` steps before its end to as many after is timed, the device having finished at
both. What it takes longer than stretches of as many steps within epochs is the end's. The steps around the end are in
it because a device may still be working on them while the next epoch begins, and because whatever makes batches ahead
runs dry at an end and fills up after it.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass

import numpy as np

from pilots import processor_use
from pilots.channel import Channel
from pilots.epoch_protocol import EpochsTrained, TrainEpochs
from pilots.epoch_records import EpochEnd, EpochsOfLength, EpochsResult
from pilots.experiments.opening import OpenedTrial
from pilots.idle_watch import IdleWatch
from pilots.pilot import Array, Pilot, StopTraining
from pilots.processor_use import Reading

#: Steps of the first training, in which everything is compiled, and those of the second, which tells a step's time.
_COMPILING_STEPS = 4
_MOST_TRIED_STEPS = 64
_TRIED_S = 0.5
#: Steps at either side of an end; fewer where an epoch has fewer than six times as many.
_EDGE_STEPS = 8
#: Stretches that are timed within an epoch.
_MOST_STRETCHES = 20


def run(channel: Channel, trial: OpenedTrial, command: TrainEpochs) -> None:
    """Train a new model in epochs of every length that time leaves."""
    pilot = trial.new_pilot()
    batch_size = trial.recipe.batch_size
    tried_s = _try(pilot, trial, _COMPILING_STEPS)
    step_s = _try(pilot, trial, min(_MOST_TRIED_STEPS, max(_COMPILING_STEPS, round(_TRIED_S / tried_s))))
    wanted = list(zip(command.lengths_s, command.ends, strict=False))
    until_s = time.perf_counter() + command.limit_s
    found: list[EpochsOfLength] = []
    with IdleWatch(watched=trial.framework.device() == "cpu") as watch:
        for number, (length_s, ends) in enumerate(wanted):
            x, y = rows_of(trial.data.x_train, trial.data.y_train, batch_size, length_s / step_s, command.most_bytes)
            last = number + 1 == len(wanted)
            pace = EpochsPace(pilot, len(x) // batch_size, ends, until_s=until_s, leaves=last)
            watch.resume()
            with suppress(StopTraining):
                # The last end lies before the last epoch.
                pilot.fit(x, y, epochs=ends + 1, seed=trial.spec.seed, pace=pace)
            watch.pause()
            if pace.has_ends:
                found.append(pace.result(length_s))
                step_s = found[-1].step_s
            # Keras on JAX does not go on with a model whose training was left.
            if pace.was_left:
                break
    channel.send(EpochsTrained(EpochsResult("epochs", batch_size, tuple(found), watch.use())))


def rows_of(x: Array, y: Array, batch_size: int, steps: float, most_bytes: int = 2**28) -> tuple[Array, Array]:
    """Rows repeated to so many full batches, three at least, bounded by memory."""
    affordable = most_bytes // (x[:1].nbytes * batch_size)
    batches = max(3, min(round(steps), affordable))
    rows = np.resize(np.arange(len(x)), batches * batch_size)
    return x[rows], y[rows]


def _try(pilot: Pilot, trial: OpenedTrial, steps: int) -> float:
    """Seconds of a step, by a training of one epoch."""
    x, y = rows_of(trial.data.x_train, trial.data.y_train, trial.recipe.batch_size, steps)
    pace = _TriedSteps(pilot)
    pilot.fit(x, y, epochs=1, seed=trial.spec.seed, pace=pace)
    return float(np.median(np.diff(pace.at_s)))


class _TriedSteps:
    """A pace that reads the clock before each step, when the device has finished the previous step."""

    def __init__(self, pilot: Pilot) -> None:
        self._pilot = pilot
        self.at_s: list[float] = []

    def before_step(self) -> None:
        """Read the clock."""
        self._pilot.sync()
        self.at_s.append(time.perf_counter())

    def after_epoch(self) -> None:
        """Nothing: the last step is not timed."""


@dataclass(frozen=True)
class _Stretch:
    """So many steps, and what they took: on the clock, of the processor, and of waiting for it."""

    steps: int
    seconds: float
    processor_s: float
    run_delay_s: float | None


@dataclass(frozen=True)
class _Mark:
    """A moment at which the device had finished, by the step of the epoch.

    Reading how long threads stood ready takes a while: the clocks are read before it for the stretch that is over, and
    after it for the stretch that begins.
    """

    step: int
    over: tuple[float, float]
    reading: Reading
    begins: tuple[float, float]

    @classmethod
    def now(cls, step: int) -> _Mark:
        """Read all of it."""
        over = time.perf_counter(), time.process_time()
        reading = processor_use.read()
        return cls(step, over, reading, (time.perf_counter(), time.process_time()))

    def until(self, end: _Mark, steps: int) -> _Stretch:
        """What lies between two moments."""
        use = self.reading.until(end.reading)
        return _Stretch(steps, end.over[0] - self.begins[0], end.over[1] - self.begins[1], use.run_delay_s)


class EpochsPace:
    """Times stretches around the ends of epochs of ``steps`` steps, at least three, and equal stretches within epochs.

    It leaves the training at ``until_s`` on the clock; and, if it ``leaves``, as soon as the last of ``ends`` is over.
    """

    def __init__(self, pilot: Pilot, steps: int, ends: int, *, until_s: float, leaves: bool) -> None:
        self._pilot = pilot
        self._steps = steps
        self._wanted = ends
        self._until_s = until_s
        self._leaves = leaves
        self._edge = max(1, min(_EDGE_STEPS, steps // 6))
        stretches = max(1, (steps - 2 * self._edge) // (2 * self._edge))
        starts = range(self._edge, self._edge + 2 * self._edge * stretches, 2 * self._edge)
        starts = starts[:: -(-stretches // _MOST_STRETCHES)]
        # By the number of steps that the epoch has had.
        self._starts = frozenset(starts)
        self._stops = frozenset(min(start + 2 * self._edge, steps - 1) for start in starts)
        self._marked = self._starts | self._stops | {self._edge, steps - self._edge}
        self._step = 0
        self._started: _Mark | None = None
        self._before_end: _Mark | None = None
        self._after_end: _Mark | None = None
        self._within: list[_Stretch] = []
        self._across: list[_Stretch] = []
        self._epochs_s: list[float] = []
        self.was_left = False

    def before_step(self) -> None:
        """Read the clocks where a stretch begins or is over.

        Raises:
            StopTraining: see above.
        """
        if self._step in self._marked:
            self._pilot.sync()
            self._take(_Mark.now(self._step))
        self._step += 1

    def after_epoch(self) -> None:
        """The next step is the first of an epoch.

        Raises:
            ValueError: the epoch had another number of steps than its rows make.
        """
        if self._step != self._steps:
            raise ValueError(f"an epoch had {self._step} steps, where its rows make {self._steps}")
        self._step = 0

    @property
    def has_ends(self) -> bool:
        """Whether anything was timed to the end."""
        return bool(self._across and self._within)

    def result(self, wanted_s: float) -> EpochsOfLength:
        """What each end took, what its steps take subtracted; there must be ends."""
        step_s = float(np.median([stretch.seconds / stretch.steps for stretch in self._within]))
        step_processor_s = float(np.median([stretch.processor_s / stretch.steps for stretch in self._within]))
        return EpochsOfLength(
            wanted_s=wanted_s,
            steps=self._steps,
            edge_steps=self._edge,
            step_s=step_s,
            step_processor_s=step_processor_s,
            epochs_s=tuple(self._epochs_s),
            ends=tuple(
                EpochEnd(
                    seconds=stretch.seconds - stretch.steps * step_s,
                    processor_s=stretch.processor_s - stretch.steps * step_processor_s,
                    run_delay_s=stretch.run_delay_s,
                )
                for stretch in self._across
            ),
        )

    def _take(self, mark: _Mark) -> None:
        step = self._step
        if step in self._stops and self._started is not None:
            self._within.append(self._started.until(mark, step - self._started.step))
            self._started = None
        if step == self._edge:
            if self._before_end is not None:
                self._across.append(self._before_end.until(mark, 2 * self._edge))
            if self._after_end is not None:
                self._epochs_s.append(mark.over[0] - self._after_end.over[0])
            self._after_end = mark
        if mark.over[0] > self._until_s or (self._leaves and len(self._across) == self._wanted):
            self.was_left = True
            raise StopTraining
        if step in self._starts:
            self._started = mark
        if step == self._steps - self._edge:
            self._before_end = mark
