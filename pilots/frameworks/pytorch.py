"""PyTorch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

from pilots import workload as workloads
from pilots.frameworks import pytorch_pipeline as pipelines
from pilots.frameworks import pytorch_training as training
from pilots.frameworks.checks import ROW_ORDERS, check_one_batch, check_weights
from pilots.frameworks.pytorch_runtime import PyTorchRuntime, torch_compiler
from pilots.frameworks.pytorch_weights import NamedWeight, named_weights
from pilots.lanes import DEFAULT, NO_COMPILER, Compiler, Tuning
from pilots.pilot import Array, Augmentation, Data, Draws, Feed, Pipeline, Recipe, StepHook, Task, Weights
from pilots.workload import Parameters, Workload


class PyTorch(PyTorchRuntime):
    """The stack ``pytorch``."""

    def __init__(self) -> None:
        super().__init__()
        self._tuning = DEFAULT

    def settings(self) -> dict[str, str]:
        """What is in force, precision and compilation of the last model built included."""
        compilation = "torch.compile" if self._tuning.compiled else "none"
        return {**super().settings(), "precision": self._tuning.precision, "compilation": compilation}

    def build(self, workload: Workload, data: Data, recipe: Recipe, tuning: Tuning) -> PyTorchPilot:
        """A new model of the workload; see :class:`pilots.framework.Framework`."""
        self._tuning = tuning
        return PyTorchPilot(
            model=workloads.build(workload, "in_pytorch", data),
            parameters=workloads.parameters(workload, data),
            task=data.task,
            recipe=recipe,
            runtime=self,
            tuning=tuning,
        )


class PyTorchPilot:
    """A plain ``nn.Module`` trained with ``torch.optim.Adam``: in eager mode, or compiled.

    Compiled means what PyTorch's tuning guide gives: ``torch.compile`` of the model, the fused optimiser, images
    with their channels last in memory, autocast where 16-bit floats are wanted; and batches read in bulk, as the
    documentation of ``DataLoader`` gives it.

    A model that generates brings its own loss, ``training_loss(x, noise)``, which draws the noise if it is not given.

    PyTorch's running variance is unbiased (divided by n - 1), which cannot be switched off: it exceeds the other
    frameworks' by the factor n / (n - 1), with n the values per channel in a batch.
    """

    #: Its generator is seeded.
    order_follows_seed = True

    def __init__(
        self,
        model: nn.Module,
        parameters: Parameters,
        task: Task,
        recipe: Recipe,
        runtime: PyTorchRuntime,
        tuning: Tuning,
    ) -> None:
        self.model = model.to(runtime.torch_device)
        self._tuning = tuning
        self._image_layout = torch.channels_last if tuning.compiled else torch.contiguous_format
        if tuning.compiled:
            # Only images have four axes; other weights stay as they are.
            self.model.to(memory_format=self._image_layout)  # type: ignore[call-overload]
        self._task = task
        self._forward = self._as_it_runs(self.model, runtime)
        match task:
            case "classification":
                self._loss = training.classification_loss(self._forward)
            case "regression":
                self._loss = training.regression_loss(self._forward)
            case "generation":
                self._loss = self._as_it_runs(cast(training.Forward, self.model.training_loss), runtime)
        self._flattened = parameters.flattened
        self._recipe = recipe
        self._runtime = runtime
        self._optimizer = self._new_optimizer()

    def _as_it_runs(self, forward: training.Forward, runtime: PyTorchRuntime) -> training.Forward:
        if self._tuning.compiled:
            forward = torch.compile(forward)
        if self._tuning.precision == "bfloat16":
            forward = training.autocast(forward, runtime.torch_device)
        return forward

    def _new_optimizer(self) -> torch.optim.Adam:
        # Betas are 0.9 and 0.999 by default in all stacks.
        return torch.optim.Adam(
            self.model.parameters(),
            lr=self._recipe.learning_rate,
            eps=self._recipe.adam_epsilon,
            fused=True if self._tuning.compiled else None,
        )

    def _weights(self) -> list[NamedWeight]:
        return list(named_weights(self.model, self._flattened))

    def weights(self) -> dict[str, Array]:
        """See :class:`pilots.pilot.Pilot`."""
        return {weight.name: weight.value() for weight in self._weights()}

    def set_weights(self, weights: Weights) -> None:
        """See :class:`pilots.pilot.Pilot`."""
        check_weights(weights, {name: array.shape for name, array in self.weights().items()})
        for weight in self._weights():
            weight.assign(weights[weight.name])
        self._optimizer = self._new_optimizer()

    def predict(self, x: Array) -> Array:
        """See :class:`pilots.pilot.Pilot`. Inference mode, as PyTorch recommends over ``no_grad``."""
        if self.model.training:
            self.model.eval()
        with torch.inference_mode():
            return _array(self._forward(self._inputs(x)))

    def gradients(self, x: Array, y: Array) -> dict[str, Array]:
        """See :class:`pilots.pilot.Pilot`."""
        self.model.train()
        self.model.zero_grad()
        targets = torch.from_numpy(y).to(self._runtime.torch_device)
        self._loss(self._inputs(x), targets).backward()  # type: ignore[no-untyped-call]
        gradients = {weight.name: weight.gradient() for weight in self._weights()}
        return {name: gradient for name, gradient in gradients.items() if gradient is not None}

    def train_on(self, batches: list[tuple[Array, Array]]) -> list[float]:
        """See :class:`pilots.pilot.Pilot`."""
        device = self._runtime.torch_device
        self.model.train()
        return [
            training.train_step(self._loss, self._optimizer, self._inputs(x), torch.from_numpy(y).to(device)).item()
            for x, y in batches
        ]

    def fit(self, x: Array, y: Array, *, epochs: int, seed: int, pace: StepHook) -> None:
        """See :class:`pilots.pilot.Pilot`; a loop over a DataLoader."""
        check_one_batch(len(x), self._recipe.batch_size)
        targets = () if self._task == "generation" else (torch.from_numpy(y),)
        # For what the model draws: noise, dropout.
        torch.manual_seed(seed)
        batches = self._loader(TensorDataset(self._channels_first(x), *targets), seed)
        device = self._runtime.torch_device
        training.fit(self.model, self._loss, self._optimizer, batches, epochs=epochs, device=device, pace=pace)

    def _loader(self, data: TensorDataset, seed: int) -> DataLoader[training.Batch]:
        return training.make_loader(
            data, batch_size=self._recipe.batch_size, seed=seed, whole_batches=self._tuning.compiled
        )

    def from_memory(self, x: Array, y: Array) -> Feed:
        """See :class:`pilots.pilot.Pilot`; tensors in a list."""
        return pipelines.FromMemory(
            self._channels_first(x), torch.from_numpy(y), self._recipe.batch_size, self._train_epoch
        )

    def pipeline(
        self, x: Array, y: Array, augmentation: Augmentation, *, workers: int, seed: int, given: Draws | None = None
    ) -> Pipeline:
        """See :class:`pilots.pilot.Pilot`; a ``Dataset`` under a ``DataLoader``."""
        images = pipelines.AugmentedImages(self._channels_first(x), torch.from_numpy(y), augmentation, given)
        loader = pipelines.make_loader(images, batch_size=self._recipe.batch_size, workers=workers, seed=seed)
        return pipelines.FromLoader(loader, self._train_epoch)

    def _train_epoch(self, batches: Iterable[pipelines.Batch], pace: StepHook) -> None:
        device = self._runtime.torch_device
        self.model.train()
        for x, y in batches:
            pace.before_step()
            training.train_step(self._loss, self._optimizer, x.to(device), y.to(device))
        pace.after_epoch()

    def settings(self) -> dict[str, str]:
        """See :class:`pilots.pilot.Pilot`."""
        loader = self._loader(TensorDataset(torch.zeros(2)), seed=1)
        batches: Any = loader if loader.batch_size is not None else loader.sampler
        image = self._channels_first(np.zeros((1, 2, 2, 2), np.float32))
        return {
            "feeding": f"DataLoader over {type(loader.sampler).__name__}",
            "last_batch": "dropped" if batches.drop_last else "kept",
            "row_order": ROW_ORDERS[self.order_follows_seed],
            "loader_workers": str(loader.num_workers),
            "pinned_memory": str(loader.pin_memory),
            "optimizer": type(self._optimizer).__name__,
            "optimizer_fused": str(self._optimizer.defaults["fused"]),
            "image_layout": "channels_last" if image.is_contiguous(memory_format=torch.channels_last) else "contiguous",
        }

    def sync(self) -> None:
        """See :class:`pilots.pilot.Pilot`."""
        self._runtime.sync()

    def compiler(self) -> Compiler:
        """See :class:`pilots.pilot.Pilot`."""
        return torch_compiler() if self._tuning.compiled else NO_COMPILER

    def _inputs(self, x: Array) -> Tensor:
        return self._channels_first(x).to(self._runtime.torch_device)

    def _channels_first(self, x: Array) -> Tensor:
        """Images as PyTorch takes them (rows, channels, height, width), in the lane's layout; others as they are."""
        tensor = torch.from_numpy(x)
        if tensor.ndim != 4:
            return tensor
        return tensor.permute(0, 3, 1, 2).contiguous(memory_format=self._image_layout)


def _array(tensor: Tensor) -> Array:
    return tensor.detach().float().cpu().numpy()


def load(backend: str) -> PyTorch:
    """The framework, imported with this module."""
    return PyTorch()
