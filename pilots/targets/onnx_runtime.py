"""ONNX, exported by each framework's own exporter, in ONNX Runtime. From JAX only the way round is taken: its exporter
needs a converter that is not kept up with the others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pilots.exports import onnx_exports
from pilots.exports.batches import in_batches
from pilots.pilot import Array
from pilots.routes import Artifact, ExportRoute, ModelToExport

ROUTE = ExportRoute(
    format="ONNX",
    runtime="ONNX Runtime",
    candidates=("pytorch", "keras-tensorflow", "keras-torch", "tensorflow"),
    targets=(
        "python_server",
        "cpp_server",
        "batch",
        "android",
        "ios",
        "edge_linux",
        "desktop",
        "python_package",
    ),
    exports_with=("onnx", "onnxscript", "tf2onnx"),
    runs_with=("onnxruntime",),
    extra="onnx",
    detour=("keras-jax", "keras-torch"),
    adopts="onnx",
    file="model.onnx",
)


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Write the model for any number of rows."""
    return onnx_exports.save(subject, folder / onnx_exports.FILE)


def load(artifact: Artifact) -> Any:
    """A session on the processor, and the number of rows that the model takes, or None for any."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = artifact.threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(
        str(artifact.folder / onnx_exports.FILE), options, providers=["CPUExecutionProvider"]
    )
    rows = session.get_inputs()[0].shape[0]
    return session, rows if isinstance(rows, int) else None


def run(loaded: Any, x: Array) -> Array:
    """Predict; the first output is the model's."""
    session, batch_size = loaded
    name = session.get_inputs()[0].name

    def predict(rows: Array) -> Array:
        outputs: Array = session.run(None, {name: rows})[0]
        return outputs

    return in_batches(predict, x, batch_size)
