"""Where answers come from, which source wins, and what is on disk when something is missing."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest

from advisor.errors import AdvisorError, ExitCode
from advisor.interview.answers import NOT_SURE, Answers
from advisor.interview.answers_file import load, save
from advisor.interview.collect import Sources, collect_answers, stored_answers
from advisor.interview.questionnaire import missing_essential
from advisor.interview.questions import load_questions
from advisor.study import Study

OWN = "schema = 1\n# why we know Keras\n[team]\npytorch = 1\nkeras = 1\ntensorflow = 1\n"
GIVEN = "schema = 1\n[team]\nkeras = 2\ntensorflow = 2\n"


@pytest.fixture
def study(tmp_path: Path) -> Study:
    folder = tmp_path / "study"
    folder.mkdir()
    return Study(folder)


def collect(
    study: Study, source: str | None = None, *settings: str, defaults: bool = False, no_input: bool = True
) -> Answers:
    return collect_answers(study, Sources(source, settings, defaults=defaults, no_input=no_input, essential_only=True))


def test_options_win_over_the_file_over_the_study_over_defaults(study: Study, tmp_path: Path) -> None:
    study.path("answers.toml").write_text(OWN, encoding="utf-8")
    given = tmp_path / "given.toml"
    given.write_text(GIVEN, encoding="utf-8")
    answers = collect(study, str(given), "team.tensorflow=3", "team.tensorflow=4", defaults=True)
    levels = {key: answers.said[key] for key in ("team.pytorch", "team.keras", "team.tensorflow", "team.jax")}
    assert levels == {"team.pytorch": 1, "team.keras": 2, "team.tensorflow": 4, "team.jax": NOT_SURE}
    assert stored_answers(study) == answers
    assert "# why we know Keras" in study.path("answers.toml").read_text(encoding="utf-8")
    assert given.read_text(encoding="utf-8") == GIVEN


def test_standard_input_is_a_file_like_any_other(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(GIVEN.encode())))
    assert collect(study, "-", defaults=True).said["team.keras"] == 2


def test_what_is_missing_is_named_and_what_was_said_is_kept(study: Study) -> None:
    with pytest.raises(AdvisorError) as error:
        collect(study, None, "team.keras=2", "project.trains=no")
    missing = missing_essential(load_questions(), Answers({"team.keras": 2, "project.trains": "no"}))
    assert "training.os" not in missing
    assert error.value.what == f"{len(missing)} essential answers are missing: {', '.join(missing)}."
    assert error.value.exit_code == ExitCode.INPUT_REQUIRED
    assert load(study.path("answers.toml")).said == {"team.keras": 2, "project.trains": "no"}


def test_one_missing_answer_is_one(study: Study) -> None:
    complete = collect(study, None, defaults=True)
    lacking = "\n".join(
        line
        for line in study.path("answers.toml").read_text(encoding="utf-8").splitlines()
        if not line.startswith("stage =")
    )
    study.path("answers.toml").write_text(lacking + "\n", encoding="utf-8")
    with pytest.raises(AdvisorError, match=r"^1 essential answer is missing: project\.stage\."):
        collect(study)
    assert collect(study, None, "project.stage=not_sure").said == {**complete.said, "project.stage": "not_sure"}


def test_without_a_terminal_nothing_is_asked_and_nothing_lost(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(AdvisorError, match="no terminal") as error:
        collect(study, None, "team.keras=2", no_input=False)
    assert error.value.exit_code == ExitCode.INPUT_REQUIRED
    assert stored_answers(study).said == {"team.keras": 2}


def test_a_mistake_in_any_source_changes_nothing(study: Study, tmp_path: Path) -> None:
    study.path("answers.toml").write_text(OWN, encoding="utf-8")
    (tmp_path / "bad.toml").write_text("schema = 1\n[team]\nkeras = 7\n", encoding="utf-8")
    for source, setting in ((str(tmp_path / "bad.toml"), "team.jax=1"), (None, "team.jax=7"), ("none.toml", "")):
        with pytest.raises(AdvisorError):
            collect(study, source, *([setting] if setting else []), defaults=True)
    assert study.path("answers.toml").read_text(encoding="utf-8") == OWN


def test_a_second_pass_changes_nothing(study: Study) -> None:
    first = collect(study, None, defaults=True)
    text = study.path("answers.toml").read_bytes()
    assert collect(study, None, defaults=True) == first == collect(study)
    assert study.path("answers.toml").read_bytes() == text


def test_before_the_interview_nothing_is_known(study: Study) -> None:
    assert stored_answers(study) == Answers()


def test_the_order_in_which_answers_come_leaves_no_trace_in_the_file(study: Study) -> None:
    path = study.path("answers.toml")
    collect(study, None, "training.os=linux", "team.keras=2", "deployment.targets=ios,android", defaults=True)
    at_once = path.read_bytes()
    said = stored_answers(study).said
    path.unlink()
    for key in reversed(said):
        save(path, Answers({**stored_answers(study).said, key: said[key]}))
    assert path.read_bytes() == at_once
