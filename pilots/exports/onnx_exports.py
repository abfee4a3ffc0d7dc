"""A model as one ONNX file."""

from __future__ import annotations

from pathlib import Path

from pilots.exports import tensorflow_exports, torch_exports
from pilots.routes import ModelToExport

FILE = "model.onnx"


def save(subject: ModelToExport, file: Path) -> tuple[str, ...]:
    """Write the model by its framework's own exporter; returns what had to be worked around, in phrases."""
    match subject.candidate:
        case "pytorch" | "keras-torch":
            import torch

            program, remarks = torch_exports.exported_program(subject)
            torch.onnx.export(program, (), str(file), dynamo=True, external_data=False, verbose=False)
            return remarks
        case "tensorflow":
            return _by_tf2onnx(subject, file)
        case _:
            subject.model(subject.inputs[:2])  # a model that was never called cannot be exported
            subject.model.export(str(file), format="onnx", verbose=False)
            return () if len(onnx_inputs(file)) == 1 else _by_tf2onnx(subject, file)


def onnx_inputs(file: Path) -> tuple[str, ...]:
    """What a model asks for, by name."""
    import onnx

    return tuple(model_input.name for model_input in onnx.load(file, load_external_data=False).graph.input)


def _by_tf2onnx(subject: ModelToExport, file: Path) -> tuple[str, ...]:
    """Convert the inference function. A constant of the model that the function has captured becomes an input of the
    ONNX model, which nobody would know to give it; it is made a constant again."""
    import onnx
    import tf2onnx

    function = tensorflow_exports.inference_function(subject)
    model, _ = tf2onnx.convert.from_function(function, input_signature=function.input_signature)
    concrete = function.get_concrete_function()
    outer = concrete.captured_inputs
    captured = (
        {inner.name: value for inner, value in zip(concrete.inputs[-len(outer) :], outer, strict=True)} if outer else {}
    )
    lost = [entry for entry in model.graph.input if entry.name in captured]
    for entry in lost:
        model.graph.initializer.append(onnx.numpy_helper.from_array(captured[entry.name].numpy(), entry.name))
        model.graph.input.remove(entry)
    onnx.save(model, file)
    return ("a constant that the converter had made an input was made a constant again",) if lost else ()
