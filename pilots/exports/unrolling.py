"""Recurrent layers of Keras without their loop, for runtimes that cannot take a loop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pilots.routes import ModelToExport


def unrolled(subject: ModelToExport) -> tuple[ModelToExport, tuple[str, ...]]:
    """The model; its recurrent layers are unrolled where it is a Keras model that has any."""
    if not subject.candidate.startswith("keras"):
        return subject, ()
    import keras

    if not any(isinstance(layer, keras.layers.RNN) for layer in subject.model.layers):
        return subject, ()

    def copied(layer: Any) -> Any:
        config = layer.get_config()
        if isinstance(layer, keras.layers.RNN):
            config["unroll"] = True
        return type(layer).from_config(config)

    model = keras.models.clone_model(subject.model, clone_function=copied)
    model.set_weights(subject.model.get_weights())
    return replace(subject, model=model), ("recurrent layers are unrolled in what is exported",)
