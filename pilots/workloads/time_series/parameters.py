"""Names and shapes of the weights, which the three models share."""

from __future__ import annotations

from pilots.pilot import Shape
from pilots.workload import Parameters


def build(input_shape: Shape, outputs: int, *, units: int) -> Parameters:
    """An LSTM with one bias, and a dense layer."""
    features = input_shape[-1]
    shapes: dict[str, Shape] = {
        "recurrent/kernel": (features, 4 * units),
        "recurrent/recurrent_kernel": (units, 4 * units),
        "recurrent/bias": (4 * units,),
        "output/kernel": (units, outputs),
        "output/bias": (outputs,),
    }
    return Parameters(shapes=shapes, flattened={})
