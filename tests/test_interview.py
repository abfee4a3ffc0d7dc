"""The interview as people take it: the real command in a real pseudo-terminal, from the first question to the last."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pexpect  # type: ignore[import-untyped]
import pytest
from command_line import (
    BACK,
    CLEAR_LINE,
    DOWN,
    ENTER,
    EXAMPLE,
    NEEDS_TERMINAL,
    UP,
    advisor,
    ended,
    interview,
    shown,
    terminal,
)

from advisor.interview.answers import NOT_SURE, Answers, Value
from advisor.interview.answers_file import load, save
from advisor.interview.question import Question
from advisor.interview.questionnaire import answered, asked, next_question
from advisor.interview.questions import load_questions
from advisor.interview.suggestions import suggested
from advisor.workflow.suggest import guesses

pytestmark = NEEDS_TERMINAL

QUESTIONS = load_questions()
ESSENTIAL = [question for question in QUESTIONS if question.essential]
IN_FILES_ONLY = {question.id for question in QUESTIONS if not question.prompted}
#: What the example team says, as far as it can be said in an interview.
TEAM = Answers({key: value for key, value in load(EXAMPLE).said.items() if key not in IN_FILES_ONLY})


def keys(question: Question, value: Value, at: Value | None) -> str:
    """The keys that give an answer in a drawn prompt, which starts at ``at``."""
    offered = [*question.values, NOT_SURE]
    match question.type:
        case "choice" | "level":
            down = offered.index(str(value)) - (0 if at is None else offered.index(str(at)))
            return (DOWN * down if down >= 0 else UP * -down) + ENTER
        case "choices":
            ticked, before = ({one} if isinstance(one, str) else set(one or ()) for one in (value, at))  # type: ignore[arg-type]
            return "".join((" " if (one in ticked) != (one in before) else "") + DOWN for one in offered) + ENTER
        case "order":
            assert isinstance(value, tuple) and at is None
            left, pressed = list(question.values), ""
            for one in value:
                pressed += DOWN * left.index(one) + ENTER
                left.remove(one)
            return pressed + (UP + ENTER if len(value) < (question.at_most or 0) else "")
        case _:
            text = "" if value == NOT_SURE else f"{value:.15g}" if isinstance(value, float) else str(value)
            return CLEAR_LINE + text + ENTER


def take(child: pexpect.spawn, known: Answers, wanted: Answers, until: str | None = None) -> Answers:
    """Answer what is asked as ``wanted`` has it, up to the question ``until``; what was answered then."""
    questions = suggested(QUESTIONS, guesses(None))
    while (question := next_question(questions, known)) is not None and question.id != until:
        number = [one.id for one in asked(questions, known)].index(question.id) + 1
        child.expect_exact(f"question {number} of ")
        value = wanted.said.get(question.id, NOT_SURE)
        child.send(keys(question, value, question.default))
        known = answered(questions, known, question.id, value)
    return known


def in_review(child: pexpect.spawn, known: Answers, key: str) -> None:
    """Pick an answer in the review."""
    child.expect_exact("Is this right?")
    listed = [question.id for question in asked(QUESTIONS, known) if question.id in known.said]
    child.send(DOWN * (listed.index(key) + 1) + ENTER)


def test_back_stop_resume_review_and_the_same_bytes_as_by_file(tmp_path: Path) -> None:
    study = tmp_path / "prompted"
    file = study / "answers.toml"
    with interview(study) as child:
        known = take(child, Answers(), Answers({**TEAM.said, "project.problem": "vision"}), until="project.trains")
        child.expect_exact("question 4 of ")
        child.send(BACK)
        child.expect_exact("question 3 of ")
        child.send(BACK)
        child.expect_exact("question 2 of ")
        child.expect_exact("images or video")  # the pointer is where the answer was
        child.send(UP + ENTER)
        child.expect_exact("question 3 of ")  # and forward again, one by one
        child.send(ENTER)
        known = answered(QUESTIONS, known, "project.problem", "tabular")
        known = take(child, known, TEAM, until="team.keras")
        child.expect_exact("How well does the team know Keras?")
        child.sendintr()
        assert f"What was finished is on disk; go on with: advisor ask {study}" in ended(child)
    assert child.exitstatus == 130
    assert load(file) == known

    with interview(study) as child:
        known = take(child, known, TEAM)
        child.expect_exact("This order weighs:")
        child.expect_exact("By facts alone, before any pilot")
        child.expect_exact("Is this what you mean?")
        child.send(ENTER)
        in_review(child, known, "project.trains")
        child.expect_exact("Will you train models yourselves?")
        child.send(DOWN + ENTER)
        less = answered(QUESTIONS, known, "project.trains", "no")
        in_review(child, less, "team.people")
        child.expect_exact("question 6 of ")
        assert load(file) == less
        assert not [key for key in less.said if key.startswith("training.")]
        child.send(CLEAR_LINE + "5" + ENTER)
        in_review(child, less, "project.trains")
        child.expect_exact("Will you train models yourselves?")
        child.send(UP + ENTER)  # what fell away is asked again, with the answer it had
        more = answered(QUESTIONS, less, "project.trains", "yes")
        while (question := next_question(QUESTIONS, more)) is not None:
            child.expect_exact(question.prompt)
            child.send(ENTER)
            more = answered(QUESTIONS, more, question.id, TEAM.said[question.id])
        in_review(child, known, "team.people")
        child.expect_exact("How many people")
        child.send(CLEAR_LINE + "4" + ENTER)
        child.expect_exact("Is this right?")
        child.send(ENTER)
        assert str(file) in ended(child)
    assert child.exitstatus == 0
    assert load(file) == known

    save(tmp_path / "said.toml", TEAM)
    by_file = advisor("ask", tmp_path / "by_file", "--answers", tmp_path / "said.toml", "--no-input")
    assert by_file.returncode == 0, by_file.stderr
    assert file.read_bytes() == (tmp_path / "by_file" / "answers.toml").read_bytes()


def test_the_quick_interview_in_plain_lines(tmp_path: Path) -> None:
    said = {
        "project.problem": ("2", "vision"),
        "project.stage": ("?", NOT_SURE),
        "team.pytorch": ("4", 4),
        "team.keras": ("", 1),
        "team.tensorflow": ("0", 0),
        "existing.frameworks": ("1, 3", ("pytorch", "keras3")),
        "architecture.novelty": ("2", "adapted"),
        "deployment.targets": ("0", ()),
        "training.hardware": ("1 2", ("cpu", "one_gpu")),
        "training.os": ("1", "linux"),
    }
    assert set(said) == {question.id for question in ESSENTIAL}
    with interview(tmp_path, "--quick", ACCESSIBLE="1") as child:
        for number, question in enumerate(ESSENTIAL, start=1):
            child.expect_exact(f"question {number} of {len(ESSENTIAL)}")
            if question.id == "project.stage":
                child.send("b" + ENTER)  # back, another answer, and forward again
                child.expect_exact("question 1 of ")
                child.send("3" + ENTER)
                child.expect_exact("question 2 of ")
                child.send("r" + ENTER)
                child.expect_exact("1. What kind of problem is it? text")
                child.send("1" + ENTER)
                child.expect_exact("question 1 of ")
                child.send("2" + ENTER)
                child.expect_exact("What kind of problem is it? images or video")
                child.expect_exact("Enter alone: go on with the questions")
                child.send(ENTER)
                child.expect_exact("question 2 of ")
            if question.id == "team.keras":
                child.send("no number" + ENTER)
                child.expect_exact("Type a number. Enter alone: followed a tutorial.")
            if question.id == "training.os":
                child.sendintr()
                assert "go on with: advisor ask" in ended(child)
                assert child.exitstatus == 130
                break
            child.send(said[question.id][0] + ENTER)
    with interview(tmp_path, "--quick", ACCESSIBLE="1") as child:
        child.expect_exact("On which system will you train?")
        child.send("1" + ENTER)
        child.expect_exact("All answers so far.")
        child.expect_exact("Enter alone: that is all.")
        child.send(ENTER)
        screen = ended(child)
    assert child.exitstatus == 0
    assert "\x1b" not in screen
    assert load(tmp_path / "answers.toml").said == {key: value for key, (_, value) in said.items()}


@pytest.fixture
def complete(tmp_path: Path) -> Path:
    """A study in which all is answered."""
    save(tmp_path / "study" / "answers.toml", TEAM)
    return tmp_path / "study"


def test_what_is_complete_is_shown_for_review_where_somebody_can_see_it(complete: Path) -> None:
    before = (complete / "answers.toml").read_bytes()
    with interview(complete) as child:
        in_review(child, TEAM, "project.title")
        child.expect_exact("What is this decision for?")
        child.send("!" + ENTER)
        child.expect_exact("Is this right?")
        child.send(ENTER)
        ended(child)
    assert load(complete / "answers.toml").text("project.title") == f"{TEAM.text('project.title')}!"
    for options in (["--skip-answered"], ["--set", "team.people=4"], ["--no-input"]):
        with interview(complete, *options) as child:
            assert "Is this right?" not in ended(child)
        assert child.exitstatus == 0
    assert advisor("ask", complete).returncode == 0
    assert (complete / "answers.toml").read_bytes() != before


def test_only_what_is_open_is_asked_where_that_is_wanted(complete: Path) -> None:
    save(complete / "answers.toml", Answers({k: v for k, v in TEAM.said.items() if k != "team.people"}))
    with interview(complete, "--skip-answered") as child:
        child.expect_exact("How many people will work on it?")
        child.send("4" + ENTER)
        assert "Is this right?" not in ended(child)
    assert load(complete / "answers.toml") == TEAM


def test_a_study_with_a_plan_is_not_asked_what_its_quick_interview_left_out(tmp_path: Path) -> None:
    study, quick = tmp_path / "study", tmp_path / "quick.toml"
    essential = {question.id for question in ESSENTIAL}
    save(quick, Answers({key: value for key, value in TEAM.said.items() if key in essential}))
    assert advisor("run", study, "--quick", "--dry-run", "--answers", quick, "--no-input").returncode == 0
    child = terminal("run", study, "--dry-run")
    assert "question 1 of" not in ended(child)
    assert child.exitstatus == 0


def test_another_order_can_be_chosen_when_its_effect_is_seen(complete: Path) -> None:
    save(complete / "answers.toml", Answers({k: v for k, v in TEAM.said.items() if k != "priorities.order"}))
    with interview(complete) as child:
        child.expect_exact("1 of at most 5")
        child.send(ENTER)
        child.expect_exact("2 of at most 5")
        child.send(UP + ENTER)
        child.expect(r"Team fit +\d\d %")
        child.expect_exact("Is this what you mean?")
        child.send(DOWN + ENTER)
        child.expect_exact("keep this order: Team fit")
        child.send(DOWN * 2 + ENTER)
        child.expect_exact("2 of at most 5")
        child.send(UP + ENTER)
        child.expect(r"Time to a first model +\d\d %")
        child.expect_exact("Is this what you mean?")
        child.send(ENTER)
        child.expect_exact("Is this right?")
        child.send(ENTER)
        ended(child)
    assert load(complete / "answers.toml").choices("priorities.order") == ("time_to_baseline",)


def test_somebodys_own_interview_is_about_team_and_priorities_alone(complete: Path) -> None:
    before = (complete / "answers.toml").read_bytes()
    with interview(complete, "--as", "Grace", "--quick") as child:
        for key, pressed in (("PyTorch", DOWN), ("Keras", ""), ("TensorFlow", "")):
            child.expect_exact(f"How well does the team know {key}?")
            child.send(pressed + ENTER)
        child.expect_exact("Is this right?")
        child.send(ENTER)
        ended(child)
    own = tomllib.loads((complete / "people" / "Grace.toml").read_text(encoding="utf-8"))
    assert own == {"schema": 1, "team": {"pytorch": 2, "keras": 1, "tensorflow": 1}}
    assert (complete / "answers.toml").read_bytes() == before


def test_a_guess_says_where_it_comes_from_until_it_is_confirmed(tmp_path: Path) -> None:
    code = tmp_path / "code"
    code.mkdir()
    (code / "a\x1b[2J.py").write_text("import torch\n", encoding="utf-8")
    known = {question.id: NOT_SURE for question in ESSENTIAL if question.id != "existing.frameworks"}
    save(tmp_path / "study" / "answers.toml", Answers(known))
    with interview(tmp_path / "study", "--quick", "--scan", code) as child:
        child.expect_exact("A guess is filled in, from pytorch: a\ufffd[2J.py:1. Change it if it is wrong.")
        child.send(ENTER)
        child.expect_exact("Is this right?")
        child.send(BACK)
        child.expect(r"question 10 of ")
        child.send(BACK * 4)
        child.expect(r"question 6 of ")
        child.expect_exact("no code yet")
        child.send(ENTER)
        child.expect_exact("question 7 of ")
        assert "A guess" not in shown(child.before)
    assert load(tmp_path / "study" / "answers.toml").choices("existing.frameworks") == ("pytorch",)
