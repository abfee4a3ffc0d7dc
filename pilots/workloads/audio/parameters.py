"""Names and shapes of the weights, which the three models share."""

from __future__ import annotations

from pilots.pilot import Shape
from pilots.workload import Parameters


def build(
    input_shape: tuple[int, int, int],
    outputs: int,
    *,
    filters: list[int],
    hidden: int,
    norm_momentum: float,
    norm_epsilon: float,
) -> Parameters:
    """Two convolutions of 3 x 3 with batch normalisation, a pooling of 4 x 4, two dense layers."""
    height, width, channels = input_shape
    shapes: dict[str, Shape] = {}
    for number, (inputs, units) in enumerate(zip((channels, filters[0]), filters, strict=True), start=1):
        shapes[f"conv_{number}/kernel"] = (3, 3, inputs, units)
        for variable in ("gamma", "beta", "moving_mean", "moving_variance"):
            shapes[f"norm_{number}/{variable}"] = (units,)
    pooled = (height // 4, width // 4, filters[1])
    flat = pooled[0] * pooled[1] * pooled[2]
    for layer, inputs, units in (("hidden", flat, hidden), ("output", hidden, outputs)):
        shapes[f"{layer}/kernel"] = (inputs, units)
        shapes[f"{layer}/bias"] = (units,)
    return Parameters(shapes=shapes, flattened={"hidden": pooled})
