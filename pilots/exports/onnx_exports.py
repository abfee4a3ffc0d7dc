"""A model as one ONNX file."""

from __future__ import annotations

from pathlib import Path

from pilots.exports import tensorflow_exports, torch_exports
from pilots.routes import Subject

FILE = "model.onnx"


def save(subject: Subject, file: Path) -> tuple[str, ...]:
    """Write the model by its framework's own exporter; returns what had to be worked around, in phrases."""
    match subject.candidate:
        case "pytorch" | "keras-torch":
            import torch

            program, remarks = torch_exports.exported_program(subject)
            torch.onnx.export(program, (), str(file), dynamo=True, external_data=False, verbose=False)
            return remarks
        case "tensorflow":
            import tf2onnx

            function = tensorflow_exports.inference_function(subject)
            tf2onnx.convert.from_function(function, input_signature=function.input_signature, output_path=str(file))
            return ()
        case _:
            subject.model(subject.inputs[:2])  # a model that was never called cannot be exported
            subject.model.export(str(file), format="onnx", verbose=False)
            return ()
