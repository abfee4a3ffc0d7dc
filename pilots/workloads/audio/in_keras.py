"""The spectrogram model in Keras, on any backend."""

from __future__ import annotations

import keras
from keras import layers


def build(
    input_shape: tuple[int, int, int],
    outputs: int,
    *,
    filters: list[int],
    hidden: int,
    norm_momentum: float,
    norm_epsilon: float,
) -> keras.Model:
    """Two convolutions with batch normalisation, pooling, two dense layers; returns logits."""
    return keras.Sequential(
        [
            keras.Input(input_shape),
            # No bias where the normalisation that follows would take it away again.
            layers.Conv2D(filters[0], 3, padding="same", use_bias=False, name="conv_1"),
            layers.BatchNormalization(momentum=norm_momentum, epsilon=norm_epsilon, name="norm_1"),
            layers.ReLU(),
            layers.Conv2D(filters[1], 3, padding="same", use_bias=False, name="conv_2"),
            layers.BatchNormalization(momentum=norm_momentum, epsilon=norm_epsilon, name="norm_2"),
            layers.ReLU(),
            layers.MaxPooling2D(4),
            layers.Flatten(),
            layers.Dense(hidden, activation="relu", name="hidden"),
            layers.Dense(outputs, name="output"),
        ]
    )
