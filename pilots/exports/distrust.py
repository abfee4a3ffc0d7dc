"""What of a model in a file is refused unless its maker is trusted.

Nothing here opens a model: what tells a safe file from another is read as data.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from pilots.model_files import Format

#: Layers of Keras that hold code, and what it is.
_HOLDING_CODE: dict[str, str] = {
    "Lambda": "which holds code and runs it when loaded",
    "__lambda__": "which holds code and runs it when loaded",
    "TorchModuleWrapper": "which unpickles a module of PyTorch when loaded",
    "TFSMLayer": "which loads a SavedModel from wherever the file says",
    "JaxLayer": "which holds a function of JAX",
    "FlaxLayer": "which holds a module of Flax",
}
#: TensorFlow operations that run Python or touch files beside the model's own.
_UNSAFE_OPERATIONS = {
    "PyFunc", "PyFuncStateless", "EagerPyFunc", "ReadFile", "WriteFile", "MatchingFiles", "MatchingFilesDataset",
    "ImmutableConst", "LoadDataset", "SaveDataset", "SaveDatasetV2", "FixedLengthRecordDataset",
    "FixedLengthRecordDatasetV2", "TextLineDataset", "TFRecordDataset", "TFRecordDatasetV2", "SqlDataset",
    "SnapshotDataset", "SnapshotDatasetV2", "WholeFileReader", "WholeFileReaderV2", "TextLineReader",
    "TextLineReaderV2", "FixedLengthRecordReader", "FixedLengthRecordReaderV2", "TFRecordReader",
    "TFRecordReaderV2", "Save", "SaveSlices", "CreateSummaryFileWriter", "CreateSummaryDbWriter", "DebugIdentity",
    "DebugIdentityV2", "DebugIdentityV3",
}  # fmt: skip
#: Every SavedModel has these, to be saved again; elsewhere than there they write what they like.
_SAVING = {"SaveV2", "MergeV2Checkpoints"}
#: An archive that grows so much when it is unpacked was made to fill a disk.
_MOST_GROWTH = 50
_HARMLESS_BYTES = 1 << 30


def distrusted(path: Path, format: Format) -> str:
    """Why a model is not opened unless its maker is trusted, as a sentence; empty where nothing speaks against it.

    Raises:
        ValueError: the file is damaged, and what is in it cannot be told.
        ImportError: of a SavedModel, where TensorFlow is missing.
    """
    match format:
        case "keras":
            return _of_archive(path) or _of_keras(path)
        case "pt2":
            return (
                "torch.export.load unpickles parts of such a file, and packages of AOTInductor hold machine code: "
                "either can run anything."
            )
        case "saved_model":
            return _of_saved_model(path)
        case _:
            return ""


def _of_archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except zipfile.BadZipFile as error:
        raise ValueError(f"the file is damaged: {error}") from error
    for member in members:
        if ".." in PurePosixPath(member.filename).parts or member.filename.startswith("/"):
            return f"It unpacks {member.filename!r}, which lies outside the folder that it is unpacked into."
    unpacked = sum(member.file_size for member in members)
    if unpacked > max(_HARMLESS_BYTES, _MOST_GROWTH * path.stat().st_size):
        return f"It unpacks to {unpacked / 1e9:.1f} GB, {unpacked / path.stat().st_size:.0f} times its own size."
    return ""


def _of_keras(path: Path) -> str:
    for layer in _objects(_config(path)):
        kind = layer.get("class_name")
        if isinstance(kind, str) and kind in _HOLDING_CODE:
            config = layer.get("config")
            name = config.get("name") if isinstance(config, dict) else None
            return f"It has a {kind.strip('_')} layer{f' ({name})' if name else ''}, {_HOLDING_CODE[kind]}."
    return ""


def unfit(path: Path, format: Format) -> str:
    """Why nobody can load a model without its maker's code, as a phrase; empty where that is not known.

    Raises:
        ValueError: the file is damaged.
    """
    if format != "keras":
        return ""
    config = _config(path)
    # What the model was compiled with is not loaded.
    parts = (
        {name: part for name, part in config.items() if name != "compile_config"} if isinstance(config, dict) else {}
    )
    for entry in _objects(parts):
        kind, module, registered = (entry.get(key) for key in ("class_name", "module", "registered_name"))
        if not isinstance(kind, str) or "module" not in entry:
            continue
        own = isinstance(module, str) and module.split(".")[0] not in ("keras", "builtins")
        if own or (module is None and isinstance(registered, str) and ">" in registered):
            return (
                f"{kind} in it is of somebody's own ({registered or module}), and its code is not in the file; "
                "model.export(FOLDER) where the code is writes a SavedModel that needs none"
            )
    return ""


def _config(path: Path) -> Any:
    try:
        with zipfile.ZipFile(path) as archive:
            return json.loads(archive.read("config.json"))
    except (KeyError, ValueError, RecursionError, zipfile.BadZipFile) as error:
        raise ValueError(f"the file has no readable config.json: {error}") from error


def _objects(config: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON document, without recursion: a file may nest as deep as it likes."""
    waiting = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _of_saved_model(path: Path) -> str:
    from tensorflow.core.protobuf import saved_model_pb2

    model = saved_model_pb2.SavedModel()
    try:
        model.ParseFromString((path / "saved_model.pb").read_bytes())
    except Exception as error:
        raise ValueError(f"saved_model.pb is damaged: {error}") from error
    found = sorted({name for graph in model.meta_graphs for name in _unsafe(graph)})
    return f"It runs Python, or reads or writes files of its own: {', '.join(found)}." if found else ""


def _unsafe(graph: Any) -> Iterator[str]:
    """Operations of a graph that are unsafe; those that save are where only the saver calls them."""
    functions = {function.signature.name: list(function.node_def) for function in graph.graph_def.library.function}
    saver = graph.saver_def.save_tensor_name.partition(":")[0]
    saving = {name for node in graph.graph_def.node if node.name == saver for name in _called(node)}
    elsewhere = [node for node in graph.graph_def.node if node.name != saver]
    elsewhere += [node for nodes in functions.values() for node in nodes]
    saving -= {name for node in elsewhere for name in _called(node)} | set(graph.object_graph_def.concrete_functions)
    for name, nodes in [("", list(graph.graph_def.node)), *functions.items()]:
        for node in nodes:
            prints_to_file = node.op == "PrintV2" and node.attr["output_stream"].s.startswith(b"file:")
            if node.op in _UNSAFE_OPERATIONS or prints_to_file or (node.op in _SAVING and name not in saving):
                yield node.op


def _called(node: Any) -> Iterator[str]:
    """The functions that an operation names."""
    for value in node.attr.values():
        if value.HasField("func"):
            yield value.func.name
        for function in value.list.func:
            yield function.name
