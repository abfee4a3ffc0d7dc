"""ExecuTorch in float32, with XNNPACK's kernels for processors."""

from __future__ import annotations

from pathlib import Path

from pilots.exports import executorch_exports
from pilots.exports.executorch_exports import load, run
from pilots.routes import ExportRoute, ModelToExport

__all__ = ["ROUTE", "export", "load", "run"]

ROUTE = ExportRoute(
    format=".pte file",
    runtime="ExecuTorch",
    candidates=("pytorch", "keras-torch"),
    targets=("android", "ios", "edge_linux"),
    exports_with=("executorch",),
    runs_with=("executorch", "torch"),
    extra="edge-torch",
    shipped=False,
    note=executorch_exports.NOTE,
)


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Lower the exported program."""
    return executorch_exports.save(subject, folder / executorch_exports.FILE)
