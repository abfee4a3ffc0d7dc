"""Validation rows: taken from the training rows, they choose the epoch whose score counts. Test rows choose nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pilots.pilot import Array, Data

#: Of the training rows, unless ``workload.toml`` says otherwise: within the tenth to the fifth that is usual, and so
#: that the smallest of our data sets keeps some seventy rows to choose by.
SHARE = 0.15
#: With fewer rows, one row more or less is five points of accuracy or more: they would choose by chance.
FEWEST = 20


def held_back(data: Data, share: float, seed: int) -> Data:
    """The same data with a share of its training rows held back as validation rows.

    The same rows whoever asks. Of classes each gives its share, and none its only row. Of a series the last rows are
    held back, and as many before them are left out as share values with them. Both parts were scaled by what all of
    these rows tell, which shows no candidate more than another.

    Data that bring validation rows of their own stay as they are, and so do those of which fewer than :data:`FEWEST`
    would be held back.

    Args:
        data: as its ``data.py`` gives it.
        share: of the training rows.
        seed: by which rows are drawn.
    """
    rows = len(data.x_train)
    held = round(share * (rows - data.overlap_rows))
    if data.x_valid is not None or held < FEWEST:
        return data
    if data.overlap_rows:
        valid: Array = np.arange(rows - held, rows)
        kept: Array = np.arange(rows - held - data.overlap_rows)
    else:
        valid = _drawn(data, held, seed)
        kept = np.setdiff1d(np.arange(rows), valid)
    return replace(
        data,
        x_train=data.x_train[kept],
        y_train=data.y_train[kept],
        x_valid=data.x_train[valid],
        y_valid=data.y_train[valid],
    )


def _drawn(data: Data, held: int, seed: int) -> Array:
    """Row numbers in ascending order: every so many rows of all, sorted by class and by chance within a class."""
    rows = len(data.x_train)
    chance = np.random.default_rng(seed).random(rows)
    classes = np.asarray(data.y_train) if data.task == "classification" else np.zeros(rows, np.int64)
    by_class = np.lexsort((chance, classes))
    valid = by_class[((np.arange(held) + 0.5) * rows / held).astype(int)]
    _, of_class, members = np.unique(classes, return_inverse=True, return_counts=True)
    ordered: Array = np.sort(valid[members[of_class[valid]] > 1])
    return ordered
