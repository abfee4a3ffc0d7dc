"""The questions as ``questions.toml`` holds them, checked once when they are loaded."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict

from advisor.catalog import CRITERIA, TARGETS
from advisor.interview.question import Choice, Question, QuestionType
from advisor.interview.values import parse
from advisor.method import method

__all__ = ["Choice", "Question", "QuestionType", "load_questions", "load_sections", "validated"]


class _Entry(Question):
    """A question as written: its choices may come from a list that other parts of the program share."""

    choices_from: Literal["targets", "criteria", "anchors"] | None = None


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    levels: tuple[str, ...]
    sections: dict[str, str]
    question: tuple[_Entry, ...]


@cache
def load_questions() -> tuple[Question, ...]:
    """All questions, in the order in which they are asked.

    Raises:
        ValueError: if ``questions.toml`` breaks a rule of :func:`validated`.
    """
    document = _document()
    return validated([_completed(entry, document.levels) for entry in document.question])


def load_sections() -> dict[str, str]:
    """The title of each group of questions."""
    return _document().sections


def validated(questions: Sequence[Question]) -> tuple[Question, ...]:
    """The questions with their defaults as answers hold them.

    Raises:
        ValueError: if an id stands twice, a default is not a valid answer, or a question depends on anything
            but earlier answers. Where it depends on a question that depends on others itself, it must repeat
            those conditions: then one look at ``when`` tells whether a question applies.
    """
    earlier: dict[str, Question] = {}
    for question in questions:
        if question.id in earlier:
            raise ValueError(f"{question.id} stands twice")
        for key in (*question.when, *([question.among] if question.among else [])):
            if key not in earlier:
                raise ValueError(f"{question.id} depends on {key}, which is not asked before it")
            if not earlier[key].when.items() <= question.when.items():
                raise ValueError(f"{question.id} must repeat the conditions of {key}")
        if question.default is not None:
            question = question.model_copy(update={"default": parse(question, question.default)})
        earlier[question.id] = question
    return tuple(earlier.values())


@cache
def _document() -> _Document:
    text = files("advisor.interview").joinpath("questions.toml").read_text("utf-8")
    return _Document.model_validate(tomllib.loads(text))


def _completed(entry: _Entry, levels: tuple[str, ...]) -> Question:
    choices = entry.choices
    if entry.type == "level":
        choices = tuple(Choice(value=str(level), title=title) for level, title in enumerate(levels))
    elif entry.choices_from == "targets":
        choices = tuple(Choice(value=value, title=title) for value, title in TARGETS.items())
    elif entry.choices_from is not None:
        ids = CRITERIA if entry.choices_from == "criteria" else method().anchors
        choices = tuple(Choice(value=id, title=f"{CRITERIA[id].title}: {CRITERIA[id].meaning}") for id in ids)
    fields = entry.model_dump(exclude={"choices_from", "choices"})
    return Question(**fields, choices=choices)
