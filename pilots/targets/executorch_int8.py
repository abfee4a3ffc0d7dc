"""ExecuTorch in int8, quantized by PyTorch 2 Export for XNNPACK's kernels."""

from __future__ import annotations

from pathlib import Path

from pilots.exports import executorch_exports
from pilots.exports.executorch_exports import load, run
from pilots.routes import ExportRoute, ModelToExport

__all__ = ["ROUTE", "export", "load", "run"]

ROUTE = ExportRoute(
    format=".pte file, int8",
    runtime="ExecuTorch",
    candidates=("pytorch", "keras-torch"),
    targets=("android", "ios", "edge_linux"),
    exports_with=("executorch", "torchao"),
    runs_with=("executorch", "torch"),
    extra="edge-torch",
    precision="reduced",
    calibrated=True,
    shipped=False,
    note=executorch_exports.NOTE,
)


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Quantize the exported program, calibrated on training rows, and lower it."""
    return executorch_exports.save(subject, folder / executorch_exports.FILE, int8=True)
