"""Rows for artifacts that take only so many at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pilots.pilot import Array


def in_batches(predict: Callable[[Array], Array], x: Array, batch_size: int | None) -> Array:
    """Outputs for any number of rows; ``batch_size`` is fixed in the artifact, or None where it takes any.

    The last batch is filled up with its last row, whose surplus outputs are dropped.
    """
    if batch_size is None or len(x) == batch_size:
        return predict(x)
    outputs = []
    for start in range(0, len(x), batch_size):
        rows = x[start : start + batch_size]
        missing = batch_size - len(rows)
        full = np.concatenate([rows, np.repeat(rows[-1:], missing, axis=0)]) if missing else rows
        outputs.append(predict(np.ascontiguousarray(full))[: len(rows)])
    return np.concatenate(outputs)
