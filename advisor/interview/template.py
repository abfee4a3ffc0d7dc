"""An answers file to fill in: every question with why it is asked and what it takes, nothing answered yet."""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import wrap

from advisor.interview.answers import NOT_SURE, Value
from advisor.interview.answers_file import SCHEMA
from advisor.interview.question import Question
from advisor.interview.questions import load_questions, load_sections
from advisor.interview.values import allowed

_WIDTH = 110
_LISTED = ("choice", "choices", "level", "order", "points", "anchors")


def template() -> str:
    """The text of an answers file with every answer commented out; without the signs before its keys it is valid."""
    lines = [
        "# Answers for advisor. Take the sign before a key away and change its value; leave out what does not matter.",
        f'# Any answer may be "{NOT_SURE}": that widens the uncertainty, it never stops a run.',
        "#     advisor run --answers FILE",
        f"schema = {SCHEMA}",
    ]
    questions = load_questions()
    for group, title in load_sections().items():
        lines += ["", f"# {'-' * 3} {title} {'-' * (_WIDTH - len(title) - 6)}", f"[{group}]"]
        for question in (entry for entry in questions if entry.group == group):
            lines += ["", *_about(question), f"# {question.name} = {_sample(question)}"]
    return "\n".join(lines) + "\n"


def _about(question: Question) -> Iterator[str]:
    essential = " (essential)" if question.essential else ""
    for text in (f"{question.prompt}{essential}", question.help, *_conditions(question)):
        yield from (f"## {line}" for line in wrap(text, _WIDTH))
    if question.type not in _LISTED:
        yield f"##   {allowed(question)}"
        return
    takes = {"choice": "one of", "level": "one of", "order": f"at most {question.at_most} of, most important first"}
    yield f"##   {takes.get(question.type, 'any of')}:"
    width = max(len(choice.value) for choice in question.choices)
    for choice in question.choices:
        yield f"##     {choice.value:{width}}  {choice.title}"


def _conditions(question: Question) -> Iterator[str]:
    for key, accepted in question.when.items():
        values = "anything" if accepted == ("*",) else " or ".join(accepted)
        yield f"Only where {key} has {values}."


def _sample(question: Question) -> str:
    """A value that the question takes, as TOML writes it: its default, or else the first there is."""
    if question.default is not None:
        return _toml(question.default)
    first = question.values[:1]
    match question.type:
        case "text":
            return _toml(question.example or "")
        case "number":
            return _toml(max(question.minimum or 0.0, 1.0))
        case "choice":
            return _toml(first[0])
        case "level":
            return first[0]
        case "points":
            return f"{{ {first[0]} = 100 }}"
        case "anchors":
            return f"{{ {first[0]} = [20.0, 0.2] }}"
        case "names":
            return '["A. Person"]'
        case _:
            return _toml(first)


def _toml(value: Value) -> str:
    if isinstance(value, tuple):
        return json.dumps(list(value))
    return json.dumps(value)
