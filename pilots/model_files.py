"""Trained models that people bring in a file: which formats there are, and what of them is refused unless trusted.

Nothing here opens a model: what tells a safe file from another is read as data. Listing formats imports nothing.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

Format = Literal["keras", "saved_model", "pt2", "onnx", "tflite"]

#: What each is called, and how it is recognised.
FORMATS: dict[Format, str] = {
    "keras": "a .keras file",
    "saved_model": "a SavedModel folder",
    "pt2": "a .pt2 file of torch.export",
    "onnx": "an .onnx file",
    "tflite": "a .tflite file",
}
#: Files that people bring and that hold no model that could be exported, and what to save in their place.
OTHERS: dict[str, str] = {
    ".pt": "a pickle, which runs code when it is loaded; save torch.export.export(model, (rows,)) as .pt2",
    ".pth": "a pickle, which runs code when it is loaded; save torch.export.export(model, (rows,)) as .pt2",
    ".ckpt": "a checkpoint, which holds no model; save a .pt2, .keras or .onnx file",
    ".bin": "weights without a model; save a .pt2, .keras or .onnx file",
    ".safetensors": "weights without a model; save a .pt2, .keras or .onnx file",
    ".pkl": "a pickle, which runs code when it is loaded; save a .pt2, .keras or .onnx file",
    ".pickle": "a pickle, which runs code when it is loaded; save a .pt2, .keras or .onnx file",
    ".joblib": "a pickle, which runs code when it is loaded; save a .pt2, .keras or .onnx file",
    ".h5": "Keras's legacy format; load it where you trust it and model.save() it as .keras",
    ".hdf5": "Keras's legacy format; load it where you trust it and model.save() it as .keras",
}
#: TensorFlow operations that run Python or touch files beside the model's own.
_UNSAFE_OPERATIONS = {
    "PyFunc", "PyFuncStateless", "EagerPyFunc", "ReadFile", "WriteFile", "MatchingFiles", "ImmutableConst",
    "LoadDataset", "SaveDataset", "FixedLengthRecordDataset", "TextLineDataset", "TFRecordDataset",
}  # fmt: skip
#: An archive that grows so much when it is unpacked was made to fill a disk.
_MOST_GROWTH = 50
_HARMLESS_BYTES = 1 << 30


def format_of(path: Path) -> Format | None:
    """The format of a file or folder by its name, or None: what is in it is another question."""
    if path.is_dir():
        return "saved_model" if (path / "saved_model.pb").is_file() else None
    suffix = path.suffix.lower().removeprefix(".")
    return suffix if suffix in FORMATS and suffix != "saved_model" else None


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
            unpacked = sum(member.file_size for member in archive.infolist())
    except zipfile.BadZipFile as error:
        raise ValueError(f"the file is damaged: {error}") from error
    if unpacked > max(_HARMLESS_BYTES, _MOST_GROWTH * path.stat().st_size):
        return f"It unpacks to {unpacked / 1e9:.1f} GB, {unpacked / path.stat().st_size:.0f} times its own size."
    return ""


def _of_keras(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            config = json.loads(archive.read("config.json"))
    except (KeyError, ValueError) as error:
        raise ValueError(f"the file has no readable config.json: {error}") from error
    for layer in _objects(config):
        name = layer.get("class_name")
        if name == "Lambda" or name == "__lambda__":
            named = (layer.get("config") or {}).get("name", "") if isinstance(layer.get("config"), dict) else ""
            return f"It has a Lambda layer{f' ({named})' if named else ''}, which holds code and runs it when loaded."
    return ""


def _objects(config: Any) -> Iterator[dict[str, Any]]:
    """Every object in a JSON document, without recursion: a file may nest as deep as it likes."""
    waiting = [config]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            yield one
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one


def _of_saved_model(path: Path) -> str:
    from google.protobuf.message import DecodeError
    from tensorflow.core.protobuf import saved_model_pb2

    model = saved_model_pb2.SavedModel()
    try:
        model.ParseFromString((path / "saved_model.pb").read_bytes())
    except DecodeError as error:
        raise ValueError(f"saved_model.pb is damaged: {error}") from error
    found = {
        node.op
        for graph in model.meta_graphs
        for nodes in (graph.graph_def.node, *(function.node_def for function in graph.graph_def.library.function))
        for node in nodes
        if node.op in _UNSAFE_OPERATIONS
    }
    return f"It runs Python or reads files of its own: {', '.join(sorted(found))}." if found else ""
