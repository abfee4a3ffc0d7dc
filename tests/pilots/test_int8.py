"""LiteRT in int8 and for microcontrollers: what a mask leaves, what is refused, what comes in and goes out."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from pilots.exports.int8_litert import dequantized, quantized
from pilots.routes import Artifact
from pilots.targets import litert_full_int8, litert_micro

ROOT = Path(__file__).parents[2]

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


#: Scores between -2 and 2, half of them masked, and their mean by attention; float outputs beside the file.
_WITH_MASK = """
import sys, numpy as np, tensorflow as tf
from pathlib import Path
from pilots.exports import int8_litert
from pilots.routes import ModelToExport

class Masked(tf.Module):
    def __call__(self, rows, training):
        masked = tf.where(tf.range(8) % 2 == 0, rows, float(sys.argv[2]))
        return tf.nn.softmax(masked) @ tf.constant([[0.0], [9.0], [1.0], [9.0], [2.0], [9.0], [3.0], [9.0]])

rows = np.random.default_rng(0).uniform(-2, 2, (200, 8)).astype(np.float32)
model, folder = Masked(), Path(sys.argv[1])
print(int8_litert.save(ModelToExport(model, rows[:2], "tensorflow", rows), folder / "model.tflite"))
np.savez(folder / "floats.npz", rows=rows, outputs=model(rows, False).numpy())
"""


@pytest.mark.parametrize("lowest", [-3.4e38, -1e9])
@pytest.mark.long
def test_what_a_mask_leaves_is_not_lost_in_int8(lowest: float, tmp_path: Path):
    pytest.importorskip("ai_edge_litert", reason="python -m pip install '.[litert]'")
    done = subprocess.run(
        [sys.executable, "-c", _WITH_MASK, str(tmp_path), str(lowest)], cwd=ROOT, capture_output=True, text=True
    )
    assert "the mask of attention is -50 in place of the lowest number" in done.stdout, done.stderr
    floats = np.load(tmp_path / "floats.npz")
    loaded = litert_full_int8.load(Artifact(tmp_path, 1, "tensorflow", None))
    assert np.abs(litert_full_int8.run(loaded, floats["rows"]) - floats["outputs"]).max() < 0.25


#: The same from PyTorch: scores of which half are masked, or one number a row, near 0 in the last hundred.
_FROM_PYTORCH = """
import sys, numpy as np, torch
from pathlib import Path
from pilots.exports import litert_torch_exports
from pilots.routes import ModelToExport

class Masked(torch.nn.Module):
    def forward(self, rows):
        masked = torch.where(torch.arange(8) % 2 == 0, rows, float(sys.argv[2]))
        return masked.softmax(1) @ torch.tensor([[0.0], [9.0], [1.0], [9.0], [2.0], [9.0], [3.0], [9.0]])

class Sum(torch.nn.Module):
    def forward(self, rows):
        return rows @ torch.ones(8, 1)

rows = np.random.default_rng(0).uniform(-2, 2, (200, 8)).astype(np.float32)
model, folder = (Masked() if sys.argv[2] != "none" else Sum()), Path(sys.argv[1])
if sys.argv[2] == "none":
    rows[100:] *= 0.01
subject = ModelToExport(model, rows[:2], "pytorch", rows)
print(litert_torch_exports.save_in_int8(subject, folder / "model.tflite"))
np.savez(folder / "floats.npz", rows=rows, outputs=model(torch.from_numpy(rows)).numpy())
"""


@pytest.mark.parametrize("lowest", ["-inf", "-1e9", "none"])
@pytest.mark.long
def test_what_comes_from_pytorch_keeps_its_numbers_in_int8(lowest: str, tmp_path: Path):
    """Under a mask; and where the last rows that it is calibrated on give far smaller numbers than the first."""
    pytest.importorskip("litert_torch", reason="python -m pip install '.[edge-torch]'")
    done = subprocess.run(
        [sys.executable, "-c", _FROM_PYTORCH, str(tmp_path), lowest], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert ("the mask of attention is -50" in done.stdout) == (lowest != "none")
    floats = np.load(tmp_path / "floats.npz")
    loaded = litert_full_int8.load(Artifact(tmp_path, 1, "pytorch", None))
    outputs = litert_full_int8.run(loaded, floats["rows"])
    assert outputs.dtype == np.float32
    assert np.abs(outputs - floats["outputs"]).max() < 0.25


#: A table of words, of more than the 256 KiB that the quantizer leaves in the model.
_WITH_TABLE = """
import sys, numpy as np, torch
from pathlib import Path
from pilots.exports import litert_torch_exports
from pilots.routes import ModelToExport

torch.manual_seed(0)
model = torch.nn.Sequential(torch.nn.Embedding(3000, 32), torch.nn.Flatten(), torch.nn.Linear(128, 3)).eval()
rows, folder = np.random.default_rng(0).integers(0, 3000, (100, 4)).astype(np.int32), Path(sys.argv[1])
subject = ModelToExport(model, rows[:2], "pytorch", rows)
print(litert_torch_exports.save_in_int8(subject, folder / "model.tflite", int8_outside=True))
np.savez(folder / "floats.npz", rows=rows, outputs=model(torch.from_numpy(rows)).detach().numpy())
"""


@pytest.mark.long
def test_large_constants_from_pytorch_reach_a_microcontroller(tmp_path: Path):
    """They stood behind the model, where its interpreter does not look, and rows were predicted at random."""
    pytest.importorskip("litert_torch", reason="python -m pip install '.[edge-torch]'")
    pytest.importorskip("tflite_micro", reason="python -m pip install '.[micro]'")
    done = subprocess.run([sys.executable, "-c", _WITH_TABLE, str(tmp_path)], cwd=ROOT, capture_output=True, text=True)
    assert "weights behind the model were put into it" in done.stdout, done.stderr[-2000:]
    floats = np.load(tmp_path / "floats.npz")
    outputs = litert_micro.run(litert_micro.load(Artifact(tmp_path, 1, "pytorch", None)), floats["rows"])
    assert np.abs(outputs - floats["outputs"]).max() < 0.1


def test_rows_go_in_and_out_in_the_scale_of_the_tensor():
    int8 = {"dtype": np.int8, "quantization_parameters": {"scales": [0.5], "zero_points": [-3]}}
    rows = np.array([[0.0, 1.0, -1.2, 1000.0]], np.float32)
    steps = quantized(rows, int8)
    assert steps.dtype == np.int8 and steps.tolist() == [[-3, -1, -5, 127]]
    assert dequantized(steps, int8).tolist() == [[0.0, 1.0, -1.0, 65.0]]
    words = np.array([[3, 4]], np.int32)
    assert quantized(words, {"dtype": np.int32}) is words
