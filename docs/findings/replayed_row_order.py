"""Keras on TensorFlow: once `keras.utils.set_random_seed` was called, `fit` gives the rows in one order, every epoch.

    KERAS_BACKEND=tensorflow python replayed_row_order.py

`fit` trains a layer whose weights tell which rows were in a batch: row n is the n-th unit vector, and the gradient of a
step is zero but for the weights of its rows. No weights are seeded and nothing else differs between the two trainings.
"""

import keras
import numpy as np

ROWS, BATCH, EPOCHS = 12, 4, 3


class Batches(keras.callbacks.Callback):
    """Which weights changed in a step, that is, which rows were in its batch."""

    def on_train_begin(self, logs=None):
        self.before, self.seen = self.model.get_weights()[0], []

    def on_train_batch_end(self, batch, logs=None):
        after = self.model.get_weights()[0]
        self.seen.append(np.flatnonzero(np.any(after != self.before, axis=1)).tolist())
        self.before = after


def orders():
    """The batches of each epoch."""
    model = keras.Sequential([keras.Input((ROWS,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(optimizer=keras.optimizers.SGD(0.01), loss="mse")
    batches = Batches()
    x, y = np.eye(ROWS, dtype="float32"), np.full((ROWS, 1), 9, "float32")
    model.fit(x, y, batch_size=BATCH, epochs=EPOCHS, shuffle=True, verbose=0, callbacks=[batches])
    return [batches.seen[first : first + ROWS // BATCH] for first in range(0, len(batches.seen), ROWS // BATCH)]


for title, seed in (("without a seed", None), ("after keras.utils.set_random_seed(1)", 1)):
    if seed is not None:
        keras.utils.set_random_seed(seed)
    print(keras.config.backend(), title, *orders(), sep="\n  ")
