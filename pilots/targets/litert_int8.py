"""LiteRT with weights in int8 and computations in float32: what its guide calls dynamic range quantization."""

from __future__ import annotations

from pathlib import Path

from pilots.exports import litert_exports
from pilots.exports.litert_exports import load, run
from pilots.routes import ExportRoute, ModelToExport

__all__ = ["ROUTE", "export", "load", "run"]

ROUTE = ExportRoute(
    format=".tflite file, int8 weights",
    runtime="LiteRT",
    candidates=("tensorflow", "keras-tensorflow"),
    targets=("android", "ios", "edge_linux"),
    exports_with=("tensorflow",),
    runs_with=("ai-edge-litert",),
    extra="litert",
    precision="reduced",
    detour=("keras-jax", "keras-torch"),
)


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Convert by way of a SavedModel."""
    return litert_exports.save(subject, folder / litert_exports.FILE, weights_in_int8=True)
