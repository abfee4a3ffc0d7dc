"""Keras's weights by canonical name and in canonical layout."""

from __future__ import annotations

import math
from dataclasses import dataclass

import keras
import numpy as np

from pilots.pilot import Array, Shape


@dataclass(frozen=True)
class NamedVariable:
    """One variable by its canonical name, with its shape in canonical layout."""

    name: str
    variable: keras.Variable
    shape: Shape

    def value(self) -> Array:
        """A copy in canonical layout."""
        return self.canonical(keras.ops.convert_to_numpy(self.variable)).copy()

    def canonical(self, array: Array) -> Array:
        """An array of the variable's shape, such as its gradient, in canonical layout."""
        return np.asarray(array).reshape(self.shape)

    def assign(self, array: Array) -> None:
        """Overwrite it with a value in canonical layout."""
        self.variable.assign(array.reshape(self.variable.shape))


def named_variables(model: keras.Model) -> list[NamedVariable]:
    """Parameters and running statistics of the model, layer by layer."""
    return [_named(layer, variable) for layer in model.layers for variable in layer.weights]


def _named(layer: keras.layers.Layer, variable: keras.Variable) -> NamedVariable:
    shape = tuple(variable.shape)
    if not isinstance(layer, keras.layers.MultiHeadAttention):
        return NamedVariable(f"{layer.name}/{variable.name}", variable, shape)
    # Keras keeps the heads apart, (inputs, heads, features of each); canonically they are one axis.
    product = variable.path.split("/")[-2]
    if len(shape) == 3:
        split = 2 if product == "attention_output" else 1
        shape = (math.prod(shape[:split]), math.prod(shape[split:]))
    elif product != "attention_output":
        shape = (math.prod(shape),)
    return NamedVariable(f"{layer.name}_{product}/{variable.name}", variable, shape)
