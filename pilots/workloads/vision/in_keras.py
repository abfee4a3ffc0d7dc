"""The image model in Keras, on any backend."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers


def build(
    input_shape: tuple[int, int, int], outputs: int, *, filters: list[int], norm_momentum: float, norm_epsilon: float
) -> keras.Model:
    """A convolution, two residual blocks, and a dense layer on the mean of all pixels; returns logits."""

    def normalised_convolution(x: Any, units: int, size: int, strides: int, name: str) -> Any:
        # No bias where the normalisation that follows would take it away again. With strides, padding "same" would
        # put the zeros on one side only.
        padding = "same"
        if size > 1 and strides > 1:
            x, padding = layers.ZeroPadding2D(size // 2)(x), "valid"
        x = layers.Conv2D(units, size, strides, padding=padding, use_bias=False, name=f"{name}_conv")(x)
        return layers.BatchNormalization(momentum=norm_momentum, epsilon=norm_epsilon, name=f"{name}_norm")(x)

    def residual_block(x: Any, units: int, strides: int, name: str) -> Any:
        y = layers.ReLU()(normalised_convolution(x, units, 3, strides, f"{name}_first"))
        y = normalised_convolution(y, units, 3, 1, f"{name}_second")
        if (x.shape[-1], 1) != (units, strides):
            x = normalised_convolution(x, units, 1, strides, f"{name}_shortcut")
        return layers.ReLU()(layers.Add()([y, x]))

    narrow, wide = filters
    images = keras.Input(input_shape)
    x = layers.ReLU()(normalised_convolution(images, narrow, 3, 1, "stem"))
    x = residual_block(x, narrow, 1, "block_1")
    x = residual_block(x, wide, 2, "block_2")
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(images, layers.Dense(outputs, name="output")(x))
