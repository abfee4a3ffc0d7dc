"""The parity gate: no number is compared before the models have shown to be the same model.

Every candidate starts from the same weights, which are drawn here so that no variable can hide at a neutral value
(a BatchNorm with running mean 0 and variance 1 would pass with the wrong epsilon). What it computes from them is
captured, and compared with what the reference candidate computed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from pilots.lanes import Precision
from pilots.pilot import Array, Data, Pilot, Recipe, Shape, Weights
from pilots.results import ParityCheck, ParityResult
from pilots.tolerances import TOLERANCES, Tolerance

STEPS = 10
_SEED = 20261120


#: Where a sum ends within rounding of zero, a ReLU is open in one framework and shut in the other, and the gradients
#: behind it jump: of five million places in a network on images of 32 x 32 pixels, up to a few do. How much that can
#: change is found out on the reference: every weight is moved by this share of itself, about thirty times the rounding
#: that two frameworks showed, and twice; three times the largest change in an array is tolerated in it besides.
#: Where nothing jumps, this comes to about a tenth of the tolerance above.
ROUNDING = 3e-6
_ROUNDINGS = 2
_ROUNDING_ALLOWANCE = 3.0

#: Of larger data about this many values are summarised.
_SUMMARISED = 100_000
_SAME_DATA = Tolerance(rtol=1e-4, atol=1e-4)
_SAME_NUMBER = Tolerance(rtol=0.0, atol=0.5)
#: What "infinitely far off" (not a number, other shape) reads as, so that records stay plain JSON.
_FARTHEST = 1e9


@dataclass(frozen=True)
class Capture:
    """What one candidate computes from the reference weights.

    ``data`` are numbers that tell whether two candidates read the same data; ``shapes`` of all weights; ``outputs`` of
    one batch in inference mode; ``gradients`` of its mean loss in training mode, and for each the largest change in it
    that moving all weights by about :data:`ROUNDING` made (``rounding``); ``losses`` before each of ten
    optimiser steps; ``trained_outputs`` of the first batch after them, in inference mode, where running statistics
    show; ``epoch_steps`` that ``fit`` takes over two and a half batches of rows (or what there is), which tells whether
    it leaves the last, smaller batch out.
    """

    data: Array
    shapes: dict[str, Shape]
    outputs: Array
    gradients: dict[str, Array]
    rounding: dict[str, float]
    losses: Array
    trained_outputs: Array
    epoch_steps: int


def capture(pilot: Pilot, data: Data, recipe: Recipe) -> Capture:
    """Let a pilot compute what is compared; it holds trained weights afterwards."""
    shapes = {name: array.shape for name, array in pilot.weights().items()}
    start = reference_weights(shapes)
    batches = _batches(data, recipe.batch_size)
    x, y = batches[0]
    pilot.set_weights(_with_small_variances(start))
    outputs = pilot.predict(x)
    pilot.set_weights(start)
    gradients = pilot.gradients(x, y)
    rounding = dict.fromkeys(gradients, 0.0)
    for moved in _moved(start):
        pilot.set_weights(moved)
        for name, gradient in pilot.gradients(x, y).items():
            rounding[name] = max(rounding[name], _largest_difference(gradient, gradients[name]))
    # The passes above may have moved running statistics.
    pilot.set_weights(start)
    losses = np.array(pilot.train_on(batches))
    trained_outputs = pilot.predict(x)
    # More than a row in the last batch: that of a single row has no variance to normalise by.
    rows = slice(2 * recipe.batch_size + max(2, recipe.batch_size // 2))
    epoch = _CountingHook()
    pilot.fit(data.x_train[rows], data.y_train[rows], epochs=1, seed=0, pace=epoch)
    return Capture(summary(data), shapes, outputs, gradients, rounding, losses, trained_outputs, epoch.steps)


def summary(data: Data) -> Array:
    """Size, mean, deviation and a weighted sum of each part; the same but for rounding where the data are the same."""
    numbers: list[float] = []
    for part in (data.x_train, data.y_train, data.x_valid, data.y_valid, data.x_test, data.y_test):
        if part is None:
            continue
        values = part.reshape(-1)[:: max(1, part.size // _SUMMARISED)].astype(np.float64)
        weights = np.random.default_rng(_SEED).normal(size=values.size) / math.sqrt(values.size)
        numbers += [part.size, float(values.mean()), float(values.std()), float(values @ weights)]
    return np.array(numbers)


class _CountingHook:
    def __init__(self) -> None:
        self.steps = 0

    def before_step(self) -> None:
        self.steps += 1

    def after_epoch(self) -> None:
        pass


def reference_weights(shapes: Mapping[str, Shape]) -> Weights:
    """Weights from names and shapes alone, none of them neutral; scales and variances are positive."""
    generator = np.random.default_rng(_SEED)
    weights: dict[str, Array] = {}
    for name in sorted(shapes):
        shape = shapes[name]
        match name.rpartition("/")[2]:
            case "gamma" | "moving_variance":
                values = generator.uniform(0.5, 1.5, shape)
            case "kernel" | "recurrent_kernel":
                values = generator.normal(0.0, 1 / math.sqrt(math.prod(shape[:-1])), shape)
            case "embeddings":
                values = generator.normal(0.0, 0.5, shape)
            case _:
                values = generator.normal(0.0, 0.1, shape)
        weights[name] = values.astype(np.float32)
    return weights


def _with_small_variances(weights: Weights) -> Weights:
    """The same model but for the epsilons that are added to running variances: beside small variances they weigh."""
    smaller = {"moving_variance": 0.01, "gamma": 0.1}
    changed = dict(weights)
    for name, array in weights.items():
        layer, _, variable = name.rpartition("/")
        if variable in smaller and f"{layer}/moving_variance" in weights:
            changed[name] = np.multiply(array, smaller[variable], dtype=np.float32)
    return changed


def _moved(weights: Weights) -> Iterator[Weights]:
    """The same weights but for rounding."""
    generator = np.random.default_rng(_SEED)
    for _ in range(_ROUNDINGS):
        yield {
            name: np.multiply(array, 1 + ROUNDING * generator.normal(size=array.shape), dtype=np.float32)
            for name, array in weights.items()
        }


def _largest_difference(own: Array, other: Array) -> float:
    return float(np.max(np.abs(np.subtract(own, other, dtype=np.float64)), initial=0.0))


def _batches(data: Data, batch_size: int) -> list[tuple[Array, Array]]:
    """Ten batches of training rows in order, starting over where there are fewer; each with what it is to give, or
    with the noise that a training step would draw."""
    places = np.arange(STEPS * batch_size).reshape(STEPS, batch_size) % len(data.x_train)
    if data.noise:
        noise = np.random.default_rng(_SEED).normal(size=(STEPS, batch_size, data.noise)).astype(np.float32)
        return [(data.x_train[rows], drawn) for rows, drawn in zip(places, noise, strict=True)]
    return [(data.x_train[rows], data.y_train[rows]) for rows in places]


def compare(
    captured: Capture, reference: Capture, reference_name: str, precision: Precision = "float32"
) -> ParityResult:
    """Whether a candidate is the same model as the reference; after other data or unequal shapes nothing is compared.

    Args:
        captured: what the candidate computed.
        reference: what the reference candidate computed from the same weights.
        reference_name: its name.
        precision: that of the candidate's products, which says what is tolerated.
    """
    tolerated = TOLERANCES[precision]
    checks = [compare_data(captured.data, reference.data), _compare_shapes(captured.shapes, reference.shapes)]
    if all(check.passed for check in checks):
        names = (*reference.gradients, *(captured.gradients.keys() - reference.gradients.keys()))
        gradients = [
            _error(
                name,
                captured.gradients.get(name),
                reference.gradients.get(name),
                tolerated.gradients,
                _ROUNDING_ALLOWANCE * reference.rounding.get(name, 0.0),
            )
            for name in names
        ]
        trained = [
            _error("losses", captured.losses, reference.losses, tolerated.losses),
            _error(
                f"outputs after {STEPS} steps", captured.trained_outputs, reference.trained_outputs, tolerated.trained
            ),
            _error("steps in an epoch", np.array(captured.epoch_steps), np.array(reference.epoch_steps), _SAME_NUMBER),
        ]
        checks += [
            _check("forward", [_error("outputs", captured.outputs, reference.outputs, tolerated.forward)]),
            _check("gradients", gradients),
            _check("steps", trained),
        ]
    return ParityResult(
        kind="parity",
        reference=reference_name,
        parameters=sum(gradient.size for gradient in captured.gradients.values()),
        passed=all(check.passed for check in checks),
        checks=tuple(checks),
    )


def compare_data(own: Array, reference: Array) -> ParityCheck:
    """Of two summaries: what comes with Python or a package may differ where a candidate has another environment."""
    worst = _error("data", own, reference, _SAME_DATA).worst
    return ParityCheck(
        name="data",
        passed=worst <= 1,
        worst=worst,
        rtol=_SAME_DATA.rtol,
        atol=_SAME_DATA.atol,
        detail="the same data" if worst <= 1 else "other data than the reference's: do their environments differ?",
    )


def _compare_shapes(own: Mapping[str, Shape], reference: Mapping[str, Shape]) -> ParityCheck:
    different = [
        f"{name} is {own.get(name, 'missing')}, in the reference {reference.get(name, 'missing')}"
        for name in sorted(own.keys() | reference.keys())
        if own.get(name) != reference.get(name)
    ]
    return ParityCheck(
        name="shapes",
        passed=not different,
        worst=float(len(different)) * 2,
        rtol=0.0,
        atol=0.0,
        detail="; ".join(different) or f"{len(own)} weights of the same shapes",
    )


@dataclass(frozen=True)
class _Error:
    """How far one part is off: ``worst`` in units of its tolerance, to which ``rounding`` is added."""

    part: str
    worst: float
    tolerance: Tolerance
    rounding: float


def _check(name: Literal["forward", "gradients", "steps"], errors: Sequence[_Error]) -> ParityCheck:
    """The part that is furthest off speaks for all; what was tolerated is what was tolerated of it."""
    largest = max(errors, key=lambda error: error.worst)
    passed = largest.worst <= 1
    how = "agree; the largest error is" if passed else "differ; the first to look at is"
    measure = "the root mean square of " if largest.tolerance.whole else ""
    return ParityCheck(
        name=name,
        passed=passed,
        worst=largest.worst,
        rtol=largest.tolerance.rtol,
        atol=largest.tolerance.atol,
        rounding=largest.rounding,
        detail=f"{how} {measure}{largest.part}, {largest.worst:.3g} of what is tolerated",
    )


def _error(
    part: str, own: Array | None, reference: Array | None, tolerance: Tolerance, rounding: float = 0.0
) -> _Error:
    """The largest error of a part; what is missing, of another shape or not a number is as far off as can be."""
    worst = _FARTHEST
    if own is not None and reference is not None and np.shape(own) == np.shape(reference):
        expected = np.asarray(reference, np.float64)
        error = np.asarray(own, np.float64) - expected
        if np.isfinite(error).all():
            size = _root_mean_square if tolerance.whole else np.abs
            tolerated = tolerance.atol + tolerance.rtol * size(expected) + rounding
            worst = min(float(np.max(size(error) / tolerated)), _FARTHEST)
    return _Error(part, worst, tolerance, rounding)


def _root_mean_square(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.asarray(np.sqrt(np.mean(np.square(values))))


def save(captured: Capture, path: Path) -> None:
    """Keep a capture for the other candidates, as plain arrays."""
    arrays: dict[str, Any] = {
        "data": captured.data,
        "outputs": captured.outputs,
        "losses": captured.losses,
        "trained_outputs": captured.trained_outputs,
        "epoch_steps": np.array(captured.epoch_steps),
        **{f"shape:{name}": np.array(shape, np.int64) for name, shape in captured.shapes.items()},
        **{f"gradient:{name}": gradient for name, gradient in captured.gradients.items()},
        **{f"rounding:{name}": np.array(change) for name, change in captured.rounding.items()},
    }
    with path.open("wb") as file:
        np.savez(file, **arrays)


def load(path: Path) -> Capture:
    """Read a capture; nothing in the file is executed.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no capture.
    """
    with np.load(path, allow_pickle=False) as file:
        return Capture(
            data=file["data"],
            shapes={name: tuple(map(int, array)) for name, array in _group(file, "shape:").items()},
            outputs=file["outputs"],
            gradients=_group(file, "gradient:"),
            rounding={name: float(change) for name, change in _group(file, "rounding:").items()},
            losses=file["losses"],
            trained_outputs=file["trained_outputs"],
            epoch_steps=int(file["epoch_steps"]),
        )


def _group(file: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    return {name.removeprefix(prefix): file[name] for name in file if name.startswith(prefix)}
