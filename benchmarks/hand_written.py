"""Training loops as somebody would write them who never heard of advisor; run one epoch for each line read.

    python hand_written.py CANDIDATE WORKLOAD STEPS

Data and model are those of the pilot, so that only the loops differ. Each follows its framework's own guide for data
that fits into memory. The time of each epoch, in seconds, is written as one line.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np


def load(workload_name: str, steps: int) -> tuple[Any, Any, Any, Any, Any]:
    """Workload, data, recipe, and rows for ``steps`` batches."""
    from pilots import workload as workloads

    workload = workloads.load(workload_name)
    data = workloads.read_data(workload, None)
    recipe = workload.recipe("quick", len(data.x_train))
    rows = np.arange(steps * recipe.batch_size) % len(data.x_train)
    return workload, data, recipe, data.x_train[rows], data.y_train[rows]


def pytorch(workload_name: str, steps: int, wait: Callable[[], None], tell: Callable[[float], None]) -> None:
    """The loop of the quick-start tutorial."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, TensorDataset

    from pilots import workload as workloads

    workload, data, recipe, x, y = load(workload_name, steps)
    x = torch.from_numpy(x)
    if x.ndim == 4:
        x = x.permute(0, 3, 1, 2).contiguous()
    dataset = TensorDataset(x, torch.from_numpy(y))
    loader = DataLoader(dataset, batch_size=recipe.batch_size, shuffle=True)
    model = workloads.build(workload, "in_pytorch", data)
    loss_fn = nn.CrossEntropyLoss()
    device = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else torch.device("cpu")
    model = model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=recipe.learning_rate, eps=recipe.adam_epsilon)
    model.train()
    while True:
        wait()
        start = time.perf_counter()
        for inputs, targets in loader:
            inputs, targets = inputs.to(device), targets.to(device)
            optimizer.zero_grad()
            loss = loss_fn(model(inputs), targets)
            loss.backward()
            optimizer.step()
        tell(time.perf_counter() - start)


def keras(workload_name: str, steps: int, wait: Callable[[], None], tell: Callable[[float], None]) -> None:
    """``compile`` and ``fit``, with the callback of the guide to custom callbacks that times an epoch."""
    import keras

    from pilots import workload as workloads

    workload, data, recipe, x, y = load(workload_name, steps)

    class EpochTimer(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            wait()
            self.start = time.perf_counter()

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            tell(time.perf_counter() - self.start)

    model = workloads.build(workload, "in_keras", data)
    model.compile(
        optimizer=keras.optimizers.Adam(recipe.learning_rate, epsilon=recipe.adam_epsilon),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    model.fit(x, y, batch_size=recipe.batch_size, epochs=1_000_000, verbose=0, callbacks=[EpochTimer()])


def tensorflow(workload_name: str, steps: int, wait: Callable[[], None], tell: Callable[[float], None]) -> None:
    """A ``tf.function`` over a ``tf.data`` pipeline, as in TensorFlow Core's guides."""
    import tensorflow as tf

    from pilots import workload as workloads
    from pilots.frameworks.tensorflow_layers import Adam

    workload, data, recipe, x, y = load(workload_name, steps)
    dataset = tf.data.Dataset.from_tensor_slices((x, y))
    dataset = dataset.shuffle(len(x)).batch(recipe.batch_size).prefetch(tf.data.AUTOTUNE)
    model = workloads.build(workload, "in_tensorflow", data)
    optimizer = Adam(model.trainable_variables, recipe.learning_rate, recipe.adam_epsilon)

    @tf.function
    def train_step(inputs: tf.Tensor, targets: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            logits = model(inputs, training=True)
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits))
        variables = model.trainable_variables
        optimizer.apply_gradients(tape.gradient(loss, variables), variables)
        return loss

    while True:
        wait()
        start = time.perf_counter()
        for inputs, targets in dataset:
            train_step(inputs, targets)
        tell(time.perf_counter() - start)


def main() -> None:
    """Read a line, train an epoch, write its seconds; until there are no more lines."""
    candidate, workload_name, steps = sys.argv[1], sys.argv[2], int(sys.argv[3])
    told = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print goes elsewhere

    def wait() -> None:
        if not sys.stdin.readline():
            os._exit(0)

    def tell(seconds: float) -> None:
        told.write(f"{seconds!r}\n")
        told.flush()

    if candidate.startswith("keras-"):
        os.environ["KERAS_BACKEND"] = candidate.removeprefix("keras-")
        keras(workload_name, steps, wait, tell)
    else:
        {"pytorch": pytorch, "tensorflow": tensorflow}[candidate](workload_name, steps, wait, tell)


if __name__ == "__main__":
    main()
