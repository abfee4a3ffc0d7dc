"""`advisor rehearse`: pilots taken out by themselves, and models that people bring, among them such as run code."""

from __future__ import annotations

import json
import os
import pickle
import re
import subprocess
import sys
import zipfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import pytest
from command_line import advisor

MAKE = """
import os, sys
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import tensorflow as tf
import torch

os.chdir(sys.argv[1])
inputs = keras.Input((8,))
model = keras.Sequential([inputs, keras.layers.Dense(16, activation="relu"), keras.layers.Dense(3)])
model.save("plain.keras")
model.export("saved", verbose=False)
keras.Sequential([keras.Input((8,)), keras.layers.Lambda(lambda x: x * 2, name="twice")]).save("lambda.keras")
two = keras.Input((4,))
keras.Model([inputs, two], keras.layers.Concatenate()([inputs, two])).save("two_inputs.keras")
words = keras.Input((None,), dtype="int32")
keras.Model(words, keras.layers.GlobalAveragePooling1D()(keras.layers.Embedding(5, 4)(words))).save("any_length.keras")

class Python(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None, 8], tf.float32)])
    def __call__(self, rows):
        return tf.numpy_function(lambda x: x, [rows], tf.float32)

python = Python()
tf.saved_model.save(python, "python", signatures=python.__call__)

network = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), torch.nn.Linear(16, 3))
rows = torch.export.Dim("rows", min=1, max=512)
torch.export.save(torch.export.export(network, (torch.rand(2, 8),), dynamic_shapes=({0: rows},)), "plain.pt2")
"""


class Harmful:
    """Makes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str, ...]]:
        return Path.touch, (self.mark,)  # type: ignore[return-value]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny models in each format that the default install writes."""
    folder = tmp_path_factory.mktemp("models")
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run([sys.executable, "-c", MAKE, folder], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    np.save(folder / "rows.npy", np.random.default_rng(1).random((20, 8)))
    return folder


def rehearsed(*arguments: object) -> list[dict[str, object]]:
    done = advisor("rehearse", *arguments, "--smoke", "--json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def refused(*arguments: object) -> str:
    done = advisor("rehearse", *arguments, "--smoke")
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr and done.stdout == ""
    return done.stderr


def bytes_of(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_keras_file_goes_out_by_what_is_installed_and_stays_as_it_is(models: Path, tmp_path: Path) -> None:
    before = bytes_of(models)
    page = tmp_path / "ways.md"
    found = rehearsed(models / "plain.keras", "--target", "python_server", "-o", page)
    assert bytes_of(models) == before
    by_route = {one["route"]: one["result"] for one in found}
    assert {"keras_file", "saved_model"} <= by_route.keys()
    for result in by_route.values():
        assert isinstance(result, dict)
        assert result["works"], result["error"]
        assert result["rows"] == 64 and result["agreement"] == 1.0 and result["metric"] is None
    assert "made up" in page.read_text(encoding="utf-8")
    assert "| SavedModel → TensorFlow | yes |" in page.read_text(encoding="utf-8")


def test_a_saved_model_is_compared_on_rows_that_were_brought(models: Path) -> None:
    done = advisor("rehearse", models / "saved", "--sample", models / "rows.npy", "--target", "batch", "--smoke")
    assert done.returncode == 0, done.stderr
    assert re.search(r"SavedModel → TensorFlow +yes", done.stdout)
    assert "Compared on 20 rows of shape (8,) (float32) from" in done.stderr


def test_an_exported_program_has_to_be_trusted(models: Path) -> None:
    assert "unpickles parts" in refused(models / "plain.pt2")
    found = rehearsed(models / "plain.pt2", "--target", "python_server", "--trust")
    assert {"torch_export": True}.items() <= {one["route"]: one["result"]["works"] for one in found}.items()  # type: ignore[index]
    assert "state_dict" not in {one["route"] for one in found}  # nobody has the code


def test_code_in_a_keras_file_runs_only_if_it_is_trusted(models: Path) -> None:
    said = refused(models / "lambda.keras")
    assert "Lambda layer (twice)" in said and "--trust" in said
    (own, *_) = rehearsed(models / "lambda.keras", "--target", "python_package", "--trust")
    assert own["route"] == "keras_file" and own["result"]["works"]  # type: ignore[index]


def test_a_saved_model_that_runs_python_is_refused(models: Path) -> None:
    assert "PyFunc" in refused(models / "python")


@pytest.mark.parametrize("name", ["model.pt", "model.pkl", "model.pth"])
def test_pickles_are_refused_and_not_opened(name: str, tmp_path: Path) -> None:
    mark = tmp_path / "opened"
    (tmp_path / name).write_bytes(pickle.dumps(Harmful(mark)))
    assert "a pickle, which runs code" in refused(tmp_path / name)
    sample = tmp_path / "rows.npy"
    np.save(sample, np.array([Harmful(mark)], dtype=object), allow_pickle=True)
    assert not mark.exists()


def test_a_sample_with_a_pickle_in_it_is_refused_and_not_opened(models: Path, tmp_path: Path) -> None:
    mark, sample = tmp_path / "opened", tmp_path / "rows.npy"
    np.save(sample, np.array([Harmful(mark)], dtype=object), allow_pickle=True)
    assert "without running code" in refused(models / "plain.keras", "--sample", sample)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("shape", "kind", "words"),
    [
        ((20, 7), "float32", "the model takes (rows, 8)"),
        ((20, 8), "complex64", "holds complex64"),
        ((0, 8), "float32", "(0, 8)"),
    ],
)
def test_a_sample_that_does_not_fit_is_told(models: Path, tmp_path: Path, shape, kind: str, words: str) -> None:
    sample = tmp_path / "rows.npz"
    np.savez(sample, rows=np.zeros(shape, kind))
    assert words in refused(models / "plain.keras", "--sample", sample)


@pytest.mark.parametrize(
    ("name", "words"), [("two_inputs", "has 2 inputs"), ("any_length", "bring some with --sample FILE.npy")]
)
def test_models_that_cannot_be_rehearsed_are_told(models: Path, name: str, words: str) -> None:
    assert words in refused(models / f"{name}.keras")


def damaged(folder: Path, name: str, models: Path) -> Path:
    path = folder / name
    match name:
        case "truncated.keras":
            path.write_bytes((models / "plain.keras").read_bytes()[:500])
        case "empty.keras":
            path.touch()
        case "large.keras":
            with (
                zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
                archive.open("model.weights.h5", "w") as file,
            ):
                for _ in range(1100):
                    file.write(bytes(1 << 20))
        case "text.onnx":
            path.write_text("This is no model.", encoding="utf-8")
        case "saved":
            path.mkdir()
            (path / "saved_model.pb").write_bytes(b"\xff" * 50)
    return path


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("truncated.keras", "the file is damaged"),
        ("empty.keras", "the file is damaged"),
        ("large.keras", "times its own size"),
        ("saved", "saved_model.pb is damaged"),
    ],
)
def test_damaged_files_are_told(models: Path, tmp_path: Path, name: str, words: str) -> None:
    assert words in refused(damaged(tmp_path, name, models))


def test_a_text_that_is_called_a_model_is_told(models: Path, tmp_path: Path) -> None:
    try:
        version("onnxruntime")
    except PackageNotFoundError:
        pytest.skip("onnxruntime is not installed: python -m pip install '.[onnx]'")
    assert "does not run in ONNX Runtime" in refused(damaged(tmp_path, "text.onnx", models))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("missing.keras",), "There is no such model"),
        (("pyproject.toml",), "not called like a model"),
        (("advisor",), "not called like a model"),
        (("x.keras", "--target", "androit"), "Did you mean android?"),
        (("--trust",), "is for a model of your own"),
        (("--sample", "rows.npy"), "is for a model of your own"),
    ],
)
def test_mistakes_get_one_clear_error(arguments: tuple[str, ...], words: str) -> None:
    assert words in refused(*arguments)


def test_pilots_are_rehearsed_by_themselves_and_a_second_call_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "rehearsal"
    arguments = ("--pilots", "tabular", "--candidates", "pytorch", "--target", "python_package", "--folder", folder)
    page = tmp_path / "ways.md"
    found = rehearsed(*arguments, "-o", page)
    assert [(one["pilot"], one["candidate"]) for one in found] == [("tabular", "pytorch")] * len(found)
    assert {"state_dict", "torch_export"} <= {one["route"] for one in found if one["result"]["works"]}  # type: ignore[index]
    assert "## Python package that others install" in page.read_text(encoding="utf-8")
    before = (folder / "trials.jsonl").read_bytes()
    assert rehearsed(*arguments) == found
    assert (folder / "trials.jsonl").read_bytes() == before


def test_a_folder_with_a_study_keeps_its_plan(study: Path) -> None:
    before = (study / "plan.json").read_bytes()
    assert "holds a study" in refused("--folder", study, "--pilots", "tabular")
    assert (study / "plan.json").read_bytes() == before
