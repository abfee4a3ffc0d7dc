"""Layers of Keras where its default trains otherwise on one backend than on the others."""

from __future__ import annotations

import keras


def embedding(numbers: int, features: int, name: str) -> keras.layers.Embedding:
    """A vector for each number.

    TensorFlow gives its gradient row by row, and Keras's Adam then squares the rows of a number that occurs more than
    once before it adds them. With a regulariser, even of no weight, the gradient comes summed.
    """
    regularizer = keras.regularizers.L2(0.0) if keras.config.backend() == "tensorflow" else None
    return keras.layers.Embedding(numbers, features, embeddings_regularizer=regularizer, name=name)
