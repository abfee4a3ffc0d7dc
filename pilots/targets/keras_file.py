"""Keras's own way: the ``.keras`` file, on the backend that trained it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pilots.candidate import candidates
from pilots.pilot import Array
from pilots.routes import Artifact, ExportRoute, ModelToExport

ROUTE = ExportRoute(
    format=".keras file",
    runtime="Keras",
    candidates=("keras-tensorflow", "keras-jax", "keras-torch"),
    targets=("python_server", "batch", "desktop", "python_package", "edge_linux"),
    runs_with=("keras",),
    adopts="keras",
    file="model.keras",
)


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Save architecture and weights."""
    subject.model.save(folder / ROUTE.file)
    return ()


def load(artifact: Artifact) -> Any:
    """Load it in safe mode: unless it is trusted, nothing in the file is run as code."""
    os.environ["KERAS_BACKEND"] = candidates()[artifact.candidate].backend
    import keras

    return keras.saving.load_model(artifact.folder / ROUTE.file, compile=False, safe_mode=not artifact.trusted)


def run(loaded: Any, x: Array) -> Array:
    """Predict one batch."""
    outputs: Array = loaded.predict_on_batch(x)
    return outputs
