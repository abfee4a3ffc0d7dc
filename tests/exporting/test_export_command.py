"""``advisor export`` on a finished study: tables, TensorBoard and MLflow, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from command_line import EXAMPLE, ROOT, advisor, advisor_here, refused

from advisor.exporting.trials import exported_trials
from advisor.study import Study
from pilots.results import LearnResult

#: A handful of trials of each kind, so that a test is quick.
KEPT = 60

READ_EVENTS = """
import json, sys, types
sys.modules["tensorboard.compat.notf"] = types.ModuleType("notf")  # reads without importing TensorFlow
from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer
runs = EventMultiplexer().AddRunsFromDirectory(sys.argv[1])
runs.Reload()
print(json.dumps({
    run: {tag: [(one.step, one.value, one.wall_time) for one in runs.Scalars(run, tag)] for tag in tags["scalars"]}
    for run, tags in runs.Runs().items()
}))
"""

READ_MLFLOW = """
import json, os, sys
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
from mlflow import MlflowClient
client = MlflowClient(tracking_uri=f"sqlite:///{sys.argv[1]}")
found = client.get_experiment_by_name("advisor: study")
runs = client.search_runs([found.experiment_id], max_results=1000)
print(json.dumps([
    {
        "status": run.info.status, "params": run.data.params, "tags": run.data.tags,
        "curve": [(one.step, one.value) for one in client.get_metric_history(run.info.run_id, "learn.score/accuracy")],
    }
    for run in runs
]))
"""

#: The test extra leaves it out.
needs_mlflow = pytest.mark.skipif(find_spec("mlflow") is None, reason="needs mlflow, which wants an older pyarrow")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example study with the first trials of its plan alone."""
    study = Path(shutil.copytree(ROOT / "examples" / "study", tmp_path_factory.mktemp("finished") / "study"))
    planned = {one.record.key for one in exported_trials(Study(study))}
    lines = (study / "trials.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    own = [line for line in lines if json.loads(line)["key"] in planned]
    assert len(own) < len(lines)  # the first run had both lanes
    (study / "trials.jsonl").write_text("".join(own[:KEPT]), encoding="utf-8")
    return study


@pytest.fixture
def mixed(finished: Path, tmp_path: Path) -> Path:
    """The same with one more training, of another machine."""
    study = Path(shutil.copytree(finished, tmp_path / "study"))
    trials = study / "trials.jsonl"
    learn = next(line for line in trials.read_text("utf-8").splitlines() if '"experiment": "learn"' in line)
    other = json.loads(learn) | {"key": "0123456789abcdef"}
    with trials.open("a", encoding="utf-8") as file:
        file.write(json.dumps(other) + "\n")
    return study


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read(script: str, path: Path) -> Any:
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_table_goes_to_standard_output_or_to_a_file(finished: Path, tmp_path: Path) -> None:
    printed = advisor_here("export", finished)
    assert (printed.returncode, printed.stderr) == (0, "")
    path = tmp_path / "trials.csv"
    written = advisor_here("export", finished, "--format", "csv", "-o", path)
    assert (written.returncode, written.stdout, written.stderr) == (0, f"{path}\n", "")
    assert path.read_text(encoding="utf-8") == printed.stdout
    assert {row["trial"] for row in table(printed.stdout)} == {one.key for one in Study(finished).trials()}
    again = advisor_here("export", finished, "-o", "-")
    assert again.stdout == printed.stdout


def test_trials_of_another_machine_are_exported_only_if_asked_for(mixed: Path) -> None:
    own, everything = table(advisor_here("export", mixed).stdout), table(advisor_here("export", mixed, "--all").stdout)
    assert {row["in_plan"] for row in own} == {"true"}
    assert {row["trial"] for row in everything if row["in_plan"] == "false"} == {"0123456789abcdef"}
    assert [row for row in everything if row["in_plan"] == "true"] == own


def test_a_pipe_that_is_closed_is_no_error(finished: Path) -> None:
    program = f"{sys.executable} -m advisor export {finished} | head -1"
    done = subprocess.run(["/bin/sh", "-c", program], capture_output=True, text=True, timeout=240, check=False)
    assert done.stdout.startswith("trial,in_plan,")
    assert "Traceback" not in done.stderr


def test_parquet_is_written_to_a_file(finished: Path, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    path = tmp_path / "trials.parquet"
    done = advisor("export", finished, "--format", "parquet", "-o", path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{path}\n", "")
    assert parquet.read_table(path).num_rows == len(table(advisor("export", finished).stdout))


@pytest.mark.skipif(find_spec("tensorboard") is None, reason="needs tensorboard, of the extra tracking")
def test_tensorboard_reads_the_learning_curves(mixed: Path, tmp_path: Path) -> None:
    folder = tmp_path / "curves"
    done = advisor("export", mixed, "--tensorboard", folder, "--all")
    assert (done.returncode, done.stdout) == (0, f"{folder}\n")
    found = read(READ_EVENTS, folder)
    trainings = [one for one in Study(mixed).trials() if isinstance(one.result, LearnResult)]
    assert len(found) == len(trainings) > 3
    for one in trainings:
        assert isinstance(one.result, LearnResult)
        older = f"older-{one.key}/" if one.key == "0123456789abcdef" else ""
        curves = found[f"{older}{one.spec.workload}/{one.spec.candidate}/{one.spec.lane}/launch-{one.spec.launch}"]
        points = curves[one.result.metric_name]
        assert [step for step, _, _ in points] == [epoch.steps for epoch in one.result.epochs]
        assert [value for _, value, _ in points] == pytest.approx([epoch.metric for epoch in one.result.epochs])
        assert [value for _, value, _ in curves["train_s"]] == pytest.approx([e.seconds for e in one.result.epochs])
    before = {path: path.read_bytes() for path in folder.rglob("events*")}
    assert advisor("export", mixed, "--tensorboard", folder, "--all").returncode == 0
    assert {path: path.read_bytes() for path in folder.rglob("events*")} == before


@pytest.mark.skipif(
    find_spec("mlflow") is None, reason="needs mlflow, which the test extra lacks: it wants an older pyarrow"
)
def test_mlflow_reads_the_trials_and_none_comes_twice(mixed: Path, tmp_path: Path) -> None:
    path = tmp_path / "mlflow.db"
    first = advisor("export", mixed, "--format", "mlflow", "-o", path)
    assert (first.returncode, first.stdout) == (0, f"{path}\n")
    assert f"{KEPT} of {KEPT} trials were new" in first.stderr
    second = advisor("export", mixed, "--format", "mlflow", "-o", path, "--all")
    assert f"1 of {KEPT + 1} trials were new" in second.stderr
    found = {run["tags"]["advisor.trial"]: run for run in read(READ_MLFLOW, path)}
    records = {one.key: one for one in Study(mixed).trials()}
    assert found.keys() == records.keys()
    for key, run in found.items():
        spec, result = records[key].spec, records[key].result
        assert run["status"] == "FINISHED"
        assert (run["params"]["candidate"], run["params"]["launch"]) == (spec.candidate, str(spec.launch))
        if isinstance(result, LearnResult) and result.metric_name == "accuracy":
            assert sorted(run["curve"]) == [[epoch.steps, epoch.metric] for epoch in result.epochs]
    assert found["0123456789abcdef"]["tags"]["in_plan"] == "false"


@pytest.mark.skipif(
    find_spec("mlflow") is None, reason="needs mlflow, which the test extra lacks: it wants an older pyarrow"
)
def test_a_file_that_is_no_store_is_named(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("not a database, but longer than its header would be", encoding="utf-8")
    refused(advisor("export", finished, "--format", "mlflow", "-o", "x.db", cwd=tmp_path), 1, "x.db", "MLflow")


@pytest.mark.parametrize(
    ("options", "package"),
    [
        (("--format", "parquet", "-o", "t.parquet"), "pyarrow"),
        (("--format", "mlflow", "-o", "m.db"), "mlflow"),
        (("--tensorboard", "curves"), "tensorboard"),
    ],
)
def test_a_package_that_is_missing_comes_with_its_command(
    finished: Path, tmp_path: Path, options: tuple[str, ...], package: str
) -> None:
    missing = tmp_path / "without"
    missing.mkdir()
    (missing / f"{package}.py").write_text("raise ImportError('not installed')\n", encoding="utf-8")
    done = advisor("export", finished, *options, cwd=tmp_path, PYTHONPATH=f"{missing}:{ROOT}")
    refused(done, 2, f"needs the package {package}", f"python -m pip install {package}")
    assert [path.name for path in tmp_path.iterdir()] == ["without"]


@pytest.mark.parametrize(
    ("options", "exit_code", "parts"),
    [
        (("--format", "parquet"), 2, ["parquet needs a file", "-o FILE"]),
        (("--format", "mlflow", "-o", "-"), 2, ["mlflow needs a file", "-o FILE"]),
        (("--format", "excel"), 2, ["excel", "csv", "parquet", "mlflow"]),
        (("-o", "."), 2, ["The output is a folder", "-o FILE"]),
        (("-o", "file/t.csv"), 1, ["The output cannot be written", "file/t.csv"]),
    ],
)
def test_what_cannot_be_exported(
    finished: Path, tmp_path: Path, options: tuple[str, ...], exit_code: int, parts: list[str]
) -> None:
    (tmp_path / "file").touch()
    refused(advisor_here("export", finished, *options, cwd=tmp_path), exit_code, *parts)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_study_without_trials_has_nothing_to_export(study: Path, tmp_path: Path) -> None:
    refused(advisor_here("export", study), 3, "no trials yet", f"advisor run {study}")
    assert advisor_here("ask", tmp_path / "new", "--answers", EXAMPLE, "--no-input").returncode == 0
    refused(advisor_here("export", tmp_path / "new"), 3, "advisor run")
    refused(advisor_here("export", tmp_path / "none"), 3, "There is no such study")
