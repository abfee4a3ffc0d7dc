"""The interpreter of LiteRT for Microcontrollers: what it refuses, and the arena that a model takes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from pilots.exports.int8_litert import dequantized, quantized
from pilots.routes import Artifact
from pilots.targets import litert_micro

#: In a process of its own, as exporters always run: a model of two operators, of which the first has no kernel there.
_WITH_ATAN2 = """
import sys, tensorflow as tf

function = tf.function(lambda x: tf.atan2(x, x + 1.0), input_signature=[tf.TensorSpec([1, 4], tf.float32)])
model = tf.Module()
model.function = function
converter = tf.lite.TFLiteConverter.from_concrete_functions([function.get_concrete_function()], model)
open(sys.argv[1], "wb").write(converter.convert())
"""


def test_an_operator_without_a_kernel_is_named():
    pytest.importorskip("tflite_micro", reason="python -m pip install '.[micro]'")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.tflite"
        subprocess.run([sys.executable, "-c", _WITH_ATAN2, str(file)], check=True, capture_output=True)
        with pytest.raises(RuntimeError, match="Didn't find op for builtin opcode 'ATAN2'"):
            litert_micro.load(Artifact(Path(folder), 1, "tensorflow", None))


def test_rows_go_in_and_out_in_the_scale_of_the_tensor():
    int8 = {"dtype": np.int8, "quantization_parameters": {"scales": [0.5], "zero_points": [-3]}}
    rows = np.array([[0.0, 1.0, -1.2, 1000.0]], np.float32)
    steps = quantized(rows, int8)
    assert steps.dtype == np.int8 and steps.tolist() == [[-3, -1, -5, 127]]
    assert dequantized(steps, int8).tolist() == [[0.0, 1.0, -1.0, 65.0]]
    words = np.array([[3, 4]], np.int32)
    assert quantized(words, {"dtype": np.int32}) is words
