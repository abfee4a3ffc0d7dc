"""The table model in TensorFlow without Keras."""

from __future__ import annotations

import tensorflow as tf

from pilots.frameworks.tensorflow_layers import Dense


class TableNetwork(tf.Module):  # type: ignore[misc]
    """Two hidden layers; returns logits, or one standardised value."""

    def __init__(self, features: int, outputs: int, hidden: list[int]) -> None:
        super().__init__()
        self.hidden_1 = Dense(features, hidden[0])
        self.hidden_2 = Dense(hidden[0], hidden[1])
        self.output = Dense(hidden[1], outputs)

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        """Rows of features to rows of outputs; nothing here behaves differently in training."""
        x = tf.nn.relu(self.hidden_1(x))
        x = tf.nn.relu(self.hidden_2(x))
        return self.output(x)


def build(input_shape: tuple[int], outputs: int, *, hidden: list[int]) -> TableNetwork:
    """The network for rows of this shape."""
    return TableNetwork(input_shape[0], outputs, hidden)
