"""Which question comes next: conditions, termination, defaults."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from interview_strategies import answers as any_answers
from interview_strategies import values

from advisor.interview.answers import NOT_SURE, Answers, Value
from advisor.interview.conditions import holds
from advisor.interview.questionnaire import (
    answered,
    applies,
    asked,
    contradictions,
    missing_essential,
    next_question,
    unused,
    with_defaults,
)
from advisor.interview.questions import load_questions

QUESTIONS = load_questions()
BY_ID = {question.id: question for question in QUESTIONS}


@pytest.mark.parametrize(
    ("key", "said", "expected"),
    [
        ("training.os", {}, True),
        ("training.os", {"project.trains": "yes"}, True),
        ("training.os", {"project.trains": NOT_SURE}, True),
        ("training.os", {"project.trains": "no"}, False),
        ("existing.size", {"existing.frameworks": ()}, False),
        ("existing.size", {"existing.frameworks": ("keras2",)}, True),
        ("existing.size", {"existing.frameworks": NOT_SURE}, True),
        ("training.vendor", {"project.trains": "no", "training.hardware": ("tpu",)}, False),
        ("training.vendor", {"project.trains": "yes", "training.hardware": ("cpu",)}, False),
        ("training.vendor", {"project.trains": "yes", "training.hardware": ("cpu", "one_gpu")}, True),
        ("deployment.required", {}, False),
        ("deployment.required", {"deployment.targets": NOT_SURE}, False),
        ("deployment.required", {"deployment.targets": ("ios",)}, True),
        ("deployment.users_os", {"deployment.targets": ("ios",), "deployment.installers": "us"}, False),
        ("deployment.users_os", {"deployment.targets": (), "deployment.installers": "public"}, False),
    ],
)
def test_applies(key: str, said: dict[str, Value], expected: bool) -> None:
    assert applies(BY_ID[key], Answers(said)) is expected


@settings(max_examples=60, deadline=None)
@given(data=st.data(), start=any_answers(), essential_only=st.booleans())
def test_every_interview_ends_and_never_repeats_itself(
    data: st.DataObject, start: Answers, essential_only: bool
) -> None:
    answers, so_far = start, set()
    while (question := next_question(QUESTIONS, answers, essential_only)) is not None:
        assert question.id not in so_far
        assert question.id not in answers.said
        assert holds(question.when, answers) is not False
        assert question.prompted and (question.essential or not essential_only)
        so_far.add(question.id)
        answers = answered(QUESTIONS, answers, question.id, data.draw(values(question)))
    assert all(question.id in answers.said for question in asked(QUESTIONS, answers, essential_only))
    assert missing_essential(QUESTIONS, answers) == ()


@settings(max_examples=60, deadline=None)
@given(start=any_answers())
def test_defaults_leave_nothing_open_and_keep_what_was_said(start: Answers) -> None:
    filled = with_defaults(QUESTIONS, start)
    assert next_question(QUESTIONS, filled) is None
    assert all(applies(BY_ID[key], filled) for key in filled.said)
    dropped = unused(QUESTIONS, start)
    kept = {key: value for key, value in start.said.items() if key not in dropped}
    assert kept.items() <= filled.said.items()
    assert with_defaults(QUESTIONS, filled) == filled


def test_nothing_said_becomes_default_or_not_sure() -> None:
    filled = with_defaults(QUESTIONS, Answers())
    assert all(filled.unsure(f"team.{name}") for name in ("pytorch", "keras", "tensorflow", "machine_learning"))
    assert filled.said["project.trains"] == "yes"
    assert filled.unsure("project.problem")
    assert "deployment.required" not in filled.said


def test_what_nobody_said_is_told_from_what_was_said() -> None:
    filled = with_defaults(QUESTIONS, Answers({"team.keras": 2, "team.jax": NOT_SURE}))
    assert filled.assumed == filled.said.keys() - {"team.keras", "team.jax"}
    assert with_defaults(QUESTIONS, Answers({"project.trains": "yes"})).assumed.isdisjoint({"project.trains"})


def test_quick_interview_asks_the_essential_questions_only() -> None:
    essential = tuple(question.id for question in QUESTIONS if question.essential)
    assert missing_essential(QUESTIONS, Answers()) == essential
    assert missing_essential(QUESTIONS, Answers({"project.trains": "no"})) == essential[:-2]
    assert [question.id for question in asked(QUESTIONS, Answers({"team.keras": 2}), True)] == list(essential)


def test_unused_answers_are_named() -> None:
    answers = Answers({"existing.frameworks": (), "existing.size": "large", "team.keras": 2})
    assert unused(QUESTIONS, answers) == ("existing.size",)


def test_a_changed_answer_takes_back_what_chose_among_it() -> None:
    answers = Answers({"deployment.targets": ("ios", "android"), "deployment.required": ("ios",)})
    assert contradictions(QUESTIONS, answers) == {}
    changed = answered(QUESTIONS, answers, "deployment.targets", ("android",))
    assert changed == Answers({"deployment.targets": ("android",)})


def test_what_an_answer_makes_pointless_falls_away_and_nothing_else() -> None:
    answers = Answers({"training.os": "linux", "training.hardware": ("one_gpu",), "training.vendor": "amd"})
    on_cpu = answered(QUESTIONS, answers, "training.hardware", ("cpu",))
    assert on_cpu.said == {"training.os": "linux", "training.hardware": ("cpu",)}
    assert answered(QUESTIONS, answers, "project.trains", "no").said == {"project.trains": "no"}
    # What was answered in a file although it did not apply, the file says; the report names it.
    stray = Answers({"project.trains": "no", "training.os": "linux"})
    assert answered(QUESTIONS, stray, "team.keras", 2).said == {**stray.said, "team.keras": 2}
