"""Activation, loss, optimiser, batches, precision and compiler."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf
from pairs import (
    ALLOWED_WARNING,
    CLASSES,
    RECIPE,
    KerasPilot,
    captured,
    failed,
    in_keras,
    in_pytorch,
    in_tensorflow,
    keras,
    labelled,
    rows,
    sequential,
)
from torch import nn

from pilots import parity
from pilots.frameworks.pytorch import PyTorchPilot
from pilots.frameworks.tensorflow_layers import Dense
from pilots.lanes import Tuning
from pilots.parity import Capture
from pilots.pilot import Array, Data, StepHook

pytestmark = ALLOWED_WARNING

AT_ONCE = {"forward", "gradients", "steps"}
DATA = rows(8)
BFLOAT16 = Tuning(compiled=False, precision="bfloat16")


def network(activation: nn.Module, *, softmax: bool = False) -> nn.Module:
    last = {"softmax": nn.Softmax(dim=-1)} if softmax else {}
    return sequential(hidden=nn.Linear(8, 16), activation=activation, output=nn.Linear(16, CLASSES), **last)


def keras_layers(activation: object = "gelu", dtype: str = "float32") -> tuple[keras.layers.Layer, ...]:
    return (
        keras.layers.Dense(16, activation, name="hidden", dtype=dtype),
        keras.layers.Dense(CLASSES, name="output", dtype=dtype),
    )


@pytest.fixture(scope="module")
def with_gelu() -> Capture:
    return captured(in_keras(DATA, *keras_layers()), DATA)


def test_gelu_is_exact_or_approximate_in_both(with_gelu: Capture) -> None:
    assert not failed(in_pytorch(DATA, network(nn.GELU())), with_gelu, DATA)
    approximate = in_pytorch(DATA, network(nn.GELU(approximate="tanh")))
    assert failed(approximate, with_gelu, DATA) >= {"forward", "gradients"}
    tanh = in_keras(DATA, *keras_layers(lambda x: keras.activations.gelu(x, approximate=True)))
    assert not failed(approximate, tanh, DATA)


def test_softmax_before_a_loss_of_logits_shows(with_gelu: Capture) -> None:
    assert failed(in_pytorch(DATA, network(nn.GELU(), softmax=True)), with_gelu, DATA) == AT_ONCE


class OfProbabilities(PyTorchPilot):
    """The loss that suits a model that returns probabilities."""

    def __init__(self, *parts: object) -> None:
        super().__init__(*parts)
        self._loss = lambda x, y: nn.functional.nll_loss(self._forward(x).log(), y)


def test_softmax_before_a_loss_of_logits_shows_even_where_outputs_agree() -> None:
    # Keras notices, says so, and takes the loss of what went into the softmax; PyTorch applies it a second time.
    with pytest.warns(UserWarning, match="does not represent logits"):
        reference = captured(in_keras(DATA, *keras_layers(), keras.layers.Softmax()), DATA)
    once = in_pytorch(DATA, network(nn.GELU(), softmax=True), kind=OfProbabilities)
    assert not failed(once, reference, DATA)
    twice = in_pytorch(DATA, network(nn.GELU(), softmax=True))
    assert failed(twice, reference, DATA) == {"gradients", "steps"}


class Linear(tf.Module):
    """One dense layer in TensorFlow."""

    def __init__(self) -> None:
        super().__init__()
        self.output = Dense(8, CLASSES)

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        return self.output(x)


def almost_certain() -> Data:
    """Rows that one dense layer gets right by 14 to 15 logits, so that gradients are about 1e-6."""
    generator = np.random.default_rng(0)
    weights = parity.reference_weights({"output/kernel": (8, CLASSES), "output/bias": (CLASSES,)})
    x = generator.normal(0, 20, (50_000, 8)).astype(np.float32)
    logits = x @ weights["output/kernel"] + weights["output/bias"]
    second, first = np.sort(logits, axis=1)[:, -2:].T
    chosen = np.flatnonzero((first - second > 14) & (first - second < 15))[:160]
    return replace(labelled(x[chosen], generator), y_train=logits[chosen].argmax(axis=1))


def linear(data: Data, adam_epsilon: float) -> PyTorchPilot:
    recipe = replace(RECIPE, adam_epsilon=adam_epsilon)
    return in_pytorch(data, sequential(output=nn.Linear(8, CLASSES)), recipe=recipe)


def test_the_epsilon_of_adam_shows_where_gradients_are_small() -> None:
    data = almost_certain()
    reference = captured(linear(data, 1e-8), data)
    assert np.abs(reference.gradients["output/kernel"]).max() < 1e-5
    assert not failed(in_tensorflow(data, Linear()), reference, data)
    assert failed(linear(data, 1e-7), reference, data) == {"steps"}
    # Keras with the same number: it divides it by the square root of the second bias correction, which is 0.03 in the
    # first step. At such gradients that is another optimiser, and the gate says so.
    assert failed(in_keras(data, keras.layers.Dense(CLASSES, name="output")), reference, data) == {"steps"}


def test_the_epsilon_of_adam_does_not_matter_where_gradients_are_not_small() -> None:
    # PyTorch's default and Keras's, at gradients of a tenth: steps differ by less than a part in ten thousand.
    reference = captured(linear(DATA, 1e-8), DATA)
    assert np.abs(reference.gradients["output/kernel"]).max() > 0.05
    recipe = replace(RECIPE, adam_epsilon=1e-7)
    assert not failed(in_keras(DATA, keras.layers.Dense(CLASSES, name="output"), recipe=recipe), reference, DATA)


class DroppingTheLastBatch(KerasPilot):
    """``fit`` on full batches alone, so that the same rows are left over in every epoch."""

    def fit(self, x: Array, y: Array, *, epochs: int, seed: int, pace: StepHook) -> None:
        rows = slice(len(x) - len(x) % RECIPE.batch_size)
        super().fit(x[rows], y[rows], epochs=epochs, seed=seed, pace=pace)


def test_a_last_smaller_batch_that_is_dropped_shows(with_gelu: Capture) -> None:
    model = in_keras(DATA, *keras_layers())
    dropping = captured(DroppingTheLastBatch(model.model, model._task, RECIPE, model._backend, model._tuning), DATA)
    assert (with_gelu.epoch_steps, dropping.epoch_steps) == (3, 2)
    result = parity.compare(dropping, with_gelu, "reference")
    assert [check.name for check in result.checks if not check.passed] == ["steps"]
    assert "steps in an epoch" in result.checks[-1].detail


def test_products_in_bfloat16_show_in_a_lane_of_float32(with_gelu: Capture) -> None:
    own = in_pytorch(DATA, network(nn.GELU()), tuning=BFLOAT16)
    assert failed(own, with_gelu, DATA) == AT_ONCE
    assert not failed(own, with_gelu, DATA, "bfloat16")
    mixed = in_keras(DATA, *keras_layers(dtype="mixed_bfloat16"))
    assert failed(mixed, with_gelu, DATA) == AT_ONCE
    assert not failed(mixed, with_gelu, DATA, "bfloat16")


def test_another_learning_rate_shows_in_bfloat16_as_well(with_gelu: Capture) -> None:
    recipe = replace(RECIPE, learning_rate=1.2 * RECIPE.learning_rate)
    own = in_pytorch(DATA, network(nn.GELU()), recipe=recipe, tuning=BFLOAT16)
    assert failed(own, with_gelu, DATA, "bfloat16") == {"steps"}


def test_what_xla_compiled_is_the_same_model(with_gelu: Capture) -> None:
    compiled = in_keras(DATA, *keras_layers(), tuning=Tuning(compiled=True, precision="float32"))
    assert not failed(compiled, with_gelu, DATA)
    assert compiled.compiler().name == "XLA"
