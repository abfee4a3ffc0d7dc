"""LiteRT for Microcontrollers, from PyTorch."""

from __future__ import annotations

from pathlib import Path

from pilots.exports import litert_exports, litert_torch_exports
from pilots.routes import ModelToExport
from pilots.targets import litert_micro
from pilots.targets.litert_micro import figures, load, run

__all__ = ["ROUTE", "export", "figures", "load", "run"]

ROUTE = litert_torch_exports.from_pytorch(litert_micro.ROUTE, quantized=True, extra="edge-torch,micro")


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Convert by way of an exported program, then quantize, calibrated on training rows."""
    return litert_torch_exports.save_in_int8(subject, folder / litert_exports.FILE, int8_outside=True)
