"""Answers that something else than a person suggests: shown as guesses to confirm, never taken as said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.interview.answers import Value
from advisor.interview.question import Question
from advisor.interview.values import parse


@dataclass(frozen=True)
class Guess:
    """A suggested answer, with what it rests on."""

    key: str
    value: Value
    because: str


def suggested(questions: Sequence[Question], guesses: Sequence[Guess]) -> tuple[Question, ...]:
    """The questions with guesses as their defaults, and what each guess rests on."""
    by_key = {guess.key: guess for guess in guesses}
    return tuple(_with(question, by_key[question.id]) if question.id in by_key else question for question in questions)


def _with(question: Question, guess: Guess) -> Question:
    raw = list(guess.value) if isinstance(guess.value, tuple) else guess.value
    return question.model_copy(update={"default": parse(question, raw), "guess": guess.because})
