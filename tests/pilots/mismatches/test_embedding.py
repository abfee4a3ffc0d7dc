"""Embeddings: the gradient of a row that occurs several times in a batch."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from pairs import (
    ALLOWED_WARNING,
    CLASSES,
    captured,
    failed,
    in_keras,
    in_pytorch,
    in_tensorflow,
    keras,
    labelled,
    sequential,
)
from torch import Tensor, nn

from pilots.frameworks import tensorflow_layers as layers
from pilots.lanes import Tuning
from pilots.parity import Capture

pytestmark = ALLOWED_WARNING

NUMBERS, LENGTH = 20, 5
_GENERATOR = np.random.default_rng(2)
SEQUENCES = labelled(_GENERATOR.integers(0, NUMBERS, (160, LENGTH)).astype(np.float32), _GENERATOR)


class WholeNumbers(nn.Module):
    """From what data hold, float32, to what an embedding takes."""

    def forward(self, x: Tensor) -> Tensor:
        return x.long()


def embedded() -> nn.Module:
    return sequential(
        whole=WholeNumbers(),
        embedding=nn.Embedding(NUMBERS, 8),
        flat=nn.Flatten(),
        output=nn.Linear(LENGTH * 8, CLASSES),
    )


class Embedded(tf.Module):
    """The same in TensorFlow."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = layers.Embedding(NUMBERS, 8)
        self.output = layers.Dense(LENGTH * 8, CLASSES)

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        return self.output(tf.reshape(self.embedding(x), [-1, LENGTH * 8]))


@pytest.fixture(scope="module")
def in_torch() -> Capture:
    return captured(in_pytorch(SEQUENCES, embedded()), SEQUENCES)


def keras_layers(embedding: keras.layers.Embedding) -> tuple[keras.layers.Layer, ...]:
    return embedding, keras.layers.Flatten(), keras.layers.Dense(CLASSES, name="output")


@pytest.mark.parametrize("compiled", [False, True])
def test_tensorflow_steps_like_pytorch(in_torch: Capture, compiled: bool) -> None:
    tuning = Tuning(compiled=compiled, precision="float32")
    assert not failed(in_tensorflow(SEQUENCES, Embedded(), tuning=tuning), in_torch, SEQUENCES)


def test_keras_on_tensorflow_steps_otherwise_where_a_row_repeats(in_torch: Capture) -> None:
    # TensorFlow hands the gradient over row by row, a repeated row several times. Keras's Adam squares each of them
    # and adds up the squares, where the other stacks square the sum.
    embedding = keras.layers.Embedding(NUMBERS, 8, name="embedding")
    assert failed(in_keras(SEQUENCES, *keras_layers(embedding)), in_torch, SEQUENCES) == {"steps"}


def test_keras_on_tensorflow_steps_alike_once_rows_are_added_up(in_torch: Capture) -> None:
    # A penalty of nothing has a gradient for the whole table, to which TensorFlow then adds the rows.
    nothing = keras.regularizers.L2(0.0)
    embedding = keras.layers.Embedding(NUMBERS, 8, embeddings_regularizer=nothing, name="embedding")
    assert not failed(in_keras(SEQUENCES, *keras_layers(embedding)), in_torch, SEQUENCES)
