"""Every mistake gets one clear message and the right exit code, prints no result and never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import EXAMPLE, advisor, advisor_here, refused

from advisor.interview.questions import load_questions

#: A mistake that passes unseen must not start the pilots.
SAFE = ("--no-input", "--dry-run")
TABLE = "a,b\n" + "".join(f"{number * 7 % 11}.5,{'xy'[number % 2]}\n" for number in range(40))


@pytest.mark.parametrize(
    ("args", "exit_code", "parts"),
    [
        (("runn",), 2, ["No such command 'runn'", "Did you mean 'run'"]),
        (("run", "--bugdet", "1m"), 2, ["No such option: --bugdet", "--budget"]),
        (("run", "a", "b"), 2, ["unexpected extra argument", "(b)"]),
        (("run", "--seed", "-1"), 2, ["--seed"]),
        (("run", "--seed", "x"), 2, ["--seed"]),
        (("report", "--format", "pdf"), 2, ["--format", "pdf", "json"]),
        (("report", "--flavor", "loud"), 2, ["--flavor", "loud", "plain"]),
        (("report",), 3, ["There is no such study", "advisor-study", "advisor run advisor-study"]),
        (("report", "no such"), 3, ["There is no such study", "advisor run 'no such'"]),
        (("decide", "nowhere"), 3, ["There is no such study", "advisor run nowhere"]),
        (("report", "."), 3, ["no plan.json yet", "advisor run ."]),
        (("facts", "--about", "pytroch"), 2, ["'pytroch'", "--about", "pytorch"]),
        (("doctor", "--python", "torch=/x"), 2, ["no candidate 'torch'", "Did you mean pytorch", "--python"]),
        (("doctor", "--python", "pytorch"), 2, ["names no interpreter", "CANDIDATE=/path/to/python"]),
    ],
)
def test_mistakes_of_a_command(tmp_path: Path, args: tuple[str, ...], exit_code: int, parts: list[str]) -> None:
    refused(advisor(*args, cwd=tmp_path), exit_code, *parts)
    assert [path.name for path in tmp_path.iterdir()] in ([], [".lock"])


@pytest.mark.parametrize(
    ("args", "parts"),
    [
        (("--set", "team.pytroch=3"), ["team.pytroch", 'did you mean "pytorch"', '--set "team.pytroch=3"']),
        (("--set", "taem.pytorch=3"), ["taem.pytorch", "team"]),
        (("--set", "team.pytorch"), ["needs a key and a value", "--set team.pytorch=4"]),
        (("--set", "=3"), ["needs a key and a value"]),
        (("--set", "team.pytorch=9"), ["9 is out of range", "0 to 5"]),
        (("--set", "team.pytorch=many"), ["team.pytorch", "0 to 5"]),
        (("--set", "deployment.targets=andriod"), ["andriod", "android"]),
        (("--set", "deployment.required=ios"), ["deployment.required", "ios"]),
        (("--candidates", "pytroch"), ["no candidate 'pytroch'", "Did you mean pytorch", "--candidates"]),
        (("--candidates", ","), ["No candidate is named", "pytorch, keras-tensorflow"]),
        (("--budget", "soon"), ["'soon' is not a time", "90s, 10m or 1h"]),
        (("--budget", "0"), ["'0' is not a time"]),
        (("--target", "b"), ["--target names a column of --data", "advisor run --data FILE --target COLUMN"]),
        (("--data", "t.csv", "--target", "b", "--images", "."), ["of one kind, but --data and --images were named"]),
        (("--images", "."), ["The folder has no images", "/study\n", "at least 5", "advisor run --images FOLDER"]),
        (("--series", "t.csv", "--time", "a", "--target", "b"), ["Not a number", "t.csv, line 2, column 'b'"]),
        (("--text", "t.csv", "--target", "b"), ["No column looks like texts", "t.csv", "--text-column"]),
        (("--data", "t.csv"), ["needs the column to predict", "--target COLUMN"]),
        (("--python", "pytorch=/nonexistent/python"), ["cannot be used", "/nonexistent/python", "advisor doctor"]),
        (("--python", "pytorch=t.csv"), ["cannot be used", "t.csv", "advisor doctor"]),
        (("--answers", "missing.toml"), ["cannot be read: No such file", "missing.toml", "--answers FILE"]),
        (("--answers", "."), ["cannot be read", "directory"]),
    ],
)
def test_mistakes_of_an_option(tmp_path: Path, args: tuple[str, ...], parts: list[str]) -> None:
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    source = () if "--answers" in args else ("--answers", str(EXAMPLE))
    refused(advisor_here("run", "study", *source, *SAFE, *args, cwd=tmp_path), 2, *parts)
    assert not (tmp_path / "study" / "plan.json").exists()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("schema = 1\n[team]\npytroch = 3\n", [":3", "pytroch", "pytorch"]),
        ("schema = 1\n[taem]\npytorch = 3\n", [":2", "taem", "team"]),
        ('schema = 1\n[project]\n\nproblem = "vison"\n', [":4", "vison", "vision"]),
        ('schema = 1\n[team]\npytorch = "3"\n', [":3", "team.pytorch", "0 to 5"]),
        ("schema = 1\n[team]\npytorch = = 3\n", [":3"]),
        ("schema = 9\n", [":1", "newer advisor"]),
        ("\x00", [":1"]),
    ],
)
def test_mistakes_in_answers_name_their_line(tmp_path: Path, text: str, parts: list[str]) -> None:
    (tmp_path / "said.toml").write_text(text, encoding="utf-8")
    refused(advisor_here("run", "study", "--answers", "said.toml", *SAFE, cwd=tmp_path), 2, "said.toml", *parts)


def test_mistakes_on_standard_input_name_it(tmp_path: Path) -> None:
    done = advisor("run", tmp_path, "--answers", "-", *SAFE, stdin="schema = 1\n[taem]\npytorch = 3\n")
    refused(done, 2, "standard input:2", "taem")


def test_answers_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "said.toml").write_bytes(b"schema = 1\n# \xff\xfe\n")
    refused(advisor_here("ask", "study", "--answers", "said.toml", cwd=tmp_path), 2, "said.toml", "UTF-8")


@pytest.mark.parametrize("options", [(), ("--no-input",)])
def test_missing_answers_are_named_all_at_once(tmp_path: Path, options: tuple[str, ...]) -> None:
    keys = [question.id for question in load_questions() if question.essential and question.id != "team.keras"]
    done = advisor_here("run", tmp_path, "--set", "team.keras=2", "--dry-run", *options)
    refused(done, 3, ", ".join(keys), "--answers FILE", "--set key=value", "--defaults", "advisor ask")
    assert "team.keras" not in done.stderr


@pytest.mark.parametrize(
    ("content", "target", "parts"),
    [
        (TABLE, "bb", ["There is no column 'bb'; did you mean 'b'", "own.csv, line 1", "a, b"]),
        (TABLE.replace("y", "x"), "b", ["the same value in every row", "column 'b'", "two or more classes"]),
        ("", "b", ["The file is empty", "own.csv"]),
        ("a,b\n", "b", ["a header and no rows", "own.csv"]),
        (TABLE.encode() + b"1.5,\xff\n", "b", ["not UTF-8", "own.csv, line 42"]),
        (TABLE + "1.5,x,z\n", "b", ["3 cells, but the header has 2", "own.csv, line 42"]),
        (TABLE + "1.5,z\n", "b", ["The class 'z' has 1 row", "column 'b'"]),
        ("a,a\n1,2\n", "a", ["occurs more than once", "own.csv, line 1"]),
        ("a,b\n1.5,x\n", "b", ["Only 1 rows with a target", "at least 20 rows"]),
        (None, "b", ["cannot be read: Is a directory", "own.csv"]),
    ],
)
def test_tables_that_cannot_be_used(tmp_path: Path, content: str | bytes | None, target: str, parts: list[str]) -> None:
    table = tmp_path / "own.csv"
    if content is None:
        table.mkdir()
    else:
        table.write_bytes(content if isinstance(content, bytes) else content.encode())
    study = tmp_path / "study"
    options = ("--answers", EXAMPLE, *SAFE, "-q", "--data", table, "--target", target)
    done = advisor_here("run", study, *options, cwd=tmp_path)
    refused(done, 2, *parts, "next:", "--target COLUMN")


def test_places_that_are_no_study(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for command in ("run", "ask", "plan", "decide", "report"):
        refused(advisor_here(command, "file", cwd=tmp_path), 2, "A study is a folder", "where:   file")
    refused(advisor_here("ask", "file/study", "--defaults", cwd=tmp_path), 2, "cannot be made", "file/study")


@pytest.mark.parametrize(
    ("file", "text"),
    [("plan.json", "{"), ("plan.json", "[]"), ("plan.json", '{"schema": 1}'), ("machine.json", "\x00")],
)
def test_a_damaged_file_of_the_study_is_named(study: Path, file: str, text: str) -> None:
    (study / file).write_text(text, encoding="utf-8")
    done = advisor_here("report", study)
    refused(done, 1, "A file of the study is damaged: ", str(study / file), "delete it, then: advisor run")
    assert "damaged: :" not in done.stderr


def test_damaged_trials_are_named_with_their_line(study: Path) -> None:
    (study / "trials.jsonl").write_text("garbage\n", encoding="utf-8")
    refused(advisor_here("decide", study), 1, f"{study / 'trials.jsonl'}:1", "delete that line")


@pytest.mark.parametrize(
    ("template", "parts"),
    [
        ("{{ nothing.at.all }}", ["'nothing' is undefined", "bad.j2:1"]),
        ("a\n{% if %}", ["bad.j2:2"]),
        ("\n\n{{ ''.__class__.__mro__ }}", ["unsafe", "bad.j2:3"]),
        ("{% include 'none.j2' %}", ["none.j2"]),
        (b"\xff", ["utf-8", "bad.j2"]),
        (None, ["There is no such template", "bad.j2"]),
    ],
)
def test_templates_that_cannot_be_used(
    study: Path, tmp_path: Path, template: str | bytes | None, parts: list[str]
) -> None:
    if template is not None:
        (tmp_path / "bad.j2").write_bytes(template if isinstance(template, bytes) else template.encode())
    before = (study / "report.md").read_bytes()
    refused(advisor_here("report", study, "--template", "bad.j2", cwd=tmp_path), 2, *parts, "leave --template out")
    assert (study / "report.md").read_bytes() == before


@pytest.mark.parametrize(
    ("output", "exit_code", "what"),
    [
        ("none/report.md", 1, "The output cannot be written: No such file or directory."),
        (".", 2, "The output is a folder."),
        ("study", 2, "The output is a folder."),
    ],
)
def test_a_report_that_cannot_be_written_there(
    study: Path, tmp_path: Path, output: str, exit_code: int, what: str
) -> None:
    done = advisor_here("report", study, "-o", output, cwd=tmp_path)
    refused(done, exit_code, what, f"where:   {output}\n", "-o FILE")
    assert {path.name for path in tmp_path.iterdir()} == {study.name}


def test_a_study_that_lost_a_file_says_what_to_run(study: Path) -> None:
    (study / "machine.json").unlink()
    refused(advisor_here("report", study), 3, "no machine.json yet", f"advisor run {study}")


def test_a_mistake_leaves_the_study_as_it_was(study: Path) -> None:
    before = {path.name: path.read_bytes() for path in study.iterdir() if path.is_file() and path.name != ".lock"}
    refused(advisor_here("run", study, *SAFE, "--budget", "soon"), 2, "is not a time")
    refused(advisor_here("run", study, *SAFE, "--set", "team.pytorch=9"), 2, "out of range")
    after = {path.name: path.read_bytes() for path in study.iterdir() if path.is_file() and path.name != ".lock"}
    assert after == before
    assert json.loads(before["plan.json"])["settings"]["pilots"] is False
