"""What stands below the table of a plan."""

from __future__ import annotations

import pytest

from advisor.commands.plan_remarks import plan_remarks
from advisor.interview.answers import Answers
from advisor.method import method
from advisor.planning.plan import Plan, Settings, make_plan
from advisor.watching.words import duration
from pilots import workload as workloads


def plan_for(problem: str, **settings: object) -> Plan:
    return make_plan(
        Answers({"project.problem": problem}),
        Settings(**settings),
        method(),
        unavailable={"tensorflow": "not installed"},
        workloads=[workloads.load(name) for name in workloads.names()],
        threads=2,
    )


@pytest.mark.parametrize("problem", ["tabular", "reinforcement"])
def test_each_pilot_with_its_reason_and_its_time_and_then_what_is_left_out(problem: str) -> None:
    plan = plan_for(problem, size="quick")
    remarks = plan_remarks(plan)
    for choice, remark in zip(plan.workloads, remarks, strict=False):
        seconds = sum(launch.estimated_s for launch in plan.launches if launch.workload == choice.name)
        assert remark == f"{choice.name}, {duration(seconds)}: {choice.why}"
    rest = remarks[len(plan.workloads) :]
    assert rest[:-1] == ("tensorflow is left out: not installed", *plan.notes)
    assert rest[-1] == f"{len(plan.trials)} trials in all, {duration(plan.estimated_s)}"


def test_a_budget_that_is_short_is_told_before_anything_runs() -> None:
    (told,) = [remark for remark in plan_remarks(plan_for("other", budget_s=60.0)) if "more than the budget" in remark]
    assert "stay missing" in told
    assert not [remark for remark in plan_remarks(plan_for("other")) if "budget" in remark]


def test_without_pilots_there_is_nothing_to_run() -> None:
    assert plan_remarks(plan_for("vision", pilots=False))[-1] == "nothing to run"
