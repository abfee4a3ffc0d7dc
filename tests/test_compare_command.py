"""`advisor compare`: what differs between two studies, and what turns the answer."""

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from command_line import advisor_here, refused

from advisor.interview import answers_file
from advisor.interview.answers import Answers
from advisor.study import Study
from advisor.workflow.compare import compare_studies

TODAY = date(2026, 11, 25)


def changed(study: Path, name: str, said: dict[str, object]) -> Path:
    other = Path(shutil.copytree(study, study.parent / name))
    path = other / "answers.toml"
    answers_file.save(path, Answers({**answers_file.load(path).said, **said}))
    return other


def test_a_study_and_its_copy_differ_in_nothing(study: Path) -> None:
    found = compare_studies(Study(study), Study(changed(study, "copy", {})), today=TODAY)
    assert found.agree and not (found.answers or found.values or found.circumstances)
    assert not (found.answers_turn_it or found.evidence_turns_it)


def test_one_answer_that_turns_it_is_named(study: Path) -> None:
    """TensorFlow does not install on Python 3.14, so that what rests on it cannot be recommended there."""
    other = changed(study, "other", {"training.python": "3.14", "team.people": 5.0})
    found = compare_studies(Study(study), Study(other), today=TODAY)
    assert {one.key for one in found.answers} == {"training.python", "team.people"}
    assert not found.agree and found.answers_turn_it
    turning = {one.key: one.recommended for one in found.answers if one.recommended}
    assert turning == {"training.python": found.decisions[1].recommended}
    told = advisor_here("compare", study, other)
    assert told.returncode == 0, told.stderr
    assert "It is the answers: training.python alone would do." in told.stdout


def test_other_versions_and_machines_are_circumstances(study: Path) -> None:
    other = changed(study, "other", {})
    path = other / "machine.json"
    text = path.read_text(encoding="utf-8")
    cpu = json.loads(text)["machine"]["cpu"]
    path.write_text(text.replace(json.dumps(cpu), json.dumps("Another [bold]CPU")), encoding="utf-8")
    told = advisor_here("compare", study, other).stdout
    assert f"cpu: {cpu} against Another [bold]CPU" in told
    assert "Both recommend the same" in told
    as_json = json.loads(advisor_here("compare", study, other, "--json").stdout)
    assert as_json["circumstances"] == [f"cpu: {cpu} against Another [bold]CPU"]


@pytest.mark.parametrize("missing", [0, 1])
def test_a_study_that_is_none_is_named(study: Path, tmp_path: Path, missing: int) -> None:
    names = [study, study]
    names[missing] = tmp_path / "nowhere"
    refused(advisor_here("compare", *names), 3, "There is no such study", "nowhere")
