"""Recurrent layers: order of the gates, number of biases, place of the reset gate."""

from __future__ import annotations

import numpy as np
import pytest
import tensorflow as tf
from pairs import (
    ALLOWED_WARNING,
    CLASSES,
    LastState,
    captured,
    copying,
    failed,
    in_keras,
    in_pytorch,
    in_tensorflow,
    keras,
    rows,
)
from torch import nn

from pilots import parity
from pilots.frameworks import tensorflow_layers as layers
from pilots.frameworks.pytorch_weights import one_bias
from pilots.lanes import DEFAULT, Tuning
from pilots.parity import Capture
from pilots.pilot import Array

pytestmark = ALLOWED_WARNING

AT_ONCE = {"forward", "gradients", "steps"}
STEPS, INPUTS, UNITS = 4, 5, 8
DATA = rows(STEPS, INPUTS)
BFLOAT16 = Tuning(compiled=False, precision="bfloat16")


def lstm() -> nn.LSTM:
    return nn.LSTM(INPUTS, UNITS, batch_first=True)


def gru() -> nn.GRU:
    return nn.GRU(INPUTS, UNITS, batch_first=True)


def on_keras(layer: keras.layers.Layer) -> Capture:
    return captured(in_keras(DATA, layer, keras.layers.Dense(CLASSES, name="output")), DATA)


@pytest.fixture(scope="module")
def lstm_in_keras() -> Capture:
    return on_keras(keras.layers.LSTM(UNITS, name="layer"))


@pytest.fixture(scope="module")
def gru_in_keras() -> Capture:
    return on_keras(keras.layers.GRU(UNITS, name="layer"))


def with_gates(weights: dict[str, Array], order: list[int]) -> dict[str, Array]:
    """The recurrent layer's weights with their gates in another order."""

    def reordered(array: Array) -> Array:
        gates = np.split(array, len(order), axis=-1)
        return np.concatenate([gates[place] for place in order], axis=-1)

    return {name: reordered(array) if name.startswith("layer/") else array for name, array in weights.items()}


class LastStateInTensorFlow(tf.Module):
    """Of a recurrent layer, to logits."""

    def __init__(self, layer: layers.LSTM | layers.GRU) -> None:
        super().__init__()
        self.layer = layer
        self.output = layers.Dense(UNITS, CLASSES)

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        return self.output(self.layer(x)[:, -1])


def test_an_lstm_with_one_bias_is_the_same_everywhere(lstm_in_keras: Capture) -> None:
    assert not failed(in_pytorch(DATA, LastState(one_bias(lstm()))), lstm_in_keras, DATA)
    assert not failed(in_tensorflow(DATA, LastStateInTensorFlow(layers.LSTM(INPUTS, UNITS))), lstm_in_keras, DATA)


def test_the_gates_of_an_lstm_have_an_order(lstm_in_keras: Capture) -> None:
    # Input, forget, output, candidate: as ONNX and others sort them.
    other = copying(lambda weights: with_gates(weights, [0, 1, 3, 2]))
    assert failed(in_pytorch(DATA, LastState(one_bias(lstm())), kind=other), lstm_in_keras, DATA) == AT_ONCE


def test_an_lstm_with_two_trained_biases_takes_double_steps(lstm_in_keras: Capture) -> None:
    layer = lstm()
    nn.init.zeros_(layer.bias_hh_l0)
    assert failed(in_pytorch(DATA, LastState(layer)), lstm_in_keras, DATA) == {"steps"}


def test_a_second_bias_that_adds_something_is_refused() -> None:
    with pytest.raises(ValueError, match=r"layer adds a second bias .* one_bias"):
        in_pytorch(DATA, LastState(lstm())).weights()


def test_a_forget_bias_of_one_shows(lstm_in_keras: Capture) -> None:
    # Keras starts with it, PyTorch without: it has to be copied like the rest.
    forget = np.repeat(np.float32([0, 1, 0, 0]), UNITS)
    other = copying(lambda weights: {**weights, "layer/bias": weights["layer/bias"] + forget})
    assert failed(in_pytorch(DATA, LastState(one_bias(lstm())), kind=other), lstm_in_keras, DATA) == AT_ONCE


def test_a_gru_that_resets_after_the_product_is_the_same_everywhere(gru_in_keras: Capture) -> None:
    assert gru_in_keras.shapes["layer/bias"] == (2, 3 * UNITS)
    assert not failed(in_pytorch(DATA, LastState(gru())), gru_in_keras, DATA)
    assert not failed(in_tensorflow(DATA, LastStateInTensorFlow(layers.GRU(INPUTS, UNITS))), gru_in_keras, DATA)


def test_a_gru_that_resets_before_the_product_has_other_weights() -> None:
    before = on_keras(keras.layers.GRU(UNITS, reset_after=False, name="layer"))
    assert failed(in_pytorch(DATA, LastState(gru())), before, DATA) == {"shapes"}


@pytest.mark.parametrize(("reset_after", "checks"), [(True, set()), (False, AT_ONCE)])
def test_where_a_gru_without_biases_resets_shows(reset_after: bool, checks: set[str]) -> None:
    # Without biases the shapes are the same either way.
    reference = on_keras(keras.layers.GRU(UNITS, reset_after=reset_after, use_bias=False, name="layer"))
    own = in_pytorch(DATA, LastState(nn.GRU(INPUTS, UNITS, bias=False, batch_first=True)))
    assert failed(own, reference, DATA) == checks


def test_the_gates_of_a_gru_have_an_order(gru_in_keras: Capture) -> None:
    # Reset, update, new: PyTorch's own order, copied as it is.
    other = copying(lambda weights: with_gates(weights, [1, 0, 2]))
    assert failed(in_pytorch(DATA, LastState(gru()), kind=other), gru_in_keras, DATA) == AT_ONCE


@pytest.mark.parametrize("kind", [layers.LSTM, layers.GRU])
@pytest.mark.long
def test_compiled_by_xla_it_stays_the_same(kind: type[layers.LSTM | layers.GRU]) -> None:
    compiled, as_it_is = (
        in_tensorflow(DATA, LastStateInTensorFlow(kind(INPUTS, UNITS)), tuning=tuning)
        for tuning in (Tuning(compiled=True, precision="float32"), DEFAULT)
    )
    assert not failed(compiled, as_it_is, DATA)


def test_in_bfloat16_it_is_the_same_by_what_bfloat16_resolves(lstm_in_keras: Capture, gru_in_keras: Capture) -> None:
    for model, reference in ((LastState(one_bias(lstm())), lstm_in_keras), (LastState(gru()), gru_in_keras)):
        own = in_pytorch(DATA, model, tuning=BFLOAT16)
        assert not failed(own, reference, DATA, "bfloat16")
    for layer, reference in ((layers.LSTM, lstm_in_keras), (layers.GRU, gru_in_keras)):
        own = in_tensorflow(DATA, LastStateInTensorFlow(layer(INPUTS, UNITS)), tuning=BFLOAT16)
        assert not failed(own, reference, DATA, "bfloat16")


@pytest.mark.parametrize(
    "layer",
    [nn.LSTM(3, 4, num_layers=2), nn.GRU(3, 4, bidirectional=True), nn.LSTM(3, 4, proj_size=2), nn.RNN(3, 4)],
    ids=["two layers", "two directions", "projection", "plain"],
)
def test_what_has_no_canonical_layout_is_refused(layer: nn.RNNBase) -> None:
    with pytest.raises(TypeError, match="not for layer"):
        in_pytorch(DATA, nn.ModuleDict({"layer": layer})).weights()


@pytest.mark.parametrize("layer", [one_bias(lstm()), gru()], ids=["lstm", "gru"])
def test_weights_come_back_as_they_were_given(layer: nn.LSTM | nn.GRU) -> None:
    own = in_pytorch(DATA, LastState(layer))
    given = parity.reference_weights({name: array.shape for name, array in own.weights().items()})
    own.set_weights(given)
    back = own.weights()
    assert back.keys() == given.keys()
    assert all((back[name] == given[name]).all() for name in given)


def test_no_recurrent_weight_starts_neutral() -> None:
    shapes = {"layer/recurrent_kernel": (8, 32), "layer/embeddings": (50, 8), "layer/bias": (2, 24)}
    for array in parity.reference_weights(shapes).values():
        assert array.std() > 0.05
