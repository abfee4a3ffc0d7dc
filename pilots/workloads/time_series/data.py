"""A series: the Mackey-Glass equation, a usual benchmark of forecasting with recurrent networks, or the user's own."""

from __future__ import annotations

import numpy as np

from pilots import prepared
from pilots.pilot import Array, Data
from pilots.records import DataSource
from pilots.workload import Split
from pilots.workloads.time_series.windows import forecast_data

#: With this delay the equation is mildly chaotic, and forecasts of 84 ahead are what papers compare.
DELAY, HORIZON = 17, 84
#: Inputs are values of the past, this far apart (Lapedes and Farber, 1987, use four of them, 6 apart).
INPUTS, SPACING = 16, 6
VALUES = 4000
#: A series of the user's is forecast one step ahead from the values just before.
OWN_HORIZON, OWN_SPACING = 1, 1
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
    """Windows of 16 past values, one or more steps apart, and the value to forecast from each.

    The benchmark is forecast 84 steps ahead from values 6 steps apart; a series of the user's 1 step ahead from
    the last 16 values, all as the change from the last value.

    Raises:
        ValueError: the user's series cannot be read.
    """
    if source is None:
        series, spacing, horizon = mackey_glass(VALUES), SPACING, HORIZON
    else:
        series, spacing, horizon = prepared.series(source).values, OWN_SPACING, OWN_HORIZON
    return forecast_data(
        series[:, np.newaxis],
        series,
        inputs=INPUTS,
        spacing=spacing,
        horizon=horizon,
        split=split,
        changes=source is not None,
    )
