"""Which pilots answer for which problem."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from advisor.errors import AdvisorError
from advisor.interview.answers import Answers
from advisor.interview.questions import load_questions
from advisor.planning.choice import WorkloadChoice, choose_named, choose_workloads, few
from pilots import workload as workloads
from pilots.records import DataKind
from pilots.workload import Workload

WORKLOADS = tuple(workloads.load(name) for name in workloads.names())
(QUESTION,) = (question for question in load_questions() if question.id == "project.problem")
PROBLEMS = tuple(choice.value for choice in QUESTION.choices)


def made(name: str, problems: tuple[str, ...] = (), stands_in_for: tuple[str, ...] = (), **others: object) -> Workload:
    fields = {"problems": problems, "stands_in_for": dict.fromkeys(stands_in_for, "why"), "order": math.inf} | others
    return replace(WORKLOADS[0], name=name, **fields)


def chosen(problem: str | None, *some: Workload) -> list[str]:
    said = {} if problem is None else {"project.problem": problem}
    return [choice.name for choice in choose_workloads(Answers(said), some, None)]


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_a_workload_names_problems_that_can_be_answered(workload: Workload) -> None:
    assert set(workload.problems) | set(workload.stands_in_for) <= set(PROBLEMS)
    assert not set(workload.problems) & set(workload.stands_in_for)
    assert all(workload.stands_in_for.values())


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_problem_that_can_be_answered_has_a_pilot_or_a_stand_in(problem: str) -> None:
    choices = choose_workloads(Answers({"project.problem": problem}), WORKLOADS, None)
    assert choices
    own = {workload.name for workload in WORKLOADS if problem in workload.problems}
    for choice in choices:
        assert choice.stands_in is (choice.name not in own) is (not own)
        assert problem.replace("_", " ") in choice.why.replace("another kind of problem", "other")
        assert choice.stands_in is ("it stands in: " in choice.why)


def test_what_fits_comes_before_what_stands_in() -> None:
    nearly, exactly = made("nearly", stands_in_for=("audio",)), made("exactly", ("audio",))
    assert chosen("audio", nearly, exactly) == ["exactly"]
    assert chosen("audio", nearly) == ["nearly"]
    assert chosen("audio", made("unlike", ("text",), ("other",))) == []


@pytest.mark.parametrize("said", [{}, {"project.problem": "not_sure"}])
def test_a_problem_that_is_not_settled_is_like_one_of_another_kind(said: dict[str, str]) -> None:
    choices = choose_workloads(Answers(said), WORKLOADS, None)
    other = choose_workloads(Answers({"project.problem": "other"}), WORKLOADS, None)
    assert [choice.name for choice in choices] == [choice.name for choice in other] == ["tabular", "vision", "text"]
    assert all(choice.why.startswith("the problem is not settled; it stands in: ") for choice in choices)
    assert all(choice.stands_in for choice in choices)


def test_the_order_is_that_of_the_files_then_by_name() -> None:
    some = [made(name, ("text",), order=order) for name, order in (("d", 2), ("b", 2), ("e", 1))]
    assert chosen("text", made("c", ("text",)), *some, made("a", ("text",))) == ["e", "b", "d", "a", "c"]


def test_few_are_one_that_fits_or_two_that_stand_in() -> None:
    fitting, stand_ins = (
        tuple(WorkloadChoice(name, stands_in, "why") for name in "abc") for stands_in in (False, True)
    )
    assert [choice.name for choice in few(fitting)] == ["a"]
    assert [choice.name for choice in few(stand_ins)] == ["a", "b"]
    assert few(()) == ()


@pytest.mark.parametrize(
    ("kind", "name"), [("table", "tabular"), ("images", "vision"), ("text", "text"), ("series", "time_series")]
)
def test_data_go_where_they_are_taken(kind: DataKind, name: str) -> None:
    (choice,) = choose_workloads(Answers({"project.problem": "audio"}), WORKLOADS, kind)
    assert (choice.name, choice.stands_in, choice.why) == (name, False, choice.why)
    assert choice.why.startswith("it runs on your own ")


def test_data_that_no_pilot_takes_are_refused_with_what_some_take() -> None:
    tables = [one for one in WORKLOADS if one.accepts == "table"]
    with pytest.raises(AdvisorError, match="No pilot runs on images yet") as error:
        choose_workloads(Answers({}), tables, "images")
    assert (error.value.where, error.value.allowed) == ("--images", "--data")


def test_named_pilots_run_whatever_the_problem_and_stand_in_where_they_are_not_about_it() -> None:
    some = (made("b", ("text",)), made("a", ("vision",)), made("c", ("vision",)))
    chosen = choose_named(Answers({"project.problem": "vision"}), some, ("b", "a"))
    assert [(choice.name, choice.stands_in) for choice in chosen] == [("a", False), ("b", True)]
    assert all(choice.stands_in for choice in choose_named(Answers({}), some, ("b", "a")))
