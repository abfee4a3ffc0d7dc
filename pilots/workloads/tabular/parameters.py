"""Names and shapes of the weights, which the three models share."""

from __future__ import annotations

from pilots.pilot import Shape
from pilots.workload import Parameters


def build(input_shape: Shape, outputs: int, *, hidden: list[int]) -> Parameters:
    """Three dense layers."""
    widths = (*input_shape, *hidden, outputs)
    shapes: dict[str, Shape] = {}
    for layer, inputs, units in zip(("hidden_1", "hidden_2", "output"), widths, widths[1:], strict=False):
        shapes[f"{layer}/kernel"] = (inputs, units)
        shapes[f"{layer}/bias"] = (units,)
    return Parameters(shapes=shapes, flattened={})
