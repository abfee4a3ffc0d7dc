"""Normalisation: what is added to variances, how running statistics follow, which variance they follow."""

from __future__ import annotations

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
    rows,
    sequential,
)
from torch import nn

from pilots.frameworks import tensorflow_layers as layers
from pilots.lanes import Tuning
from pilots.parity import Capture
from pilots.pilot import Data

# The defaults, of which one is right for a pair: share of the old value kept, and what is added to the variance.
KERAS_MOMENTUM, KERAS_EPSILON = 0.99, 1e-3
PYTORCH_MOMENTUM, PYTORCH_EPSILON = 1 - 0.1, 1e-5
pytestmark = ALLOWED_WARNING

AT_ONCE = {"forward", "gradients", "steps"}
IMAGES = rows(6, 6, 2, scale=3)
TABLE = rows(6)
BFLOAT16 = Tuning(compiled=False, precision="bfloat16")


def normed(momentum: float, epsilon: float, pixels: int = 36) -> nn.Module:
    return sequential(
        conv=nn.Conv2d(2, 4, 3, padding="same", bias=False),
        norm=nn.BatchNorm2d(4, eps=epsilon, momentum=1 - momentum),
        relu=nn.ReLU(),
        flat=nn.Flatten(),
        output=nn.Linear(4 * pixels, CLASSES),
    )


def normed_in_keras(data: Data) -> Capture:
    added = (
        keras.layers.Conv2D(4, 3, padding="same", use_bias=False, name="conv"),
        keras.layers.BatchNormalization(momentum=PYTORCH_MOMENTUM, epsilon=PYTORCH_EPSILON, name="norm"),
        keras.layers.ReLU(),
        keras.layers.Flatten(),
        keras.layers.Dense(CLASSES, name="output"),
    )
    return captured(in_keras(data, *added), data)


@pytest.fixture(scope="module")
def batch_norm() -> Capture:
    return normed_in_keras(IMAGES)


@pytest.fixture(scope="module")
def layer_norm() -> Capture:
    added = (
        keras.layers.Dense(8, name="hidden"),
        keras.layers.LayerNormalization(epsilon=PYTORCH_EPSILON, name="norm"),
        keras.layers.Dense(CLASSES, name="output"),
    )
    return captured(in_keras(TABLE, *added), TABLE)


def layer_normed(epsilon: float) -> nn.Module:
    return sequential(hidden=nn.Linear(6, 8), norm=nn.LayerNorm(8, eps=epsilon), output=nn.Linear(8, CLASSES))


class LayerNormed(tf.Module):
    """The same in TensorFlow."""

    def __init__(self, epsilon: float) -> None:
        super().__init__()
        self.hidden = layers.Dense(6, 8)
        self.norm = layers.LayerNorm(8, epsilon)
        self.output = layers.Dense(8, CLASSES)

    def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
        return self.output(self.norm(self.hidden(x)))


def test_batch_norm_with_the_same_settings_is_the_same(batch_norm: Capture) -> None:
    own = in_pytorch(IMAGES, normed(PYTORCH_MOMENTUM, PYTORCH_EPSILON), flattened={"output": (6, 6, 4)})
    assert not failed(own, batch_norm, IMAGES)


@pytest.mark.parametrize(
    ("momentum", "epsilon", "checks"),
    [(KERAS_MOMENTUM, PYTORCH_EPSILON, {"steps"}), (PYTORCH_MOMENTUM, KERAS_EPSILON, AT_ONCE)],
)
def test_either_default_of_the_other_framework_shows(
    batch_norm: Capture, momentum: float, epsilon: float, checks: set[str]
) -> None:
    own = in_pytorch(IMAGES, normed(momentum, epsilon), flattened={"output": (6, 6, 4)})
    assert failed(own, batch_norm, IMAGES) == checks


@pytest.mark.parametrize(
    ("momentum", "epsilon", "check"),
    [(KERAS_MOMENTUM, PYTORCH_EPSILON, "steps"), (PYTORCH_MOMENTUM, KERAS_EPSILON, "forward")],
)
def test_in_bfloat16_either_default_shows_as_well(
    batch_norm: Capture, momentum: float, epsilon: float, check: str
) -> None:
    flattened = {"output": (6, 6, 4)}
    same = in_pytorch(IMAGES, normed(PYTORCH_MOMENTUM, PYTORCH_EPSILON), flattened=flattened, tuning=BFLOAT16)
    other = in_pytorch(IMAGES, normed(momentum, epsilon), flattened=flattened, tuning=BFLOAT16)
    assert not failed(same, batch_norm, IMAGES, "bfloat16")
    assert check in failed(other, batch_norm, IMAGES, "bfloat16")


def test_an_unbiased_running_variance_weighs_where_a_channel_has_few_values(batch_norm: Capture) -> None:
    # PyTorch's running variance is larger by n / (n - 1). With a batch of 64 images of 6 x 6 pixels n is 2304, which
    # the gate lets pass (see above); with images of one pixel n is 64, and the models do differ by a part in a hundred.
    pixels = rows(1, 1, 2, scale=3)
    own = in_pytorch(pixels, normed(PYTORCH_MOMENTUM, PYTORCH_EPSILON, pixels=1))
    assert failed(own, normed_in_keras(pixels), pixels) == {"steps"}


def test_layer_norm_with_the_same_epsilon_is_the_same_everywhere(layer_norm: Capture) -> None:
    assert not failed(in_pytorch(TABLE, layer_normed(PYTORCH_EPSILON)), layer_norm, TABLE)
    assert not failed(in_tensorflow(TABLE, LayerNormed(PYTORCH_EPSILON)), layer_norm, TABLE)


def test_the_epsilon_of_layer_norm_shows(layer_norm: Capture) -> None:
    for own in in_pytorch(TABLE, layer_normed(KERAS_EPSILON)), in_tensorflow(TABLE, LayerNormed(KERAS_EPSILON)):
        assert failed(own, layer_norm, TABLE) >= {"forward", "gradients"}
