"""Layers and optimiser in TensorFlow without Keras, after the guides of TensorFlow Core."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf


class Layer(tf.Module):  # type: ignore[misc]
    """A layer computes in ``compute_type``; its variables stay in float32."""

    compute_type = tf.float32


def compute_in(model: tf.Module, compute_type: tf.DType) -> None:
    """Let all layers of a model but its last compute in this type, as Keras's mixed precision guide advises."""
    found = [module for module in vars(model).values() if isinstance(module, Layer)]
    for layer in found[:-1]:
        layer.compute_type = compute_type


class Dense(Layer):
    """``x @ kernel + bias``; the kernel is (inputs, units)."""

    def __init__(self, inputs: int, units: int) -> None:
        super().__init__()
        self.kernel = tf.Variable(tf.zeros([inputs, units]), name="kernel")
        self.bias = tf.Variable(tf.zeros([units]), name="bias")

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Rows (rows, inputs) to (rows, units)."""
        product = tf.matmul(tf.cast(x, self.compute_type), tf.cast(self.kernel, self.compute_type))
        return tf.nn.bias_add(product, tf.cast(self.bias, self.compute_type))


class Conv2D(Layer):
    """A convolution that keeps height and width, without bias; the kernel is (size, size, inputs, filters)."""

    def __init__(self, inputs: int, filters: int, size: int) -> None:
        super().__init__()
        self.kernel = tf.Variable(tf.zeros([size, size, inputs, filters]), name="kernel")

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Images (rows, height, width, inputs) to (rows, height, width, filters)."""
        kernel = tf.cast(self.kernel, self.compute_type)
        return tf.nn.conv2d(tf.cast(x, self.compute_type), kernel, strides=1, padding="SAME")


class BatchNorm(Layer):
    """Batch normalisation per channel (Ioffe and Szegedy, 2015); ``momentum`` is the share of the old value kept.

    Statistics are computed in float32 whatever comes in, and the output is of the type that came in.
    """

    def __init__(self, channels: int, momentum: float, epsilon: float) -> None:
        super().__init__()
        self.momentum = momentum
        self.epsilon = epsilon
        self.gamma = tf.Variable(tf.ones([channels]), name="gamma")
        self.beta = tf.Variable(tf.zeros([channels]), name="beta")
        self.moving_mean = tf.Variable(tf.zeros([channels]), trainable=False, name="moving_mean")
        self.moving_variance = tf.Variable(tf.ones([channels]), trainable=False, name="moving_variance")

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        """Images of the same shape; in training with the batch's statistics, which the moving ones then follow."""
        given = x.dtype
        x = tf.cast(x, tf.float32)
        if training:
            mean, variance = tf.nn.moments(x, axes=[0, 1, 2])
            self.moving_mean.assign_sub((1 - self.momentum) * (self.moving_mean - mean))
            self.moving_variance.assign_sub((1 - self.momentum) * (self.moving_variance - variance))
        else:
            mean, variance = self.moving_mean, self.moving_variance
        normalised = tf.nn.batch_normalization(x, mean, variance, self.beta, self.gamma, self.epsilon)
        return tf.cast(normalised, given)


class Adam(tf.Module):  # type: ignore[misc]
    """Adam (Kingma and Ba, 2015, algorithm 1) with betas 0.9 and 0.999, as in the guide "Optimizers with Core APIs"."""

    def __init__(self, variables: Sequence[tf.Variable], learning_rate: float, epsilon: float) -> None:
        super().__init__()
        self.beta_1, self.beta_2 = 0.9, 0.999
        self.learning_rate = learning_rate
        self.epsilon = epsilon
        self.step = tf.Variable(0.0, trainable=False)
        self.means = [tf.Variable(tf.zeros_like(variable), trainable=False) for variable in variables]
        self.squares = [tf.Variable(tf.zeros_like(variable), trainable=False) for variable in variables]

    def apply_gradients(self, gradients: Sequence[tf.Tensor], variables: Sequence[tf.Variable]) -> None:
        """One step; the variables in the order they were given in."""
        self.step.assign_add(1.0)
        mean_correction = 1 - tf.pow(self.beta_1, self.step)
        square_correction = 1 - tf.pow(self.beta_2, self.step)
        for gradient, variable, mean, square in zip(gradients, variables, self.means, self.squares, strict=True):
            mean.assign(self.beta_1 * mean + (1 - self.beta_1) * gradient)
            square.assign(self.beta_2 * square + (1 - self.beta_2) * tf.square(gradient))
            update = (mean / mean_correction) / (tf.sqrt(square / square_correction) + self.epsilon)
            variable.assign_sub(self.learning_rate * update)
