"""The text model in Keras, on any backend."""

from __future__ import annotations

import keras
from keras import layers, ops

from pilots.frameworks.keras_layers import embedding
from pilots.workloads.text.positions import sinusoids


def build(
    input_shape: tuple[int],
    outputs: int,
    *,
    vocabulary: int,
    features: int,
    heads: int,
    hidden: int,
    norm_epsilon: float,
) -> keras.Model:
    """One block of a transformer encoder over the words, whose mean gives logits; 0 is no word."""
    numbers = keras.Input(input_shape, dtype="int32")
    is_word = ops.not_equal(numbers, 0)
    x = embedding(vocabulary, features, name="words")(numbers)
    x = x + ops.cast(sinusoids(*input_shape, features), x.dtype)
    attended = layers.MultiHeadAttention(heads, features // heads, name="attention")(
        x, x, attention_mask=is_word[:, None]
    )
    x = layers.LayerNormalization(epsilon=norm_epsilon, name="attention_norm")(x + attended)
    y = layers.Dense(hidden, activation="relu", name="hidden")(x)
    y = layers.Dense(features, name="projection")(y)
    x = layers.LayerNormalization(epsilon=norm_epsilon, name="hidden_norm")(x + y)
    x = layers.GlobalAveragePooling1D()(x, mask=is_word)
    return keras.Model(numbers, layers.Dense(outputs, name="output")(x))
