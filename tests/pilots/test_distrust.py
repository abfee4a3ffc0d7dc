"""What a file that should hold a model is refused for, read as data: nothing is loaded here."""

from __future__ import annotations

import json
import re
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest

from pilots.exports import distrust
from pilots.exports.distrust import distrusted, unfit

ALLOWED = Path(distrust.__file__).with_name("allowed_operations.toml")

DENSE = {"module": "keras.layers", "class_name": "Dense", "config": {"name": "d"}, "registered_name": None}


def keras_file(folder: Path, config: Any, *others: str) -> Path:
    path = folder / "model.keras"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        for name in others:
            archive.writestr(name, "x")
    return path


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        ({"class_name": "Lambda", "config": {"name": "twice"}}, "a Lambda layer (twice)"),
        ({"class_name": "__lambda__", "config": {"value": "x"}}, "a lambda layer, which holds code"),
        ({"class_name": "TorchModuleWrapper", "config": {"name": "net"}}, "unpickles a module of PyTorch"),
        ({"class_name": "TFSMLayer", "config": {"filepath": "/elsewhere"}}, "loads a SavedModel"),
    ],
)
def test_layers_that_hold_code_are_found_however_deep(tmp_path: Path, layer: dict[str, Any], words: str) -> None:
    path = keras_file(tmp_path, {"config": {"layers": [DENSE, {"config": {"layer": layer}}]}})
    assert words in distrusted(path, "keras")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ({"module": "keras.utils", "class_name": "function", "config": "get_file"}, "a function of keras.utils"),
        ({"module": "keras.models", "class_name": "load_model", "config": {}}, "a load_model of keras.models"),
        (
            {"module": "keras.src.saving.saving_lib", "class_name": "x", "config": {}},
            "a x of keras.src.saving.saving_lib",
        ),
        ({"module": "keras.layers", "class_name": "TensorBoard", "config": {}}, "a TensorBoard of keras.layers"),
        ({"class_name": "Callback", "config": {}}, "a Callback, which is not among what is known"),
        (
            {"module": "keras.layers", "class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}},
            "reads its words from wherever the file says",
        ),
    ],
)
def test_what_is_not_known_to_compute_alone_is_refused(tmp_path: Path, entry: dict[str, Any], words: str) -> None:
    path = keras_file(tmp_path, {"config": {"layers": [DENSE, {**DENSE, "config": {"activation": entry}}]}})
    assert words in distrusted(path, "keras")


def test_what_computes_is_not_refused(tmp_path: Path) -> None:
    entries = [
        {"module": "builtins", "class_name": "function", "config": "gelu", "registered_name": "function"},
        {"module": "keras.src.ops.numpy", "class_name": "ExpandDims", "config": {}, "registered_name": "ExpandDims"},
        {"module": "keras.layers", "class_name": "StringLookup", "config": {"vocabulary": ["a", "b"]}},
        {"class_name": "__keras_tensor__", "config": {"shape": [None, 3]}},
        {"module": "keras.initializers", "class_name": "GlorotUniform", "config": {"seed": None}},
        {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}},
    ]
    assert distrusted(keras_file(tmp_path, {**DENSE, "config": {"parts": entries}}), "keras") == ""


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/x"])
def test_an_archive_that_leaves_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    assert "outside the folder" in distrusted(keras_file(tmp_path, DENSE, name), "keras")


def test_layers_of_ones_own_are_told_and_what_a_model_was_compiled_with_is_not(tmp_path: Path) -> None:
    own: dict[str, Any] = {"module": None, "class_name": "Ours", "config": {}, "registered_name": "team>Ours"}
    assert "(team>Ours)" in unfit(keras_file(tmp_path, {"config": {"layers": [own]}}), "keras")
    compiled = keras_file(tmp_path, {**DENSE, "compile_config": {"loss": own}})
    assert unfit(compiled, "keras") == distrusted(compiled, "keras") == ""


@pytest.mark.parametrize("config", [[1, 2], {"class_name": ["Lambda"], "module": 3}, "0"])
def test_what_is_no_configuration_is_left_to_keras(tmp_path: Path, config: Any) -> None:
    path = keras_file(tmp_path, config)
    assert unfit(path, "keras") == distrusted(path, "keras") == ""


@pytest.mark.parametrize("config", ["{", "", "[" * 100_000])
def test_a_damaged_configuration_is_an_error(tmp_path: Path, config: str) -> None:
    with pytest.raises(ValueError, match=r"config\.json"):
        distrusted(keras_file(tmp_path, config), "keras")


def test_an_exported_program_is_never_trusted_by_itself(tmp_path: Path) -> None:
    assert "unpickles parts" in distrusted(tmp_path / "model.pt2", "pt2")


#: How inputs and attributes are called that name something outside of the model.
_OUTSIDE = re.compile(r"file|path|address|host|url|socket|memory_region|output_stream")


def test_no_operation_that_is_allowed_names_anything_outside() -> None:
    """Held against TensorFlow's own list. The numbers of paths of a beam search and what a GPU keeps are harmless."""
    from tensorflow.core.framework import op_def_pb2
    from tensorflow.python.client import pywrap_tf_session

    known = op_def_pb2.OpList()
    known.ParseFromString(pywrap_tf_session.TF_GetBuffer(pywrap_tf_session.TF_GetAllOpList()))
    definitions = {one.name: one for one in known.op}
    allowed = tomllib.loads(ALLOWED.read_text("utf-8"))
    names = [name for group in allowed["group"] for name in group["operations"]]
    assert len(names) == len(set(names)) > 700
    for name in names:
        one = definitions[name]
        parts = [part.name for part in (*one.input_arg, *one.attr)]
        assert not [part for part in parts if _OUTSIDE.search(part) and part not in ("top_paths", "host_reserved")], (
            name
        )


def saved_model(folder: Path, nodes: list[Any], saver: str = "", asked_for: str = "") -> Path:
    """A SavedModel of these nodes, beside a function ``save`` that writes and a node ``saver`` that calls one."""
    from tensorflow.core.protobuf import saved_model_pb2

    graph = (model := saved_model_pb2.SavedModel()).meta_graphs.add()
    function = graph.graph_def.library.function.add()
    function.signature.name = "save"
    function.node_def.add(name="write", op="SaveV2")
    node = graph.graph_def.node.add(name="saver", op="StatefulPartitionedCall")
    node.attr["f"].func.name = "save"
    for name, op, *inputs in nodes:
        graph.graph_def.node.add(name=name, op=op, input=inputs)
    graph.saver_def.save_tensor_name = saver
    if asked_for:
        graph.signature_def["serving_default"].outputs["y"].name = asked_for
    folder.mkdir()
    (folder / "saved_model.pb").write_bytes(model.SerializeToString())
    return folder


@pytest.mark.parametrize(
    ("parts", "found"),
    [
        ({"nodes": [("x", "Placeholder"), ("y", "MatMul", "x")], "saver": "saver:0", "asked_for": "y:0"}, ""),
        ({"nodes": [("y", "DatasetToTFRecord")], "saver": "saver:0"}, "DatasetToTFRecord"),
        ({"nodes": [("y", "WriteFile"), ("z", "PyFunc")], "saver": "saver:0"}, "PyFunc, WriteFile"),
        ({"nodes": [("y", "OfALaterVersion")], "saver": "saver:0"}, "OfALaterVersion"),
        ({"nodes": [("y", "RestoreV2")], "saver": "saver:0"}, "RestoreV2"),
        ({"nodes": []}, "SaveV2"),  # called by a node that is not the saver
        ({"nodes": [], "saver": "saver:0", "asked_for": "saver:0"}, "SaveV2"),  # a prediction would save
        ({"nodes": [("y", "Identity", "^saver")], "saver": "saver:0"}, "SaveV2"),
    ],
)
def test_a_saved_model_holds_what_is_known_to_compute_and_saves_by_its_saver_alone(
    tmp_path: Path, parts: dict[str, Any], found: str
) -> None:
    why = distrusted(saved_model(tmp_path / "model", **parts), "saved_model")
    assert why == (
        f"It holds operations that are not among those known to do nothing but compute: {found}." if found else ""
    )
