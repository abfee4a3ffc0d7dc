"""Answers and questions in the words that people read while they are asked."""

from __future__ import annotations

import unicodedata

from advisor.interview.answers import NOT_SURE, Value
from advisor.interview.question import Question
from advisor.interview.values import Refused, allowed, parse

UNSURE = "not sure"
MEANT = "that is what we mean"
ANOTHER_ORDER = "choose another order"
#: Control characters, halves of surrogate pairs and line separators move the cursor or break a line.
_UNPRINTABLE_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})
#: These turn the direction of all that follows in the line.
_BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def printable(text: str) -> str:
    """Text from outside as a terminal can show it in a line, whatever it holds."""
    return "".join(
        "\ufffd"
        if character in _BIDIRECTIONAL or unicodedata.category(character) in _UNPRINTABLE_CATEGORIES
        else character
        for character in text
    )


def in_words(question: Question, value: Value) -> str:
    """An answer, short: the titles of what was chosen, each up to its colon."""
    if value == NOT_SURE:
        return UNSURE
    titles = {choice.value: choice.title.partition(":")[0] for choice in question.choices}
    if isinstance(value, tuple):
        separator = " > " if question.type == "order" else ", "
        return separator.join(titles.get(entry, entry) for entry in value) or "none"
    if isinstance(value, float):
        return f"{value:.15g}"
    return titles.get(str(value), printable(str(value)))


def short(question: Question) -> str:
    """What was asked, without what it says about the ways to answer."""
    return question.prompt.partition(" (nothing ticked")[0]


def filled_in(question: Question, value: Value | None) -> str:
    """What stands in a line to type in, before anything is typed: an answer as a person would type it."""
    if value is None or value == NOT_SURE:
        return ""
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def typed(question: Question, text: str) -> object:
    """What TOML would hold in place of a line that was typed; nothing typed is *not sure*."""
    text = text.strip()
    if not text:
        return NOT_SURE
    if question.type != "number":
        return text
    try:
        return float(text)
    except ValueError:
        return text


def takes(question: Question) -> str:
    """What a line to type in may hold."""
    return allowed(question).partition(";")[0].removesuffix(" in quotes")


def what_is_wrong(question: Question, raw: object) -> str:
    """Why the question does not take an answer, and what it takes; nothing where it does."""
    try:
        parse(question, raw)
    except Refused as refused:
        return f"  {refused.what}. Allowed: {refused.allowed}"
    return ""


def where_the_guess_comes_from(question: Question) -> str:
    """That an answer is filled in which nobody gave, and what it rests on; nothing where there is none."""
    return f"A guess is filled in, from {question.guess}. Change it if it is wrong." if question.guess else ""
