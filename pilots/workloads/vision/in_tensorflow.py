"""The image model in TensorFlow without Keras."""

from __future__ import annotations

import tensorflow as tf

from pilots.frameworks.tensorflow_layers import BatchNorm, Conv2D, Dense


class NormalisedConvolution(tf.Module):  # type: ignore[misc]
    """A convolution and batch normalisation."""

    def __init__(self, inputs: int, filters: int, size: int, strides: int, momentum: float, epsilon: float) -> None:
        super().__init__()
        self.conv = Conv2D(inputs, filters, size, strides)
        self.norm = BatchNorm(filters, momentum, epsilon)

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        """Images (rows, height, width, inputs) to (rows, height / strides, width / strides, filters)."""
        return self.norm(self.conv(x), training)


class ResidualBlock(tf.Module):  # type: ignore[misc]
    """Two convolutions beside a shortcut (He et al., 2016), which is a convolution itself where the shape changes."""

    def __init__(self, inputs: int, filters: int, strides: int, momentum: float, epsilon: float) -> None:
        super().__init__()
        self.first = NormalisedConvolution(inputs, filters, 3, strides, momentum, epsilon)
        self.second = NormalisedConvolution(filters, filters, 3, 1, momentum, epsilon)
        self.shortcut = None
        if (inputs, 1) != (filters, strides):
            self.shortcut = NormalisedConvolution(inputs, filters, 1, strides, momentum, epsilon)

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        """Images to images of ``filters`` channels."""
        y = self.second(tf.nn.relu(self.first(x, training)), training)
        if self.shortcut is not None:
            x = self.shortcut(x, training)
        return tf.nn.relu(y + x)


class ImageNetwork(tf.Module):  # type: ignore[misc]
    """A convolution, two residual blocks, and a dense layer on the mean of all pixels; returns logits."""

    def __init__(self, channels: int, outputs: int, filters: list[int], momentum: float, epsilon: float) -> None:
        super().__init__()
        narrow, wide = filters
        self.stem = NormalisedConvolution(channels, narrow, 3, 1, momentum, epsilon)
        self.block_1 = ResidualBlock(narrow, narrow, 1, momentum, epsilon)
        self.block_2 = ResidualBlock(narrow, wide, 2, momentum, epsilon)
        self.output = Dense(wide, outputs)

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        """Images (rows, height, width, channels) to rows of logits."""
        x = tf.nn.relu(self.stem(x, training))
        x = self.block_2(self.block_1(x, training), training)
        return self.output(tf.reduce_mean(x, axis=[1, 2]))


def build(
    input_shape: tuple[int, int, int], outputs: int, *, filters: list[int], norm_momentum: float, norm_epsilon: float
) -> ImageNetwork:
    """The network for images of this (height, width, channels)."""
    return ImageNetwork(input_shape[-1], outputs, filters, norm_momentum, norm_epsilon)
