"""The framework stacks, one module each: process settings, model, training loop, weights in canonical layout."""

from __future__ import annotations

import os
import sys

from pilots.framework import Framework


def load_framework(candidate: str) -> Framework:
    """Import the candidate's framework, and nothing of the others.

    Raises:
        ImportError: the framework is not installed.
        ValueError: there is no such candidate.
        RuntimeError: Keras already runs on another backend in this process.
    """
    match candidate:
        case "pytorch":
            from pilots.frameworks.pytorch import PyTorch

            return PyTorch()
        case "tensorflow":
            from pilots.frameworks.tensorflow import TensorFlow

            return TensorFlow()
        case "keras-tensorflow" | "keras-jax" | "keras-torch":
            return _load_keras(candidate.removeprefix("keras-"))
        case _:
            raise ValueError(f"there is no framework for the candidate {candidate!r}")


def _load_keras(backend: str) -> Framework:
    # Keras reads its backend once, when it is first imported.
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = backend
    from pilots.frameworks.keras import Keras

    return Keras(backend)
