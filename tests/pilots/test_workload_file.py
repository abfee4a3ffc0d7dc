"""The settings of a workload: what is allowed, and what is said of what is not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pilots import workload as workloads
from pilots.records import TrialSpec, WorkloadFolder
from pilots.workload_file import WorkloadError

SCAFFOLD = Path(__file__).parents[2] / "templates" / "workload"
SETTINGS = (SCAFFOLD / "workload.toml").read_text("utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(SCAFFOLD, tmp_path / "own", ignore=shutil.ignore_patterns("__pycache__")))


def refused(folder: Path, text: str | bytes) -> WorkloadError:
    data = text if isinstance(text, bytes) else text.encode()
    (folder / "workload.toml").write_bytes(data)
    with pytest.raises(WorkloadError) as caught:
        workloads.load("own", folder)
    assert caught.value.file == "own/workload.toml"
    assert str(caught.value).startswith("own/workload.toml")
    return caught.value


def test_the_scaffold_is_read_whole(folder: Path) -> None:
    workload = workloads.load("own", folder)
    assert (workload.task, workload.targets, workload.accepts) == ("classification", (0.7, 0.85), None)
    assert workload.candidates == ("pytorch", "keras-tensorflow", "keras-jax", "keras-torch", "tensorflow")
    assert workload.model == {"hidden": 32}


@pytest.mark.parametrize(
    ("old", "new", "key", "allowed"),
    [
        ("batch_size = 32", "batch_size = 0", "recipe.batch_size", "a whole number from 1"),
        ("batch_size = 32", "batch_size = true", "recipe.batch_size", "a whole number from 1"),
        ("batch_size = 32", "batch_size = 32.5", "recipe.batch_size", "a whole number from 1"),
        ("learning_rate = 3e-3", "learning_rate = '3e-3'", "recipe.learning_rate", "a number above 0"),
        ("learning_rate = 3e-3", "learning_rate = nan", "recipe.learning_rate", "a number above 0"),
        ("adam_epsilon = 1e-8", "adam_epsilon = -1", "recipe.adam_epsilon", "a number above 0"),
        ("test_share = 0.25", "test_share = 1.0", "data.test_share", "a number between 0 and 1"),
        ("split_seed = 20261120", "split_seed = -1", "data.split_seed", "a whole number from 0"),
        ('task = "classification"', 'task = "ranking"', "task", "classification, regression, generation"),
        ('task = "classification"', "task = []", "task", "classification, regression, generation"),
        ("targets = [0.7, 0.85]", "targets = [0.9, 0.8]", "targets", "two numbers up to 1, the lower first"),
        ("targets = [0.7, 0.85]", "targets = 0.9", "targets", "two numbers up to 1, the lower first"),
        ("problems = []", "problems = 'tabular'", "problems", "a list of texts"),
        ('title = "My workload"', 'title = " "', "title", "a text that is not empty"),
        ("epochs = 15", "epochs = 0", "sizes.quick.epochs", "a whole number from 1"),
        ("[recipe]", 'accepts = "tables"\n[recipe]', "data.accepts", "table, images, text, series"),
        ("[data]", 'model_of = "churn"\n[data]', "model_of", ", ".join(workloads.names())),
    ],
)
def test_a_value_out_of_range_is_named_with_what_is_allowed(
    folder: Path, old: str, new: str, key: str, allowed: str
) -> None:
    error = refused(folder, SETTINGS.replace(old, new))
    assert (error.key, error.allowed) == (key, allowed)
    assert error.message.startswith("it is ")


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("title", "title"),
        ("max_steps = 100", "sizes.smoke.max_steps"),
        ("[sizes.standard]\nepochs = 40\nmax_steps = 20000", "sizes.standard.epochs"),
        ("split_seed", "data.split_seed"),
    ],
)
def test_a_missing_setting_is_named(folder: Path, line: str, key: str) -> None:
    error = refused(folder, SETTINGS.replace(line, "\n".join(f"# {part}" for part in line.split("\n")), 1))
    assert (error.key, error.message) == (key, "it is missing")


def test_an_unknown_setting_is_named_with_the_nearest_one(folder: Path) -> None:
    error = refused(folder, SETTINGS.replace("batch_size = 32", "batch_size = 32\nbatchsize = 32"))
    assert error.key == "recipe.batchsize"
    assert error.message == "there is no such setting; did you mean recipe.batch_size?"
    assert error.allowed == "recipe.batch_size, recipe.learning_rate, recipe.adam_epsilon"
    assert refused(folder, SETTINGS + "\n[sizes.huge]\n").key == "sizes.huge"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("title = ", "it is no TOML: Invalid value (at"),
        (b"\xff\xfe", "it is no TOML: "),
        ("", "it is missing"),
        ("model = 3\n" + SETTINGS.replace("[model]", "[data.more]"), "3 is no table"),
    ],
)
def test_a_file_that_is_none_is_named(folder: Path, text: str | bytes, message: str) -> None:
    assert refused(folder, text).message.startswith(message)


def test_a_file_that_is_gone_is_named(folder: Path) -> None:
    (folder / "workload.toml").unlink()
    with pytest.raises(WorkloadError, match="cannot be read: No such file"):
        workloads.load("own", folder)


def test_the_hash_is_of_names_and_contents(folder: Path) -> None:
    first = workloads.content_hash(folder)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "data.cpython-311.pyc").write_bytes(b"x")
    (folder / ".notes").write_text("x", encoding="utf-8")
    assert workloads.content_hash(folder) == first
    assert workloads.content_hash(Path(shutil.copytree(folder, folder.with_name("copy")))) == first
    (folder / "rows.csv").write_text("1,2\n", encoding="utf-8")
    second = workloads.content_hash(folder)
    (folder / "rows.csv").rename(folder / "other.csv")
    third = workloads.content_hash(folder)
    (folder / "other.csv").write_text("1,3\n", encoding="utf-8")
    assert len({first, second, third, workloads.content_hash(folder)}) == 4


def test_a_trial_runs_the_files_it_was_planned_with(folder: Path) -> None:
    own = WorkloadFolder(str(folder), workloads.content_hash(folder))
    spec = TrialSpec("learn", "own", "quick", "pytorch", "default", 0, 0, 1, folder=own)
    assert workloads.of_trial(spec).folders == (folder,)
    (folder / "data.py").write_text("", encoding="utf-8")
    with pytest.raises(ValueError, match="'own' have changed since the pilots were planned"):
        workloads.of_trial(spec)


def test_a_model_may_be_that_of_another_workload(folder: Path) -> None:
    for file in folder.glob("in_*.py"):
        file.unlink()
    (folder / "workload.toml").write_text('model_of = "tabular"\n' + SETTINGS, encoding="utf-8")
    workload = workloads.load("own", folder)
    assert workload.candidates == workloads.load("tabular").candidates
    assert workload.file("parameters") == folder / "parameters.py"
