"""A series cut into rows: past values, and a later value to forecast."""

from __future__ import annotations

import numpy as np

from pilots.pilot import Array, Data
from pilots.workload import Split


def forecast_data(
    series: Array,
    target: Array,
    *,
    inputs: int,
    spacing: int,
    horizon: int,
    split: Split,
    changes: bool = False,
) -> Data:
    """Windows (rows, inputs, channels) of past values, and the target's value ``horizon`` after each.

    The last rows are held out. Between the two parts as many are left out as would show a test row's past or future
    to training. Inputs and targets are scaled by what the training rows alone tell.

    Args:
        series: values (times, channels).
        target: values (times,), of which the later values are forecast.
        inputs: how many past values a window has.
        spacing: how far apart they are.
        horizon: how far ahead of the last of them the target lies.
        split: which share is held out.
        changes: whether all of it is told as the difference from the window's last value. A series that grows leaves
            the values that training has seen; its changes mostly do not.
    """
    reach = (inputs - 1) * spacing
    ends = np.arange(reach, len(series) - horizon)
    windows = series[ends[:, np.newaxis] - np.arange(reach, -1, -spacing)]
    targets = target[ends + horizon]
    if changes:
        windows, targets = np.subtract(windows, windows[:, -1:]), np.subtract(targets, target[ends])
    gap = reach + horizon
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
        overlap_rows=gap,
    )


def _scaled(part: Array, training: Array) -> Array:
    # A user's series may stand still until the part that is held out.
    scaled: Array = ((part - training.mean()) / (training.std() or 1.0)).astype(np.float32)
    return scaled
