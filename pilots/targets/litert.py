"""LiteRT, what TensorFlow Lite is called now, with float32 weights."""

from __future__ import annotations

from pathlib import Path

from pilots.exports import litert_exports
from pilots.exports.litert_exports import load, run
from pilots.routes import ExportRoute, ModelToExport

__all__ = ["ROUTE", "export", "load", "run"]

ROUTE = ExportRoute(
    format=".tflite file",
    runtime="LiteRT",
    candidates=("tensorflow", "keras-tensorflow", "keras-jax"),
    targets=("android", "ios", "edge_linux", "desktop", "python_package"),
    exports_with=("tensorflow",),
    runs_with=("ai-edge-litert",),
    extra="litert",
    detour=("keras-jax", "keras-torch"),
    adopts="tflite",
    file="model.tflite",
)


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Convert by way of a SavedModel."""
    return litert_exports.save(subject, folder / litert_exports.FILE)
