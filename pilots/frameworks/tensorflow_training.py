"""Training in TensorFlow without Keras: one compiled step in a loop over a ``tf.data`` pipeline."""

from __future__ import annotations

from collections.abc import Callable

import tensorflow as tf

from pilots.frameworks.tensorflow_layers import Adam
from pilots.pilot import Array, Pace

Loss = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
TrainStep = Callable[[tf.Tensor, tf.Tensor], tf.Tensor]


def classification_loss(outputs: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Mean cross-entropy of logits (rows, classes) against class numbers (rows,)."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=outputs))


def regression_loss(outputs: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Mean squared error of outputs (rows, 1) against values (rows,)."""
    return tf.reduce_mean(tf.math.squared_difference(tf.squeeze(outputs, axis=1), y))


def make_train_step(
    model: tf.Module, loss: Loss, optimizer: Adam, *, jit_compile: bool
) -> tf.types.experimental.PolymorphicFunction:
    """One optimiser step as a graph, which returns the loss before it; compiled by XLA if asked for."""
    variables = model.trainable_variables

    @tf.function(jit_compile=jit_compile or None)  # type: ignore[untyped-decorator]
    def train_step(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            value = loss(tf.cast(model(x, training=True), tf.float32), y)
        optimizer.apply_gradients(tape.gradient(value, variables), variables)
        return value

    return train_step


def fit(train_step: TrainStep, x: Array, y: Array, *, batch_size: int, epochs: int, seed: int, pace: Pace) -> None:
    """Shuffled epochs of full batches."""
    # The pipeline of TensorFlow's own guides. Indexing whole batches with tf.gather instead was tried for data in
    # memory and took longer per batch of these sizes.
    batches = (
        tf.data.Dataset.from_tensor_slices((x, y))
        .shuffle(len(x), seed=seed)
        .batch(batch_size, drop_remainder=True)
        .prefetch(tf.data.AUTOTUNE)
    )
    for _ in range(epochs):
        for x_batch, y_batch in batches:
            pace.before_step()
            train_step(x_batch, y_batch)
        pace.after_epoch()
