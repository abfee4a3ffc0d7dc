"""LiteRT with weights and activations in int8, from PyTorch: what its guide calls full integer quantization."""

from __future__ import annotations

from pathlib import Path

from pilots.exports import litert_exports, litert_torch_exports
from pilots.routes import ModelToExport
from pilots.targets import litert_full_int8
from pilots.targets.litert_full_int8 import load, run

__all__ = ["ROUTE", "export", "load", "run"]

ROUTE = litert_torch_exports.from_pytorch(litert_full_int8.ROUTE, quantized=True)


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Convert by way of an exported program, then quantize, calibrated on training rows."""
    return litert_torch_exports.save_in_int8(subject, folder / litert_exports.FILE)
