"""OpenVINO, converted from an exported program of PyTorch, a SavedModel of TensorFlow, or a file of another format."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pilots.exports import tensorflow_exports, torch_exports
from pilots.exports.batches import in_batches
from pilots.pilot import Array
from pilots.routes import Artifact, ExportRoute, ModelToExport

ROUTE = ExportRoute(
    format="OpenVINO file",
    runtime="OpenVINO",
    candidates=("pytorch", "tensorflow", "keras-tensorflow", "keras-torch"),
    targets=("python_server", "cpp_server", "batch", "edge_linux", "desktop", "python_package"),
    exports_with=("openvino",),
    runs_with=("openvino",),
    extra="openvino",
    converts=("onnx", "tflite"),
    detour=("keras-jax", "keras-torch"),
)
_FILE = "model.xml"


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Convert; weights stay in float32."""
    import tempfile

    import openvino

    remarks: tuple[str, ...] = ()
    if isinstance(subject.model, Path):
        converted = openvino.convert_model(subject.model)
    elif subject.candidate in ("pytorch", "keras-torch"):
        program, remarks = torch_exports.exported_program(subject)
        converted = openvino.convert_model(program)
        rows = torch_exports.batch_size_of(program)
        if rows is not None:  # the converter takes any number for granted
            converted.reshape([rows, *subject.inputs.shape[1:]])
    else:
        with tempfile.TemporaryDirectory() as saved:
            tensorflow_exports.save(subject, Path(saved))
            converted = openvino.convert_model(saved)
    openvino.save_model(converted, folder / _FILE, compress_to_fp16=False)
    return remarks


def load(artifact: Artifact) -> Any:
    """Compiled for the processor in float32: by default it computes in bfloat16 where the processor can."""
    import openvino

    settings = {
        "INFERENCE_PRECISION_HINT": "f32",
        "INFERENCE_NUM_THREADS": artifact.threads,
        "PERFORMANCE_HINT": "LATENCY",
    }
    compiled = openvino.Core().compile_model(artifact.folder / _FILE, "CPU", settings)
    rows = compiled.input(0).partial_shape[0]
    return compiled, rows.get_length() if rows.is_static else None


def run(loaded: Any, x: Array) -> Array:
    """Predict; the first output is the model's."""
    compiled, batch_size = loaded

    def predict(rows: Array) -> Array:
        outputs: Array = compiled(rows)[0]
        return outputs

    return in_batches(predict, x, batch_size)
