"""The interview as somebody types it: through a pipe of keys, and once through a real terminal."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pexpect  # type: ignore[import-untyped]
import pytest
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from prompt_toolkit.output.plain_text import PlainTextOutput

from advisor.errors import AdvisorError, ExitCode
from advisor.interview.answers import Answers
from advisor.interview.answers_file import load
from advisor.interview.prompts import ask, require_terminal
from advisor.interview.question import Question
from advisor.interview.questions import load_questions

DOWN, UP, ENTER, BACK, INTERRUPT = "\x1b[B", "\x1b[A", "\r", "\x1b[Z", "\x03"
CLEAR_LINE = "\x15"


def pick(*keys: str) -> tuple[Question, ...]:
    return tuple(question for question in load_questions() if question.id in keys)


def typed(questions: tuple[Question, ...], text: str, answers: Answers | None = None) -> list[Answers]:
    """All states that were saved while ``text`` was typed; the last one is what ``ask`` returned."""
    saved: list[Answers] = []
    with create_pipe_input() as keys:
        keys.send_text(text)
        last = ask(
            questions,
            answers or Answers(),
            essential_only=False,
            save=saved.append,
            input=keys,
            output=DummyOutput(),
        )
    assert saved[-1:] == [last]
    return saved


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("project.stage", DOWN + ENTER, "prototype"),
        ("project.stage", UP + ENTER, "not_sure"),
        ("project.trains", ENTER, "yes"),
        ("team.keras", ENTER, 1),
        ("team.keras", DOWN * 2 + ENTER, 3),
        ("team.keras", UP * 2 + ENTER, "not_sure"),
        ("project.title", ENTER, "our next project"),
        ("project.title", CLEAR_LINE + "spam [/x] filter" + ENTER, "spam [/x] filter"),
        ("project.title", CLEAR_LINE + ENTER, "not_sure"),
        ("team.people", "4" + ENTER, 4.0),
        ("team.people", ENTER, "not_sure"),
        ("team.people", "many" + ENTER + CLEAR_LINE + "3" + ENTER, 3.0),
        ("existing.frameworks", ENTER, ()),
        ("existing.frameworks", " " + DOWN + " " + ENTER, ("pytorch", "keras2")),
        ("existing.frameworks", UP + " " + ENTER, "not_sure"),
        ("existing.frameworks", " " + UP + " " + ENTER + " " + ENTER, ("pytorch",)),
        ("priorities.order", DOWN + ENTER + ENTER + UP + ENTER, ("time_to_baseline", "team_fit")),
        ("priorities.order", UP + ENTER, "not_sure"),
        ("priorities.order", UP * 2 + ENTER, ()),
        (
            "priorities.order",
            ENTER * 5,
            ("team_fit", "time_to_baseline", "flexibility", "debugging", "training_speed"),
        ),
        ("priorities.order", ENTER + BACK + DOWN + ENTER + UP + ENTER, ("time_to_baseline",)),
    ],
)
def test_keys_become_answers(key: str, text: str, expected: object) -> None:
    (state,) = typed(pick(key), text)
    assert state.said == {key: expected}


@pytest.mark.parametrize("key", ["project.stage", "priorities.order"])
def test_leaving_a_list_without_a_choice_asks_again(key: str) -> None:
    alt_enter = "\x1b\r"
    (state,) = typed(pick(key), alt_enter + ENTER + UP + ENTER)
    assert state.said[key] in ("learning", ("team_fit",))


def test_every_answer_is_saved_before_the_next_question() -> None:
    states = typed(pick("team.pytorch", "team.keras", "team.tensorflow"), ENTER + DOWN + ENTER + ENTER)
    assert [len(state.said) for state in states] == [1, 2, 3]


def test_required_targets_are_offered_from_those_chosen() -> None:
    questions = pick("deployment.targets", "deployment.required")
    last = typed(questions, DOWN * 3 + " " + DOWN + " " + ENTER + DOWN + " " + ENTER)[-1]
    assert last.choices("deployment.targets") == ("android", "ios")
    assert last.choices("deployment.required") == ("ios",)


def test_going_back_asks_the_question_before_again() -> None:
    questions = pick("project.stage", "team.keras")
    states = typed(questions, BACK + ENTER + BACK + DOWN + ENTER + ENTER)
    assert [dict(state.said) for state in states] == [
        {"project.stage": "learning"},
        {},
        {"project.stage": "prototype"},
        {"project.stage": "prototype", "team.keras": 1},
    ]


def test_an_interrupt_passes_and_what_was_answered_is_saved() -> None:
    saved: list[Answers] = []
    with create_pipe_input() as keys, pytest.raises(KeyboardInterrupt):
        keys.send_text(ENTER + INTERRUPT)
        ask(
            pick("team.keras", "team.jax"),
            Answers(),
            essential_only=False,
            save=saved.append,
            input=keys,
            output=DummyOutput(),
        )
    assert saved == [Answers({"team.keras": 1})]


def test_what_is_known_is_not_asked_and_the_screen_explains() -> None:
    screen = io.StringIO()
    with create_pipe_input() as keys:
        keys.send_text(ENTER)
        answers = ask(
            load_questions(),
            Answers({question.id: "not_sure" for question in load_questions() if question.id != "team.keras"}),
            essential_only=True,
            save=lambda answers: None,
            input=keys,
            output=PlainTextOutput(screen),
        )
    assert answers.said["team.keras"] == 1
    text = screen.getvalue()
    assert re.search(r"The team\s+\(9 of 10 answered\)", text)
    for part in ("How well does the team know Keras?", "weeks pass", "shipped a model", "not sure", "Shift-Tab"):
        assert part in text


def test_without_a_terminal_the_missing_keys_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(AdvisorError) as refused:
        require_terminal(["team.keras", "project.stage"])
    assert refused.value.exit_code is ExitCode.INPUT_REQUIRED
    for part in ("team.keras, project.stage", "--answers FILE", "--set key=value", "--defaults"):
        assert part in str(refused.value)
    with pytest.raises(AdvisorError, match=r"training\.os"):
        ask(load_questions(), Answers(), essential_only=True, save=lambda answers: None)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_ctrl_c_in_a_real_terminal_loses_nothing_and_results_stay_apart(tmp_path: Path) -> None:
    path, results = tmp_path / "answers.toml", tmp_path / "stdout"
    program = (
        "import sys; from functools import partial; from pathlib import Path\n"
        "from advisor.interview import answers_file, prompts, questions\n"
        "from advisor.interview.answers import Answers\n"
        "save = partial(answers_file.save, Path(sys.argv[1]))\n"
        "prompts.ask(questions.load_questions(), Answers(), essential_only=True, save=save)\n"
    )
    shell = ["-c", 'exec "$0" -c "$1" "$2" > "$3"', sys.executable, program, str(path), str(results)]
    child = pexpect.spawn("/bin/sh", shell, encoding="utf-8", timeout=30)
    try:
        child.expect("What kind of problem")
        child.send(DOWN + ENTER)
        child.expect("What is it meant to become")
        child.send(ENTER)
        child.expect("know PyTorch")
        child.sendintr()
        child.expect("KeyboardInterrupt")
        child.expect(pexpect.EOF)
    finally:
        child.close(force=True)
    assert load(path) == Answers({"project.problem": "vision", "project.stage": "learning"})
    assert results.read_text(encoding="utf-8") == ""
