"""LiteRT files from PyTorch in LiteRT.js, compiled to WebAssembly, in a real browser."""

from __future__ import annotations

from pathlib import Path

from pilots.exports import litert_exports, litert_torch_exports
from pilots.routes import Route, Subject
from pilots.targets import litert_web
from pilots.targets.litert_web import figures, load, run, time_calls

__all__ = ["ROUTE", "export", "figures", "load", "run", "time_calls"]

ROUTE = Route(
    format=litert_web.ROUTE.format,
    runtime=litert_web.ROUTE.runtime,
    candidates=("pytorch", "keras-torch"),
    targets=litert_web.ROUTE.targets,
    exports_with=("litert-torch",),
    extra="edge-torch",
    programs=litert_web.ROUTE.programs,
    npm=litert_web.ROUTE.npm,
)


def export(subject: Subject, folder: Path) -> tuple[str, ...]:
    """Convert by way of an exported program."""
    return litert_torch_exports.save_for_one_row(subject, folder / litert_exports.FILE)
