"""Small models, each in several frameworks with the same names of layers, and the gate between them."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping

import numpy as np
import pytest
import tensorflow as tf
import torch
from torch import Tensor, nn

from pilots import parity
from pilots.frameworks import load_framework
from pilots.frameworks.pytorch import PyTorchPilot
from pilots.frameworks.pytorch_runtime import PyTorchRuntime
from pilots.frameworks.tensorflow import TensorFlowPilot
from pilots.frameworks.tensorflow_runtime import TensorFlowRuntime
from pilots.lanes import DEFAULT, Precision, Tuning
from pilots.parity import Capture
from pilots.pilot import Array, Data, Pilot, Recipe, Weights
from pilots.workload import Parameters

# Tells Keras its backend, before it is first imported.
load_framework("keras-tensorflow")

import keras  # noqa: E402

from pilots.frameworks.keras import KerasPilot  # noqa: E402
from pilots.frameworks.keras_backends import backend_in_use  # noqa: E402

# Models as small as these gain nothing from a second thread, and lose much on a busy machine.
torch.set_num_threads(1)

#: Keras hands TensorFlow's tensors to numpy, whose second version tells them off for it.
ALLOWED_WARNING = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

RECIPE = Recipe(batch_size=64, learning_rate=1e-2, adam_epsilon=1e-8, epochs=1)
CLASSES = 3

Changed = Callable[[dict[str, Array]], Weights]


def rows(*shape: int, scale: float = 1.0) -> Data:
    """Random rows of this shape in three classes; what is learnt from them does not matter."""
    generator = np.random.default_rng(1)
    return labelled(generator.normal(0, scale, (160, *shape)).astype(np.float32), generator)


def labelled(x: Array, generator: np.random.Generator) -> Data:
    """These rows with random classes."""
    y = generator.integers(0, CLASSES, len(x))
    return Data("classification", x, y, x[:8], y[:8], outputs=CLASSES)


def in_keras(data: Data, *layers: keras.layers.Layer, recipe: Recipe = RECIPE, tuning: Tuning = DEFAULT) -> KerasPilot:
    """These layers on Keras with TensorFlow."""
    model = keras.Sequential([keras.Input(data.x_train.shape[1:]), *layers])
    return KerasPilot(model, data.task, recipe, backend_in_use(), tuning)


def in_pytorch(
    data: Data,
    model: nn.Module,
    *,
    recipe: Recipe = RECIPE,
    tuning: Tuning = DEFAULT,
    flattened: Mapping[str, tuple[int, int, int]] | None = None,
    kind: type[PyTorchPilot] = PyTorchPilot,
) -> PyTorchPilot:
    """This module in PyTorch."""
    parameters = Parameters(shapes={}, flattened=flattened or {})
    return kind(model, parameters, data.task, recipe, PyTorchRuntime(), tuning)


def in_tensorflow(
    data: Data, model: tf.Module, *, recipe: Recipe = RECIPE, tuning: Tuning = DEFAULT
) -> TensorFlowPilot:
    """This module in TensorFlow without Keras."""
    return TensorFlowPilot(model, data, recipe, TensorFlowRuntime(), tuning)


def sequential(**layers: nn.Module) -> nn.Sequential:
    """PyTorch layers under names of their own."""
    return nn.Sequential(OrderedDict(layers))


class LastState(nn.Module):
    """Of a recurrent PyTorch layer with the batch first, to logits."""

    def __init__(self, layer: nn.LSTM | nn.GRU) -> None:
        super().__init__()
        self.layer = layer
        self.output = nn.Linear(layer.hidden_size, CLASSES)

    def forward(self, x: Tensor) -> Tensor:
        states, _ = self.layer(x)
        logits: Tensor = self.output(states[:, -1])
        return logits


def copying(change: Changed) -> type[PyTorchPilot]:
    """A pilot that copies changed weights."""

    class Changing(PyTorchPilot):
        def set_weights(self, weights: Weights) -> None:
            super().set_weights(change(dict(weights)))

    return Changing


def captured(pilot: Pilot, data: Data) -> Capture:
    return parity.capture(pilot, data, RECIPE)


def failed(own: Pilot, reference: Pilot | Capture, data: Data, precision: Precision = "float32") -> set[str]:
    """The checks of the gate at which a pilot fails against the reference."""
    against = reference if isinstance(reference, Capture) else captured(reference, data)
    result = parity.compare(captured(own, data), against, "reference", precision)
    return {check.name for check in result.checks if not check.passed}
