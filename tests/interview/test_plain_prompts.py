"""The interview in plain lines, as a screen reader reads it and as somebody types into it."""

from __future__ import annotations

import io

import pytest

from advisor.interview.answers import Answers
from advisor.interview.conversation import InterviewSettings, PrioritiesEffect, converse
from advisor.interview.plain_prompts import PlainScreen
from advisor.interview.questions import load_questions


def typed(
    keys: tuple[str, ...], text: str | bytes, answers: Answers | None = None, settings: InterviewSettings | None = None
) -> tuple[Answers, str]:
    """What the interview came to, and all that was read out."""
    out = io.StringIO()
    screen = PlainScreen(io.BytesIO(text if isinstance(text, bytes) else text.encode()), out)
    questions = [question for question in load_questions() if question.id in keys]
    how = settings or InterviewSettings(review=False)
    return converse(questions, answers or Answers(), screen, lambda answers: None, how), out.getvalue()


@pytest.mark.parametrize(
    ("key", "text", "expected"),
    [
        ("project.stage", "2\n", "prototype"),
        ("project.stage", "?\n", "not_sure"),
        ("project.stage", "\n0\n5\n-1\nprototype\n٢\n\n4\n", "research"),
        ("project.trains", "\n", "yes"),
        ("team.keras", "0\n", 0),
        ("team.keras", "6\n5\n", 5),
        ("team.keras", "\n", 1),
        ("project.title", "\n", "our next project"),
        ("project.title", "  spam [/x]  \n", "spam [/x]"),
        ("project.title", "?\n", "not_sure"),
        ("project.title", "a\x1b[2J\n" + "x" * 10_000 + "\nspam\n", "spam"),
        ("project.title", b"\xff\nspam\r\n", "spam"),
        ("team.people", "many\n1e400\nnan\n0\n4\n", 4.0),
        ("team.people", "\n", "not_sure"),
        ("existing.frameworks", "\n", ()),
        ("existing.frameworks", "0\n", ()),
        ("existing.frameworks", "3, 1\n", ("pytorch", "keras3")),
        ("existing.frameworks", ",\n1 1\n0 1\n1,\n", ("pytorch",)),
        ("existing.frameworks", "?\n", "not_sure"),
        ("priorities.order", "3 1\n", ("flexibility", "team_fit")),
        ("priorities.order", "1 2 3 4 5 6\n5\n", ("training_speed",)),
        ("priorities.order", "\n0\n", ()),
    ],
)
def test_lines_become_answers(key: str, text: str | bytes, expected: object) -> None:
    answers, _ = typed((key,), text)
    assert answers.said == {key: expected}


def test_back_review_and_the_keys_for_them() -> None:
    keys = ("project.stage", "team.people", "team.keras")
    answers, told = typed(keys, "1\nb\n2\n7\nr\n2\n8\n\n3\n3\nB\nb\n\n\n", settings=InterviewSettings())
    assert answers.said == {"project.stage": "prototype", "team.people": 8.0, "team.keras": 3}
    assert told.count("? is not sure, b goes back, r lists all answers; Ctrl-C stops and keeps them.") == 1
    for part in (
        "\nThe project, question 1 of 3, ",
        "What is it meant to become?\nWhy: A product is judged more by deployment and upkeep, research",
        "  2. prototype: shows whether it can work\n",
        "  0. never used\n",
        "Enter alone: learning.\n",
        "The team:\n  2. How many people will work on it? 8\n",
        "Type the number of an answer to change it. Enter alone: that is all.\n",
    ):
        assert part in told


def test_the_effect_of_an_order_is_read_without_bars() -> None:
    effect = PrioritiesEffect("This order weighs:", [("Memory", 0.75), ("Longevity", 0.25)], ["PyTorch leads."])
    settings = InterviewSettings(review=False, effect=lambda answers: effect)
    answers, told = typed(("priorities.order",), "7\nb\n13\n\n", settings=settings)
    assert answers.choices("priorities.order") == ("longevity",)
    assert "This order weighs:\n  Memory: 75 percent.\n  Longevity: 25 percent.\nPyTorch leads.\n" in told
    assert "█" not in told


def test_no_more_lines_are_the_end_of_it() -> None:
    with pytest.raises(KeyboardInterrupt):
        typed(("project.stage", "team.people"), "1\n")
