"""A TensorFlow model as one LiteRT file, and what runs it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from pilots.exports import tensorflow_exports
from pilots.exports.batches import in_batches
from pilots.pilot import Array
from pilots.routes import Artifact, ModelToExport

FILE = "model.tflite"
#: What had to be worked around for LiteRT.js.
ONE_ROW_AT_A_TIME = ("the number of rows is fixed to 1: the runtime refuses files for any number",)


def save(subject: ModelToExport, file: Path, *, weights_in_int8: bool = False) -> tuple[str, ...]:
    """Convert the model for any number of rows; for one row where that fails or the file does not load, as of an LSTM.

    It goes by a SavedModel: converted from its function alone, a model loses its weights without a word.

    Returns:
        What had to be worked around, in phrases.
    """
    try:
        file.write_bytes(_converted(subject, None, weights_in_int8))
        _interpreter(file, threads=1).allocate_tensors()
        return ()
    except Exception as error:  # noqa: BLE001 - whatever fails with any number of rows, one row may do
        file.write_bytes(_converted(subject, 1, weights_in_int8))
        return (f"the number of rows is fixed to 1: {type(error).__name__} with any number",)


def save_for_one_row(subject: ModelToExport, file: Path) -> tuple[str, ...]:
    """Convert the model for one row at a time, for runtimes that take no other number than the file's.

    Returns:
        As :func:`save`.
    """
    file.write_bytes(_converted(subject, 1, weights_in_int8=False))
    return ONE_ROW_AT_A_TIME


def load(artifact: Artifact) -> Any:
    """An interpreter that is ready to run."""
    interpreter = _interpreter(artifact.folder / FILE, artifact.threads)
    interpreter.allocate_tensors()
    return interpreter


def run(loaded: Any, x: Array) -> Array:
    """Predict; an interpreter for any number of rows is resized where that changes.

    What was made from PyTorch takes whole numbers of 32 bits where the model takes 64.
    """
    details = loaded.get_input_details()[0]
    wanted = -1 if details["shape_signature"][0] == -1 else int(details["shape_signature"][0])

    def predict(rows: Array) -> Array:
        if tuple(loaded.get_input_details()[0]["shape"]) != rows.shape:
            loaded.resize_tensor_input(details["index"], rows.shape)
            loaded.allocate_tensors()
        loaded.set_tensor(details["index"], rows.astype(details["dtype"], casting="same_kind", copy=False))
        loaded.invoke()
        outputs: Array = loaded.get_tensor(loaded.get_output_details()[0]["index"])
        return outputs

    return in_batches(predict, x, None if wanted == -1 else wanted)


def _converted(subject: ModelToExport, batch_size: int | None, weights_in_int8: bool) -> bytes:
    import tensorflow as tf

    with tempfile.TemporaryDirectory() as folder:
        tensorflow_exports.save(subject, Path(folder), batch_size)
        converter = tf.lite.TFLiteConverter.from_saved_model(folder)
        if weights_in_int8:
            converter.optimizations = [tf.lite.Optimize.DEFAULT]
        converted: bytes = converter.convert()
    return converted


def _interpreter(file: Path, threads: int) -> Any:
    from ai_edge_litert.interpreter import Interpreter

    return Interpreter(model_path=str(file), num_threads=threads)
