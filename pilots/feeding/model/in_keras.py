"""The model that tells what it was fed, in Keras."""

from __future__ import annotations

import keras
from keras import layers


def build(input_shape: tuple[int, int, int], outputs: int, *, rate: float, epsilon: float) -> keras.Model:
    """For images of this (height, width, channels)."""
    x = keras.Input(input_shape)
    rows = layers.BatchNormalization(momentum=0.0, epsilon=epsilon, name="rows")(x)
    dropped = layers.Dropout(rate, name="dropout")(keras.ops.ones_like(x))
    drawn = layers.BatchNormalization(momentum=0.0, epsilon=epsilon, name="drawn")(dropped)
    y = layers.Flatten()(layers.Add()([rows, drawn]))
    return keras.Model(x, layers.Dense(outputs, name="output")(y))
