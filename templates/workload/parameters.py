"""My workload: names and shapes of the weights, which all models share."""

from __future__ import annotations

from pilots.pilot import Shape
from pilots.workload import Parameters


def build(input_shape: Shape, outputs: int, *, hidden: int) -> Parameters:
    """Two dense layers. A weight is called by its layer and its variable, as Keras calls them; README.md has a list."""
    shapes: dict[str, Shape] = {
        "hidden/kernel": (input_shape[0], hidden),
        "hidden/bias": (hidden,),
        "output/kernel": (hidden, outputs),
        "output/bias": (outputs,),
    }
    # A dense layer that reads a flattened image is named here with the image's (height, width, channels).
    return Parameters(shapes=shapes, flattened={})
