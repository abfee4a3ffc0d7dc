"""Models that people bring in a file, opened: what they take, and the framework's own object for those that export."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from pilots.model_files import Format
from pilots.pilot import Array

#: Rows made up where none were brought.
_ROWS = 64
_SEED = 20260101
_MOST_BYTES = 1 << 30

#: Sizes of one input, rows first, None where any will do; and its type.
Signature = tuple[tuple[int | None, ...], np.dtype[Any]]


def opened(path: Path, format: Format, *, trusted: bool) -> Any:
    """The model as its framework has it, in inference mode; a path where only runtimes read it.

    Raises:
        ImportError, ValueError, TypeError, RuntimeError: whatever a framework says to a file that it cannot read.
    """
    match format:
        case "keras":
            os.environ["KERAS_BACKEND"] = "tensorflow"
            import keras

            return keras.saving.load_model(path, compile=False, safe_mode=not trusted)
        case "saved_model":
            return _served(path)
        case "pt2":
            return _exported(path)
        case _:
            return path


def _served(path: Path) -> Any:
    import tensorflow as tf

    class Served(tf.Module):  # type: ignore[misc]
        """What a SavedModel serves, as a model that is called with rows."""

        def __init__(self) -> None:
            super().__init__()
            self.loaded = tf.saved_model.load(str(path))
            self.serve = self.loaded.signatures["serving_default"]

        def __call__(self, rows: Any, training: bool = False) -> Any:
            (name,) = self.serve.structured_input_signature[1]
            (outputs,) = self.serve(**{name: rows}).values()
            return outputs

    return Served()


def _exported(path: Path) -> Any:
    import torch

    class Exported(torch.nn.Module):
        """An exported program as a module: it keeps the mode that it was exported in."""

        def __init__(self) -> None:
            super().__init__()
            self.program = torch.export.load(path).module()

        def forward(self, rows: Any) -> Any:
            return self.program(rows)

        def train(self, mode: bool = True) -> Exported:
            return self

    return Exported()


def signature(format: Format, loaded: Any) -> Signature:
    """What the model takes, from what the route of its own format has loaded.

    Raises:
        ValueError: it takes or returns more than one tensor, or does not say what it takes.
    """
    match format:
        case "keras":
            _one(loaded.inputs, "inputs")
            _one(loaded.outputs, "outputs")
            return tuple(loaded.inputs[0].shape), np.dtype(loaded.inputs[0].dtype)
        case "saved_model":
            serve = loaded[1]
            _one(serve.structured_outputs, "outputs")
            (spec,) = _one(serve.structured_input_signature[1].values(), "inputs")
            return tuple(spec.shape.as_list()), np.dtype(spec.dtype.as_numpy_dtype)
        case "pt2":
            placeholders = [node for node in loaded[0].graph.nodes if node.op == "placeholder"]
            (node,) = _one(placeholders, "inputs")
            value = node.meta["val"]
            return tuple(size if isinstance(size, int) else None for size in value.shape), _numpy_type(value.dtype)
        case "onnx":
            session = loaded[0]
            _one(session.get_outputs(), "outputs")
            (given,) = _one(session.get_inputs(), "inputs")
            kind = {"float": "float32", "double": "float64"}.get(given.type[7:-1], given.type[7:-1])
            return tuple(size if isinstance(size, int) else None for size in given.shape), np.dtype(kind)
        case "tflite":
            _one(loaded.get_output_details(), "outputs")
            (details,) = _one(loaded.get_input_details(), "inputs")
            return tuple(None if size == -1 else int(size) for size in details["shape_signature"]), np.dtype(
                details["dtype"]
            )


def rows_for(found: Signature, sample: Path | None) -> tuple[Array, bool]:
    """The user's rows, or made-up rows, the same every time: standard normal numbers, or 0 and 1 for integers.

    Returns:
        The rows as the model takes them, and whether they were made up.

    Raises:
        ValueError: the file holds no such rows, or the model leaves open what it takes and there is no file.
    """
    shape, kind = found
    if sample is not None:
        return _brought(sample, shape, kind), False
    if None in shape[1:]:
        raise ValueError(f"the model takes rows of any size ({_shown(shape)}): bring some with --sample FILE.npy")
    rows = np.random.default_rng(_SEED)
    sizes = (_ROWS, *[size for size in shape[1:] if size is not None])
    if np.prod(sizes) * kind.itemsize > _MOST_BYTES:
        sizes = (2, *sizes[1:])
    if np.issubdtype(kind, np.floating):
        return rows.standard_normal(sizes).astype(kind), True
    if np.issubdtype(kind, np.integer) or kind == np.bool_:
        return rows.integers(0, 2, sizes).astype(kind), True
    raise ValueError(f"the model takes {kind}: bring rows with --sample FILE.npy")


def _brought(sample: Path, shape: tuple[int | None, ...], kind: np.dtype[Any]) -> Array:
    try:
        found = np.load(sample, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise ValueError(f"{sample.name} holds no array that can be read without running code: {error}") from error
    if isinstance(found, np.lib.npyio.NpzFile):
        with found:
            if len(found.files) != 1:
                raise ValueError(f"{sample.name} holds {len(found.files)} arrays, wanted is one")
            try:
                found = found[found.files[0]]
            except ValueError as error:
                raise ValueError(f"{sample.name} holds an array that only a pickle could: {error}") from error
    fits = found.ndim == len(shape) and all(
        size in (None, has) for size, has in zip(shape[1:], found.shape[1:], strict=True)
    )
    if not fits or not len(found):
        raise ValueError(f"{sample.name} has the shape {found.shape}, the model takes {_shown(shape)}")
    if not np.can_cast(found.dtype, kind, "same_kind"):
        raise ValueError(f"{sample.name} holds {found.dtype}, the model takes {kind}")
    return np.ascontiguousarray(found.astype(kind))


def _shown(shape: tuple[int | None, ...]) -> str:
    return f"({', '.join('any' if size is None else str(size) for size in ('rows', *shape[1:]))})"


def _one(tensors: Any, what: str) -> list[Any]:
    found = list(tensors)
    if len(found) != 1:
        raise ValueError(f"the model has {len(found)} {what}; one can be rehearsed")
    return found


def _numpy_type(kind: Any) -> np.dtype[Any]:
    import torch

    return torch.empty(0, dtype=kind).numpy().dtype
