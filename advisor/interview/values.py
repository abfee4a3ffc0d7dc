"""Is this a valid answer to that question? One check for files, options, prompts and defaults."""

from __future__ import annotations

import difflib
import math
import re
import unicodedata
from collections.abc import Callable, Iterable

from advisor.interview.answers import NOT_SURE, Value
from advisor.interview.question import Question, QuestionType
from advisor.method import method

TEXT_LIMIT = 200
_SHOWN_LIMIT = 60
#: Control characters, halves of surrogate pairs, line separators: nothing that belongs in one line of text.
_REFUSED_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})


class Refused(ValueError):
    """An answer its question does not take: ``what`` is wrong, the nearest valid answer, and what is ``allowed``."""

    def __init__(self, what: str, allowed: str) -> None:
        super().__init__(what)
        self.what = what
        self.allowed = allowed


def parse(question: Question, raw: object) -> Value:
    """The answer as :class:`advisor.interview.answers.Answers` holds it, from a value as TOML holds it.

    Raises:
        Refused: if the question does not take it.
    """
    if raw == NOT_SURE:
        return NOT_SURE
    try:
        return _PARSERS[question.type](question, raw)
    except _Wrong as wrong:
        raise Refused(str(wrong), allowed(question)) from None


def allowed(question: Question) -> str:
    """What the question takes, in words."""
    return f'{_ALLOWED[question.type](question)}; or "{NOT_SURE}"'


def shown(value: object) -> str:
    """A value from outside as a message quotes it: printable, on one line, not too long."""
    if isinstance(value, bool):
        return str(value).lower()
    text = '"' + repr(value)[1:-1].replace("\\'", "'") + '"' if isinstance(value, str) else repr(value)
    return text if len(text) <= _SHOWN_LIMIT else text[:_SHOWN_LIMIT] + "..."


def suggestion(word: str, valid: Iterable[str]) -> str:
    """`` (did you mean ...?)`` with the nearest valid spelling, or nothing."""
    near = difflib.get_close_matches(word.lower(), list(valid), n=1)
    return f' (did you mean "{near[0]}"?)' if near else ""


class _Wrong(Exception):
    """What is wrong with an answer; becomes :class:`Refused` together with what its question allows."""


def _text(question: Question, raw: object) -> str:
    text = _one_line(raw)
    if question.pattern and not re.fullmatch(question.pattern, text, re.ASCII):
        raise _Wrong(f"{shown(text)} has another form")
    return text


def _one_line(raw: object) -> str:
    if not isinstance(raw, str):
        raise _Wrong(f"{shown(raw)} is not text in quotes")
    text = raw.strip()
    if not text:
        raise _Wrong("the text is empty")
    if len(text) > TEXT_LIMIT:
        raise _Wrong(f"the text has more than {TEXT_LIMIT} characters")
    if any(unicodedata.category(character) in _REFUSED_CATEGORIES for character in text):
        raise _Wrong(f"{shown(text)} is not one line of printable text")
    return text


def _choice(question: Question, raw: object) -> str:
    if isinstance(raw, bool):
        raise _Wrong(f'{shown(raw)} is not text in quotes (did you mean "{"yes" if raw else "no"}"?)')
    if not isinstance(raw, str):
        raise _Wrong(f"{shown(raw)} is not text in quotes")
    return _known(raw, question.values)


def _choices(question: Question, raw: object) -> tuple[str, ...]:
    """What was ticked, in the order in which it is offered: the order of ticking says nothing."""
    ticked = _order(question, raw)
    return tuple(value for value in question.values if value in ticked)


def _order(question: Question, raw: object) -> tuple[str, ...]:
    entries = tuple(_known(entry, question.values) for entry in _texts(raw))
    if question.at_most is not None and len(entries) > question.at_most:
        raise _Wrong(f"{len(entries)} entries are more than {question.at_most}")
    return entries


def _names(question: Question, raw: object) -> tuple[str, ...]:
    return tuple(_one_line(entry) for entry in _texts(raw))


def _texts(raw: object) -> list[str]:
    if isinstance(raw, str):
        raise _Wrong(f"{shown(raw)} is text, not a list: write [{shown(raw)}]")
    if not isinstance(raw, list | tuple):
        raise _Wrong(f"{shown(raw)} is not a list")
    for entry in raw:
        if not isinstance(entry, str):
            raise _Wrong(f"{shown(entry)} in the list is not text in quotes")
        if entry == NOT_SURE:
            raise _Wrong(f'"{NOT_SURE}" stands alone, without brackets')
    texts = [entry.strip() for entry in raw]
    twice = [text for position, text in enumerate(texts) if text in texts[:position]]
    if twice:
        raise _Wrong(f"{shown(twice[0])} stands in the list twice")
    return texts


def _known(word: str, valid: tuple[str, ...]) -> str:
    if word not in valid:
        raise _Wrong(f"{shown(word)} is not known{suggestion(word, valid)}")
    return word


def _number(question: Question, raw: object) -> float:
    return _within(raw, question.minimum, question.maximum)


def _within(raw: object, minimum: float | None, maximum: float | None) -> float:
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise _Wrong(f"{shown(raw)} is not a number")
    # Ranges come first: they hold for whole numbers too large to become a float.
    if (minimum is not None and raw < minimum) or (maximum is not None and raw > maximum):
        raise _Wrong(f"{shown(raw)} is out of range")
    if not math.isfinite(raw):
        raise _Wrong(f"{shown(raw)} is not a finite number")
    return float(raw)


def _level(question: Question, raw: object) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise _Wrong(f"{shown(raw)} is not a whole number")
    if str(raw) not in question.values:
        raise _Wrong(f"{shown(raw)} is out of range")
    return raw


def _points(question: Question, raw: object) -> dict[str, float]:
    points = {
        _known(key, question.values): _within(value, question.minimum, question.maximum) for key, value in _entries(raw)
    }
    if not any(points.values()):
        raise _Wrong("no criterion gets any points")
    return points


def _anchors(question: Question, raw: object) -> dict[str, tuple[float, float]]:
    return {_known(key, question.values): _anchor(key, value) for key, value in _entries(raw)}


def _anchor(criterion: str, raw: object) -> tuple[float, float]:
    if not isinstance(raw, list | tuple) or len(raw) != 2:
        raise _Wrong(f"{criterion}: {shown(raw)} is not a pair [barely acceptable, good enough]")
    barely_acceptable, good_enough = (_within(value, -1e12, 1e12) for value in raw)
    usual = method().anchors[criterion]
    if usual.log and min(barely_acceptable, good_enough) <= 0:
        raise _Wrong(f"{criterion}: both values must be above 0")
    falls = usual.good_enough < usual.barely_acceptable
    if barely_acceptable == good_enough or (good_enough < barely_acceptable) != falls:
        raise _Wrong(f"{criterion}: good enough must be {'less' if falls else 'more'} than barely acceptable")
    return barely_acceptable, good_enough


def _entries(raw: object) -> list[tuple[str, object]]:
    if not isinstance(raw, dict):
        raise _Wrong(f"{shown(raw)} is not a table")
    return list(raw.items())


def _listed(question: Question) -> str:
    return ", ".join(f'"{value}"' for value in question.values)


def _span(question: Question) -> str:
    return f"from {question.minimum:.12g} to {question.maximum:.12g}"


_PARSERS: dict[QuestionType, Callable[[Question, object], Value]] = {
    "text": _text,
    "choice": _choice,
    "choices": _choices,
    "number": _number,
    "level": _level,
    "order": _order,
    "points": _points,
    "anchors": _anchors,
    "names": _names,
}

_ALLOWED: dict[QuestionType, Callable[[Question], str]] = {
    "text": lambda question: f'text like "{question.example}"' if question.example else "one line of text in quotes",
    "choice": lambda question: f"one of {_listed(question)}",
    "choices": lambda question: f"a list, in brackets, of any of {_listed(question)}",
    "number": lambda question: f"a number {_span(question)}",
    "level": lambda question: f"a whole number from {question.values[0]} to {question.values[-1]}",
    "order": lambda question: (
        f"a list, in brackets, of at most {question.at_most} of {_listed(question)}, most important first"
    ),
    "points": lambda question: f"a table that gives points {_span(question)} to any of {_listed(question)}",
    "anchors": lambda question: (
        f"a table that gives a pair [barely acceptable, good enough] to any of {_listed(question)}"
    ),
    "names": lambda question: 'a list, in brackets, of names in quotes, like ["A. Person"]',
}
