"""My workload: the model in TensorFlow without Keras."""

from __future__ import annotations

import tensorflow as tf

from pilots.frameworks.tensorflow_layers import Dense


class Network(tf.Module):  # type: ignore[misc]
    """One hidden layer; returns logits. The layers are called as in parameters.py."""

    def __init__(self, features: int, outputs: int, hidden: int) -> None:
        super().__init__()
        self.hidden = Dense(features, hidden)
        self.output = Dense(hidden, outputs)

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        """Rows of features to rows of logits; nothing here behaves differently in training."""
        return self.output(tf.nn.relu(self.hidden(x)))


def build(input_shape: tuple[int], outputs: int, *, hidden: int) -> Network:
    """The network for rows of this shape; what follows the star comes from [model] in workload.toml."""
    return Network(input_shape[0], outputs, hidden)
