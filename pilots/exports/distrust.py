"""What of a model in a file is refused unless its maker is trusted.

Nothing here opens a model: what tells a safe file from another is read as data.
"""

from __future__ import annotations

import json
import tomllib
import zipfile
from collections.abc import Iterator, Mapping
from functools import cache
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
#: Layers of Keras that read their words from a file where a name of one stands in the place of the words.
_OF_WORDS = ("StringLookup", "IntegerLookup", "TextVectorization")
#: What Keras makes plain values of: arrays, slices and references to what a layer returned.
_PLAIN = {"__bytes__", "__ellipsis__", "__keras_tensor__", "__numpy__", "__slice__", "__tensor__", "__tuple__"}
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
    for entry in _objects(_loaded(_config(path))):
        kind, config = entry.get("class_name"), entry.get("config")
        if not isinstance(kind, str):
            continue
        name = config.get("name") if isinstance(config, dict) else None
        called = f"{kind.strip('_')} layer{f' ({name})' if name else ''}"
        if kind in _HOLDING_CODE:
            return f"It has a {called}, {_HOLDING_CODE[kind]}."
        if kind in _OF_WORDS and isinstance(config, dict) and isinstance(config.get("vocabulary"), str):
            return f"It has a {called}, which reads its words from wherever the file says."
        if kind not in _PLAIN and not _is_somebodys_own(entry) and not _is_allowed_in_keras(kind, entry.get("module")):
            where = f" of {entry['module']}" if entry.get("module") else ""
            return f"It has a {kind}{where}, which is not among what is known to do nothing but compute."
    return ""


def _loaded(config: Any) -> Any:
    """Of a configuration, what is loaded: what the model was compiled with is not."""
    if not isinstance(config, dict):
        return {}
    return {name: part for name, part in config.items() if name != "compile_config"}


def _is_somebodys_own(entry: Mapping[str, Any]) -> bool:
    """Whether Keras needs the code of somebody else for it, which is not in the file; without it nothing is loaded."""
    module, registered = entry.get("module"), entry.get("registered_name")
    if "module" not in entry:
        return False
    own = isinstance(module, str) and module.split(".")[0] not in ("keras", "builtins")
    return own or (module is None and isinstance(registered, str) and ">" in registered)


def _is_allowed_in_keras(kind: str, module: object) -> bool:
    """By its name within its module; files of older versions of Keras name no modules."""
    for group in _allowed()["keras"]:
        names, modules = group.get("names"), group["modules"]
        if names is None:
            if isinstance(module, str) and any(module == one or module.startswith(f"{one}.") for one in modules):
                return True
        elif kind in names and (module is None or module in modules):
            return True
    return False


def unfit(path: Path, format: Format) -> str:
    """Why nobody can load a model without its maker's code, as a phrase; empty where that is not known.

    Raises:
        ValueError: the file is damaged.
    """
    if format != "keras":
        return ""
    for entry in _objects(_loaded(_config(path))):
        kind = entry.get("class_name")
        if isinstance(kind, str) and _is_somebodys_own(entry):
            whose = entry.get("registered_name") or entry.get("module")
            return (
                f"{kind} in it is of somebody's own ({whose}), and its code is not in the file; "
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
    found = sorted({name for graph in model.meta_graphs for name in _not_allowed(graph)})
    return (
        f"It holds operations that are not among those known to do nothing but compute: {', '.join(found)}."
        if found
        else ""
    )


@cache
def _allowed() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("allowed_operations.toml").read_text(encoding="utf-8"))


@cache
def _allowed_operations() -> frozenset[str]:
    return frozenset(name for group in _allowed()["group"] for name in group["operations"])


def _not_allowed(graph: Any) -> Iterator[str]:
    """Operations of a graph that are not allowed; those that save and restore are where only the saver calls them."""
    functions = {function.signature.name: list(function.node_def) for function in graph.graph_def.library.function}
    savers = {name.partition(":")[0] for name in (graph.saver_def.save_tensor_name, graph.saver_def.restore_op_name)}
    savers -= _used(graph) | {""}
    saving = {name for node in graph.graph_def.node if node.name in savers for name in _called(node)}
    elsewhere = [node for node in graph.graph_def.node if node.name not in savers]
    elsewhere += [node for name, nodes in functions.items() if name not in saving for node in nodes]
    saving -= {name for node in elsewhere for name in _called(node)} | set(graph.object_graph_def.concrete_functions)
    for name, nodes in [("", list(graph.graph_def.node)), *functions.items()]:
        for node in nodes:
            if node.op in _allowed()["saving"]["operations"]:
                if name not in saving:
                    yield node.op
            elif node.op not in _allowed_operations():
                yield node.op


def _used(graph: Any) -> set[str]:
    """The nodes of a graph that a signature asks for or another node needs."""
    used = {
        tensor.name
        for signature in graph.signature_def.values()
        for tensor in (*signature.inputs.values(), *signature.outputs.values())
    }
    used |= {name for node in graph.graph_def.node for name in node.input}
    return {name.removeprefix("^").partition(":")[0] for name in used}


def _called(node: Any) -> Iterator[str]:
    """The functions that an operation names."""
    for value in node.attr.values():
        if value.HasField("func"):
            yield value.func.name
        for function in value.list.func:
            yield function.name
