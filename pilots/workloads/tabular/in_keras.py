"""The table model in Keras, on any backend."""

from __future__ import annotations

import keras
from keras import layers


def build(input_shape: tuple[int], outputs: int, *, hidden: list[int]) -> keras.Model:
    """Two hidden layers; returns logits, or one standardised value."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Dense(hidden[0], activation="relu", name="hidden_1"),
            layers.Dense(hidden[1], activation="relu", name="hidden_2"),
            layers.Dense(outputs, name="output"),
        ]
    )
