"""Trained models that people bring in a file: which formats there are, told by the name alone. Imports nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

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
#: The candidate whose object an opened file is; the others are opened by their runtime alone.
OPENED_AS: dict[Format, str] = {"keras": "keras-tensorflow", "saved_model": "tensorflow", "pt2": "pytorch"}


def format_of(path: Path) -> Format | None:
    """The format of a file or folder by its name, or None: what is in it is another question."""
    if path.is_dir():
        return "saved_model" if (path / "saved_model.pb").is_file() else None
    suffix = path.suffix.lower().removeprefix(".")
    return suffix if suffix in FORMATS and suffix != "saved_model" else None
