"""A SavedModel in a C program, by TensorFlow's C API, whose headers and libraries come with its wheel.

The program is compiled while exporting: it is part of what is shipped, and loading does not include that time.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from pilots.exports import tensorflow_exports
from pilots.native.program import Program, compile_program
from pilots.pilot import Array
from pilots.routes import Artifact, ExportRoute, ModelToExport, Programs

_COMPILERS = Programs(("gcc", "clang"))
ROUTE = ExportRoute(
    format="SavedModel",
    runtime="TensorFlow from C",
    candidates=("tensorflow", "keras-tensorflow"),
    targets=("cpp_server",),
    runs_with=("tensorflow",),
    detour=("keras-jax", "keras-torch"),
    programs=(_COMPILERS,),
    note="“TensorFlow from C” ran in a C program, which held the watch.",
)
_SOURCE = "saved_model.c"
_MODEL, _PROGRAM, _NAMES = "saved_model", "predict", "names.json"


def export(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Write the SavedModel, the names of its input and output, and the program."""
    tensorflow_exports.save(subject, folder / _MODEL)
    (folder / _NAMES).write_text(json.dumps(_names(folder / _MODEL)), encoding="utf-8")
    _compile(folder / _PROGRAM)
    return ()


def load(artifact: Artifact) -> Any:
    """The program, which has loaded the model and waits for rows."""
    input_name, output_name, dtype, number = json.loads((artifact.folder / _NAMES).read_text(encoding="utf-8"))
    words = [*input_name.split(":"), *output_name.split(":"), str(number), str(artifact.threads)]
    return Program([str(artifact.folder / _PROGRAM), str(artifact.folder / _MODEL), *words]), dtype


def run(loaded: Any, x: Array) -> Array:
    """Predict in the program."""
    program, dtype = loaded
    outputs: Array = program.predict(np.ascontiguousarray(x, dtype=dtype), 1)[0]
    return outputs


def time_calls(loaded: Any, x: Array, calls: int) -> tuple[float, ...]:
    """Milliseconds of each call, by the program's own watch."""
    program, dtype = loaded
    times_ms: tuple[float, ...] = program.predict(np.ascontiguousarray(x, dtype=dtype), calls)[1]
    return times_ms


def _names(model: Path) -> tuple[str, str, str, int]:
    """Of the input and the output in the graph; the input's type as numpy and as TensorFlow's C API tell it."""
    import tensorflow as tf
    from tensorflow.core.protobuf import saved_model_pb2

    saved = saved_model_pb2.SavedModel.FromString((model / "saved_model.pb").read_bytes())
    signature = saved.meta_graphs[0].signature_def["serving_default"]
    (rows,), (outputs,) = signature.inputs.values(), signature.outputs.values()
    return rows.name, outputs.name, tf.as_dtype(rows.dtype).name, rows.dtype


def _compile(program: Path) -> None:
    found = find_spec("tensorflow")
    assert found is not None and found.origin is not None
    libraries = Path(found.origin).parent
    linked = [str(libraries / name) for name in ("libtensorflow_cc.so.2", "libtensorflow_framework.so.2")]
    included = [f"-I{libraries / 'include'}"]
    compile_program(_COMPILERS, _SOURCE, program, included, [*linked, f"-Wl,-rpath,{libraries}"])
