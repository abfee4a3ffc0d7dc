"""The prompts as somebody types into them, through a pipe of keys."""

from __future__ import annotations

import io
import sys

import pytest
from prompt_toolkit.input import create_pipe_input
from prompt_toolkit.output import DummyOutput
from prompt_toolkit.output.plain_text import PlainTextOutput

from advisor.errors import AdvisorError, ExitCode
from advisor.interview.answers import Answers
from advisor.interview.conversation import InterviewSettings, PrioritiesEffect, converse
from advisor.interview.prompts import drawn_screen
from advisor.interview.question import Question
from advisor.interview.questions import load_questions
from advisor.interview.terminal import require_terminal

DOWN, UP, LEFT, ENTER, INTERRUPT = "\x1b[B", "\x1b[A", "\x1b[D", "\r", "\x03"
BACK, SHIFT_TAB, REVIEW = "\x02", "\x1b[Z", "\x12"
CLEAR_LINE = "\x15"


def pick(*keys: str) -> tuple[Question, ...]:
    return tuple(question for question in load_questions() if question.id in keys)


WITHOUT_REVIEW = InterviewSettings(review=False)


def typed(
    questions: tuple[Question, ...],
    text: str,
    answers: Answers | None = None,
    settings: InterviewSettings = WITHOUT_REVIEW,
) -> list[Answers]:
    """All states that were saved while ``text`` was typed; the last one is what the interview came to."""
    saved: list[Answers] = []
    with create_pipe_input() as keys, drawn_screen(keys, DummyOutput()) as screen:
        keys.send_text(text)
        last = converse(questions, answers or Answers(), screen, saved.append, settings)
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
        ("existing.frameworks", " " + UP + " " + ENTER + UP + " " + ENTER, ("pytorch",)),
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


@pytest.mark.parametrize("back", [BACK, SHIFT_TAB, LEFT])
def test_going_back_keeps_answers_until_they_are_changed(back: str) -> None:
    questions = pick("project.stage", "team.keras")
    states = typed(questions, back + ENTER + back + DOWN + ENTER + ENTER)
    assert [dict(state.said) for state in states] == [
        {"project.stage": "learning"},
        {"project.stage": "prototype"},
        {"project.stage": "prototype", "team.keras": 1},
    ]


def test_back_and_forward_go_one_by_one_with_what_was_answered() -> None:
    questions = pick("project.stage", "team.people", "team.keras", "team.jax")
    far = UP + ENTER + "7" + ENTER + DOWN + ENTER
    states = typed(questions, far + BACK * 3 + DOWN + ENTER + ENTER + ENTER + ENTER)
    assert dict(states[-1].said) == {"project.stage": "learning", "team.people": 7.0, "team.keras": 2, "team.jax": 0}
    assert len(states) == 7


@pytest.mark.parametrize("key", ["project.title", "team.people", "existing.frameworks", "priorities.order"])
def test_every_kind_of_prompt_goes_back_and_to_the_review(key: str) -> None:
    questions = (*pick("project.problem"), *pick(key))
    last = "" if key != "priorities.order" else UP * 2 + ENTER
    states = typed(
        questions, ENTER + BACK + DOWN + ENTER + REVIEW + DOWN + ENTER + DOWN + ENTER + ENTER + (last or ENTER)
    )
    assert [state.said["project.problem"] for state in states] == ["tabular", "vision", "text", "text"]
    assert key in states[-1].said


def test_the_review_changes_any_answer_and_asks_what_becomes_open() -> None:
    questions = pick("project.trains", "training.hardware", "training.vendor", "training.os")
    settings = InterviewSettings()
    first = ENTER + " " + ENTER + ENTER  # trains, on processors, on Linux: nobody's accelerators
    to_gpus = DOWN * 2 + ENTER + " " + DOWN + " " + ENTER
    vendor = DOWN + ENTER
    states = typed(questions, first + to_gpus + vendor + ENTER, settings=settings)
    assert dict(states[-1].said) == {
        "project.trains": "yes",
        "training.hardware": ("one_gpu",),
        "training.vendor": "nvidia",
        "training.os": "linux",
    }
    left = typed(questions, DOWN + ENTER + DOWN + ENTER + ENTER, states[-1], settings)
    assert dict(left[-1].said) == {"project.trains": "no"}


def test_leaving_the_review_without_a_choice_is_leaving_it() -> None:
    alt_enter = "\x1b\r"
    questions = pick("team.keras")
    assert typed(questions, ENTER + alt_enter + ENTER, settings=InterviewSettings())[-1].said == {"team.keras": 1}


def test_going_back_from_the_review_asks_the_last_question_again() -> None:
    states = typed(
        pick("team.keras", "team.jax"), ENTER * 2 + BACK + DOWN + ENTER + ENTER, settings=InterviewSettings()
    )
    assert states[-1].said == {"team.keras": 1, "team.jax": 1}


def test_the_effect_of_an_order_is_shown_and_another_one_can_be_chosen() -> None:
    seen: list[tuple[str, ...]] = []

    def effect(answers: Answers) -> PrioritiesEffect:
        seen.append(answers.choices("priorities.order"))
        return PrioritiesEffect("Weights:", [("Memory", 0.75), ("Longevity", 0.25)], ["[x] leads."])

    settings = InterviewSettings(review=False, effect=effect)
    again = ENTER + UP + ENTER + DOWN + ENTER  # one pick, that is all, choose another
    for keys, orders in (
        (ENTER + UP + ENTER + ENTER, [("team_fit",)]),
        (again + ENTER + ENTER, [("team_fit",), ("team_fit",)]),  # keep this order
        (again + DOWN * 2 + ENTER + UP + ENTER + ENTER, [("team_fit",), ("time_to_baseline",)]),
        (ENTER + UP + ENTER + BACK + UP + ENTER, [("team_fit",)]),  # not sure has no effect
    ):
        seen.clear()
        typed(pick("priorities.order"), keys, settings=settings)
        assert seen == orders


def test_an_interrupt_passes_and_what_was_answered_is_saved() -> None:
    saved: list[Answers] = []
    with create_pipe_input() as keys, drawn_screen(keys, DummyOutput()) as screen, pytest.raises(KeyboardInterrupt):
        keys.send_text(ENTER + INTERRUPT)
        converse(pick("team.keras", "team.jax"), Answers(), screen, saved.append, InterviewSettings())
    assert saved == [Answers({"team.keras": 1})]


def test_what_is_known_is_not_asked_and_the_screen_explains() -> None:
    drawn = io.StringIO()
    known = Answers({question.id: "not_sure" for question in load_questions() if question.id != "team.keras"})
    settings = InterviewSettings(essential_only=True, review=False)
    with create_pipe_input() as keys, drawn_screen(keys, PlainTextOutput(drawn)) as screen:
        keys.send_text(ENTER)
        answers = converse(load_questions(), known, screen, lambda answers: None, settings)
    assert answers.said["team.keras"] == 1
    for part in (
        "The team · question 4 of 10 · less than a minute left",
        "How well does the team know Keras?",
        "weeks pass",
        "shipped a model",
        "not sure",
        "Ctrl-B back, Ctrl-R all answers, Ctrl-C stop",
        "How well does the team know Keras? followed a tutorial",
    ):
        assert part in drawn.getvalue()


def test_without_a_terminal_the_missing_keys_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(AdvisorError) as refused:
        require_terminal(["team.keras", "project.stage"])
    assert refused.value.exit_code is ExitCode.INPUT_REQUIRED
    for part in ("team.keras, project.stage", "--answers FILE", "--set key=value", "--defaults"):
        assert part in str(refused.value)
