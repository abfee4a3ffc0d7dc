"""Names and shapes of the weights, which the three models share."""

from __future__ import annotations

from pilots.pilot import Shape
from pilots.workload import Parameters


def build(input_shape: Shape, outputs: int, *, latent: int, hidden: int, noise_variance: float) -> Parameters:
    """Dense layers: one before the latent values, two that give their mean and spread, two after them."""
    (pixels,) = input_shape
    layers = (
        ("encoder", pixels, hidden),
        ("mean", hidden, latent),
        ("log_variance", hidden, latent),
        ("decoder", latent, hidden),
        ("output", hidden, outputs),
    )
    shapes: dict[str, Shape] = {}
    for layer, inputs, units in layers:
        shapes[f"{layer}/kernel"] = (inputs, units)
        shapes[f"{layer}/bias"] = (units,)
    return Parameters(shapes=shapes, flattened={})
