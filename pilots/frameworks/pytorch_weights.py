"""PyTorch's weights in canonical layout and back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from pilots.pilot import Array


@dataclass(frozen=True)
class Layout:
    """How an array maps from PyTorch's layout to the canonical layout, and back."""

    to_canonical: Callable[[Array], Array]
    from_canonical: Callable[[Array], Array]


@dataclass(frozen=True)
class NamedWeight:
    """One weight by its canonical name.

    PyTorch keeps it in one tensor, in some ``rows`` of a tensor, or in several tensors, stacked on a new first axis.
    """

    name: str
    tensors: tuple[Tensor, ...]
    layout: Layout
    rows: slice = field(default_factory=lambda: slice(None))

    def value(self) -> Array:
        """In canonical layout."""
        return self._canonical(self.tensors)

    def gradient(self) -> Array | None:
        """In canonical layout; None where nothing is trained, or no gradient has been computed."""
        gradients = [tensor.grad for tensor in self.tensors if tensor.grad is not None]
        return self._canonical(gradients) if len(gradients) == len(self.tensors) else None

    def assign(self, array: Array) -> None:
        """Overwrite it with a value in canonical layout."""
        own = torch.from_numpy(np.ascontiguousarray(self.layout.from_canonical(array)))
        with torch.no_grad():
            for tensor, part in zip(self.tensors, own if len(self.tensors) > 1 else (own,), strict=True):
                tensor[self.rows].copy_(part)

    def _canonical(self, tensors: tuple[Tensor, ...] | list[Tensor]) -> Array:
        arrays = [tensor.detach()[self.rows].float().cpu().numpy() for tensor in tensors]
        array = np.stack(arrays) if len(arrays) > 1 else arrays[0].copy()
        return np.ascontiguousarray(self.layout.to_canonical(array))


def _swap_gates(array: Array) -> Array:
    """GRU gates on the last axis: PyTorch has reset, update, new; canonical is update, reset, new."""
    first, second, new = np.split(array, 3, axis=-1)
    return np.concatenate([second, first, new], axis=-1)


_AS_IT_IS = Layout(lambda array: array, lambda array: array)
_TRANSPOSED = Layout(np.transpose, np.transpose)
_CONVOLUTION = Layout(lambda array: array.transpose(2, 3, 1, 0), lambda array: array.transpose(3, 2, 0, 1))
_GRU_KERNEL = Layout(lambda array: _swap_gates(array.T), lambda array: _swap_gates(array).T)
_GRU_BIAS = Layout(_swap_gates, _swap_gates)


def _flattened(height: int, width: int, channels: int) -> Layout:
    """A dense kernel that reads an image flattened channel by channel; canonically it is read pixel by pixel."""

    def to_canonical(array: Array) -> Array:
        return array.T.reshape(channels, height, width, -1).transpose(1, 2, 0, 3).reshape(array.T.shape)

    def from_canonical(array: Array) -> Array:
        return array.reshape(height, width, channels, -1).transpose(2, 0, 1, 3).reshape(array.shape).T

    return Layout(to_canonical, from_canonical)


#: By canonical variable: PyTorch's attribute and the layout.
_Variables = Mapping[str, tuple[str, Layout]]
_DENSE: _Variables = {"kernel": ("weight", _TRANSPOSED), "bias": ("bias", _AS_IT_IS)}
_SCALE: _Variables = {"gamma": ("weight", _AS_IT_IS), "beta": ("bias", _AS_IT_IS)}
_VARIABLES: dict[type[nn.Module], _Variables] = {
    nn.Linear: _DENSE,
    nn.Conv2d: {"kernel": ("weight", _CONVOLUTION), "bias": ("bias", _AS_IT_IS)},
    nn.BatchNorm2d: {
        **_SCALE,
        "moving_mean": ("running_mean", _AS_IT_IS),
        "moving_variance": ("running_var", _AS_IT_IS),
    },
    nn.LayerNorm: _SCALE,
    nn.Embedding: {"embeddings": ("weight", _AS_IT_IS)},
}


def named_weights(model: nn.Module, flattened: Mapping[str, tuple[int, int, int]]) -> Iterator[NamedWeight]:
    """Parameters and running statistics of the model, layer by layer.

    Args:
        model: made of the layers this module knows.
        flattened: dense layers that read a flattened image, with its (height, width, channels).

    Raises:
        TypeError: a layer with parameters is of a kind this module does not know.
        ValueError: an LSTM's second bias is not zero; see :func:`one_bias`.
    """
    attentions = [name for name, module in model.named_modules() if isinstance(module, nn.MultiheadAttention)]
    handled = {f"{name}.out_proj" for name in attentions}
    for path, module in model.named_modules():
        layer = path.replace(".", "_")
        if isinstance(module, nn.RNNBase):
            yield from _recurrent(layer, module)
            continue
        if isinstance(module, nn.MultiheadAttention):
            yield from _attention(layer, module)
            continue
        if path in handled:
            continue
        variables = _VARIABLES.get(type(module))
        if variables is None:
            if any(True for _ in module.parameters(recurse=False)):
                raise TypeError(f"no canonical layout is known for {type(module).__name__} ({path})")
            continue
        for variable, (attribute, layout) in variables.items():
            tensor = getattr(module, attribute)
            if tensor is not None:
                if variable == "kernel" and layer in flattened:
                    layout = _flattened(*flattened[layer])
                yield NamedWeight(f"{layer}/{variable}", (tensor,), layout)


def one_bias(layer: nn.LSTM) -> nn.LSTM:
    """The layer with its second bias fixed at zero.

    PyTorch adds two biases to the same sum, after cuDNN. With both trained, the sum moves by two steps at a time.
    """
    second = _tensor(layer, "bias_hh_l0")
    nn.init.zeros_(second)
    second.requires_grad_(False)
    return layer


def _recurrent(layer: str, module: nn.RNNBase) -> Iterator[NamedWeight]:
    """An LSTM's gates are in canonical order (input, forget, candidate, output) in PyTorch too; a GRU's are not."""
    if type(module) not in (nn.LSTM, nn.GRU) or module.num_layers > 1 or module.bidirectional or module.proj_size:
        raise TypeError(f"canonical layouts are known for LSTM and GRU of one layer and one direction, not for {layer}")
    kernel = _GRU_KERNEL if isinstance(module, nn.GRU) else _TRANSPOSED
    yield NamedWeight(f"{layer}/kernel", (_tensor(module, "weight_ih_l0"),), kernel)
    yield NamedWeight(f"{layer}/recurrent_kernel", (_tensor(module, "weight_hh_l0"),), kernel)
    if not module.bias:
        return
    biases = _tensor(module, "bias_ih_l0"), _tensor(module, "bias_hh_l0")
    if isinstance(module, nn.GRU):
        # Two biases canonically too: that of the state is inside the product with the reset gate.
        yield NamedWeight(f"{layer}/bias", biases, _GRU_BIAS)
    elif biases[1].any():
        raise ValueError(f"{layer} adds a second bias that no canonical weight describes; fix it by one_bias(...)")
    else:
        yield NamedWeight(f"{layer}/bias", biases[:1], _AS_IT_IS)


def _attention(layer: str, module: nn.MultiheadAttention) -> Iterator[NamedWeight]:
    """PyTorch keeps the products of query, key and value in one matrix, one below the other."""
    if module.in_proj_weight is None or module.in_proj_bias is None or module.bias_k is not None:
        raise TypeError(f"a canonical layout is known for attention of one width and with biases, not for {layer}")
    for place, product in enumerate(("query", "key", "value")):
        rows = slice(place * module.embed_dim, (place + 1) * module.embed_dim)
        yield NamedWeight(f"{layer}_{product}/kernel", (module.in_proj_weight,), _TRANSPOSED, rows)
        yield NamedWeight(f"{layer}_{product}/bias", (module.in_proj_bias,), _AS_IT_IS, rows)
    yield NamedWeight(f"{layer}_attention_output/kernel", (module.out_proj.weight,), _TRANSPOSED)
    yield NamedWeight(f"{layer}_attention_output/bias", (module.out_proj.bias,), _AS_IT_IS)


def _tensor(module: nn.Module, attribute: str) -> Tensor:
    tensor: Tensor = getattr(module, attribute)
    return tensor
