"""LiteRT with weights in int8, from PyTorch: what its guide calls dynamic range quantization."""

from __future__ import annotations

from pathlib import Path

from pilots.exports import litert_exports, litert_torch_exports
from pilots.routes import ModelToExport
from pilots.targets import litert_int8
from pilots.targets.litert_int8 import load, run

__all__ = ["ROUTE", "export", "load", "run"]

ROUTE = litert_torch_exports.from_pytorch(litert_int8.ROUTE, quantized=True)


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Convert by way of an exported program, then quantize."""
    return litert_torch_exports.save_with_weights_in_int8(subject, folder / litert_exports.FILE)
