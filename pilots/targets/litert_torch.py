"""LiteRT with float32 weights, from PyTorch."""

from __future__ import annotations

from pathlib import Path

from pilots.exports import litert_exports, litert_torch_exports
from pilots.routes import ModelToExport
from pilots.targets import litert
from pilots.targets.litert import load, run

__all__ = ["ROUTE", "export", "load", "run"]

ROUTE = litert_torch_exports.from_pytorch(litert.ROUTE)


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Convert by way of an exported program."""
    return litert_torch_exports.save(subject, folder / litert_exports.FILE)
