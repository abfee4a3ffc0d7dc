"""LiteRT files in LiteRT.js, compiled to WebAssembly, in a real browser."""

from __future__ import annotations

from pathlib import Path

from pilots.browser.chromium import CHROMIUM_NAMES
from pilots.browser.model import BrowserModel
from pilots.exports import litert_exports
from pilots.pilot import Array
from pilots.records import Figures
from pilots.routes import Artifact, Route, Subject

ROUTE = Route(
    format=".tflite file",
    runtime="LiteRT.js",
    candidates=("tensorflow", "keras-tensorflow", "keras-jax"),
    targets=("browser",),
    exports_with=("tensorflow",),
    detour=("keras-jax", "keras-torch"),
    programs=CHROMIUM_NAMES,
    adopts="tflite",
    file="model.tflite",
    npm=("@litertjs/core@2.5.3", "@litertjs/wasm-utils@2.5.3"),
)


def export(subject: Subject, folder: Path) -> tuple[str, ...]:
    """Convert by way of a SavedModel."""
    return litert_exports.save_for_one_row(subject, folder / litert_exports.FILE)


def load(artifact: Artifact) -> BrowserModel:
    """A page that has loaded it, in a browser of its own."""
    return BrowserModel("litert", ROUTE.npm, artifact.folder / litert_exports.FILE, artifact.threads)


def run(loaded: BrowserModel, x: Array) -> Array:
    """Predict in the page."""
    return loaded.predict(x)


def time_calls(loaded: BrowserModel, x: Array, calls: int) -> tuple[float, ...]:
    """Timed by the page's clock."""
    return loaded.time_calls(x, calls)


def figures(loaded: BrowserModel) -> Figures:
    """What the page fetched before it had predicted."""
    return Figures(download_bytes=loaded.download_bytes)
