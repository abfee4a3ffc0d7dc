"""Names and shapes of the weights."""

from __future__ import annotations

from pilots.pilot import Shape
from pilots.workload import Parameters


def build(input_shape: tuple[int, int, int], outputs: int, *, rate: float, epsilon: float) -> Parameters:
    """Two normalisations of the same width and a dense layer on the sum of what they give."""
    channels = input_shape[-1]
    norm = dict.fromkeys(("gamma", "beta", "moving_mean", "moving_variance"), (channels,))
    shapes: dict[str, Shape] = {f"{layer}/{name}": shape for layer in ("rows", "drawn") for name, shape in norm.items()}
    return Parameters({**shapes, "output/kernel": (channels, outputs), "output/bias": (outputs,)}, flattened={})
