"""What each test row takes from a score: the mean over rows is one minus the metric.

With them a difference of two scores can be told from the luck of the rows that happened to be held out.
"""

from __future__ import annotations

import numpy as np

from pilots.pilot import Array, Data, Task

#: At most so many are kept of a training; a sample that is spread evenly over the rows stands for more.
MOST = 2000
#: Kept are so many significant digits.
DIGITS = 4


def row_losses(task: Task, outputs: Array, y: Array) -> Array | None:
    """One number per row, shape (rows,), float64.

    For classes 1 where the answer is wrong and 0 where it is right. For values the squared error as a share of the mean
    square of the targets around their mean, over all outputs of a row; None where these are all the same.

    Args:
        task: what ``y`` holds.
        outputs: of the last layer, shape (rows, outputs).
        y: class numbers or values, shape (rows,); for generation the rows, shape (rows, outputs).
    """
    if task == "classification":
        return np.asarray(outputs.argmax(axis=1) != y, np.float64)
    targets = np.asarray(y, np.float64).reshape(len(y), -1)
    errors = np.square(targets - np.asarray(outputs, np.float64)).sum(axis=1)
    spread = float(np.square(targets - targets.mean(axis=0)).sum() / len(y))
    return np.divide(errors, spread) if spread > 0 else None


def kept(losses: Array | None, data: Data) -> tuple[tuple[float, ...] | None, int]:
    """What a record keeps of the losses of the test rows, and how many neighbouring rows each number stands for.

    Neighbouring rows of a series share values, so that their errors are no two draws: each stretch of as many rows as
    overlap becomes one number, its mean.
    """
    if losses is None:
        return None, 1
    together = data.overlap_rows + 1
    if together > 1:
        stretches = np.array_split(losses, max(1, len(losses) // together))
        losses = np.array([stretch.mean() for stretch in stretches])
    places = np.linspace(0, len(losses) - 1, min(MOST, len(losses))).astype(int)
    return tuple(float(f"{loss:.{DIGITS}g}") for loss in losses[places]), together
