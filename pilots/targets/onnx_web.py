"""ONNX in onnxruntime-web, compiled to WebAssembly, in a real browser."""

from __future__ import annotations

from pathlib import Path

from pilots.browser.chromium import CHROMIUM
from pilots.browser.model import BrowserModel, figures, run, time_calls
from pilots.exports import onnx_exports
from pilots.routes import Artifact, ExportRoute, ModelToExport

__all__ = ["ROUTE", "export", "figures", "load", "run", "time_calls"]

ROUTE = ExportRoute(
    format="ONNX",
    runtime="ONNX Runtime Web",
    candidates=("pytorch", "keras-tensorflow", "keras-torch", "tensorflow"),
    targets=("browser",),
    exports_with=("onnx", "onnxscript", "tf2onnx"),
    extra="onnx",
    detour=("keras-jax", "keras-torch"),
    programs=(CHROMIUM,),
    adopts="onnx",
    file="model.onnx",
    npm=("onnxruntime-web@1.30.0",),
)


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Write the model for any number of rows."""
    return onnx_exports.save(subject, folder / onnx_exports.FILE)


def load(artifact: Artifact) -> BrowserModel:
    """A page that has loaded it, in a browser of its own."""
    return BrowserModel("onnx", ROUTE.npm, artifact.folder / onnx_exports.FILE, artifact.threads)
