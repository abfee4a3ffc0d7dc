"""Keras 3 on TensorFlow stands still between epochs: seconds in which nothing works. Takes STEPS and EPOCHS."""

import sys
import time

import keras
import numpy as np
import tensorflow as tf

STEPS, EPOCHS = map(int, sys.argv[1:3]) if len(sys.argv) > 2 else (1000, 12)
x = np.random.rand(32 * STEPS, 30).astype("float32")
y = np.random.randint(0, 2, 32 * STEPS)


class Ends(keras.callbacks.Callback):
    """Wall and processor time from the last step of an epoch to the first one of the next."""

    idle_s = 0.0

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 0 and hasattr(self, "last"):
            wall, processor = time.perf_counter() - self.last[0], time.process_time() - self.last[1]
            self.idle_s += max(0.0, wall - processor)

    def on_train_batch_end(self, batch, logs=None):
        self.last = time.perf_counter(), time.process_time()


options = tf.data.Options()
options.autotune.enabled = False
dataset = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(len(x)).batch(32).prefetch(2)
for name, data in (("arrays", (x, y)), ("tf.data", (dataset,)), ("autotune off", (dataset.with_options(options),))):
    model = keras.Sequential([keras.layers.Input((30,)), keras.layers.Dense(64, "relu"), keras.layers.Dense(2)])
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    ends, began = Ends(), time.perf_counter()
    model.fit(*data, batch_size=32 if name == "arrays" else None, epochs=EPOCHS, verbose=0, callbacks=[ends])
    print(f"{name:14s} {ends.idle_s:.2f} s idle at ends of epochs, of {time.perf_counter() - began:.1f} s")
