"""``race``: the framework's own training loop, run in blocks of steps that the supervisor interleaves.

The loop is entered once and held inside its step hook between blocks, so that what is timed is the loop as its
users run it. The clock is read after the device has finished, at the ends of a block only.
"""

from __future__ import annotations

import time

import numpy as np

from pilots import processor_use
from pilots.channel import Channel
from pilots.experiments.opening import OpenedTrial
from pilots.pilot import Array, Pilot, StopTraining
from pilots.protocol import BlockDone, EndRace, RaceEnded, RunBlock, StartRace, WarmedUp
from pilots.results import Compilation

#: Rows are repeated until an epoch has this many steps: what an epoch costs besides its steps belongs to ``learn``,
#: on epochs of their true length, and would otherwise dominate a small data set.
_EPOCH_STEPS = 1000
_EPOCH_BYTES = 256 * 2**20
_ENDLESS_EPOCHS = 1_000_000


def run(channel: Channel, trial: OpenedTrial, command: StartRace) -> None:
    """Train until the supervisor ends the race.

    Raises:
        ValueError: the weights are no finite numbers any more, so that the times are those of another computation.
    """
    pilot = trial.new_pilot()
    x, y = repeat_rows(trial.data.x_train, trial.data.y_train, trial.recipe.batch_size)
    pace = RacePace(channel, pilot, command, trial.recipe.batch_size)
    try:
        pilot.fit(x, y, epochs=_ENDLESS_EPOCHS, seed=trial.spec.seed, pace=pace)
    except StopTraining:
        if not all(np.isfinite(array).all() for array in pilot.weights().values()):
            raise ValueError("the training diverged: there are weights that are no finite numbers") from None
        channel.send(RaceEnded(pace.compilation()))


def repeat_rows(x: Array, y: Array, batch_size: int) -> tuple[Array, Array]:
    """Rows repeated up to about ``_EPOCH_STEPS`` full batches, bounded by memory: all steps have the same work."""
    wanted = -(-_EPOCH_STEPS * batch_size // len(x))
    affordable = max(1, _EPOCH_BYTES // x.nbytes)
    batches = max(1, min(wanted, affordable)) * len(x) // batch_size
    repeated = np.arange(batches * batch_size) % len(x)
    return x[repeated], y[repeated]


class RacePace:
    """Warms up by itself, then runs the blocks it is sent."""

    def __init__(self, channel: Channel, pilot: Pilot, command: StartRace, batch_size: int) -> None:
        self._channel = channel
        self._pilot = pilot
        self._command = command
        self._batch_size = batch_size
        self._warmup_s: list[float] | None = []
        self._entered_at = time.perf_counter()
        self._mark = self._entered_at
        self._cpu_mark = 0.0
        self._use_mark = processor_use.read()
        self._block_steps = 0
        self._steps_left = 0
        self._started = False
        self._graphs_when_warm: int | None = 0

    def before_step(self) -> None:
        """Account for the step that has just ended; wait for the next block when this block is over."""
        if self._warmup_s is not None:
            self._warm_up(self._warmup_s)
        elif self._steps_left == 0:
            self._end_block()
        if self._warmup_s is None:
            self._steps_left -= 1

    def after_epoch(self) -> None:
        """Nothing: an epoch's end counts as part of the step before it."""

    def compilation(self) -> Compilation:
        """What the compiler did before and after the first block."""
        compiler = self._pilot.compiler()
        before, now = self._graphs_when_warm, compiler.graphs
        return Compilation(
            compiler=compiler.name,
            graphs=before,
            graphs_late=None if before is None or now is None else now - before,
            fall_backs=compiler.fall_backs,
        )

    def _warm_up(self, times_s: list[float]) -> None:
        if self._started:
            self._pilot.sync()
            now = time.perf_counter()
            times_s.append(now - self._mark)
            size, windows = self._command.window_steps, self._command.windows
            # The first step, with its compilation, never belongs to a window.
            steady = len(times_s) > 1 and is_steady(times_s[1:], size, windows)
            seconds = now - self._entered_at
            # Nor does it count against the limit: a block's length comes from the steps after it.
            over = len(times_s) > 1 and seconds - times_s[0] > self._command.limit_s
            if steady or over:
                self._channel.send(
                    WarmedUp(
                        first_step_s=times_s[0],
                        steps=len(times_s),
                        seconds=seconds,
                        steady=steady,
                        step_s=float(np.median(times_s[-size:])),
                        batch_size=self._batch_size,
                    )
                )
                self._warmup_s = None
                self._graphs_when_warm = self._pilot.compiler().graphs
                self._await_block()
                return
        self._started = True
        self._mark = time.perf_counter() if times_s else self._entered_at

    def _end_block(self) -> None:
        self._pilot.sync()
        seconds = time.perf_counter() - self._mark
        cpu_seconds = time.process_time() - self._cpu_mark
        use = self._use_mark.until(processor_use.read())
        self._channel.send(
            BlockDone(
                steps=self._block_steps,
                seconds=seconds,
                cpu_seconds=cpu_seconds,
                run_delay_s=use.run_delay_s,
                voluntary_switches=use.voluntary_switches,
                involuntary_switches=use.involuntary_switches,
            )
        )
        self._await_block()

    def _await_block(self) -> None:
        command = self._channel.receive()
        match command:
            case RunBlock():
                self._block_steps = self._steps_left = command.steps
                self._use_mark = processor_use.read()
                self._cpu_mark = time.process_time()
                self._mark = time.perf_counter()
            case EndRace() | None:
                raise StopTraining
            case _:
                raise ValueError(f"unexpected command {command.type} during a race")


def is_steady(times_s: list[float], size: int, windows: int) -> bool:
    """True when the last ``windows`` windows of ``size`` steps agree: each median within the others' quartiles."""
    if len(times_s) < size * windows:
        return False
    recent = np.asarray(times_s[-size * windows :]).reshape(windows, size)
    low, median, high = np.percentile(recent, [25, 50, 75], axis=1)
    return bool(np.all(low.max() <= median) and np.all(median <= high.min()))
