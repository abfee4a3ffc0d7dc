"""TensorFlow's own way, to which Keras exports as well: the SavedModel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pilots.exports import tensorflow_exports
from pilots.pilot import Array
from pilots.routes import Artifact, ExportRoute, ModelToExport

ROUTE = ExportRoute(
    format="SavedModel",
    runtime="TensorFlow",
    candidates=("tensorflow", "keras-tensorflow", "keras-jax", "keras-torch"),
    targets=("python_server", "cpp_server", "batch", "desktop", "python_package", "edge_linux"),
    runs_with=("tensorflow",),
    detour=("keras-jax", "keras-torch"),
    adopts="saved_model",
)


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Write the inference function for any number of rows."""
    tensorflow_exports.save(subject, folder)
    return ()


def load(artifact: Artifact) -> Any:
    """The function that the SavedModel serves; the module itself has to stay alive."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(artifact.threads)
    module = tf.saved_model.load(str(artifact.folder))
    return module, module.signatures["serving_default"]


def run(loaded: Any, x: Array) -> Array:
    """Predict; the only output is the model's."""
    import tensorflow as tf

    _, serve = loaded
    (name,) = serve.structured_input_signature[1]
    (outputs,) = serve(**{name: tf.constant(x)}).values()
    array: Array = outputs.numpy()
    return array
