"""Formats of model files: the names that answers and facts give them, by what a route calls its file."""

from __future__ import annotations

from collections.abc import Mapping

#: The formats of the interview (``deployment.accepts``), and those that facts alone name, that a route's file serves.
#: TensorRT reads ONNX files.
SERVES: Mapping[str, tuple[str, ...]] = {
    "ONNX": ("onnx", "tensorrt"),
    ".tflite file": ("tflite",),
    ".tflite file, int8": ("tflite",),
    ".tflite file, int8 weights": ("tflite",),
    ".pte file": ("executorch",),
    ".pte file, int8": ("executorch",),
    "OpenVINO file": ("openvino",),
    "SavedModel": ("saved_model",),
    "TensorFlow.js graph model": ("tensorflow_js",),
    "AOTInductor package": ("aot_inductor",),
}
#: All of them; Core ML is written by no route that is known.
FORMATS: tuple[str, ...] = tuple(dict.fromkeys((*(name for names in SERVES.values() for name in names), "coreml")))
