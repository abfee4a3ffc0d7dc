"""Names and shapes of the weights, which the three models share."""

from __future__ import annotations

from pilots.pilot import Shape
from pilots.workload import Parameters


def build(
    input_shape: tuple[int, int, int], outputs: int, *, filters: list[int], norm_momentum: float, norm_epsilon: float
) -> Parameters:
    """A convolution, two residual blocks of which the second halves the image, a dense layer on the mean of pixels."""
    channels = input_shape[-1]
    narrow, wide = filters
    convolutions = (
        ("stem", 3, channels, narrow),
        ("block_1_first", 3, narrow, narrow),
        ("block_1_second", 3, narrow, narrow),
        ("block_2_first", 3, narrow, wide),
        ("block_2_second", 3, wide, wide),
        ("block_2_shortcut", 1, narrow, wide),
    )
    shapes: dict[str, Shape] = {}
    for layer, size, inputs, units in convolutions:
        shapes[f"{layer}_conv/kernel"] = (size, size, inputs, units)
        for variable in ("gamma", "beta", "moving_mean", "moving_variance"):
            shapes[f"{layer}_norm/{variable}"] = (units,)
    shapes["output/kernel"] = (wide, outputs)
    shapes["output/bias"] = (outputs,)
    return Parameters(shapes=shapes, flattened={})
