"""What Keras leaves to its backend: process settings, seeds, gradients of given variables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import keras

from pilots.pilot import Array


class Runtime(Protocol):
    """Process settings of a backend."""

    def configure(self, *, threads: int, device: str) -> None:
        """See :class:`pilots.pilot.Framework`."""

    def settings(self) -> dict[str, str]:
        """See :class:`pilots.pilot.Framework`."""

    def device(self) -> str:
        """See :class:`pilots.pilot.Framework`."""

    def sync(self) -> None:
        """See :class:`pilots.pilot.Pilot`."""


class Backend(Protocol):
    """A backend of Keras."""

    @property
    def runtime(self) -> Runtime:
        """Its process settings."""

    def device_name(self) -> str:
        """The device in use, as ``keras.device`` takes it."""

    def set_seed(self, seed: int) -> None:
        """Seed what shuffles the rows in ``fit``."""

    def gradients(self, model: keras.Model, x: Array, y: Array, variables: Sequence[keras.Variable]) -> list[Array]:
        """Gradients of the compiled loss in training mode, in the order of the variables."""


def backend_in_use() -> Backend:
    """The backend this process's Keras was imported with.

    Raises:
        ValueError: it is not one of the candidates.
    """
    match keras.config.backend():
        case "tensorflow":
            return _OnTensorFlow()
        case "torch":
            return _OnTorch()
        case other:
            raise ValueError(f"Keras on {other} is not a candidate")


class _OnTensorFlow:
    def __init__(self) -> None:
        from pilots.frameworks.tensorflow_runtime import TensorFlowRuntime

        self.runtime = TensorFlowRuntime()

    def device_name(self) -> str:
        return "cpu:0" if self.runtime.device() == "cpu" else "gpu:0"

    def set_seed(self, seed: int) -> None:
        keras.utils.set_random_seed(seed)

    def gradients(self, model: keras.Model, x: Array, y: Array, variables: Sequence[keras.Variable]) -> list[Array]:
        import tensorflow as tf

        with tf.GradientTape() as tape:
            loss = model.compute_loss(x=x, y=tf.constant(y), y_pred=model(x, training=True))
        return [gradient.numpy() for gradient in tape.gradient(loss, [variable.value for variable in variables])]


class _OnTorch:
    def __init__(self) -> None:
        from pilots.frameworks.pytorch_runtime import PyTorchRuntime

        self.runtime = PyTorchRuntime()

    def device_name(self) -> str:
        return str(self.runtime.torch_device)

    def set_seed(self, seed: int) -> None:
        import torch

        # keras.utils.set_random_seed imports TensorFlow wherever it is installed, on every backend: seconds of
        # start-up and hundreds of MiB that this stack does not need. PyTorch shuffles here, and nothing else draws.
        torch.manual_seed(seed)

    def gradients(self, model: keras.Model, x: Array, y: Array, variables: Sequence[keras.Variable]) -> list[Array]:
        model.zero_grad()
        targets = keras.ops.convert_to_tensor(y)
        model.compute_loss(x=x, y=targets, y_pred=model(x, training=True)).backward()
        return [variable.value.grad.cpu().numpy().copy() for variable in variables]
