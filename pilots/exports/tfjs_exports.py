"""A TensorFlow model as a graph model of TensorFlow.js, by its converter, which is a program of its own.

The converter needs an older TensorFlow than the candidates, so that it lives in an environment of its own.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from pilots.exports import tensorflow_exports
from pilots.exports.unrolling import unrolled
from pilots.routes import ModelToExport, Programs

CONVERTER = Programs(
    ("tensorflowjs_converter",),
    command="pipx install tensorflowjs==4.22.0 --preinstall 'setuptools<81' --preinstall 'ydf<0.16'",
    why="its environment is its own, since it needs an older TensorFlow than the candidates",
)
MODEL = "model.json"
_SAVED, _CONVERTED = "saved_model", "graph_model"
_OPTIONS = (
    "--input_format=tf_saved_model",
    "--output_format=tfjs_graph_model",
    "--control_flow_v2=True",  # loops of the version before fail in the page, which does not find what goes into them
)
_ERROR_LINES = 5
_BIAS = "BiasAdd"


def save(subject: ModelToExport, folder: Path) -> tuple[str, ...]:
    """Write a SavedModel, have it converted, and mend what TensorFlow.js has no kernel for in WebAssembly.

    Recurrent layers of Keras are unrolled: their loop ends with an error there.

    Returns:
        What had to be worked around, in phrases.

    Raises:
        RuntimeError: the converter does not succeed, with the last lines of what it said.
    """
    exported, remarks = unrolled(subject)
    with tempfile.TemporaryDirectory() as scratch:
        tensorflow_exports.save(exported, Path(scratch, _SAVED))
        _convert(Path(scratch))
        shutil.copytree(Path(scratch, _CONVERTED), folder, dirs_exist_ok=True)
    return (*remarks, *_mended(folder / MODEL))


def _convert(scratch: Path) -> None:
    """Convert what is in one folder below into another; the converter splits full paths where they have spaces."""
    converter = CONVERTER.found()
    assert converter is not None  # else the route would not be open
    done = subprocess.run(
        [converter, *_OPTIONS, _SAVED, _CONVERTED],
        cwd=scratch,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode or not (scratch / _CONVERTED / MODEL).exists():
        said = " ".join(map(str.strip, done.stdout.strip().splitlines()[-_ERROR_LINES:]))
        raise RuntimeError(f"{CONVERTER.title} ended with exit code {done.returncode}: {said}")


def _environment() -> dict[str, str]:
    """Ours, without what is meant for this Python and its Keras."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "KERAS"))}


def _mended(file: Path) -> tuple[str, ...]:
    """Take apart what the converter has fused and no kernel takes; the page mends the rest.

    A product of matrices is fused with whatever is added to it. The kernel takes a vector alone.
    """
    model = json.loads(file.read_text(encoding="utf-8"))
    nodes = model["modelTopology"]["node"]
    vectors = {
        weight["name"] for group in model["weightsManifest"] for weight in group["weights"] if len(weight["shape"]) == 1
    }
    fused = [
        node
        for node in nodes
        if node["op"] == "_FusedMatMul" and node["input"][2] not in vectors and _fused_with(node) == [_BIAS]
    ]
    for node in fused:
        product = f"{node['name']}/product"
        kept = ("T", "transpose_a", "transpose_b")
        attributes = {name: value for name, value in node["attr"].items() if name in kept}
        nodes.append({"name": product, "op": "MatMul", "input": node["input"][:2], "attr": attributes})
        node.update(op="AddV2", input=[product, *node["input"][2:]], attr={"T": node["attr"]["T"]})
    if fused:
        file.write_text(json.dumps(model), encoding="utf-8")
    remarks = {
        "sums that the converter had fused with products are taken apart, as WebAssembly takes vectors alone": bool(
            fused
        ),
        "the page brings a kernel for Einsum, for which TensorFlow.js has none in WebAssembly": any(
            node["op"] == "Einsum" for node in nodes
        ),
    }
    return tuple(remark for remark, applies in remarks.items() if applies)


def _fused_with(node: dict[str, Any]) -> list[str]:
    return [base64.b64decode(name).decode() for name in node["attr"]["fused_ops"]["list"]["s"]]
