"""The forecasting model in TensorFlow without Keras."""

from __future__ import annotations

import tensorflow as tf

from pilots.frameworks.tensorflow_layers import LSTM, Dense


class ForecastNetwork(tf.Module):  # type: ignore[misc]
    """An LSTM over the past values; its last state gives one standardised value."""

    def __init__(self, features: int, outputs: int, units: int) -> None:
        super().__init__()
        self.recurrent = LSTM(features, units)
        self.output = Dense(units, outputs)

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        """Sequences (rows, steps, features) to rows of outputs; nothing here behaves differently in training."""
        return self.output(self.recurrent(x)[:, -1])


def build(input_shape: tuple[int, int], outputs: int, *, units: int) -> ForecastNetwork:
    """The network for sequences of this (steps, features)."""
    return ForecastNetwork(input_shape[1], outputs, units)
