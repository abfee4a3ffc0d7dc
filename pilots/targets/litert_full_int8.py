"""LiteRT with weights and activations in int8: what its guide calls full integer quantization.

The file takes one row. Inputs and outputs stay float32, which the file quantizes itself, so that an app can put it in
the place of the float32 file.
"""

from __future__ import annotations

from pathlib import Path

from pilots.exports import int8_litert, litert_exports
from pilots.exports.litert_exports import load, run
from pilots.routes import ExportRoute, ModelToExport

__all__ = ["ROUTE", "export", "load", "run"]

ROUTE = ExportRoute(
    format=".tflite file, int8",
    runtime="LiteRT",
    candidates=("tensorflow", "keras-tensorflow"),
    targets=("android", "ios", "edge_linux"),
    exports_with=("tensorflow",),
    runs_with=("ai-edge-litert",),
    extra="litert",
    precision="reduced",
    detour=("keras-jax", "keras-torch"),
    calibrated=True,
)


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Convert by way of a SavedModel, calibrated on training rows."""
    return int8_litert.save(subject, folder / litert_exports.FILE)
