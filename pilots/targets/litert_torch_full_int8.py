"""LiteRT with weights and activations in int8, from PyTorch: what its guide calls full integer quantization.

The file takes one row. Inputs and outputs stay float32, which the file quantizes itself.
"""

from __future__ import annotations

from pathlib import Path

from pilots.exports import litert_exports, litert_torch_exports
from pilots.exports.litert_exports import load, run
from pilots.routes import Route, Subject

__all__ = ["ROUTE", "export", "load", "run"]

ROUTE = Route(
    format=".tflite file, int8",
    runtime="LiteRT",
    candidates=("pytorch", "keras-torch"),
    targets=("android", "ios", "edge_linux"),
    exports_with=("litert-torch", "ai-edge-quantizer"),
    runs_with=("ai-edge-litert",),
    extra="edge-torch",
    precision="reduced",
    calibrated=True,
)


def export(subject: Subject, folder: Path) -> tuple[str, ...]:
    """Convert by way of an exported program, then quantize, calibrated on training rows."""
    return litert_torch_exports.save_in_int8(subject, folder / litert_exports.FILE)
