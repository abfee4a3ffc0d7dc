"""A pilot of the user's own: made, checked, planned, run and reported; its code runs in trial processes alone."""

from __future__ import annotations

import json
import os
import shutil
from datetime import date
from pathlib import Path

import pytest
from command_line import EXAMPLE_FOR_REAL, ROOT, advisor, advisor_here, refused

from advisor.catalog import BASELINE, CANDIDATES
from advisor.commands.own_pilot import new_workload
from advisor.errors import AdvisorError
from advisor.planning.own_workload import own_workload
from advisor.planning.plan import Plan, Settings
from advisor.planning.reproducing import commands_to_reproduce
from advisor.study import Study
from advisor.userdata.asked import UserData
from advisor.workflow import assess, pipeline
from advisor.workflow.snapshot import load_snapshot
from pilots import workload as workloads
from pilots.records import WorkloadFolder

FILES = {
    "README.md",
    "baseline.py",
    "data.py",
    "in_keras.py",
    "in_pytorch.py",
    "in_tensorflow.py",
    "parameters.py",
    "workload.toml",
}


@pytest.fixture
def own(tmp_path: Path) -> Path:
    return new_workload("churn_rate", tmp_path / "pilots here")


@pytest.fixture
def answered(study: Path) -> Study:
    """A study after the interview, planned without pilots before."""
    return Study(study)


def settings_of(folder: Path) -> dict[str, object]:
    return {"pilots": True, "size": "smoke", "workload": own_workload(folder)[1]}


def test_a_new_workload_is_the_scaffold_under_its_own_name(own: Path) -> None:
    assert {path.name for path in own.iterdir()} == FILES
    for file in own.iterdir():
        text = file.read_text("utf-8")
        assert "My workload" not in text
        assert "Churn rate" in text
    assert workloads.load("churn_rate", own).title == "Churn rate"


def test_every_layer_with_a_canonical_layout_is_in_its_page() -> None:
    page = (ROOT / "templates" / "workload" / "README.md").read_text("utf-8")
    layers = (ROOT / "pilots" / "frameworks" / "tensorflow_layers.py").read_text("utf-8")
    names = [line.split()[1].split("(")[0] for line in layers.splitlines() if line.endswith("(Layer):")]
    assert len(names) >= 8
    assert not [name for name in names if f"`{name}`" not in page and f"`{name}`:" not in page]


def test_the_command_prints_the_folder_and_what_to_type_next(tmp_path: Path) -> None:
    done = advisor("new", "workload", "churn", "--into", tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{tmp_path / 'churn'}\n")
    assert f"advisor pilot --workload {tmp_path / 'churn'} --check" in done.stderr
    refused(advisor("new", "workload", "churn", "--into", tmp_path), 2, "There is something of this name already")


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("churn rate", "'churn rate' cannot be the name of a workload"),
        ("../churn", "cannot be the name of a workload"),
        ("3d", "cannot be the name of a workload"),
        ("class", "cannot be the name of a workload"),
        ("größe", "cannot be the name of a workload"),
        ("", "cannot be the name of a workload"),
        ("tabular", "There is a workload tabular already"),
    ],
)
def test_a_name_that_cannot_be_used_is_refused(tmp_path: Path, name: str, what: str) -> None:
    refused(advisor_here("new", "workload", name, "--into", tmp_path, cwd=tmp_path), 2, what, "allowed:")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    refused(advisor("new", "workload", "churn", "--into", tmp_path / "file"), 1, "The folder cannot be written")


@pytest.mark.parametrize(
    ("file", "text", "what", "where"),
    [
        ("workload.toml", None, "There is no workload.toml in this folder.", "--workload"),
        ("workload.toml", "title = ", "it is no TOML", "workload.toml"),
        ("workload.toml", "title = 3", "it is 3.", "workload.toml, title"),
        ("data.py", None, "The workload churn_rate has no data.py.", "churn_rate"),
        ("parameters.py", None, "The workload churn_rate has no parameters.py.", "churn_rate"),
    ],
)
def test_a_folder_that_cannot_be_used_is_one_clear_error(
    own: Path, file: str, text: str | None, what: str, where: str
) -> None:
    if text is None:
        (own / file).unlink()
    else:
        (own / file).write_text(text, encoding="utf-8")
    with pytest.raises(AdvisorError) as caught:
        own_workload(own)
    assert what in caught.value.what
    assert where in caught.value.where
    refused(advisor_here("pilot", "--workload", own, "--check", cwd=own.parent), 2, what)


def test_a_folder_without_any_model_is_refused(own: Path) -> None:
    for file in own.glob("in_*.py"):
        file.unlink()
    with pytest.raises(AdvisorError, match=r"no model: none of in_pytorch\.py"):
        own_workload(own)


def test_a_folder_called_as_one_of_advisors_own_is_refused(own: Path) -> None:
    with pytest.raises(AdvisorError, match="There is a workload vision already"):
        own_workload(own.rename(own.with_name("vision")))
    with pytest.raises(AdvisorError, match="There is no such folder"):
        own_workload(own.with_name("nothing"))


@pytest.mark.skipif(os.geteuid() == 0 if hasattr(os, "geteuid") else True, reason="root may read everything")
def test_a_file_that_cannot_be_read_is_named(own: Path) -> None:
    (own / "data.py").chmod(0)
    with pytest.raises(AdvisorError, match="cannot be read") as caught:
        own_workload(own)
    assert caught.value.where == str(own / "data.py")


def test_a_study_uses_it_alone_and_leaves_out_what_it_does_not_implement(own: Path, answered: Study) -> None:
    (own / "in_keras.py").unlink()
    (own / "baseline.py").unlink()
    plan = pipeline.prepare(answered, settings_of(own), {}).plan
    assert [(choice.name, choice.why) for choice in plan.workloads] == [("churn_rate", "it is your own pilot")]
    assert plan.candidates == ("pytorch", "tensorflow")
    keras = [name for name in CANDIDATES if name.startswith("keras")]
    assert plan.unavailable == {
        **dict.fromkeys(keras, "the workload has no model for it"),
        BASELINE: "the workload has no baseline.py",
    }
    assert {trial.folder for trial in plan.trials} == {own_workload(own)[1]}
    warnings = assess.assess(load_snapshot(answered), today=date(2026, 3, 1)).warnings
    assert "Keras 3 on JAX did not run here: the workload has no model for it." in warnings
    assert "The scikit-learn baseline did not run here: the workload has no baseline.py." in warnings


def test_changed_files_are_other_trials(own: Path, answered: Study) -> None:
    first = pipeline.prepare(answered, settings_of(own), {})
    unchanged = pipeline.prepare(answered, {}, {})
    (own / "data.py").write_text((own / "data.py").read_text("utf-8") + "\n# a thought\n", encoding="utf-8")
    changed = pipeline.prepare(answered, settings_of(own), {})

    def keys(prepared: pipeline.PreparedStudy) -> set[str]:
        versions = prepared.interpreters.versions
        return {trial.key(dict(versions[trial.candidate]), "machine") for trial in prepared.plan.trials}

    assert keys(first) == keys(unchanged)
    assert not keys(first) & keys(changed)
    assert "# a thought" in (answered.folder / "workload" / "churn_rate" / "data.py").read_text("utf-8")


def test_what_is_decided_rests_on_the_code_that_ran(own: Path, answered: Study) -> None:
    """The folder may change or go away: the study has a copy."""
    pipeline.prepare(answered, settings_of(own), {})
    before = assess.assess(load_snapshot(answered), today=date(2026, 3, 1))
    lines = {cell.candidate: cell for cell in before.evidence.cells if cell.criterion == "time_to_baseline"}
    assert any("code to own (churn rate)" in part.label for part in lines["pytorch"].components)
    (own / "in_pytorch.py").write_text("x = 1\n", encoding="utf-8")
    shutil.rmtree(own)
    assert assess.assess(load_snapshot(answered), today=date(2026, 3, 1)).evidence == before.evidence
    with pytest.raises(AdvisorError, match="There is no such folder"):
        pipeline.prepare(answered, {}, {})
    shutil.rmtree(answered.folder / "workload")
    with pytest.raises(AdvisorError, match="The study's copy of the workload is damaged"):
        assess.assess(load_snapshot(answered), today=date(2026, 3, 1))


@pytest.mark.parametrize("code", ["def build(:\n", "x = 1\n)\n", "x = '\0'\n"])
def test_a_model_that_is_no_python_has_no_lines(own: Path, answered: Study, code: str) -> None:
    (own / "in_tensorflow.py").write_text(code, encoding="utf-8")
    pipeline.prepare(answered, settings_of(own), {})
    table = assess.assess(load_snapshot(answered), today=date(2026, 3, 1)).evidence
    cells = {cell.candidate: cell for cell in table.cells if cell.criterion == "time_to_baseline"}
    assert any("code to own" in part.label for part in cells["pytorch"].components)
    (missing,) = cells["tensorflow"].components
    assert (missing.kind, missing.note) == ("missing", "no pilot that ran has a model for it")


def test_a_table_that_it_cannot_take_is_refused(own: Path, answered: Study) -> None:
    table = UserData("table", "/somewhere/t.csv", "y")
    with pytest.raises(AdvisorError, match="The workload churn_rate takes no table") as caught:
        pipeline.prepare(answered, {**settings_of(own), "data": table}, {})
    assert 'data.accepts = "table"' in caught.value.allowed


def test_a_study_in_its_folder_is_refused(own: Path, answered: Study) -> None:
    inside = Study(Path(shutil.copytree(answered.folder, own / "study")))
    with pytest.raises(AdvisorError, match="The study lies in the folder of the workload"):
        pipeline.prepare(inside, settings_of(own), {})


def test_the_command_of_a_report_names_the_folder_by_its_last_part() -> None:
    settings = Settings(workload=WorkloadFolder("/home/somebody/churn_rate", "0" * 64))
    command, _ = commands_to_reproduce(Plan((), {}, (), (), settings, ()))
    assert command.endswith(" --workload churn_rate")


def test_its_code_runs_in_no_process_of_advisor(own: Path, study: Path, tmp_path: Path) -> None:
    """Planning, deciding and reporting read it at most."""
    trace = tmp_path / "trace"
    for file in own.glob("*.py"):
        file.write_text(f"open({str(trace)!r}, 'w')\n{file.read_text('utf-8')}", encoding="utf-8")
    planned = advisor("plan", study, "--quick", "--workload", own, "--candidates", "pytorch")
    assert planned.returncode == 0, planned.stderr
    assert "churn_rate, launch 1: " in planned.stdout and "vision" not in planned.stdout
    for command in ("decide", "report"):
        assert "Traceback" not in advisor(command, study).stderr
    assert not trace.exists()


def test_the_check_passes_as_created_and_fails_once_broken(own: Path) -> None:
    done = advisor("pilot", "--workload", own, "--check", "--candidates", "pytorch")
    assert done.returncode == 0, done.stdout
    assert done.stdout.splitlines()[-1] == "all passed"
    assert "pytorch (torch " in done.stdout and "baseline (scikit-learn " in done.stdout
    assert "checking pytorch ..." in done.stderr
    text = (own / "baseline.py").read_text("utf-8")
    (own / "baseline.py").write_text(text.replace("return Hist", "return _Hist"), encoding="utf-8")
    (own / "in_pytorch.py").write_text("import nothing_of_this_name\n", encoding="utf-8")
    done = advisor("pilot", "-q", "--workload", own, "--check", "--candidates", "pytorch")
    assert (done.returncode, done.stderr) == (1, "")
    assert "in_pytorch.py, line 1: ModuleNotFoundError: No module named 'nothing_of_this_name'" in done.stdout
    assert "baseline.py, line " in done.stdout
    assert done.stdout.splitlines()[-1] == "failed: pytorch (parameters), baseline (learning)"


@pytest.mark.long
def test_the_check_tells_what_it_leaves_out(own: Path) -> None:
    (own / "in_keras.py").unlink()
    (own / "baseline.py").unlink()
    done = advisor("pilot", "-q", "--workload", own, "--check", "--candidates", "pytorch,keras-torch")
    assert done.stdout.splitlines()[-3:] == [
        "keras-torch is left out: the workload has no model for it",
        "baseline is left out: the workload has no baseline.py",
        "all passed",
    ]
    refused(
        advisor("pilot", "--workload", own, "--check", "--candidates", "keras-torch"), 2, "There is no candidate here"
    )


@pytest.mark.long
def test_advisors_own_can_be_checked_by_name(tmp_path: Path) -> None:
    done = advisor("pilot", "--workload", "tabular", "--check", "--candidates", "pytorch", cwd=tmp_path)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "all passed")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (("--check",), ("The check needs a workload", "--workload with a folder, or with one of")),
        (("--check", "--workload", "nothing"), ("There is no such folder", "advisor new workload NAME")),
        (("--check", "--workload", "vision", "--candidates", "pytroch"), ("Did you mean pytorch?",)),
    ],
)
def test_a_check_of_nothing_is_refused(tmp_path: Path, options: tuple[str, ...], parts: tuple[str, ...]) -> None:
    refused(advisor_here("pilot", *options, cwd=tmp_path), 2, *parts)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_a_study_with_it_for_real(own: Path, tmp_path: Path) -> None:
    """PyTorch runs, TensorFlow fails readably, Keras is left out; the report says all of it."""
    (own / "in_keras.py").unlink()
    text = (own / "in_tensorflow.py").read_text("utf-8")
    (own / "in_tensorflow.py").write_text(text.replace("self.hidden(x)", "self.hidden(x[:, 1:])"), encoding="utf-8")
    study = tmp_path / "study"
    options = (*EXAMPLE_FOR_REAL, "--smoke", "--candidates", "pytorch,tensorflow,keras-torch")
    done = advisor("run", study, *options, "--workload", own, limit_s=900)
    assert done.returncode in (0, 5), done.stderr
    assert "keras-torch is left out: the workload has no model for it" in done.stderr
    assert "tensorflow, churn_rate, parity: failed: in_tensorflow.py, line " in done.stderr
    records = Study(study).trials()
    assert {record.spec.workload for record in records} == {"churn_rate"}
    outcomes = {(record.spec.candidate, record.spec.experiment): record.outcome for record in records}
    assert outcomes["pytorch", "parity"] == outcomes["pytorch", "race"] == outcomes[BASELINE, "learn"] == "ok"
    assert outcomes["tensorflow", "learn"] == "failed"
    report = (study / "report.md").read_text("utf-8")
    assert "The pilot churn rate is the team's own." in report
    assert "--workload churn_rate" in report
    assert str(own.parent) not in report
    settings = json.loads((study / "plan.json").read_text("utf-8"))["settings"]
    assert settings["workload"]["path"] == str(own.resolve())
