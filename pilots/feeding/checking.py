"""The gate's check of how a candidate's training is fed, through the loop that is timed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pilots.feeding.judging import find_mistake, find_mistake_of_seed
from pilots.feeding.telling import BATCH_SIZE, Floats, telling_data, telling_pilot, watch_fit, watch_pipeline
from pilots.framework import Framework
from pilots.lanes import Tuning
from pilots.pilot import Data, Pilot, Recipe, Weights
from pilots.results import ParityCheck
from pilots.workload import Workload

_EPOCHS = 3
_SEED = 1
#: The first two steps of Adam are alike where the noise is; with other noise they differ by a fifth and more.
_SAME_STEP = 0.05
_SLOW = 1e-5

FED_RIGHT = "each row once an epoch, in an order and with draws of its own; training and evaluation apart"

#: Of a loop that was not looked at again: what was seen of this pilot is what its model draws, if it draws anything.
FED_ALIKE = "the loop feeds right, as was seen with another pilot of this run"
FED_ALIKE_WITH_DRAWS = f"{FED_ALIKE}; what this one draws differs from step to step"


def find_in_training(pilot: Pilot, data: Data, tuning: Tuning) -> str | None:
    """What is wrong with how ``fit`` feeds the model that tells of it; None where nothing is."""
    first = watch_fit(pilot, data, epochs=_EPOCHS, seed=_SEED)
    if mistake := find_mistake(first, precision=tuning.precision):
        return mistake
    # After the first: on JAX and PyTorch, Keras builds a model from a batch of its first epoch, which it draws anew.
    training, again = (watch_fit(pilot, data, epochs=1, seed=_SEED + 1) for _ in range(2))
    return find_mistake_of_seed(training, again, first, order_follows_seed=pilot.order_follows_seed)


def find_in_pipeline(pilot: Pilot, data: Data, tuning: Tuning) -> str | None:
    """Likewise for the pipeline for images, which leaves out what does not fill a batch, other rows in each epoch."""
    fed = watch_pipeline(pilot, data, epochs=_EPOCHS, seed=_SEED)
    mistake = find_mistake(fed, precision=tuning.precision, full_batches_alone=True)
    return mistake and f"the data pipeline: {mistake}"


def find_in_draws(pilot: Pilot, data: Data, start: Weights) -> str | None:
    """What is wrong with the noise that a model draws in ``fit``; None where nothing is.

    It trains on one row again and again, and so slowly that the first two steps differ by their noise alone.

    Args:
        pilot: built with :func:`slow`; it holds other weights afterwards.
        data: of its workload.
        start: weights it can begin from.
    """
    for batches, epochs, when in ((_EPOCHS, 1, "at every step"), (1, _EPOCHS, "in every epoch")):
        rows = np.zeros(batches * BATCH_SIZE, np.int64)
        pilot.set_weights(start)
        pace = _WeightsPace(pilot)
        pilot.fit(data.x_train[rows], data.y_train[rows], epochs=epochs, seed=_SEED, pace=pace)
        if pace.largest_change() < _SAME_STEP:
            return f"what is drawn does not differ from step to step: the same noise {when}"
    return None


class _WeightsPace:
    """Keeps the weights before each step and after the last."""

    def __init__(self, pilot: Pilot) -> None:
        self._pilot = pilot
        self._seen: list[Floats] = []

    def before_step(self) -> None:
        """Keep them."""
        self._pilot.sync()
        weights = self._pilot.weights()
        self._seen.append(np.concatenate([weights[name].reshape(-1) for name in sorted(weights)]).astype(np.float64))

    def after_epoch(self) -> None:
        """Nothing: the next step begins with the same weights."""

    def largest_change(self) -> float:
        """How much the second step differs from the first, as a share of the first."""
        first, second = (after - before for before, after in zip(self._seen, self._seen[1:], strict=False))
        return float(np.linalg.norm(second - first) / np.linalg.norm(first))


def slow(recipe: Recipe) -> Recipe:
    """The same training in steps that change next to nothing, on small batches, where noise shows most."""
    return replace(recipe, learning_rate=_SLOW, batch_size=BATCH_SIZE)


def check_feeding(
    framework: Framework,
    workload: Workload,
    data: Data,
    start: Weights,
    recipe: Recipe,
    tuning: Tuning,
    *,
    loop_known: bool = False,
) -> ParityCheck:
    """Whether the candidate's training is fed as it has to be.

    Args:
        framework: of the candidate.
        workload: that is about to be compared.
        data: of that workload.
        start: weights its model can begin from.
        recipe: of the workload.
        tuning: the lane.
        loop_known: the loop was seen to feed right with another pilot, so that only what this pilot draws is checked.
    """
    mistake = None
    if not loop_known:
        told = telling_data(tuning)
        telling = telling_pilot(framework, told, tuning)
        mistake = find_in_training(telling, told, tuning) or find_in_pipeline(telling, told, tuning)
    if mistake is None and data.noise:
        mistake = find_in_draws(framework.build(workload, data, slow(recipe), tuning), data, start)
    seen = FED_RIGHT if not loop_known else FED_ALIKE_WITH_DRAWS if data.noise else FED_ALIKE
    return ParityCheck(
        name="feeding",
        passed=mistake is None,
        worst=0.0 if mistake is None else 2.0,
        rtol=0.0,
        atol=0.0,
        detail=mistake or seen,
    )
