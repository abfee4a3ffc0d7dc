"""Training in Keras: ``compile`` and ``fit``, on any backend."""

from __future__ import annotations

from collections.abc import Sequence

import keras

from pilots.pilot import Array


def compile_model(
    model: keras.Model, task: str, learning_rate: float, adam_epsilon: float, jit_compile: bool | str = "auto"
) -> None:
    """Loss and a new optimiser; by default, whether to compile is left to Keras. Models that generate bring a loss."""
    loss = None
    match task:
        case "classification":
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        case "regression":
            loss = keras.losses.MeanSquaredError()
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate, epsilon=adam_epsilon), loss=loss, jit_compile=jit_compile
    )


def fit(
    model: keras.Model,
    x: Array,
    y: Array | None,
    *,
    batch_size: int,
    epochs: int,
    callbacks: Sequence[keras.callbacks.Callback],
) -> None:
    """Shuffled epochs of all rows, the last batch being smaller."""
    model.fit(x, y, batch_size=batch_size, epochs=epochs, shuffle=True, verbose=0, callbacks=callbacks)
