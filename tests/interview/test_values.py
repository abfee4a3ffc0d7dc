"""What each type of question takes."""

from __future__ import annotations

import math

import pytest

from advisor.interview.questions import load_questions
from advisor.interview.values import TEXT_LIMIT, Refused, allowed, parse, shown, suggestion

BY_ID = {question.id: question for question in load_questions()}


@pytest.mark.parametrize(
    ("key", "raw", "expected"),
    [
        ("project.title", "  a title ", "a title"),
        ("training.python", "3.11", "3.11"),
        ("project.stage", "product", "product"),
        ("team.people", 4, 4.0),
        ("team.keras", 5, 5),
        ("existing.frameworks", [], ()),
        ("priorities.order", ["memory", "scaling"], ("memory", "scaling")),
        ("priorities.points", {"memory": 100}, {"memory": 100.0}),
        ("priorities.anchors", {"inference_speed": [50, 1]}, {"inference_speed": (50.0, 1.0)}),
        ("priorities.anchors", {"model_quality": [0.6, 0.9]}, {"model_quality": (0.6, 0.9)}),
        ("priorities.answered_by", ["A. Person"], ("A. Person",)),
    ],
)
def test_valid(key: str, raw: object, expected: object) -> None:
    value = parse(BY_ID[key], raw)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize("key", BY_ID)
def test_not_sure_is_always_an_answer(key: str) -> None:
    assert parse(BY_ID[key], "not_sure") == "not_sure"
    assert allowed(BY_ID[key]).endswith('or "not_sure"')


@pytest.mark.parametrize(
    ("key", "raw", "message"),
    [
        ("project.title", " ", "empty"),
        ("project.title", 3, "3 is not text"),
        ("project.title", "two\nlines", "one line"),
        ("project.title", "half \ud800", "one line"),
        ("project.title", "x" * (TEXT_LIMIT + 1), f"more than {TEXT_LIMIT}"),
        ("training.python", 3.11, "3.11 is not text in quotes"),
        ("training.python", "three", "another form"),
        ("project.trains", True, 'did you mean "yes"'),
        ("project.trains", False, 'did you mean "no"'),
        ("project.stage", "Product", 'did you mean "product"'),
        ("project.stage", ["product"], "not text"),
        ("team.people", "4", "not a number"),
        ("team.people", True, "true is not a number"),
        ("team.people", 0, "out of range"),
        ("team.people", 10**400, "out of range"),
        ("team.people", math.nan, "finite"),
        ("team.people", math.inf, "out of range"),
        ("team.keras", 6, "out of range"),
        ("team.keras", -1, "out of range"),
        ("team.keras", 2.0, "not a whole number"),
        ("team.keras", True, "not a whole number"),
        ("existing.frameworks", "keras2", r'write \["keras2"\]'),
        ("existing.frameworks", 3, "not a list"),
        ("existing.frameworks", [3], "3 in the list"),
        ("existing.frameworks", ["keras2", "keras2"], "twice"),
        ("existing.frameworks", ["not_sure"], "stands alone"),
        ("existing.frameworks", ["kears2"], 'did you mean "keras2"'),
        ("priorities.order", ["speed"], '"speed" is not known'),
        (
            "priorities.order",
            ["memory", "scaling", "debugging", "ecosystem", "longevity", "operations"],
            "6 entries are more than 5",
        ),
        ("priorities.points", ["memory"], "not a table"),
        ("priorities.points", {"memory": 101}, "out of range"),
        ("priorities.points", {"memory": -1}, "out of range"),
        ("priorities.points", {"memroy": 1}, 'did you mean "memory"'),
        ("priorities.points", {"memory": 0}, "no criterion gets any"),
        ("priorities.anchors", {"memory": 3}, "not a pair"),
        ("priorities.anchors", {"memory": [3]}, "not a pair"),
        ("priorities.anchors", {"memory": [3, 0]}, "above 0"),
        ("priorities.anchors", {"memory": [3, 4]}, "good enough must be less"),
        ("priorities.anchors", {"model_quality": [0.9, 0.6]}, "good enough must be more"),
        ("priorities.anchors", {"model_quality": [0.9, 0.9]}, "good enough must be more"),
        ("priorities.anchors", {"deployment": [1, 2]}, "not known"),
        ("priorities.answered_by", [""], "empty"),
        ("priorities.answered_by", ["A", "A "], "twice"),
    ],
)
def test_refused(key: str, raw: object, message: str) -> None:
    with pytest.raises(Refused, match=message) as refused:
        parse(BY_ID[key], raw)
    assert refused.value.allowed == allowed(BY_ID[key])


def test_allowed_words_name_range_and_values() -> None:
    assert allowed(BY_ID["team.keras"]).startswith("a whole number from 0 to 5")
    assert allowed(BY_ID["deployment.latency_ms"]).startswith("a number from 0.001 to 3600000;")
    assert allowed(BY_ID["project.trains"]).startswith('one of "yes", "no"')


def test_shown_is_printable_and_short() -> None:
    assert shown("\x1b[31m") == '"\\x1b[31m"'
    assert len(shown("x" * 1000)) < 70
    assert suggestion("Tabluar", ["tabular"]) == ' (did you mean "tabular"?)'
    assert suggestion("zzz", ["tabular"]) == ""
