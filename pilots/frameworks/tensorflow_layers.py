"""Layers and optimiser in TensorFlow without Keras, after the guides of TensorFlow Core."""

from __future__ import annotations

import math
from collections.abc import Sequence

import tensorflow as tf


class Layer(tf.Module):  # type: ignore[misc]
    """A layer computes in ``compute_type``; its variables stay in float32."""

    compute_type = tf.float32


def compute_in(model: tf.Module, compute_type: tf.DType) -> None:
    """Let all layers of a model but its last compute in this type, as Keras's mixed precision guide advises."""
    last = [part for part in vars(model).values() if isinstance(part, Layer)][-1]
    for part in model.submodules:
        if isinstance(part, Layer) and part is not last:
            part.compute_type = compute_type


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
    """A convolution without bias over images with half its size of zeros around them, on every ``strides``-th pixel.

    The kernel is (size, size, inputs, filters), its size odd. Padding by name would put the zeros elsewhere where there
    are strides.
    """

    def __init__(self, inputs: int, filters: int, size: int, strides: int = 1) -> None:
        super().__init__()
        self.strides = strides
        self.margin = size // 2
        self.kernel = tf.Variable(tf.zeros([size, size, inputs, filters]), name="kernel")

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Images (rows, height, width, inputs) to (rows, height / strides, width / strides, filters)."""
        kernel = tf.cast(self.kernel, self.compute_type)
        around = [[0, 0], [self.margin] * 2, [self.margin] * 2, [0, 0]]
        return tf.nn.conv2d(tf.cast(x, self.compute_type), kernel, strides=self.strides, padding=around)


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
        """Images of the same shape; in training by the batch's statistics, which the moving statistics then follow."""
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


class LayerNorm(Layer):
    """Layer normalisation over the last axis (Ba et al., 2016); in float32, the output being of the type given."""

    def __init__(self, features: int, epsilon: float) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.gamma = tf.Variable(tf.ones([features]), name="gamma")
        self.beta = tf.Variable(tf.zeros([features]), name="beta")

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Anything (..., features) to the same shape."""
        wide = tf.cast(x, tf.float32)
        mean, variance = tf.nn.moments(wide, axes=[-1], keepdims=True)
        normalised = tf.nn.batch_normalization(wide, mean, variance, self.beta, self.gamma, self.epsilon)
        return tf.cast(normalised, x.dtype)


class Embedding(Layer):
    """A vector for each number; the embeddings are (numbers, features)."""

    def __init__(self, numbers: int, features: int) -> None:
        super().__init__()
        self.embeddings = tf.Variable(tf.zeros([numbers, features]), name="embeddings")

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Whole numbers of any shape, as integers or floats, to (..., features)."""
        return tf.cast(tf.nn.embedding_lookup(self.embeddings, tf.cast(x, tf.int32)), self.compute_type)


class MultiHeadAttention(Layer):
    """Scaled dot-product attention of a sequence to itself in several heads (Vaswani et al., 2017)."""

    def __init__(self, features: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = Dense(features, features)
        self.key = Dense(features, features)
        self.value = Dense(features, features)
        self.attention_output = Dense(features, features)

    def __call__(self, x: tf.Tensor, mask: tf.Tensor) -> tf.Tensor:
        """Sequences (rows, steps, features) to the same shape; steps where ``mask`` (rows, steps) is false are not
        attended to."""
        query, key, value = (self._in_heads(product(x)) for product in (self.query, self.key, self.value))
        scores = tf.matmul(query, key, transpose_b=True) / math.sqrt(query.shape[-1])
        # Enough to vanish in the softmax, in every type.
        scores += tf.cast(tf.where(mask[:, tf.newaxis, tf.newaxis], 0.0, -1e9), scores.dtype)
        attended = tf.transpose(tf.matmul(tf.nn.softmax(scores), value), [0, 2, 1, 3])
        return self.attention_output(tf.reshape(attended, tf.shape(x)))

    def _in_heads(self, x: tf.Tensor) -> tf.Tensor:
        """(rows, steps, features) to (rows, heads, steps, features of each)."""
        parts = tf.reshape(x, [-1, x.shape[1], self.heads, x.shape[2] // self.heads])
        return tf.transpose(parts, [0, 2, 1, 3])


class LSTM(Layer):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997); the gates are input, forget, candidate, output."""

    def __init__(self, inputs: int, units: int) -> None:
        super().__init__()
        self.units = units
        self.kernel = tf.Variable(tf.zeros([inputs, 4 * units]), name="kernel")
        self.recurrent_kernel = tf.Variable(tf.zeros([units, 4 * units]), name="recurrent_kernel")
        self.bias = tf.Variable(tf.zeros([4 * units]), name="bias")

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Sequences (rows, steps, inputs) to the states (rows, steps, units)."""
        recurrent_kernel = tf.cast(self.recurrent_kernel, self.compute_type)

        def step(before: tuple[tf.Tensor, tf.Tensor], given: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            state, cell = before
            gates = tf.split(given + tf.matmul(state, recurrent_kernel), 4, axis=-1)
            cell = tf.sigmoid(gates[1]) * cell + tf.sigmoid(gates[0]) * tf.tanh(gates[2])
            return tf.sigmoid(gates[3]) * tf.tanh(cell), cell

        start = tf.zeros([tf.shape(x)[0], self.units], self.compute_type)
        states, _ = tf.scan(step, _each_step(x, self.kernel, self.bias, self.compute_type), (start, start))
        return tf.transpose(states, [1, 0, 2])


class GRU(Layer):
    """Gated recurrent unit (Cho et al., 2014); the gates are update, reset, candidate.

    As in cuDNN, PyTorch and Keras (``reset_after``), the reset gate acts on the product with the state, which has a
    bias of its own: the bias is (2, 3 * units), of the inputs and of the state.
    """

    def __init__(self, inputs: int, units: int) -> None:
        super().__init__()
        self.units = units
        self.kernel = tf.Variable(tf.zeros([inputs, 3 * units]), name="kernel")
        self.recurrent_kernel = tf.Variable(tf.zeros([units, 3 * units]), name="recurrent_kernel")
        self.bias = tf.Variable(tf.zeros([2, 3 * units]), name="bias")

    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        """Sequences (rows, steps, inputs) to the states (rows, steps, units)."""
        recurrent_kernel = tf.cast(self.recurrent_kernel, self.compute_type)
        recurrent_bias = tf.cast(self.bias[1], self.compute_type)

        def step(state: tf.Tensor, given: tf.Tensor) -> tf.Tensor:
            from_input = tf.split(given, 3, axis=-1)
            from_state = tf.split(tf.matmul(state, recurrent_kernel) + recurrent_bias, 3, axis=-1)
            update = tf.sigmoid(from_input[0] + from_state[0])
            reset = tf.sigmoid(from_input[1] + from_state[1])
            return update * state + (1 - update) * tf.tanh(from_input[2] + reset * from_state[2])

        start = tf.zeros([tf.shape(x)[0], self.units], self.compute_type)
        states = tf.scan(step, _each_step(x, self.kernel, self.bias[0], self.compute_type), start)
        return tf.transpose(states, [1, 0, 2])


def _each_step(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, compute_type: tf.DType) -> tf.Tensor:
    """``x @ kernel + bias`` for all steps in one product, the steps (steps, rows, units) before the rows."""
    product = tf.matmul(tf.cast(x, compute_type), tf.cast(kernel, compute_type)) + tf.cast(bias, compute_type)
    return tf.transpose(product, [1, 0, 2])


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
            # That of an embedding comes as its rows; the moments of the others decay all the same.
            gradient = tf.convert_to_tensor(gradient)
            mean.assign(self.beta_1 * mean + (1 - self.beta_1) * gradient)
            square.assign(self.beta_2 * square + (1 - self.beta_2) * tf.square(gradient))
            update = (mean / mean_correction) / (tf.sqrt(square / square_correction) + self.epsilon)
            variable.assign_sub(self.learning_rate * update)
