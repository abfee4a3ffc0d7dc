"""The spectrogram model in TensorFlow without Keras."""

from __future__ import annotations

import tensorflow as tf

from pilots.frameworks.tensorflow_layers import BatchNorm, Conv2D, Dense


class SpectrogramNetwork(tf.Module):  # type: ignore[misc]
    """Two convolutions with batch normalisation, pooling, two dense layers; returns logits."""

    def __init__(
        self,
        input_shape: tuple[int, int, int],
        outputs: int,
        filters: list[int],
        hidden: int,
        norm_momentum: float,
        norm_epsilon: float,
    ) -> None:
        super().__init__()
        height, width, channels = input_shape
        self.conv_1 = Conv2D(channels, filters[0], 3)
        self.norm_1 = BatchNorm(filters[0], norm_momentum, norm_epsilon)
        self.conv_2 = Conv2D(filters[0], filters[1], 3)
        self.norm_2 = BatchNorm(filters[1], norm_momentum, norm_epsilon)
        self.flat = filters[1] * (height // 4) * (width // 4)
        self.hidden = Dense(self.flat, hidden)
        self.output = Dense(hidden, outputs)

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        """Images (rows, height, width, channels) to rows of logits."""
        x = tf.nn.relu(self.norm_1(self.conv_1(x), training))
        x = tf.nn.relu(self.norm_2(self.conv_2(x), training))
        x = tf.nn.max_pool2d(x, ksize=4, strides=4, padding="VALID")
        x = tf.nn.relu(self.hidden(tf.reshape(x, [-1, self.flat])))
        return self.output(x)


def build(
    input_shape: tuple[int, int, int],
    outputs: int,
    *,
    filters: list[int],
    hidden: int,
    norm_momentum: float,
    norm_epsilon: float,
) -> SpectrogramNetwork:
    """The network for images of this (height, width, channels)."""
    return SpectrogramNetwork(input_shape, outputs, filters, hidden, norm_momentum, norm_epsilon)
