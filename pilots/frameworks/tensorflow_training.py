"""Training in TensorFlow without Keras: one compiled step in a loop over a ``tf.data`` pipeline."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import tensorflow as tf

from pilots.frameworks.tensorflow_layers import Adam
from pilots.pilot import Array, StepHook

Loss = Callable[..., tf.Tensor]
TrainStep = Callable[..., tf.Tensor]


def classification_loss(model: tf.Module) -> Loss:
    """Mean cross-entropy of what the model makes of x (rows, ...) against class numbers y (rows,)."""

    def loss(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        logits = tf.cast(model(x, training=True), tf.float32)
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=logits))

    return loss


def regression_loss(model: tf.Module) -> Loss:
    """Mean squared error of what the model makes of x (rows, ...) against values y (rows,)."""

    def loss(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        outputs = tf.cast(model(x, training=True), tf.float32)
        return tf.reduce_mean(tf.math.squared_difference(tf.squeeze(outputs, axis=1), y))

    return loss


def make_train_step(
    loss: Loss, variables: Sequence[tf.Variable], optimizer: Adam, *, jit_compile: bool
) -> tf.types.experimental.PolymorphicFunction:
    """One optimiser step as a graph, which returns the loss before it; compiled by XLA if asked for."""

    @tf.function(jit_compile=jit_compile or None)  # type: ignore[untyped-decorator]
    def train_step(*batch: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            value = loss(*batch)
        optimizer.apply_gradients(tape.gradient(value, variables), variables)
        return value

    return train_step


def make_dataset(data: tuple[Array, ...], *, batch_size: int, seed: int, autotune: bool) -> tf.data.Dataset:
    """Shuffled epochs of all rows, the last batch being smaller.

    The pipeline of TensorFlow's own guides. Indexing whole batches with tf.gather instead was tried for data in memory
    and took longer per batch of these sizes.

    Without ``autotune``, two batches are kept ready, and no epoch ends with a wait for the autotuner's thread.
    """
    dataset = tf.data.Dataset.from_tensor_slices(data).shuffle(len(data[0]), seed=seed).batch(batch_size)
    if autotune:
        return dataset.prefetch(tf.data.AUTOTUNE)
    options = tf.data.Options()
    options.autotune.enabled = False
    return dataset.prefetch(2).with_options(options)


def fit(train_step: TrainStep, batches: tf.data.Dataset, *, epochs: int, pace: StepHook) -> None:
    """Train on epochs of these batches."""
    for _ in range(epochs):
        for batch in batches:
            pace.before_step()
            train_step(*batch)
        pace.after_epoch()
