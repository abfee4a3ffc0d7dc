"""The parity gate: no number is compared before the models have shown to be the same model.

Every candidate starts from the same weights, which are drawn here so that no variable can hide at a neutral value
(a BatchNorm with running mean 0 and variance 1 would pass with the wrong epsilon). What it computes from them is
captured, and compared with what the reference candidate computed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from pilots.pilot import Array, Data, Pilot, Recipe, Weights
from pilots.records import ParityCheck, ParityResult
from pilots.workload import Shape

STEPS = 10
_SEED = 20261120


@dataclass(frozen=True)
class Tolerance:
    """Passed where ``|a - b| <= atol + rtol * |b|``, b being the reference."""

    rtol: float
    atol: float


# float32 and the order of its sums alone make about 1e-6 here; these leave room for other kernels and devices.
FORWARD = Tolerance(rtol=1e-4, atol=1e-5)
# The same: a gradient that ought to be zero may be any rounding error below atol.
GRADIENTS = Tolerance(rtol=1e-4, atol=1e-5)
# Wider, for reasons that no setting removes: Adam turns a gradient into a step of about the learning rate whatever
# its size, so that rounding in small gradients grows; Keras scales epsilon otherwise; PyTorch's running variance is
# unbiased (n / (n - 1)). Together they stay near a tenth of this, while a wrong momentum or loss
# exceeds it many times over.
TRAINED = Tolerance(rtol=1e-3, atol=1e-3)

#: What "infinitely far off" (not a number, other shape) reads as, so that records stay plain JSON.
_FARTHEST = 1e9


@dataclass(frozen=True)
class Capture:
    """What one candidate computes from the reference weights.

    ``shapes`` of all weights; ``outputs`` of one batch in inference mode; ``gradients`` of its mean loss in training
    mode; ``losses`` before each of ten optimiser steps; ``trained_outputs`` of the first batch after them, again in
    inference mode, which is where running statistics show.
    """

    shapes: dict[str, Shape]
    outputs: Array
    gradients: dict[str, Array]
    losses: Array
    trained_outputs: Array


def capture(pilot: Pilot, data: Data, recipe: Recipe) -> Capture:
    """Let a pilot compute what is compared; it holds trained weights afterwards."""
    shapes = {name: array.shape for name, array in pilot.weights().items()}
    start = reference_weights(shapes)
    batches = _batches(data, recipe.batch_size)
    x, y = batches[0]
    pilot.set_weights(start)
    outputs = pilot.predict(x)
    gradients = pilot.gradients(x, y)
    # The pass above may have moved running statistics.
    pilot.set_weights(start)
    losses = np.array(pilot.train_on(batches))
    return Capture(shapes, outputs, gradients, losses, pilot.predict(x))


def reference_weights(shapes: Mapping[str, Shape]) -> Weights:
    """Weights from names and shapes alone, none of them neutral; scales and variances are positive."""
    generator = np.random.default_rng(_SEED)
    weights: dict[str, Array] = {}
    for name in sorted(shapes):
        shape, variable = shapes[name], name.rpartition("/")[2]
        if variable in ("gamma", "moving_variance"):
            values = generator.uniform(0.5, 1.5, shape)
        elif variable == "kernel":
            values = generator.normal(0.0, 1 / math.sqrt(math.prod(shape[:-1])), shape)
        else:
            values = generator.normal(0.0, 0.1, shape)
        weights[name] = values.astype(np.float32)
    return weights


def _batches(data: Data, batch_size: int) -> list[tuple[Array, Array]]:
    """Ten batches of training rows in order, starting over where there are fewer."""
    places = np.arange(STEPS * batch_size).reshape(STEPS, batch_size) % len(data.x_train)
    return [(data.x_train[rows], data.y_train[rows]) for rows in places]


def compare(captured: Capture, reference: Capture, reference_name: str) -> ParityResult:
    """Whether a candidate is the same model as the reference; after unequal shapes nothing else is compared."""
    checks = [_compare_shapes(captured.shapes, reference.shapes)]
    if checks[0].passed:
        checks += [
            _compare("forward", {"outputs": captured.outputs}, {"outputs": reference.outputs}, FORWARD),
            _compare("gradients", captured.gradients, reference.gradients, GRADIENTS),
            _compare("steps", _trained(captured), _trained(reference), TRAINED),
        ]
    return ParityResult(
        kind="parity",
        reference=reference_name,
        parameters=sum(gradient.size for gradient in captured.gradients.values()),
        passed=all(check.passed for check in checks),
        checks=tuple(checks),
    )


def _trained(captured: Capture) -> dict[str, Array]:
    losses = {f"loss of step {step}": loss for step, loss in enumerate(captured.losses, start=1)}
    return {**losses, f"outputs after {STEPS} steps": captured.trained_outputs}


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


def _compare(
    name: Literal["forward", "gradients", "steps"],
    own: Mapping[str, Array],
    reference: Mapping[str, Array],
    tolerance: Tolerance,
) -> ParityCheck:
    errors = {
        part: _error(own[part], reference[part], tolerance) if part in own and part in reference else _FARTHEST
        for part in (*reference, *(own.keys() - reference.keys()))
    }
    part, worst = max(errors.items(), key=lambda item: item[1])
    passed = worst <= 1
    how = "agree; the largest error is" if passed else "differ; the first to look at is"
    return ParityCheck(
        name=name,
        passed=passed,
        worst=worst,
        rtol=tolerance.rtol,
        atol=tolerance.atol,
        detail=f"{how} {part}, {worst:.3g} of what is tolerated",
    )


def _error(own: Array, reference: Array, tolerance: Tolerance) -> float:
    """The largest error in units of its tolerance."""
    if np.shape(own) != np.shape(reference) or not (np.isfinite(own).all() and np.isfinite(reference).all()):
        return _FARTHEST
    expected = np.asarray(reference, np.float64)
    error = np.abs(np.asarray(own, np.float64) - expected) / (tolerance.atol + tolerance.rtol * np.abs(expected))
    return min(float(np.max(error)), _FARTHEST)


def save(captured: Capture, path: Path) -> None:
    """Keep a capture for the other candidates, as plain arrays."""
    arrays: dict[str, Any] = {
        "outputs": captured.outputs,
        "losses": captured.losses,
        "trained_outputs": captured.trained_outputs,
        **{f"shape:{name}": np.array(shape, np.int64) for name, shape in captured.shapes.items()},
        **{f"gradient:{name}": gradient for name, gradient in captured.gradients.items()},
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
            shapes={name: tuple(map(int, array)) for name, array in _group(file, "shape:").items()},
            outputs=file["outputs"],
            gradients=_group(file, "gradient:"),
            losses=file["losses"],
            trained_outputs=file["trained_outputs"],
        )


def _group(file: Mapping[str, Array], prefix: str) -> dict[str, Array]:
    return {name.removeprefix(prefix): file[name] for name in file if name.startswith(prefix)}
