"""Which pilots answer for which problem."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from advisor.interview.answers import Answers
from advisor.interview.questions import load_questions
from advisor.planning.choice import WorkloadChoice, choose_workloads, few
from pilots import workload as workloads
from pilots.records import DataSource
from pilots.workload import Workload

WORKLOADS = tuple(workloads.load(name) for name in workloads.names())
DATA = DataSource(path="/data/churn.csv", target="churned", sha256="0" * 64)
(QUESTION,) = (question for question in load_questions() if question.id == "project.problem")
PROBLEMS = tuple(choice.value for choice in QUESTION.choices)


def made(name: str, problems: tuple[str, ...] = (), stands_in_for: tuple[str, ...] = (), **others: object) -> Workload:
    fields = {"problems": problems, "stands_in_for": stands_in_for, "order": math.inf} | others
    return replace(WORKLOADS[0], name=name, **fields)


def chosen(problem: str | None, *some: Workload) -> list[str]:
    said = {} if problem is None else {"project.problem": problem}
    return [choice.name for choice in choose_workloads(Answers(said), some, None)]


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda workload: workload.name)
def test_a_workload_names_problems_that_can_be_answered(workload: Workload) -> None:
    assert set(workload.problems) | set(workload.stands_in_for) <= set(PROBLEMS)
    assert not set(workload.problems) & set(workload.stands_in_for)
    assert len(set(workload.stands_in_for)) == len(workload.stands_in_for)


@pytest.mark.parametrize("problem", PROBLEMS)
def test_every_problem_that_can_be_answered_has_a_pilot_or_a_stand_in(problem: str) -> None:
    choices = choose_workloads(Answers({"project.problem": problem}), WORKLOADS, None)
    assert choices
    own = {workload.name for workload in WORKLOADS if problem in workload.problems}
    for choice in choices:
        assert choice.stands_in is (choice.name not in own) is (not own)
        assert problem.replace("_", " ") in choice.why.replace("another kind of problem", "other")
        assert choice.stands_in is ("not the same" in choice.why)


def test_what_fits_comes_before_what_stands_in() -> None:
    nearly, exactly = made("nearly", stands_in_for=("audio",)), made("exactly", ("audio",))
    assert chosen("audio", nearly, exactly) == ["exactly"]
    assert chosen("audio", nearly) == ["nearly"]
    assert chosen("audio", made("unlike", ("text",), ("other",))) == []


@pytest.mark.parametrize("said", [{}, {"project.problem": "not_sure"}])
def test_a_problem_that_is_not_settled_is_like_one_of_another_kind(said: dict[str, str]) -> None:
    choices = choose_workloads(Answers(said), WORKLOADS, None)
    other = choose_workloads(Answers({"project.problem": "other"}), WORKLOADS, None)
    assert (
        [choice.name for choice in choices] == [choice.name for choice in other] == ["tabular", "vision", "time_series"]
    )
    assert {choice.why for choice in choices} == {
        "the problem is not settled; it stands in, which is not the same",
    }
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


@pytest.mark.parametrize("problem", PROBLEMS)
def test_a_table_goes_where_tables_are_read(problem: str) -> None:
    choices = choose_workloads(Answers({"project.problem": problem}), WORKLOADS, DATA)
    readers = [workload.name for workload in WORKLOADS if workload.accepts_table]
    assert sorted(choice.name for choice in choices) == readers
    assert not any(choice.stands_in for choice in choices)
