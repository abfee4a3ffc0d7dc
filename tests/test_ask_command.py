"""`advisor ask` beside the interview: several people, the template, the schema."""

import json
import tomllib
from pathlib import Path

import pytest
from command_line import advisor, refused


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
