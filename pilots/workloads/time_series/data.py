"""A chaotic series: the Mackey-Glass equation, the usual benchmark of forecasting with recurrent networks."""

from __future__ import annotations

import numpy as np

from pilots.pilot import Array, Data
from pilots.records import DataSource
from pilots.workload import Split

#: With this delay the equation is mildly chaotic, and forecasts of 84 ahead are what papers compare.
DELAY, HORIZON = 17, 84
#: Inputs are values of the past, this far apart (Lapedes and Farber, 1987, use four of them, 6 apart).
INPUTS, SPACING = 16, 6
VALUES = 4000
_STEPS_PER_VALUE = 10
_TRANSIENT = 500


def mackey_glass(values: int) -> Array:
    """Values at t = 0, 1, 2, ... of dx/dt = 0.2 x(t - 17) / (1 + x(t - 17)^10) - 0.1 x, shape (values,), float64.

    Method: M. C. Mackey and L. Glass, Oscillation and chaos in physiological control systems, Science 197, 1977; fourth
    order Runge-Kutta steps of 0.1, between which the delayed value is taken as the mean of its two neighbours.
    """
    step = 1 / _STEPS_PER_VALUE
    delay = DELAY * _STEPS_PER_VALUE
    history = [1.2] * (delay + 1)
    for _ in range((_TRANSIENT + values) * _STEPS_PER_VALUE):
        now, then, next_then = history[-1], history[-1 - delay], history[-delay]
        first = _slope(now, then)
        middle = (then + next_then) / 2
        second = _slope(now + step / 2 * first, middle)
        third = _slope(now + step / 2 * second, middle)
        fourth = _slope(now + step * third, next_then)
        history.append(now + step / 6 * (first + 2 * second + 2 * third + fourth))
    return np.array(history[-values * _STEPS_PER_VALUE :: _STEPS_PER_VALUE])


def _slope(now: float, then: float) -> float:
    # By products, which give the same on every machine; powers need not.
    square = then * then
    tenth = square * square * square * square * square
    return 0.2 * then / (1 + tenth) - 0.1 * now


def read(source: DataSource | None, split: Split) -> Data:
    """Windows (rows, 16, 1) and the value 84 after each, the last part of the series held out.

    Between the two parts as many windows are left out as would show a test row's past or future to training. Inputs
    and targets are scaled by what the training rows alone tell.
    """
    series = mackey_glass(VALUES)
    reach = (INPUTS - 1) * SPACING
    ends = np.arange(reach, VALUES - HORIZON)
    windows = series[ends[:, np.newaxis] - np.arange(reach, -1, -SPACING)][..., np.newaxis]
    targets = series[ends + HORIZON]
    gap = reach + HORIZON
    tested = round(split.test_share * (len(ends) - gap))
    x_train, x_test = windows[: -tested - gap], windows[-tested:]
    y_train, y_test = targets[: -tested - gap], targets[-tested:]
    return Data(
        task="regression",
        x_train=_scaled(x_train, x_train),
        y_train=_scaled(y_train, y_train),
        x_test=_scaled(x_test, x_train),
        y_test=_scaled(y_test, y_train),
        outputs=1,
    )


def _scaled(part: Array, training: Array) -> Array:
    scaled: Array = ((part - training.mean()) / training.std()).astype(np.float32)
    return scaled
