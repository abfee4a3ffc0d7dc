"""How weights and images lie in memory: what fits in the wrong way round computes something else."""

from __future__ import annotations

import pytest
import torch
from pairs import ALLOWED_WARNING, CLASSES, captured, copying, failed, in_keras, in_pytorch, keras, rows, sequential
from torch import Tensor, nn

from pilots.frameworks.pytorch import PyTorchPilot
from pilots.parity import Capture
from pilots.pilot import Weights

pytestmark = ALLOWED_WARNING

AT_ONCE = {"forward", "gradients", "steps"}
TABLE = rows(6)
# As many channels as filters, and the kernel as wide as that, so that the kernel fits in any order.
IMAGES = rows(3, 3, 3)


def dense() -> nn.Module:
    return sequential(hidden=nn.Linear(6, 6), relu=nn.ReLU(), output=nn.Linear(6, CLASSES))


def convolution() -> nn.Module:
    return sequential(
        conv=nn.Conv2d(3, 3, 3, padding="same"), relu=nn.ReLU(), flat=nn.Flatten(), output=nn.Linear(27, CLASSES)
    )


@pytest.fixture(scope="module")
def dense_in_keras() -> Capture:
    layers = keras.layers.Dense(6, "relu", name="hidden"), keras.layers.Dense(CLASSES, name="output")
    return captured(in_keras(TABLE, *layers), TABLE)


@pytest.fixture(scope="module")
def convolution_in_keras() -> Capture:
    layers = (
        keras.layers.Conv2D(3, 3, padding="same", activation="relu", name="conv"),
        keras.layers.Flatten(),
        keras.layers.Dense(CLASSES, name="output"),
    )
    return captured(in_keras(IMAGES, *layers), IMAGES)


def test_a_dense_kernel_is_transposed(dense_in_keras: Capture) -> None:
    assert not failed(in_pytorch(TABLE, dense()), dense_in_keras, TABLE)
    untransposed = copying(lambda weights: {**weights, "hidden/kernel": weights["hidden/kernel"].T})
    assert failed(in_pytorch(TABLE, dense(), kind=untransposed), dense_in_keras, TABLE) == AT_ONCE


class KeepingItsOwn(PyTorchPilot):
    """Starts from PyTorch's initial weights (Kaiming uniform), not from the given ones."""

    def set_weights(self, weights: Weights) -> None:
        pass


def test_weights_have_to_be_copied(dense_in_keras: Capture) -> None:
    torch.manual_seed(0)
    assert failed(in_pytorch(TABLE, dense(), kind=KeepingItsOwn), dense_in_keras, TABLE) == AT_ONCE


def test_a_convolution_has_its_axes_in_order(convolution_in_keras: Capture) -> None:
    flattened = {"output": (3, 3, 3)}
    assert not failed(in_pytorch(IMAGES, convolution(), flattened=flattened), convolution_in_keras, IMAGES)
    as_stored = copying(lambda weights: {**weights, "conv/kernel": weights["conv/kernel"].transpose(3, 2, 0, 1)})
    own = in_pytorch(IMAGES, convolution(), flattened=flattened, kind=as_stored)
    assert failed(own, convolution_in_keras, IMAGES) == AT_ONCE


def test_images_have_their_channels_where_the_framework_looks_for_them(convolution_in_keras: Capture) -> None:
    class Reshaping(nn.Module):
        """Takes the channels for the height."""

        def forward(self, x: Tensor) -> Tensor:
            return x.permute(0, 2, 3, 1)

    own = in_pytorch(IMAGES, sequential(wrong=Reshaping(), **dict(convolution().named_children())))
    assert "forward" in failed(own, convolution_in_keras, IMAGES)


def test_flattening_goes_pixel_by_pixel(convolution_in_keras: Capture) -> None:
    own = in_pytorch(IMAGES, convolution(), flattened={})
    assert failed(own, convolution_in_keras, IMAGES) == AT_ONCE
