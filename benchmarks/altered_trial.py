"""A trial process with something planted in it, for benchmarks that must know the truth.

    python altered_trial.py PILOTS_MAIN worker

``ADVISOR_PLANTED_SLOWDOWN=0.05`` makes every training step take 5 % longer. ``ADVISOR_EPOCH_STEPS=64`` sets the
length of an epoch in a race, to compare with a loop that has epochs of this length. ``ADVISOR_NO_AUTOTUNE=1`` turns
the autotuning of every ``tf.data`` set off, whoever made it. ``ADVISOR_WATCH_IDLING=1`` lets the thread that looks for
an idle processor run in every other block of a race, the second, the fourth and so on.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

from pilots import worker
from pilots.experiments import race
from pilots.idle_watch import IdleWatch


def slow_down(share: float) -> None:
    """Let the hook before each step wait for a share of the time since the hook last returned."""
    before_step = race.RacePace.before_step
    returned_at: float | None = None

    def slowed(pace: race.RacePace) -> None:
        nonlocal returned_at
        now = time.perf_counter()
        if returned_at is not None:
            until = now + share * (now - returned_at)
            while time.perf_counter() < until:
                pass
        before_step(pace)
        returned_at = time.perf_counter()

    race.RacePace.before_step = slowed  # type: ignore[method-assign, assignment]


def no_autotune() -> None:
    """Let every dataset that is iterated over do so without autotuning."""
    import tensorflow as tf

    begin = tf.data.Dataset.__iter__

    def begin_untuned(dataset: tf.data.Dataset) -> Iterator[Any]:
        options = tf.data.Options()
        options.autotune.enabled = False
        batches: Iterator[Any] = begin(dataset.with_options(options))
        return batches

    tf.data.Dataset.__iter__ = begin_untuned


def watch_every_other_block() -> None:
    """Start the thread before the clock of a block is read, and end it after the block was told."""
    await_block = race.RacePace._await_block
    watches: list[IdleWatch] = []
    number = itertools.count()

    def awaited(pace: race.RacePace) -> None:
        while watches:
            watches.pop().__exit__(None, None, None)
        await_block(pace)
        if next(number) % 2:
            watches.append(IdleWatch().__enter__())
            watches[0].resume()
            pace._cpu_mark, pace._mark = time.process_time(), time.perf_counter()

    race.RacePace._await_block = awaited  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    if "ADVISOR_WATCH_IDLING" in os.environ:
        watch_every_other_block()
    if "ADVISOR_NO_AUTOTUNE" in os.environ:
        no_autotune()
    if "ADVISOR_PLANTED_SLOWDOWN" in os.environ:
        slow_down(float(os.environ["ADVISOR_PLANTED_SLOWDOWN"]))
    if "ADVISOR_EPOCH_STEPS" in os.environ:
        race._EPOCH_STEPS = int(os.environ["ADVISOR_EPOCH_STEPS"])
    sys.exit(worker.main())
