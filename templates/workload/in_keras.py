"""My workload: the model in Keras, on any backend."""

from __future__ import annotations

import keras
from keras import layers


def build(input_shape: tuple[int], outputs: int, *, hidden: int) -> keras.Model:
    """One hidden layer; returns logits. The layers are named as in parameters.py."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            layers.Dense(hidden, activation="relu", name="hidden"),
            layers.Dense(outputs, name="output"),
        ]
    )
