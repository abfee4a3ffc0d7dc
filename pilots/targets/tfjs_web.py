"""Graph models in TensorFlow.js, compiled to WebAssembly, in a real browser.

Keras on JAX gets there by way of TensorFlow alone: a SavedModel of its own holds what XLA reads, and no operators.
"""

from __future__ import annotations

from pathlib import Path

from pilots.browser.chromium import CHROMIUM
from pilots.browser.model import BrowserModel, figures, run, time_calls
from pilots.exports import tfjs_exports
from pilots.routes import Artifact, ExportRoute, ModelToExport

__all__ = ["ROUTE", "export", "figures", "load", "run", "time_calls"]

ROUTE = ExportRoute(
    format="TensorFlow.js graph model",
    runtime="TensorFlow.js",
    candidates=("tensorflow", "keras-tensorflow"),
    targets=("browser",),
    exports_with=("tensorflow",),
    detour=("keras-jax", "keras-torch"),
    programs=(CHROMIUM, tfjs_exports.CONVERTER),
    npm=(
        "@tensorflow/tfjs-core@4.22.0",
        "@tensorflow/tfjs-converter@4.22.0",
        "@tensorflow/tfjs-backend-wasm@4.22.0",
    ),
)


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Convert a SavedModel for any number of rows."""
    return tfjs_exports.save(subject, folder)


def load(artifact: Artifact) -> BrowserModel:
    """A page that has loaded it, in a browser of its own."""
    return BrowserModel("tfjs", ROUTE.npm, artifact.folder, artifact.threads)
