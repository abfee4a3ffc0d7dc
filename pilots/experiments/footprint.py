"""``footprint``: do the work whose memory the supervisor watches from outside. Nothing here is timed."""

from __future__ import annotations

import contextlib
import math

import numpy as np

from pilots.channel import Channel
from pilots.experiments.infer import LARGE_BATCH
from pilots.experiments.opening import OpenedTrial
from pilots.pilot import StopTraining
from pilots.protocol import Done, Predict, Train


def predict(channel: Channel, trial: OpenedTrial, command: Predict) -> None:
    """Predict large batches with a model that was never trained."""
    pilot = trial.new_pilot()
    rows = trial.data.x_test
    batch = np.resize(rows, (LARGE_BATCH, *rows.shape[1:]))
    for _ in range(command.calls):
        pilot.predict(batch)
    channel.send(Done())


def train(channel: Channel, trial: OpenedTrial, command: Train) -> None:
    """Train for a number of steps in the framework's own loop."""
    steps_per_epoch = math.ceil(len(trial.data.x_train) / trial.recipe.batch_size)
    epochs = -(-command.steps // steps_per_epoch)
    pilot = trial.new_pilot()
    pace = StopAfter(command.steps)
    with contextlib.suppress(StopTraining):
        pilot.fit(trial.data.x_train, trial.data.y_train, epochs=epochs, seed=trial.spec.seed, pace=pace)
    pilot.sync()
    channel.send(Done())


class StopAfter:
    """A pace that leaves the loop after a number of steps."""

    def __init__(self, steps: int) -> None:
        self._left = steps

    def before_step(self) -> None:
        """Count down."""
        if self._left == 0:
            raise StopTraining
        self._left -= 1

    def after_epoch(self) -> None:
        """Nothing: only steps count."""
