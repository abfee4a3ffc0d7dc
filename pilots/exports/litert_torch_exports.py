"""A PyTorch model as one LiteRT file, by litert-torch; in int8 by the quantizer that comes with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pilots.exports import torch_exports
from pilots.exports.litert_exports import ONE_ROW_AT_A_TIME
from pilots.exports.masks import MASK_BOUNDED, MASKED, stands_for_minus_infinity
from pilots.pilot import Array
from pilots.routes import ExportRoute, ModelToExport

_THREADS = 1


def from_pytorch(route: ExportRoute, *, quantized: bool = False, extra: str = "edge-torch") -> ExportRoute:
    """The route to the same runtime, from PyTorch and from Keras on it, and no way round."""
    return replace(
        route,
        candidates=("pytorch", "keras-torch"),
        exports_with=("litert-torch", "ai-edge-quantizer") if quantized else ("litert-torch",),
        extra=extra,
        detour=(),
        adopts=None,
        file="",
    )


def save(subject: ModelToExport, file: Path) -> tuple[str, ...]:
    """Convert the model for any number of rows; for one row where that fails or the file does not load.

    Returns:
        What had to be worked around, in phrases.
    """
    program, remarks = torch_exports.exported_program(subject)
    if torch_exports.batch_size_of(program) is None:
        try:
            _convert(program, subject.inputs[:2], file, any_number=True)
            _interpreter(file).allocate_tensors()
            return remarks
        except Exception as error:  # noqa: BLE001 - whatever fails with any number of rows, one row may do
            remarks = (f"the number of rows is fixed to 1: {type(error).__name__} with any number",)
    _convert(program, subject.inputs[:1], file)
    return remarks


def save_for_one_row(subject: ModelToExport, file: Path) -> tuple[str, ...]:
    """Convert the model for one row at a time, for runtimes that take no other number than the file's.

    Returns:
        As :func:`save`.
    """
    _convert_one_row(subject, file)
    return ONE_ROW_AT_A_TIME


def save_with_weights_in_int8(subject: ModelToExport, file: Path) -> tuple[str, ...]:
    """Convert as :func:`save`, and quantize the weights; activations are, while it runs, where an operator can."""
    from ai_edge_quantizer import Quantizer, recipe

    remarks = save(subject, file)
    quantized = Quantizer(str(file), recipe.dynamic_wi8_afp32()).quantize().quantized_model
    file.write_bytes(quantized)
    return remarks


def save_in_int8(subject: ModelToExport, file: Path, *, int8_outside: bool = False) -> tuple[str, ...]:
    """Quantize weights and activations, calibrated on rows of the training data; the file takes one row.

    An activation's range is from the lowest to the highest number seen, as TensorFlow's converter has it. The
    quantizer's own moving average forgets: an output that is one number would end as wide as the last rows differ.

    Arguments, result and errors are those of :func:`pilots.exports.int8_litert.save`.
    """
    from ai_edge_quantizer import Quantizer, recipe

    examples = subject.calibration()
    _convert_one_row(subject, file)
    remarks = _bound(file)
    rules = recipe.static_wi8_ai8() + ([] if int8_outside else [_left_alone("INPUT"), _left_alone("OUTPUT")])
    quantized = Quantizer(str(file), rules).quantize(_ranges(file, rules, examples)).quantized_model
    file.write_bytes(quantized)
    return (*remarks, *_weights_inside(file)) if int8_outside else remarks


def _convert_one_row(subject: ModelToExport, file: Path) -> None:
    program, _ = torch_exports.exported_program(subject)
    _convert(program, subject.inputs[:1], file)


def _convert(program: Any, rows: Array, file: Path, *, any_number: bool = False) -> None:
    import litert_torch
    import torch

    batch = torch.export.Dim("batch", min=1, max=torch_exports.LARGEST_BATCH)
    with torch.no_grad():
        # Layers of Keras compute in place, which the converter refuses.
        module = program.run_decompositions({}).module()
        model = litert_torch.convert(
            module, (torch.from_numpy(rows.copy()),), dynamic_shapes=({0: batch},) if any_number else None
        )
    model.export(str(file))


def _interpreter(file: Path) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    return Interpreter(model_path=str(file), num_threads=_THREADS)


def _left_alone(operation: str) -> dict[str, Any]:
    return {"regex": ".*", "operation": operation, "algorithm_key": "no_quantize", "op_config": {}}


def _ranges(file: Path, rules: Sequence[Any], examples: Array) -> Any:
    """The lowest and the highest number of every tensor, by name."""
    from ai_edge_quantizer import calibrator, recipe_manager
    from ai_edge_quantizer.utils import qsv_utils

    manager = recipe_manager.RecipeManager()
    manager.load_quantization_recipe(list(rules))
    interpreter = _interpreter(file)
    ((signature, names),) = interpreter.get_signature_list().items()
    (name,) = names["inputs"]
    dtype = interpreter.get_input_details()[0]["dtype"]
    seen = calibrator.Calibrator(str(file), num_threads=_THREADS, qsv_update_func=qsv_utils.min_max_update)
    seen.calibrate({signature: [{name: row[None].astype(dtype)} for row in examples]}, manager)
    return seen.get_model_qsvs()


def _weights_inside(file: Path) -> tuple[str, ...]:
    """Of a model of more than 256 KiB the quantizer puts large constants behind it, where LiteRT for Microcontrollers
    does not look: it computes without them, and tells no error."""
    from ai_edge_litert import schema_py_generated as schema
    from ai_edge_litert.tools import flatbuffer_utils

    stored = schema.Model.GetRootAsModel(file.read_bytes(), 0)
    if not any(stored.Buffers(number).Offset() for number in range(stored.BuffersLength())):
        return ()
    flatbuffer_utils.write_model(flatbuffer_utils.read_model(str(file)), str(file))  # reading brings them back
    return ("weights behind the model were put into it",)


def _bound(file: Path) -> tuple[str, ...]:
    """Bring numbers that stand for minus infinity near the others; see :mod:`pilots.exports.masks`."""
    from ai_edge_litert import schema_py_generated as schema
    from ai_edge_litert.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model(str(file))
    found = False
    for tensor in (tensor for graph in model.subgraphs for tensor in graph.tensors):
        buffer = model.buffers[tensor.buffer]
        if buffer.data is None or tensor.type != schema.TensorType.FLOAT32:
            continue
        values = np.frombuffer(bytes(buffer.data), np.float32)
        if stands_for_minus_infinity(values):
            buffer.data = np.frombuffer(np.full_like(values, MASKED).tobytes(), np.uint8)
            found = True
    if found:
        flatbuffer_utils.write_model(model, str(file))
    return (MASK_BOUNDED,) if found else ()
