"""The table model in Keras, on any backend."""

from __future__ import annotations

from collections.abc import Sequence

import keras
from keras import layers, ops

from pilots.frameworks.keras_layers import embedding
from pilots.workloads.tabular.parameters import width_of


def build(input_shape: tuple[int], outputs: int, *, hidden: list[int], categories: Sequence[int] = ()) -> keras.Model:
    """Two hidden layers on numbers and embedded categories; returns logits, or one standardised value.

    The last columns are numbers of ``categories``.
    """
    inputs = x = keras.Input(input_shape)
    if categories:
        numbers = input_shape[0] - len(categories)
        embedded = [
            embedding(count, width_of(count), name=f"categories_{place}")(ops.cast(x[:, numbers + place], "int32"))
            for place, count in enumerate(categories)
        ]
        x = layers.Concatenate()([x[:, :numbers], *embedded])
    x = layers.Dense(hidden[0], activation="relu", name="hidden_1")(x)
    x = layers.Dense(hidden[1], activation="relu", name="hidden_2")(x)
    return keras.Model(inputs, layers.Dense(outputs, name="output")(x))
