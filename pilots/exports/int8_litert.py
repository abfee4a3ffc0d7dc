"""A TensorFlow model as a LiteRT file that computes in int8 alone, for one row at a time."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pilots.exports import tensorflow_exports
from pilots.exports.masks import MASK_BOUNDED, MASKED, stands_for_minus_infinity
from pilots.exports.unrolling import unrolled
from pilots.pilot import Array
from pilots.routes import ModelToExport

#: DT_FLOAT of TensorFlow's protocol.
_FLOAT32 = 1


def save(subject: ModelToExport, file: Path, *, int8_outside: bool = False) -> tuple[str, ...]:
    """Quantize weights and activations, calibrated on rows of the training data.

    Recurrent layers of Keras are unrolled: as a loop they end the quantizer with a segmentation fault.

    Args:
        subject: the model, with examples.
        file: to be written.
        int8_outside: inputs and outputs are int8 too, where they are no whole numbers already; else float32, which the
            file itself quantizes.

    Returns:
        What had to be worked around, in phrases.

    Raises:
        ValueError: there are no examples.
    """
    import tensorflow as tf

    examples = subject.calibration()
    exported, remarks = unrolled(subject)

    def calibration() -> Iterator[list[Array]]:
        return ([row[None]] for row in examples)

    with tempfile.TemporaryDirectory() as folder:
        tensorflow_exports.save(exported, Path(folder), batch_size=1)
        remarks += _bounded(Path(folder))
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converter.representative_dataset = calibration
        converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
        if int8_outside:
            if examples.dtype.kind == "f":
                converter.inference_input_type = tf.int8
            converter.inference_output_type = tf.int8
        file.write_bytes(converter.convert())
    return remarks


def quantized(rows: Array, details: Any) -> Array:
    """Rows as a tensor takes them: unchanged, or in its scale of int8. ``details`` are those of an interpreter."""
    if details["dtype"] != np.int8:
        return rows
    scale, zero = _scale_of(details)
    steps: Array = np.clip(np.round(np.asarray(rows, np.float32) / scale) + zero, -128, 127).astype(np.int8)
    return steps


def dequantized(outputs: Array, details: Any) -> Array:
    """Outputs of a tensor as float32."""
    if details["dtype"] != np.int8:
        return outputs
    scale, zero = _scale_of(details)
    values: Array = (outputs.astype(np.float32) - zero) * scale
    return values


def _scale_of(details: Any) -> tuple[np.float32, int]:
    parameters = details["quantization_parameters"]
    return np.float32(parameters["scales"][0]), int(parameters["zero_points"][0])


def _bounded(folder: Path) -> tuple[str, ...]:
    """Bring numbers that stand for minus infinity near the others, in a SavedModel that is not shipped; see
    :mod:`pilots.exports.masks`."""
    from tensorflow.core.protobuf import saved_model_pb2

    file = folder / "saved_model.pb"
    saved = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    graph = saved.meta_graphs[0].graph_def
    found = 0
    for node in (*graph.node, *(node for function in graph.library.function for node in function.node_def)):
        if node.op == "Const" and node.attr["dtype"].type == _FLOAT32:
            found += _bound(node.attr["value"].tensor)
    if found:
        file.write_bytes(saved.SerializeToString())
    return (MASK_BOUNDED,) if found else ()


def _bound(tensor: Any) -> bool:
    """Bound a constant whose numbers all stand for minus infinity; whether it was such a constant."""
    import tensorflow as tf

    values = tf.make_ndarray(tensor)
    if not stands_for_minus_infinity(values):
        return False
    tensor.CopyFrom(tf.make_tensor_proto(np.full_like(values, MASKED)))
    return True
