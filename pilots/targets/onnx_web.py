"""ONNX in onnxruntime-web, compiled to WebAssembly, in a real browser."""

from __future__ import annotations

from pathlib import Path

from pilots.browser.chromium import CHROMIUM_NAMES
from pilots.browser.model import BrowserModel
from pilots.exports import onnx_exports
from pilots.pilot import Array
from pilots.records import Figures
from pilots.routes import Artifact, Route, Subject

ROUTE = Route(
    format="ONNX",
    runtime="ONNX Runtime Web",
    candidates=("pytorch", "keras-tensorflow", "keras-torch", "tensorflow"),
    targets=("browser",),
    exports_with=("onnx", "onnxscript", "tf2onnx"),
    extra="onnx",
    detour=("keras-jax", "keras-torch"),
    programs=CHROMIUM_NAMES,
    adopts="onnx",
    file="model.onnx",
    npm=("onnxruntime-web@1.30.0",),
)


def export(subject: Subject, folder: Path) -> tuple[str, ...]:
    """Write the model for any number of rows."""
    return onnx_exports.save(subject, folder / onnx_exports.FILE)


def load(artifact: Artifact) -> BrowserModel:
    """A page that has loaded it, in a browser of its own."""
    return BrowserModel("onnx", ROUTE.npm, artifact.folder / onnx_exports.FILE, artifact.threads)


def run(loaded: BrowserModel, x: Array) -> Array:
    """Predict in the page."""
    return loaded.predict(x)


def time_calls(loaded: BrowserModel, x: Array, calls: int) -> tuple[float, ...]:
    """Timed by the page's clock."""
    return loaded.time_calls(x, calls)


def figures(loaded: BrowserModel) -> Figures:
    """What the page fetched before it had predicted."""
    return Figures(download_bytes=loaded.download_bytes)
