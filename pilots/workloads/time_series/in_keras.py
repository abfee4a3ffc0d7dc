"""The forecasting model in Keras, on any backend."""

from __future__ import annotations

import keras
from keras import layers


def build(input_shape: tuple[int, int], outputs: int, *, units: int) -> keras.Model:
    """An LSTM over the past values; its last state gives one standardised value."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            # The bias of the forget gate starts at 1 by default; weights are set, so it starts as everywhere else.
            layers.LSTM(units, name="recurrent"),
            layers.Dense(outputs, name="output"),
        ]
    )
