"""LiteRT files from PyTorch in LiteRT.js, compiled to WebAssembly, in a real browser."""

from __future__ import annotations

from pathlib import Path

from pilots.exports import litert_exports, litert_torch_exports
from pilots.routes import ModelToExport
from pilots.targets import litert_web
from pilots.targets.litert_web import figures, load, run, time_calls

__all__ = ["ROUTE", "export", "figures", "load", "run", "time_calls"]

ROUTE = litert_torch_exports.from_pytorch(litert_web.ROUTE)


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Convert by way of an exported program, for one row at a time."""
    return litert_torch_exports.save_for_one_row(subject, folder / litert_exports.FILE)
