"""LiteRT files in LiteRT.js, compiled to WebAssembly, in a real browser."""

from __future__ import annotations

from pathlib import Path

from pilots.browser.chromium import CHROMIUM
from pilots.browser.model import BrowserModel, figures, run, time_calls
from pilots.exports import litert_exports
from pilots.routes import Artifact, ExportRoute, ModelToExport

__all__ = ["ROUTE", "export", "figures", "load", "run", "time_calls"]

ROUTE = ExportRoute(
    format=".tflite file",
    runtime="LiteRT.js",
    candidates=("tensorflow", "keras-tensorflow", "keras-jax"),
    targets=("browser",),
    exports_with=("tensorflow",),
    detour=("keras-jax", "keras-torch"),
    programs=(CHROMIUM,),
    adopts="tflite",
    file="model.tflite",
    npm=("@litertjs/core@2.5.3", "@litertjs/wasm-utils@2.5.3"),
)


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Convert by way of a SavedModel."""
    return litert_exports.save_for_one_row(subject, folder / litert_exports.FILE)


def load(artifact: Artifact) -> BrowserModel:
    """A page that has loaded it, in a browser of its own."""
    return BrowserModel("litert", ROUTE.npm, artifact.folder / litert_exports.FILE, artifact.threads)
