"""What the export routes of TensorFlow share: the inference function of a model, and a SavedModel of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pilots.routes import ModelToExport


def save(subject: ModelToExport, folder: Path, batch_size: int | None = None) -> None:
    """Write a SavedModel that takes ``batch_size`` rows, or any number."""
    import tensorflow as tf

    if subject.candidate == "tensorflow":
        function = inference_function(subject, batch_size)
        tf.saved_model.save(subject.model, str(folder), signatures={"serving_default": function})
    elif batch_size is None:
        subject.model(subject.inputs[:2])  # a model that was never called cannot be exported
        subject.model.export(str(folder), format="tf_saved_model", verbose=False)
    else:
        import keras

        shape = (batch_size, *subject.inputs.shape[1:])
        signature = [keras.InputSpec(shape=shape, dtype=str(subject.inputs.dtype))]
        subject.model.export(str(folder), format="tf_saved_model", verbose=False, input_signature=signature)


def inference_function(subject: ModelToExport, batch_size: int | None = None) -> Any:
    """The model in inference mode as a ``tf.function`` of one input."""
    import tensorflow as tf

    model = subject.model
    spec = tf.TensorSpec([batch_size, *subject.inputs.shape[1:]], subject.inputs.dtype, name="rows")
    return tf.function(lambda rows: tf.cast(model(rows, training=False), tf.float32), input_signature=[spec])
