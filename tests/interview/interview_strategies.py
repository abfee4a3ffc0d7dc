"""Hypothesis strategies for answers to the questions."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from advisor.interview.answers import NOT_SURE, Answers, Value
from advisor.interview.question import Question
from advisor.interview.questionnaire import contradictions
from advisor.interview.questions import load_questions
from advisor.interview.values import parse
from advisor.method import method

LINES = (
    st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=20)
    .map(str.strip)
    .filter(bool)
)


def raw_values(question: Question) -> st.SearchStrategy[Any]:
    """Valid answers to a question as TOML holds them, *not sure* included."""
    known = st.sampled_from(question.values or ("none",))
    numbers = st.floats(question.minimum, question.maximum, allow_nan=False, allow_infinity=False)
    strategy: st.SearchStrategy[Any]
    match question.type:
        case "text":
            strategy = st.just("3.11") if question.pattern else LINES
        case "choice":
            strategy = known
        case "choices" | "order":
            strategy = st.lists(known, unique=True, max_size=question.at_most)
        case "number":
            strategy = numbers
        case "level":
            strategy = known.map(int)
        case "points":
            strategy = st.dictionaries(known, numbers).filter(lambda points: any(points.values()))
        case "anchors":
            strategy = st.dictionaries(known, st.just(None)).map(
                lambda named: {
                    key: [method().anchors[key].barely_acceptable, method().anchors[key].good_enough] for key in named
                }
            )
        case "names":
            strategy = st.lists(LINES, unique=True, max_size=3)
    return st.one_of(st.just(NOT_SURE), strategy)


def values(question: Question) -> st.SearchStrategy[Value]:
    """Valid answers to a question as :class:`Answers` holds them."""
    return raw_values(question).map(lambda raw: parse(question, raw))


def answers() -> st.SearchStrategy[Answers]:
    """Any valid answers, whole or partial."""
    optional = {question.id: values(question) for question in load_questions()}
    return (
        st.fixed_dictionaries({}, optional=optional)
        .map(Answers)
        .filter(lambda given: not contradictions(load_questions(), given))
    )
