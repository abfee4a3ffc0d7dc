"""Names and shapes of the weights, which the three models share, and how wide an embedding is."""

from __future__ import annotations

from collections.abc import Sequence

from pilots.pilot import Shape
from pilots.workload import Parameters

_WIDEST = 16


def width_of(categories: int) -> int:
    """Features for a column of this many categories: half as many, a common first choice, within bounds."""
    return min(_WIDEST, (categories + 1) // 2)


def build(input_shape: Shape, outputs: int, *, hidden: list[int], categories: Sequence[int] = ()) -> Parameters:
    """Embeddings of the last columns, which number ``categories``, and three dense layers."""
    shapes: dict[str, Shape] = {}
    for place, count in enumerate(categories):
        shapes[f"categories_{place}/embeddings"] = (count, width_of(count))
    features = input_shape[0] - len(categories) + sum(map(width_of, categories))
    widths = (features, *hidden, outputs)
    for layer, inputs, units in zip(("hidden_1", "hidden_2", "output"), widths, widths[1:], strict=False):
        shapes[f"{layer}/kernel"] = (inputs, units)
        shapes[f"{layer}/bias"] = (units,)
    return Parameters(shapes=shapes, flattened={})
