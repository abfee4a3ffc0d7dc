"""LiteRT with float32 weights, from PyTorch."""

from __future__ import annotations

from pathlib import Path

from pilots.exports import litert_exports, litert_torch_exports
from pilots.exports.litert_exports import load, run
from pilots.routes import Route, Subject

__all__ = ["ROUTE", "export", "load", "run"]

ROUTE = Route(
    format=".tflite file",
    runtime="LiteRT",
    candidates=("pytorch", "keras-torch"),
    targets=("android", "ios", "edge_linux", "desktop", "python_package"),
    exports_with=("litert-torch",),
    runs_with=("ai-edge-litert",),
    extra="edge-torch",
)


def export(subject: Subject, folder: Path) -> tuple[str, ...]:
    """Convert by way of an exported program."""
    return litert_torch_exports.save(subject, folder / litert_exports.FILE)
