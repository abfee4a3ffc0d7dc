"""The augmentation of images: a plain reference, and the check that a pipeline does just that.

Each framework draws and computes it in its own idiom (``pilots/frameworks/*_pipeline.py``). It consists of small shifts
and changes of brightness, because they leave a digit the digit it is; flips would not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np

from pilots.pilot import Array, Augmentation, Draws

#: One sum in float32: anything further off is another computation.
_RTOL = _ATOL = 1e-5

Batches = Iterable[tuple[Array, Array]]


def augmentation_of(images: Array) -> Augmentation:
    """That of a workload's images: the darkest pixel is their background."""
    return Augmentation(background=float(images.min()))


def random_draws(augmentation: Augmentation, rows: int, generator: np.random.Generator) -> Draws:
    """As the augmentation wants them drawn, for so many rows."""
    top, left = generator.integers(2 * augmentation.shift + 1, size=(2, rows))
    brightness = generator.uniform(-augmentation.brightness, augmentation.brightness, rows)
    return Draws(top, left, brightness.astype(np.float32))


def augmented(images: Array, draws: Draws, augmentation: Augmentation) -> Array:
    """The reference: image after image (rows, height, width, channels), as plainly as it can be written."""
    height, width, channels = images.shape[1:]
    edge = augmentation.shift
    results = np.empty_like(images)
    for row, image in enumerate(images):
        canvas = np.full((height + 2 * edge, width + 2 * edge, channels), augmentation.background, images.dtype)
        canvas[edge : edge + height, edge : edge + width] = image
        top, left = draws.top[row], draws.left[row]
        results[row] = canvas[top : top + height, left : left + width] + draws.brightness[row]
    return results


def find_difference(epochs: Sequence[Batches], expected: Array, batch_size: int) -> str | None:
    """What a pipeline does otherwise than the reference, in words; None where it does the same.

    Args:
        epochs: batches in canonical layout, at least two epochs. Their labels are row numbers, so that they tell which
            image had to come out, and with which draws.
        expected: what the reference makes of each row with the draws that the pipeline was given.
        batch_size: rows of a full batch.
    """
    orders = []
    for batches in epochs:
        seen = []
        for x, rows in batches:
            if difference := _find_in_batch(x, rows, expected, batch_size):
                return difference
            seen.append(rows)
        full = len(expected) // batch_size
        if len(seen) != full:
            return f"an epoch has {len(seen)} batches, where {len(expected)} rows fill {full}"
        order = np.concatenate(seen)
        if repeated := len(order) - len(np.unique(order)):
            return f"in an epoch {repeated} rows come more than once"
        orders.append(order)
    if any(np.array_equal(before, after) for before, after in pairwise(orders)):
        return "rows are not shuffled anew: two epochs have the same order"
    return None


def _find_in_batch(x: Array, rows: Array, expected: Array, batch_size: int) -> str | None:
    if x.shape != (batch_size, *expected.shape[1:]) or rows.shape != (batch_size,):
        return (
            f"a batch has images of shape {x.shape} and labels of shape {rows.shape}, where {batch_size} rows fill one"
        )
    if not np.isin(rows, np.arange(len(expected))).all():
        return "there are labels that no image was given"
    wanted = expected[rows]
    if np.allclose(x, wanted, rtol=_RTOL, atol=_ATOL):
        return None
    worst = np.max(np.abs(np.asarray(x, np.float64) - wanted))
    return f"images are augmented otherwise, or not those of their labels: they differ by up to {worst:.3g}"
