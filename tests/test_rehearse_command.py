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
from command_line import EXAMPLE, advisor

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

class Writing(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None, 8], tf.float32)])
    def __call__(self, rows):
        tf.raw_ops.SaveV2(prefix="written", tensor_names=["rows"], shape_and_slices=[""], tensors=[rows])
        return rows

writing = Writing()
tf.saved_model.save(writing, "writing", signatures=writing.__call__)

@keras.saving.register_keras_serializable(package="team")
class Ours(keras.layers.Dense):
    pass

keras.Sequential([keras.Input((8,)), Ours(3)]).save("ours.keras")

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


def rehearsed(*arguments: str | Path) -> list[dict[str, object]]:
    done = advisor("rehearse", *arguments, "--smoke", "--json")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def refused(*arguments: str | Path) -> str:
    done = advisor("rehearse", *arguments, "--smoke")
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr and done.stdout == ""
    return done.stderr


def bytes_of(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.long
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


@pytest.mark.long
def test_a_saved_model_is_compared_on_rows_that_were_brought(models: Path) -> None:
    done = advisor("rehearse", models / "saved", "--sample", models / "rows.npy", "--target", "batch", "--smoke")
    assert done.returncode == 0, done.stderr
    assert re.search(r"SavedModel → TensorFlow +yes", done.stdout)
    assert "Compared on 20 rows of shape (8,) (float32) from" in done.stderr


@pytest.mark.long
def test_an_exported_program_has_to_be_trusted(models: Path) -> None:
    assert "unpickles parts" in refused(models / "plain.pt2")
    found = rehearsed(models / "plain.pt2", "--target", "python_server", "--trust")
    assert {"torch_export": True}.items() <= {one["route"]: one["result"]["works"] for one in found}.items()  # type: ignore[index]
    assert "state_dict" not in {one["route"] for one in found}  # nobody has the code


@pytest.mark.long
def test_code_in_a_keras_file_runs_only_if_it_is_trusted(models: Path) -> None:
    said = refused(models / "lambda.keras")
    assert "Lambda layer (twice)" in said and "--trust" in said
    (own, *_) = rehearsed(models / "lambda.keras", "--target", "microcontroller", "--trust")
    assert own["route"] == "keras_file" and own["result"]["works"]  # type: ignore[index]


@pytest.mark.parametrize(("name", "operation"), [("python", "PyFunc"), ("writing", "SaveV2")])
def test_a_saved_model_that_runs_python_or_writes_files_is_refused(models: Path, name: str, operation: str) -> None:
    assert operation in refused(models / name)


@pytest.mark.long
def test_layers_of_ones_own_are_named(models: Path) -> None:
    said = refused(models / "ours.keras")
    assert "Ours in it is of somebody's own (team>Ours)" in said and "model.export(FOLDER)" in said


def test_links_that_lead_out_of_a_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").touch()
    (tmp_path / "saved" / "variables").symlink_to(tmp_path)
    assert "a link in it leads out of its folder" in refused(tmp_path / "saved")


@pytest.mark.long
def test_a_runtime_that_is_missing_is_told_with_the_command_that_installs_it(tmp_path: Path) -> None:
    path = tmp_path / "model.tflite"
    path.touch()
    try:
        version("ai-edge-litert")
    except PackageNotFoundError:
        assert "python -m pip install 'framework-advisor[litert]'" in refused(path)
    else:
        pytest.skip("LiteRT is installed")


@pytest.mark.long
def test_a_target_that_no_route_leads_to_is_told(models: Path) -> None:
    done = advisor("rehearse", models / "plain.keras", "--target", "microcontroller", "--smoke", "--json")
    assert done.returncode == 0, done.stderr
    assert [one["route"] for one in json.loads(done.stdout)] == ["keras_file"]


@pytest.mark.parametrize("name", ["model.pt", "model.pkl", "model.pth"])
def test_pickles_are_refused_and_not_opened(name: str, tmp_path: Path) -> None:
    mark = tmp_path / "opened"
    (tmp_path / name).write_bytes(pickle.dumps(Harmful(mark)))
    assert "a pickle, which runs code" in refused(tmp_path / name)
    assert not mark.exists()
    pickle.loads((tmp_path / name).read_bytes())
    assert mark.exists()  # it would have told of its opening


@pytest.mark.long
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
@pytest.mark.long
def test_a_sample_that_does_not_fit_is_told(
    models: Path, tmp_path: Path, shape: tuple[int, ...], kind: str, words: str
) -> None:
    sample = tmp_path / "rows.npz"
    np.savez(sample, rows=np.zeros(shape, kind))
    assert words in refused(models / "plain.keras", "--sample", sample)


@pytest.mark.parametrize(
    ("name", "words"), [("two_inputs", "has 2 inputs"), ("any_length", "bring some with --sample FILE.npy")]
)
@pytest.mark.long
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
@pytest.mark.long
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
        (("advisor",), "holds no saved_model.pb"),
        (("x.keras", "--target", "androit"), "Did you mean android?"),
        (("--trust",), "is for a model of your own"),
        (("--sample", "rows.npy"), "is for a model of your own"),
        (("pyproject.toml", "--pilots", "text"), "is for advisor's pilots"),
    ],
)
def test_mistakes_get_one_clear_error(arguments: tuple[str, ...], words: str) -> None:
    assert words in refused(*arguments)


@pytest.mark.long
def test_pilots_are_rehearsed_by_themselves_and_a_second_call_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "rehearsal"
    arguments = ("--pilots", "tabular", "--candidates", "pytorch", "--target", "python_package", "--study", folder)
    page = tmp_path / "ways.md"
    found = rehearsed(*arguments, "-o", page)
    assert [(one["pilot"], one["candidate"]) for one in found] == [("tabular", "pytorch")] * len(found)
    assert {"state_dict", "torch_export"} <= {one["route"] for one in found if one["result"]["works"]}  # type: ignore[index]
    assert "## Python package that others install" in page.read_text(encoding="utf-8")
    before = (folder / "trials.jsonl").read_bytes()
    assert rehearsed(*arguments) == found
    assert (folder / "trials.jsonl").read_bytes() == before
    # Whatever did not work is tried again when that is asked for, and nothing else is.
    first, *others = before.decode().splitlines(keepends=True)
    record = json.loads(first)
    record["result"] |= {"works": False, "failed_stage": "run", "error": "no more memory"}
    (folder / "trials.jsonl").write_text("".join([json.dumps(record) + "\n", *others]), encoding="utf-8")
    assert sum(not one["result"]["works"] for one in rehearsed(*arguments)) == 1  # type: ignore[index]
    again = rehearsed(*arguments, "--retry-failed")
    assert [one["route"] for one in again] == [one["route"] for one in found]
    assert all(one["result"]["works"] for one in again)  # type: ignore[index]
    assert len((folder / "trials.jsonl").read_text(encoding="utf-8").splitlines()) == len(others) + 2


@pytest.mark.long
def test_a_study_rehearses_what_its_answers_name_and_counts_it(tmp_path: Path) -> None:
    folder = tmp_path / "study"
    folder.mkdir()
    (folder / "answers.toml").write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    done = advisor("plan", folder, "--quick", "--pilots", "tabular", "--candidates", "tensorflow")
    assert done.returncode == 0, done.stderr
    # Of this size, a rehearsal waits for quiet as long as others are at work.
    done = advisor("rehearse", "--study", folder, "--json", limit_s=900)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert {one["candidate"] for one in found} == {"tensorflow"} and any(one["result"]["works"] for one in found)
    kept = [json.loads(line) for line in (folder / "trials.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {one["spec"]["experiment"] for one in kept} == {"rehearse"}
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert {"gate", "pilots", "rehearsal"} <= {one["stage"] for one in plan["launches"]}
    assert '"rehearsed"' in advisor("decide", folder).stdout
    assert "no such rehearsal" in refused_study(folder, "--target", "microcontroller")


def refused_study(folder: Path, *arguments: str) -> str:
    done = advisor("rehearse", "--study", folder, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    return done.stderr
