"""What every framework checks before it takes weights or data over, and words that all of them use."""

from __future__ import annotations

from collections.abc import Mapping

from pilots.pilot import Weights

#: What every adapter calls the order of its rows in its settings, by whether it follows the seed.
ROW_ORDERS = {True: "follows the seed", False: "drawn anew"}


def check_weights(weights: Weights, own_shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Compare names and shapes in canonical layout.

    Raises:
        ValueError: they differ; it names the first weight that does.
    """
    given = {name: tuple(array.shape) for name, array in weights.items()}
    for name in sorted(given.keys() | own_shapes.keys()):
        if given.get(name) != own_shapes.get(name):
            raise ValueError(
                f"weight {name}: given {given.get(name, 'nothing')}, the model has {own_shapes.get(name, 'none')}"
            )


def check_one_batch(rows: int, batch_size: int) -> None:
    """Training on full batches needs the rows of a full batch.

    Raises:
        ValueError: there are fewer rows than one batch holds.
    """
    if rows < batch_size:
        raise ValueError(f"{rows} training rows do not fill one batch of {batch_size}")
