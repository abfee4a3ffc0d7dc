"""PyTorch's weights in canonical layout and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from torch import Tensor, nn

from pilots.pilot import Array

_NORM = {"gamma": "weight", "beta": "bias", "moving_mean": "running_mean", "moving_variance": "running_var"}
_VARIABLES: dict[type[nn.Module], dict[str, str]] = {
    nn.Linear: {"kernel": "weight", "bias": "bias"},
    nn.Conv2d: {"kernel": "weight", "bias": "bias"},
    nn.BatchNorm2d: _NORM,
}


@dataclass(frozen=True)
class NamedTensor:
    """One weight: its canonical name, PyTorch's tensor, and how the layouts map to one another."""

    name: str
    tensor: Tensor
    layer: type[nn.Module]
    flattened: tuple[int, int, int] | None

    def to_canonical(self, array: Array) -> Array:
        """From PyTorch's layout, for a value or a gradient."""
        if not self.name.endswith("/kernel"):
            return array.copy()
        if self.layer is nn.Conv2d:
            return np.ascontiguousarray(array.transpose(2, 3, 1, 0))
        kernel = array.T
        if self.flattened:
            height, width, channels = self.flattened
            kernel = kernel.reshape(channels, height, width, -1).transpose(1, 2, 0, 3).reshape(kernel.shape)
        return np.ascontiguousarray(kernel)

    def from_canonical(self, array: Array) -> Array:
        """To PyTorch's layout."""
        if not self.name.endswith("/kernel"):
            return array.copy()
        if self.layer is nn.Conv2d:
            return np.ascontiguousarray(array.transpose(3, 2, 0, 1))
        if self.flattened:
            array = array.reshape(*self.flattened, -1).transpose(2, 0, 1, 3).reshape(array.shape)
        return np.ascontiguousarray(array.T)


def named_tensors(model: nn.Module, flattened: Mapping[str, tuple[int, int, int]]) -> Iterator[NamedTensor]:
    """Parameters and running statistics of the model, layer by layer.

    Args:
        model: made of the layers this module knows.
        flattened: dense layers that read a flattened image, with its (height, width, channels).

    Raises:
        TypeError: a layer with parameters is of a kind this module does not know.
    """
    for layer, module in model.named_modules():
        variables = _VARIABLES.get(type(module))
        if variables is None:
            if any(True for _ in module.parameters(recurse=False)):
                raise TypeError(f"no canonical layout is known for {type(module).__name__} ({layer})")
            continue
        for variable, attribute in variables.items():
            tensor = getattr(module, attribute)
            if tensor is not None:
                yield NamedTensor(f"{layer}/{variable}", tensor, type(module), flattened.get(layer))
