"""A training of the model that tells what it was fed, watched from the hook of the loop."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pilots import workload as workloads
from pilots.framework import Framework
from pilots.lanes import Tuning
from pilots.pilot import Array, Augmentation, Data, Draws, Pilot, Recipe, Weights
from pilots.workload import Split, Workload

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

#: So few rows that a training takes no time, and enough that no two shuffles give the same batches by chance.
CHANNELS = 32
BATCH_SIZE = 8
#: Rows of three full batches and a smaller batch; where each shape of a batch may take a compiler half a minute, of
#: four full batches: there the gate's count of steps tells as well that a smaller batch is not left out.
_ROWS, _ROWS_COMPILED = 29, 32
_RATE = 0.5
_EPSILON = 1e-3
_SEED = 20261201
_NOTHING = Augmentation(background=0.0)


@dataclass(frozen=True)
class Step:
    """What the running statistics told after a step.

    ``counts`` says how often each row was in the batch, shape (rows,), and ``drawn`` what dropout left of ones, the
    mean over the batch, shape (channels,). Both are None where the step left the statistics as they were.
    """

    counts: Counts | None
    drawn: Floats | None


@dataclass(frozen=True)
class Epoch:
    """The steps of an epoch; ``off`` is how far the predictions after it are from what they have to be, as a share of
    the largest, and ``moved`` whether predicting changed the weights."""

    steps: tuple[Step, ...]
    off: float
    moved: bool


class TellingPace:
    """Reads the running statistics between two steps, and predicts after an epoch, as the pilots do."""

    def __init__(self, pilot: Pilot, data: Data) -> None:
        self._pilot = pilot
        self._rows = len(data.x_train)
        self._x_test = data.x_test
        self._before: Weights | None = None
        self._steps: list[Step] = []
        self.epochs: list[Epoch] = []

    def before_step(self) -> None:
        """Look at what the step before has done."""
        self._look()

    def after_epoch(self) -> None:
        """Look at the last step, then at predictions."""
        weights = self._look()
        self._before = None
        expected = in_evaluation(weights, self._x_test)
        predicted = np.asarray(self._pilot.predict(self._x_test), np.float64)
        off = float(np.max(np.abs(predicted - expected)) / np.max(np.abs(expected)))
        after = self._pilot.weights()
        moved = any(not np.array_equal(after[name], array) for name, array in weights.items())
        self.epochs.append(Epoch(tuple(self._steps), off, moved))
        self._steps = []

    def _look(self) -> Weights:
        self._pilot.sync()
        weights = self._pilot.weights()
        if self._before is not None:
            self._steps.append(_step(self._before, weights, self._rows))
        self._before = weights
        return weights


def _step(before: Weights, after: Weights, rows: int) -> Step:
    statistics = ("rows/moving_mean", "drawn/moving_mean", "rows/moving_variance", "drawn/moving_variance")
    if all(np.array_equal(before[name], after[name]) for name in statistics):
        return Step(None, None)
    shares = np.asarray(after["rows/moving_mean"], np.float64)[:rows]
    # A row that came once is one part in the size of the batch; those that did not come are rounding.
    present = shares[shares > 0.5 / rows]
    size = round(1 / present.min()) if present.size else 0
    return Step(np.rint(shares * size).astype(np.int64), np.asarray(after["drawn/moving_mean"], np.float64))


def in_evaluation(weights: Weights, x: Array) -> Floats:
    """What the model has to give for images (rows, 1, 1, channels) in evaluation, from its weights; shape (rows, 1)."""

    def normalised(values: Floats, layer: str) -> Floats:
        gamma, beta, mean, variance = (
            np.asarray(weights[f"{layer}/{name}"], np.float64)
            for name in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        scaled: Floats = gamma * (values - mean) / np.sqrt(variance + _EPSILON) + beta
        return scaled

    flat = np.asarray(x.reshape(len(x), -1), np.float64)
    both = normalised(flat, "rows") + normalised(np.ones_like(flat), "drawn")
    kernel, bias = (np.asarray(weights[f"output/{name}"], np.float64) for name in ("kernel", "bias"))
    outputs: Floats = both @ kernel + bias
    return outputs


def telling_workload() -> Workload:
    """The model as a workload, which no study can choose."""
    return Workload(
        name="feeding",
        title="What a training is fed",
        summary="A model whose running statistics tell which rows it got.",
        problems=(),
        task="regression",
        source="rows that can be told apart",
        accepts=None,
        augment=False,
        split=Split(test_share=0.0, seed=_SEED),
        batch_size=BATCH_SIZE,
        learning_rate=1e-3,
        adam_epsilon=1e-7,
        epochs={},
        max_steps={},
        network="two normalisations",
        targets=(0.0, 1.0),
        model={"rate": _RATE, "epsilon": _EPSILON},
        folders=(Path(__file__).parent / "model",),
    )


def telling_data(tuning: Tuning) -> Data:
    """One image of one pixel for each row, all its channels 0 but its own."""
    rows = _ROWS_COMPILED if tuning.compiled else _ROWS
    x = np.eye(rows, CHANNELS, dtype=np.float32).reshape(rows, 1, 1, CHANNELS)
    y = np.random.default_rng(_SEED).normal(size=rows).astype(np.float32)
    return Data("regression", x, y, x[:BATCH_SIZE], y[:BATCH_SIZE], outputs=1)


def telling_pilot(framework: Framework, data: Data, tuning: Tuning) -> Pilot:
    """The model, built by the candidate's adapter as any other."""
    workload = telling_workload()
    recipe = Recipe(BATCH_SIZE, workload.learning_rate, workload.adam_epsilon, epochs=1)
    pilot = framework.build(workload, data, recipe, tuning)
    pilot.set_weights(workloads.initial_weights(workload, data, _SEED))
    return pilot


def watch_fit(pilot: Pilot, data: Data, *, epochs: int, seed: int) -> tuple[Epoch, ...]:
    """What ``fit`` feeds."""
    pace = TellingPace(pilot, data)
    pilot.fit(data.x_train, data.y_train, epochs=epochs, seed=seed, pace=pace)
    return tuple(pace.epochs)


def watch_pipeline(pilot: Pilot, data: Data, *, epochs: int, seed: int) -> tuple[Epoch, ...]:
    """What the pipeline for images feeds where it is told to change nothing about them."""
    rows = len(data.x_train)
    middle = np.full(rows, _NOTHING.shift, np.int64)
    nothing = Draws(middle, middle, np.zeros(rows, np.float32))
    pace = TellingPace(pilot, data)
    with closing(pilot.pipeline(data.x_train, data.y_train, _NOTHING, workers=0, seed=seed, given=nothing)) as pipeline:
        for _ in range(epochs):
            pipeline.train(pace)
    return tuple(pace.epochs)
