"""The model that tells what it was fed, in TensorFlow without Keras."""

from __future__ import annotations

import tensorflow as tf

from pilots.frameworks.tensorflow_layers import BatchNorm, Dense


class Telling(tf.Module):  # type: ignore[misc]
    """Images (rows, 1, 1, channels) to (rows, outputs)."""

    def __init__(self, channels: int, outputs: int, rate: float, epsilon: float) -> None:
        super().__init__()
        self.rate = rate
        self.random = tf.random.Generator.from_non_deterministic_state()
        self.rows = BatchNorm(channels, 0.0, epsilon)
        self.drawn = BatchNorm(channels, 0.0, epsilon)
        self.output = Dense(channels, outputs)

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        """Images to rows of outputs."""
        y = self.rows(x, training) + self.drawn(self.dropout(tf.ones_like(x), training), training)
        return self.output(tf.reshape(y, [-1, y.shape[-1]]))

    def dropout(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        """Dropout by TensorFlow's function, from the model's own generator."""
        if not training:
            return x
        return tf.nn.experimental.general_dropout(
            x, self.rate, lambda shape, dtype: self.random.uniform(shape, dtype=dtype)
        )


def build(input_shape: tuple[int, int, int], outputs: int, *, rate: float, epsilon: float) -> Telling:
    """For images of this (height, width, channels)."""
    return Telling(input_shape[-1], outputs, rate, epsilon)
