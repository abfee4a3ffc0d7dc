"""What ``fit`` takes in place of arrays where Keras runs on TensorFlow: the same rows, reproducibly shuffled."""

from __future__ import annotations

import tensorflow as tf

from pilots.pilot import Array


def row_batches(arrays: tuple[Array, ...], *, batch_size: int, seed: int) -> tf.data.Dataset:
    """Shuffled epochs of all rows, the last batch being smaller; the order follows the seed, and differs by epoch.

    Row numbers are shuffled, and a batch is one indexing of the arrays, as ``fit`` itself does it for arrays. Without
    autotuning no epoch ends with a wait for the autotuner's thread; so the number of batches that are kept ready is
    given.
    """
    tensors = tuple(tf.constant(array) for array in arrays)
    options = tf.data.Options()
    options.autotune.enabled = False
    return (
        tf.data.Dataset.range(len(arrays[0]))
        .shuffle(len(arrays[0]), seed=seed, reshuffle_each_iteration=True)
        .batch(batch_size)
        .map(lambda rows: tuple(tf.gather(tensor, rows) for tensor in tensors))
        .prefetch(2)
        .with_options(options)
    )
