"""What is not known about a condition on answers that nobody gave, or that the team was not sure of.

A condition is open in some of its keys. Each of these has outcomes, alike for everything that hangs on the same answer:
the values of a choice or a level, each as likely as the others; nothing or one of the values of a question that takes
several; a number above or below whatever bound is asked about. Shares that are not equal stand in
``method.toml``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from advisor.interview.answers import Answers
from advisor.interview.conditions import ANY, Condition, holds
from advisor.interview.question import Question
from advisor.interview.questions import load_questions
from advisor.method import method

#: The keys of a condition, each with the places of the outcomes with which it holds; each key must have one of these.
Open = tuple[tuple[str, tuple[int, ...]], ...]

_BELOW, _ABOVE = 0, 1


def still_open(condition: Condition, answers: Answers) -> Open | None:
    """What of a condition is open: nothing where it holds, None where it does not, or never can.

    A question that another answer rules out was not left open: nothing that depends on it holds. A question that is
    asked only after some other answer, which is open as well, depends on that answer too.
    """
    wanted: dict[str, set[int]] = {}
    for key, accepted in condition.items():
        question = _questions().get(key)
        if answers.get(key) is not None:
            if not holds({key: accepted}, answers):
                return None
            continue
        if question is None or holds(question.when, answers) is False:
            return None
        before = {k: v for k, v in question.when.items() if answers.get(k) is None}
        for each, values in {**before, key: accepted}.items():
            _narrow(wanted, each, values)
    kept = ((key, tuple(sorted(places))) for key, places in wanted.items() if len(places) < len(outcomes(key)))
    found = tuple(sorted(kept))
    return None if any(not places for _, places in found) else found


def chance(condition: Open) -> float:
    """How likely an open condition holds, in (0, 1]; 1 where nothing of it is open."""
    return math.prod(sum(outcomes(key)[place] for place in places) for key, places in condition)


@cache
def outcomes(key: str) -> tuple[float, ...]:
    """The chances of the outcomes of a question that was not answered, adding up to 1."""
    question, unsaid = _questions()[key], method().open_answers
    if question.type == "choices":
        return (unsaid.nothing_ticked, *_alike(1 - unsaid.nothing_ticked, len(question.values)))
    if question.type in ("choice", "level"):
        return _alike(1.0, len(question.values))
    return (1 - unsaid.beyond_a_bound, unsaid.beyond_a_bound)


def _alike(share: float, count: int) -> tuple[float, ...]:
    return (share / count,) * count


def _narrow(wanted: dict[str, set[int]], key: str, accepted: tuple[str, ...]) -> None:
    found = _met_by(_questions()[key], accepted)
    wanted[key] = wanted[key] & found if key in wanted else found


def _met_by(question: Question, accepted: tuple[str, ...]) -> set[int]:
    count = len(outcomes(question.id))
    if question.type == "choices":
        return {place for place in range(1, count) if ANY in accepted or question.values[place - 1] in accepted}
    if ANY in accepted:
        return set(range(count))
    if question.type in ("choice", "level"):
        numbers = (
            Answers({question.id: int(value) if question.type == "level" else value}) for value in question.values
        )
        return {place for place, answers in enumerate(numbers) if holds({question.id: accepted}, answers)}
    sides = {_ABOVE if bound.startswith(">=") else _BELOW for bound in accepted if bound[:2] in (">=", "<=")}
    return sides or {_ABOVE}  # a certain text is as likely as a number beyond a bound


@cache
def _questions() -> Mapping[str, Question]:
    return {question.id: question for question in load_questions()}
