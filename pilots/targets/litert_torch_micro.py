"""LiteRT for Microcontrollers, from PyTorch; see :mod:`pilots.targets.litert_micro` for the runtime."""

from __future__ import annotations

from pathlib import Path

from pilots.exports import litert_exports, litert_torch_exports
from pilots.routes import Route, Subject
from pilots.targets import litert_micro
from pilots.targets.litert_micro import figures, load, run

__all__ = ["ROUTE", "export", "figures", "load", "run"]

ROUTE = Route(
    format=litert_micro.ROUTE.format,
    runtime=litert_micro.ROUTE.runtime,
    candidates=("pytorch", "keras-torch"),
    targets=litert_micro.ROUTE.targets,
    exports_with=("litert-torch", "ai-edge-quantizer"),
    runs_with=litert_micro.ROUTE.runs_with,
    extra="edge-torch,micro",
    precision="reduced",
    calibrated=True,
    shipped=False,
    reservation=litert_micro.ROUTE.reservation,
)


def export(subject: Subject, folder: Path) -> tuple[str, ...]:
    """Convert by way of an exported program, then quantize, calibrated on training rows."""
    return litert_torch_exports.save_in_int8(subject, folder / litert_exports.FILE, int8_outside=True)
