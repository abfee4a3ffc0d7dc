"""The table model in TensorFlow without Keras."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from pilots.frameworks.tensorflow_layers import Dense, Embedding
from pilots.workloads.tabular.parameters import width_of


class TableNetwork(tf.Module):  # type: ignore[misc]
    """Two hidden layers on numbers and embedded categories; returns logits, or one standardised value."""

    def __init__(self, columns: int, outputs: int, hidden: list[int], categories: Sequence[int]) -> None:
        super().__init__()
        self.categories: list[Embedding] | None = None
        features = columns
        if categories:
            self.numbers = columns - len(categories)
            self.categories = [Embedding(count, width_of(count)) for count in categories]
            features = self.numbers + sum(map(width_of, categories))
        self.hidden_1 = Dense(features, hidden[0])
        self.hidden_2 = Dense(hidden[0], hidden[1])
        self.output = Dense(hidden[1], outputs)

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        """Rows of numbers, then of numbers of categories, to rows of outputs; nothing differs in training."""
        if self.categories is not None:
            embedded = [embed(x[:, self.numbers + place]) for place, embed in enumerate(self.categories)]
            x = tf.concat([tf.cast(x[:, : self.numbers], embedded[0].dtype), *embedded], axis=1)
        x = tf.nn.relu(self.hidden_1(x))
        x = tf.nn.relu(self.hidden_2(x))
        return self.output(x)


def build(input_shape: tuple[int], outputs: int, *, hidden: list[int], categories: Sequence[int] = ()) -> TableNetwork:
    """The network for rows of this many columns; the last columns are numbers of ``categories``."""
    return TableNetwork(input_shape[0], outputs, hidden, categories)
