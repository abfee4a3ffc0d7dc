"""The text model in TensorFlow without Keras."""

from __future__ import annotations

import tensorflow as tf

from pilots.frameworks.tensorflow_layers import Dense, Embedding, LayerNorm, MultiHeadAttention
from pilots.workloads.text.positions import sinusoids


class TextNetwork(tf.Module):  # type: ignore[misc]
    """One block of a transformer encoder over the words, whose mean gives logits."""

    def __init__(
        self, steps: int, outputs: int, vocabulary: int, features: int, heads: int, hidden: int, norm_epsilon: float
    ) -> None:
        super().__init__()
        self.words = Embedding(vocabulary, features)
        self.positions = tf.constant(sinusoids(steps, features))
        self.attention = MultiHeadAttention(features, heads)
        self.attention_norm = LayerNorm(features, norm_epsilon)
        self.hidden = Dense(features, hidden)
        self.projection = Dense(hidden, features)
        self.hidden_norm = LayerNorm(features, norm_epsilon)
        self.output = Dense(features, outputs)

    def __call__(self, numbers: tf.Tensor, training: bool) -> tf.Tensor:
        """Numbers of words (rows, steps), 0 where there is none, to rows of logits; nothing differs in training."""
        is_word = tf.not_equal(numbers, 0)
        x = self.words(numbers)
        x += tf.cast(self.positions, x.dtype)
        x = self.attention_norm(x + self.attention(x, is_word))
        x = self.hidden_norm(x + self.projection(tf.nn.relu(self.hidden(x))))
        weights = tf.cast(is_word, x.dtype)[..., tf.newaxis]
        return self.output(tf.reduce_sum(x * weights, axis=1) / tf.reduce_sum(weights, axis=1))


def build(
    input_shape: tuple[int],
    outputs: int,
    *,
    vocabulary: int,
    features: int,
    heads: int,
    hidden: int,
    norm_epsilon: float,
) -> TextNetwork:
    """The network for texts of this many words."""
    return TextNetwork(input_shape[0], outputs, vocabulary, features, heads, hidden, norm_epsilon)
