"""`advisor ask` beside the interview: several people, the template, the schema."""

import json
import shlex
import subprocess
import tomllib
from pathlib import Path

import pytest
from command_line import COMMAND, LIMIT_S, NEEDS_TERMINAL, advisor, refused


def test_somebodys_own_answers_lie_beside_the_study_s(study: Path) -> None:
    before = (study / "answers.toml").read_bytes()
    done = advisor(
        "ask", study, "--as", "Grace H.", "--no-input", "--set", "team.pytorch=4", "--set", "priorities.order=memory"
    )
    assert done.returncode == 0, done.stderr
    own = Path(done.stdout.strip())
    assert own == study / "people" / "Grace H..toml"
    assert tomllib.loads(own.read_text(encoding="utf-8"))["team"] == {"pytorch": 4}
    assert (study / "answers.toml").read_bytes() == before
    again = advisor("ask", study, "--as", "Grace H.", "--no-input", "--set", "team.keras=1")
    assert again.returncode == 0
    assert tomllib.loads(own.read_text(encoding="utf-8"))["team"] == {"pytorch": 4, "keras": 1}
    decision = json.loads(advisor("decide", study).stdout)
    assert decision["method"]["weights_from"] == "order" and decision["weights"]["memory"]["median"] > 0.15


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--as", "../grace", "--no-input"], "cannot be that of a file"),
        (["--as", "", "--no-input"], "cannot be that of a file"),
        (["--as", "grace", "--no-input", "--set", "project.stage=research"], "project.stage is the same for everybody"),
        (["--as", "grace", "--no-input", "--set", "team.pytorch=9"], "team.pytorch"),
    ],
)
def test_mistakes_leave_nothing_behind(study: Path, options: list[str], what: str) -> None:
    refused(advisor("ask", study, *options), 2, what)
    assert not (study / "people").exists()


def test_template_and_schema_need_no_study(tmp_path: Path) -> None:
    text = advisor("ask", "--template", cwd=tmp_path).stdout
    assert text.startswith("# Answers for advisor") and "[priorities]" in text
    assert json.loads(advisor("ask", "--schema", cwd=tmp_path).stdout)["type"] == "object"
    assert list(tmp_path.iterdir()) == []


def test_the_template_is_filled_in_and_read_back(tmp_path: Path) -> None:
    text = advisor("ask", "--template").stdout.replace("# stage = ", "stage = ")
    done = advisor("ask", tmp_path / "study", "--answers", "-", "--defaults", "--no-input", stdin=text)
    assert done.returncode == 0, done.stderr
    written = tomllib.loads(Path(done.stdout.strip()).read_text(encoding="utf-8"))
    assert written["project"]["stage"] == "learning"


@NEEDS_TERMINAL
@pytest.mark.parametrize(
    ("redirect", "parts"),
    [
        ("< bytes.toml", ["standard input:2", "not text in UTF-8"]),
        ("< long.toml", ["too large to be an answers file", "standard input", "64 KiB"]),
        ("0> written", ["cannot be read from standard input: Bad file descriptor"]),
        ("<&-", ["cannot be read from standard input: it is closed", "advisor ask --answers -"]),
    ],
)
def test_what_comes_on_standard_input_need_not_be_answers(tmp_path: Path, redirect: str, parts: list[str]) -> None:
    (tmp_path / "bytes.toml").write_bytes(b"schema = 1\n# \xff\n")
    (tmp_path / "long.toml").write_text("# " + "x" * 70_000, encoding="utf-8")
    command = f"{shlex.join(COMMAND)} ask study --answers - {redirect}"
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=LIMIT_S, check=False
    )
    refused(done, 2, *parts)
    assert not (tmp_path / "study" / "answers.toml").exists()


def test_what_is_answered_is_skipped_where_there_is_nobody_to_ask_as_well(tmp_path: Path) -> None:
    assert advisor("ask", tmp_path, "--defaults", "--skip-answered").returncode == 0
    assert advisor("ask", tmp_path, "--skip-answered").returncode == 0


def test_where_nothing_essential_is_missing_it_says_how_to_go_on_without_the_rest(tmp_path: Path) -> None:
    assert advisor("ask", tmp_path, "--defaults").returncode == 0
    file = tmp_path / "answers.toml"
    file.write_text(file.read_text(encoding="utf-8").replace("people = ", "# people = "), encoding="utf-8")
    refused(advisor("ask", tmp_path), 3, "Missing: nothing essential", "--no-input goes on")
    assert advisor("ask", tmp_path, "--no-input").returncode == 0
