"""Bad input gets one clear error on standard error: what, where, what is allowed, what to do. Never a traceback."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import ANSWERS, advisor

GOOD_ROWS = "".join(f"{i},{i * 2 % 7},{'ab'[i % 2]}\n" for i in range(40))
TABLES = {
    "empty": b"",
    "header_only": b"x,z,y\n",
    "not_utf8": b"x,z,y\n1,2,a\n1,\xff\xfe,b\n",
    "ragged": f"x,z,y\n{GOOD_ROWS}1,2\n".encode(),
    "one_class": b"x,z,y\n" + b"".join(b"%d,%d,a\n" % (i, i) for i in range(40)),
    "good": f"x,z,y\n{GOOD_ROWS}".encode(),
}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["run", "S", "--no-input", "--set", "team.pytorhc=3"], 2, ["team.pytorhc", "team.pytorch"]),
        (["run", "S", "--no-input", "--set", "team.pytorch=9"], 2, ["team.pytorch", "5"]),
        (["run", "S", "--no-input", "--set", "team.pytorch"], 2, ["team.pytorch"]),
        (["run", "S", "--no-input", "--set", "project.stage=prodcut"], 2, ["prodcut", "product"]),
        (["run", "S", "--no-input"], 3, ["project.problem", "training.os", "--answers FILE", "--defaults"]),
        (["run", "S"], 3, ["no terminal", "project.problem", "--answers FILE"]),
        (["ask", "S"], 3, ["no terminal", "advisor ask"]),
        (["run", "S", "--answers", "none.toml", "--no-input"], 2, ["none.toml"]),
        (["run", "S", "--candidates", "pytroch"], 2, ["pytroch", "Did you mean pytorch", "keras-torch"]),
        (["run", "S", "--candidates", ","], 2, ["No candidate", "tensorflow"]),
        (["run", "S", "--budget", "soon"], 2, ["soon", "10m"]),
        (["run", "S", "--budget", "-3m"], 2, ["-3m", "10m"]),
        (["run", "S", "--target", "y"], 2, ["--data"]),
        (["run", "S", "--data", "good.csv"], 2, ["column to predict", "--target"]),
        (["run", "S", "--data", "good.csv", "--target", "why"], 2, ["good.csv", "why", "x, z, y"]),
        (["run", "S", "--data", "none.csv", "--target", "y"], 2, ["none.csv"]),
        (["run", "S", "--data", ".", "--target", "y"], 2, ["."]),
        (["run", "S", "--data", "empty.csv", "--target", "y"], 2, ["empty.csv"]),
        (["run", "S", "--data", "header_only.csv", "--target", "y"], 2, ["header_only.csv"]),
        (["run", "S", "--data", "not_utf8.csv", "--target", "y"], 2, ["not_utf8.csv, line 3", "UTF-8"]),
        (["run", "S", "--data", "ragged.csv", "--target", "y"], 2, ["ragged.csv, line 42"]),
        (["run", "S", "--data", "one_class.csv", "--target", "y"], 2, ["one_class.csv", "'y'"]),
        (["run", "good.csv"], 2, ["good.csv", "folder"]),
        (["run", "good.csv/inside", "--no-input"], 2, ["good.csv/inside"]),
        (["run", "S", "--python", "pytorch"], 2, ["--python", "CANDIDATE=/path/to/python"]),
        (
            ["run", "S", "--answers", ANSWERS, "--no-input", "--python", "pytorch=/none/python"],
            2,
            ["/none/python", "advisor doctor"],
        ),
        (["rum"], 2, ["rum", "run"]),
        (["run", "--quik"], 2, ["--quik", "--quick"]),
        (["report", "S", "--format", "pdf"], 2, ["pdf", "json"]),
        (["report", "S"], 3, ["S", "advisor run S"]),
        (["decide", "S"], 3, ["advisor run S"]),
        (["facts", "--about", "longevit"], 2, ["longevit", "longevity"]),
    ],
)
def test_mistakes_are_told(tmp_path: Path, arguments: list[str], code: int, said: list[str]) -> None:
    for name, content in TABLES.items():
        (tmp_path / f"{name}.csv").write_bytes(content)
    done = advisor(*arguments, cwd=tmp_path)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    for part in said:
        assert part in done.stderr
    assert not (tmp_path / "S" / "trials.jsonl").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('schema = 1\n[project]\nproblem = "tabluar"\n', ["answers.toml:3", "project.problem", "tabular"]),
        ("schema = 1\n[team]\npytorch = 3\nkerras = 2\n", ["answers.toml:4", "kerras", "team.keras"]),
        ("schema = 99\n", ["answers.toml", "newer"]),
        ("schema = 1\n[project\n", ["answers.toml:2"]),
    ],
)
def test_mistakes_in_answers_are_told_with_their_line(tmp_path: Path, text: str, said: list[str]) -> None:
    (tmp_path / "answers.toml").write_text(text)
    done = advisor("run", "S", "--answers", "answers.toml", "--no-input", cwd=tmp_path)
    assert done.returncode == 2 and done.stdout == "" and "Traceback" not in done.stderr
    for part in said:
        assert part in done.stderr


@pytest.fixture
def study(tmp_path: Path) -> Path:
    done = advisor("run", "S", "--answers", ANSWERS, "--no-input", "--no-pilots", cwd=tmp_path)
    assert done.returncode in (0, 5), done.stderr
    return tmp_path / "S"


@pytest.mark.parametrize("name", ["plan.json", "machine.json", "trials.jsonl", "answers.toml"])
def test_what_a_newer_version_wrote_is_left_alone(study: Path, name: str) -> None:
    path = study / name
    if name.endswith(".toml"):
        path.write_text(path.read_text().replace("schema = 1", "schema = 99"))
    elif name.endswith(".jsonl"):
        path.write_text('{"schema": 99}\n')
    else:
        path.write_text(json.dumps(json.loads(path.read_text()) | {"schema": 99}))
    before = path.read_bytes()
    done = advisor("report", "S", cwd=study.parent)
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert name in done.stderr and "newer" in done.stderr
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["plan.json", "machine.json"])
@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema": 1}'])
def test_damaged_files_are_named(study: Path, name: str, text: str) -> None:
    (study / name).write_text(text)
    done = advisor("report", "S", cwd=study.parent)
    assert done.returncode != 0 and "Traceback" not in done.stderr
    assert name in done.stderr


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ nothing.of.that.name }}", ["ours.md.j2:1"]),
        ("fine\n{% if %}", ["ours.md.j2:2"]),
        ("{{ ''.__class__.__mro__ }}", ["ours.md.j2"]),
    ],
)
def test_mistakes_in_a_template_are_told_and_the_report_stays(study: Path, template: str, said: list[str]) -> None:
    (study.parent / "ours.md.j2").write_text(template)
    before = (study / "report.md").read_bytes()
    done = advisor("report", "S", "--template", "ours.md.j2", cwd=study.parent)
    assert done.returncode == 2 and "Traceback" not in done.stderr, done.stderr
    for part in said:
        assert part in done.stderr
    assert (study / "report.md").read_bytes() == before
