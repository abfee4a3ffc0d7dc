"""The stages joined up: what is written can be read, and a decision rests only on what belongs to it."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from importlib import resources
from pathlib import Path

import pytest
from command_line import EXAMPLE
from PIL import Image

from advisor.commands.option_values import candidate_list, seconds
from advisor.errors import AdvisorError, ExitCode
from advisor.interview import answers_file
from advisor.interview.answers import Answers
from advisor.measuring.running.events import ignore
from advisor.planning.plan import Plan, Settings
from advisor.planning.reproducing import commands_to_reproduce
from advisor.reporting.inputs import ReportInputs
from advisor.study import Study
from advisor.userdata.asked import UserData
from advisor.workflow import assess, inputs_hash, pipeline
from advisor.workflow.snapshot import load_snapshot
from advisor.workflow.study_files import load_plan, stored_settings, study_settings
from pilots.records import TrialRecord, TrialSpec
from pilots.results import FootprintResult, ParityResult

TODAY = date(2026, 3, 1)


def assessed(study: Study) -> ReportInputs:
    return assess.assess(load_snapshot(study), today=TODAY)


def parts_of(study: Study) -> dict[str, str]:
    return inputs_hash.inputs_of(load_snapshot(study), TODAY)


def hash_of(study: Study, day: date = TODAY) -> str:
    return inputs_hash.inputs_hash(load_snapshot(study), day)


def answered(folder: Path) -> Study:
    """A study after the interview."""
    study = Study(folder)
    said = Answers({**answers_file.load(EXAMPLE).said, "project.problem": "vision"})
    answers_file.save(study.path("answers.toml"), said)
    return study


def write_data(folder: Path) -> None:
    """``own.csv``, which is a table and a series, and ``photos``."""
    rows = "".join(f"{number},{number * 37 % 101}.5,{'xy'[number % 2]}\n" for number in range(40))
    series = "".join(f"{number},{number * 37 % 101}.5,\n" for number in range(40, 140))
    (folder / "own.csv").write_text("t,a,b\n" + rows + series, encoding="utf-8")
    for name in ("one", "two"):
        (folder / "photos" / name).mkdir(parents=True)
        for number in range(5):
            Image.new("L", (8, 8), number * 20).save(folder / "photos" / name / f"{number}.png")


def finished(spec: TrialSpec, key: str) -> TrialRecord:
    result = FootprintResult("footprint", 100, 200, 300, 10)
    return TrialRecord(key, spec, "ok", "2026-03-01T00:00:00+00:00", 1.0, None, result)


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(size="quick", candidates=("pytorch", "tensorflow"), budget_s=90.5, seed=4),
        Settings(size="quick", tuned=True),
        Settings(tuned=False),
        Settings(data=UserData("table", "own.csv", target="b"), pilots=False),
        Settings(data=UserData("images", "photos"), size="smoke", candidates=("pytorch",)),
        Settings(data=UserData("series", "own.csv", target="a", time="t"), size="smoke", candidates=("pytorch",)),
    ],
)
def test_a_plan_is_read_as_it_was_written(tmp_path: Path, settings: Settings) -> None:
    if settings.data is not None:
        write_data(tmp_path)
        settings = replace(settings, data=replace(settings.data, path=str(tmp_path / settings.data.path)))
    study = answered(tmp_path / "study")
    assert stored_settings(study) is None
    prepared = pipeline.prepare(study, vars(settings), {})
    assert load_plan(study) == prepared.plan
    assert stored_settings(study) == settings
    assert json.loads(study.path("plan.json").read_text(encoding="utf-8"))["estimated_s"] == pytest.approx(
        prepared.plan.estimated_s
    )
    machine = json.loads(study.path("machine.json").read_text(encoding="utf-8"))
    assert machine["machine"]["id"] == prepared.machine.id
    assert set(machine["versions"]) == set(prepared.interpreters.found) == {*settings.candidates, "baseline"}
    assert bool(prepared.plan.trials) is settings.pilots


def test_an_interpreter_that_does_not_start_stops_before_anything_is_written(tmp_path: Path) -> None:
    study = answered(tmp_path)
    with pytest.raises(AdvisorError) as error:
        pipeline.prepare(study, {}, {"pytorch": str(tmp_path / "python")})
    assert error.value.where == str(tmp_path / "python")
    assert [path.name for path in tmp_path.iterdir()] == ["answers.toml"]


def test_without_essential_answers_nothing_is_planned(tmp_path: Path) -> None:
    with pytest.raises(AdvisorError, match=r"project\.problem") as error:
        pipeline.prepare(Study(tmp_path), {}, {})
    assert error.value.exit_code == ExitCode.INPUT_REQUIRED
    assert list(tmp_path.iterdir()) == []


def test_rehearsals_before_a_study_leave_nothing_in_its_plan(tmp_path: Path) -> None:
    study = answered(tmp_path)
    rehearsals = {"size": "quick", "named": ("vision",), "rehearsed": ("android",), "candidates": ("pytorch",)}
    pipeline.prepare(study, rehearsals, {})
    assert study_settings(study) is None
    prepared = pipeline.prepare(study, {"pilots": False}, {})
    assert prepared.plan.settings == study_settings(study) == Settings(pilots=False)


def test_what_was_asked_for_before_stays(tmp_path: Path) -> None:
    study = answered(tmp_path)
    pipeline.prepare(study, {"size": "quick", "candidates": ("pytorch",)}, {})
    pipeline.prepare(study, {"seed": 5}, {})
    assert stored_settings(study) == Settings(size="quick", candidates=("pytorch",), seed=5)


def test_only_trials_of_this_plan_machine_and_versions_count(study: Path) -> None:
    where = Study(study)
    settings = Settings(size="smoke", candidates=("pytorch",), seed=3)
    prepared = pipeline.prepare(where, vars(settings), {"pytorch": sys.executable})
    spec = next(one for one in prepared.plan.trials if one.experiment == "footprint")
    versions = dict(prepared.interpreters.found["pytorch"].versions)
    assert assessed(where).records == ()
    own = finished(spec, spec.key(versions, prepared.machine.id))
    strangers = [
        finished(spec, spec.key(versions, "another machine")),
        finished(spec, spec.key({**versions, "torch": "1.0"}, prepared.machine.id)),
        finished(replace(spec, seed=99), replace(spec, seed=99).key(versions, prepared.machine.id)),
        finished(replace(spec, size="standard"), replace(spec, size="standard").key(versions, prepared.machine.id)),
    ]
    where.append_trials([*strangers[:2], own, *strangers[2:]])
    assert len(where.trials()) == 5
    assert assessed(where).records == (own,)


def test_a_report_names_no_folder_of_the_machine(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert assessed(Study(study)).study == study.name
    monkeypatch.chdir(study.parent)
    assert assessed(Study(Path(study.name))).study == study.name


def test_what_the_budget_left_out_is_stored_and_reported(study: Path) -> None:
    where = Study(study)
    changed = {"size": "smoke", "candidates": ("pytorch",), "budget_s": 1.0, "pilots": True}
    prepared = pipeline.prepare(where, changed, {})

    def left_out() -> list[str]:
        return [warning for warning in assessed(where).warnings if "Left out" in warning]

    assert left_out() == []
    pipeline.run_pilots(where, prepared, ignore)
    assert where.trials() == ()
    (warning,) = left_out()
    assert "; memory of tabular (no launch was finished, 3 more would take about" in warning
    assert "a value counts as missing. Run again with a larger --budget" in warning
    # Earlier versions stored it in phrases.
    machine = where.path("machine.json").read_text(encoding="utf-8")
    rewritten(where.path("machine.json"), left_out=["memory of vision (why)"])
    assert left_out()[0].startswith("Left out for the budget: memory of vision (why). With fewer")
    where.write("machine.json", machine)
    # Another plan changes nothing about what was measured, another machine does.
    pipeline.prepare(where, {"budget_s": 600.0}, {})
    assert left_out() == [warning]
    stored = json.loads(where.path("machine.json").read_text(encoding="utf-8"))
    stored["machine"]["id"] = "another"
    where.write("machine.json", json.dumps(stored))
    pipeline.prepare(where, {}, {})
    assert left_out() == []


def test_a_damaged_fingerprint_is_made_anew(study: Path) -> None:
    where = Study(study)
    where.path("machine.json").write_text("{", encoding="utf-8")
    pipeline.prepare(where, {"candidates": ("pytorch",)}, {})
    assert json.loads(where.path("machine.json").read_text(encoding="utf-8"))["left_out"] == []


def test_the_same_inputs_decide_the_same_way(study: Path) -> None:
    first, second = (assessed(Study(study)) for _ in range(2))
    assert first.decision == second.decision
    assert first.inputs_sha256 == second.inputs_sha256


def test_code_is_counted_in_the_files_that_ran(study: Path) -> None:
    kept = study / "code.json"
    code = json.loads(kept.read_text(encoding="utf-8"))
    before = assessed(Study(study)).evidence
    code["texts"]["frameworks/pytorch_training.py"] += "more = [relu(x) for x in some]\n" * 20
    kept.write_text(json.dumps(code), encoding="utf-8")
    after = assessed(Study(study)).evidence
    changed = {
        (cell.candidate, cell.criterion) for cell, old in zip(after.cells, before.cells, strict=True) if cell != old
    }
    assert {criterion for _, criterion in changed} == {"time_to_baseline"}
    assert ("pytorch", "time_to_baseline") in changed


def rewritten(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), **changes}), encoding="utf-8")


def in_machine(study: Study, **changes: object) -> None:
    stored = json.loads(study.path("machine.json").read_text(encoding="utf-8"))
    rewritten(study.path("machine.json"), machine={**stored["machine"], **changes})


def own_fact(study: Study) -> None:
    study.path("facts.toml").write_text(
        '[[facts]]\nid = "X1"\ntext = "Ours."\nas_of = 2026-01-01\nreview_by = 2099-01-01\nsource = "us"\n'
        'confidence = "H"\n',
        encoding="utf-8",
    )


def one_person(study: Study) -> None:
    study.path("people").mkdir()
    study.path("people").joinpath("ada.toml").write_text("schema = 1\n[team]\npytorch = 4\n", encoding="utf-8")


def another_trial(study: Study) -> None:
    study.append_trials([finished(TrialSpec("footprint", "vision", "smoke", "pytorch", "default", 0, 0, 1), "k")])


def more_code(study: Study) -> None:
    code = json.loads(study.path("code.json").read_text(encoding="utf-8"))
    rewritten(study.path("code.json"), sizes=[{**one, "files": [*one["files"], "more.py"]} for one in code["sizes"]])


def another_text(study: Study) -> None:
    texts = json.loads(study.path("code.json").read_text(encoding="utf-8"))["texts"]
    rewritten(study.path("code.json"), texts={**texts, min(texts): texts[min(texts)] + "more = relu(x)\n"})


DECIDES = {
    "answers.toml": lambda study: study.path("answers.toml").write_text(
        study.path("answers.toml").read_text(encoding="utf-8").replace("pytorch = ", "pytorch = 0 # "), encoding="utf-8"
    ),
    "plan.json": lambda study: rewritten(study.path("plan.json"), unavailable={"pytorch": "not here"}),
    "trials.jsonl": another_trial,
    "facts.toml": own_fact,
    "people": one_person,
    "machine": lambda study: in_machine(study, accelerators=["NVIDIA A10"]),
    "code": more_code,
}


@pytest.mark.parametrize(("part", "change"), [*DECIDES.items(), ("code", another_text)])
def test_the_hash_covers_what_a_study_decides_by(study: Path, part: str, change: Callable[[Study], None]) -> None:
    """Of each: that part changes and no other, and with it the hash. Without the plan two verdicts had one hash."""
    where = Study(study)
    before, whole = (
        parts_of(where),
        hash_of(where),
    )
    change(where)
    after = parts_of(where)
    assert {name for name in after if after[name] != before[name]} == {part}
    changed = hash_of(where)
    assert changed[:32] != whole[:32] and changed[32:] == whole[32:]


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("method.toml", "method"),
        ("facts.toml", "knowledge"),
        ("from_answers.py", "rules"),
        ("migration.py", "rules"),
        ("operations.py", "rules"),
        ("routes.py", "rules"),
        ("onnx_runtime.py", "rules"),
    ],
)
def test_the_hash_covers_method_knowledge_and_rules(
    study: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, part: str
) -> None:
    where = Study(study)
    before, whole = (
        parts_of(where),
        hash_of(where),
    )

    def edited(package: str) -> Path:
        copy = tmp_path / package
        if not copy.exists():
            shutil.copytree(Path(str(resources.files(package))), copy, ignore=shutil.ignore_patterns("__pycache__"))
            for file in copy.rglob(name):
                file.write_text(file.read_text(encoding="utf-8") + "# another", encoding="utf-8")
        return copy

    monkeypatch.setattr(inputs_hash, "files", edited)
    after, changed = (
        parts_of(where),
        hash_of(where),
    )
    assert {one for one in after if after[one] != before[one]} == {part}
    assert changed[:32] == whole[:32] and changed[32:] != whole[32:]


def test_the_hash_covers_the_day_where_it_matters_and_the_version(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = Study(study)
    whole = hash_of(where)
    assert hash_of(where, date(2099, 1, 1)) != whole  # everything is past its review date
    monkeypatch.setattr(inputs_hash, "__version__", "99")
    assert hash_of(where) != whole


def test_what_decides_nothing_leaves_the_hash_as_it_is(study: Path) -> None:
    where = Study(study)
    whole = hash_of(where)
    where.write("report.md", "another")
    where.write("decision.json", "{}")
    in_machine(where, load_1min=9.0)
    rewritten(where.path("machine.json"), left_out=["everything"])
    assert hash_of(where) == whole


def test_a_study_without_a_plan_says_what_to_run(tmp_path: Path) -> None:
    for function in (load_plan, lambda study: assessed(study)):
        with pytest.raises(AdvisorError, match=r"no plan\.json yet") as error:
            function(Study(tmp_path))
        assert error.value.exit_code == ExitCode.INPUT_REQUIRED
        assert error.value.next_command == f"advisor run {tmp_path}"


@pytest.mark.parametrize(
    ("text", "message"),
    [("{", "damaged: Invalid JSON"), ("[]", "damaged: Input should"), ('{"schema": 1}', "damaged: candidates: ")],
)
def test_a_damaged_plan_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "plan.json").write_text(text, encoding="utf-8")
    with pytest.raises(AdvisorError, match=message) as error:
        load_plan(Study(tmp_path))
    assert (error.value.where, error.value.exit_code) == (str(tmp_path / "plan.json"), ExitCode.FAILURE)


def test_comparable_is_who_passed_the_gate() -> None:
    result = ParityResult("parity", "pytorch", 10, True, ())

    def gate(candidate: str, passed: bool) -> TrialRecord:
        spec = TrialSpec("parity", "vision", "smoke", candidate, "default", 0, 0, 1)
        outcome = "ok" if passed else "not_comparable"
        return TrialRecord(candidate, spec, outcome, "", 1.0, None, replace(result, passed=passed))

    other = TrialRecord(
        "x", TrialSpec("learn", "text", "smoke", "pytorch", "default", 0, 0, 1), "ok", "", 1, None, None
    )
    found = assess.comparable_pairs([gate("pytorch", True), gate("tensorflow", False), other])
    assert found == {("vision", "pytorch")}


@pytest.mark.parametrize(
    "settings",
    [
        Settings(),
        Settings(size="quick", candidates=("pytorch", "keras-torch"), budget_s=600, seed=3, pilots=False),
        Settings(data=UserData("table", "/home/somebody/our customers.csv", target="churned; yes")),
        Settings(data=UserData("images", "/home/somebody/$our photos")),
        Settings(data=UserData("text", "/home/somebody/t.parquet", target="a 'b'", text_column="what they wrote")),
        Settings(data=UserData("series", "/home/somebody/s.csv", target="load", time="the hour")),
    ],
)
def test_the_commands_of_a_report_lead_to_the_same_settings(settings: Settings) -> None:
    command, _ = commands_to_reproduce(Plan((), {}, (), (), settings, ()))
    words = shlex.split(command)
    assert words[:5] == ["advisor", "run", "--answers", "answers.toml", "--no-input"]
    options = dict(zip(words, [*words[1:], ""], strict=True))
    assert ("--quick" in words) is (settings.size == "quick")
    assert ("--no-pilots" in words) is not settings.pilots
    assert candidate_list(options.get("--candidates", ",".join(Settings().candidates))) == settings.candidates
    assert (seconds(options["--budget"]) if "--budget" in words else None) == settings.budget_s
    assert int(options.get("--seed", 0)) == settings.seed
    assert ("--tuned" in words, "--no-tuned" in words) == (settings.tuned is True, settings.tuned is False)
    if settings.data is not None:
        columns = {name: options.get(f"--{name.replace('_', '-')}") for name in ("target", "time", "text_column")}
        assert columns == {name: getattr(settings.data, name) for name in columns}
        option = {"table": "--data", "images": "--images", "text": "--text", "series": "--series"}[settings.data.kind]
        assert options[option] == Path(settings.data.path).name
    assert "/home/somebody" not in command


def test_a_plan_of_before_asks_for_the_same_table(tmp_path: Path) -> None:
    """Plans once held the table itself with its hash, and trials the name of its target."""
    write_data(tmp_path)
    study = answered(tmp_path / "study")
    asked = UserData("table", str(tmp_path / "own.csv"), target="b")
    pipeline.prepare(study, {"data": asked, "size": "smoke", "candidates": ("pytorch",)}, {})
    plan = json.loads(study.path("plan.json").read_text(encoding="utf-8"))
    del plan["data"]
    plan["settings"]["data"] = {"path": asked.path, "target": "b", "sha256": "0" * 64, "kind": "table"}
    for launch in plan["launches"]:
        for trial in launch["trials"]:
            trial["data"] = {"path": asked.path, "target": "b", "sha256": "0" * 64, "kind": "table"}
    study.write("plan.json", json.dumps(plan))
    assert stored_settings(study) == Settings(size="smoke", candidates=("pytorch",), data=asked)
    assert load_plan(study).data is None


def test_the_report_has_the_profile_and_the_trials_the_copy(tmp_path: Path) -> None:
    write_data(tmp_path)
    study = answered(tmp_path / "study")
    asked = UserData("table", str(tmp_path / "own.csv"), target="b")
    prepared = pipeline.prepare(study, {"data": asked, "size": "smoke", "candidates": ("pytorch",)}, {})
    assert prepared.plan.data is not None and prepared.plan.data.used == 40
    assert {trial.data and trial.data.path for trial in prepared.plan.trials} == {str(study.path("data/prepared.npz"))}
    (tmp_path / "own.csv").unlink()
    shutil.rmtree(study.path("data"))
    assert assessed(study).data == prepared.plan.data
