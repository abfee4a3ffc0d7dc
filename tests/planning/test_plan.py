"""What is planned: order, seeds, budget, stand-ins."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.catalog import BASELINE, CANDIDATES
from advisor.interview.answers import Answers
from advisor.method import method
from advisor.planning.plan import Plan, Settings, make_plan
from pilots import workload as workloads
from pilots.records import DataSource

WORKLOADS = tuple(workloads.load(name) for name in workloads.names())
TABULAR = Answers({"project.problem": "tabular"})
QUICK = Settings(size="quick")


def planned(answers: Answers = TABULAR, settings: Settings = QUICK, unavailable: dict[str, str] | None = None) -> Plan:
    return make_plan(answers, settings, method(), unavailable=unavailable or {}, workloads=WORKLOADS, threads=2)


def test_each_launch_has_one_seed_and_one_size() -> None:
    plan = planned(settings=replace(QUICK, seed=7))
    for launch in plan.launches:
        assert {trial.seed for trial in launch.trials} == {7 + launch.launch}
        assert {trial.size for trial in launch.trials} == {"quick"}
    assert len({trial.key({}, "") for trial in plan.trials}) == len(plan.trials)


def test_every_candidate_gets_the_same_trials() -> None:
    trials = [trial for trial in planned().trials if not trial.control and trial.candidate != BASELINE]
    counts = Counter((trial.candidate, trial.experiment) for trial in trials)
    for experiment in ("parity", "race", "learn", "infer", "footprint"):
        assert len({counts[candidate, experiment] for candidate in CANDIDATES}) == 1


def test_the_gate_runs_once_and_first_and_each_race_has_its_control() -> None:
    launches = [launch for launch in planned().launches if launch.stage == "pilots"]
    assert [trial.experiment for trial in launches[0].trials][: len(CANDIDATES)] == ["parity"] * len(CANDIDATES)
    assert not any(trial.experiment == "parity" for launch in launches[1:] for trial in launch.trials)
    for launch in launches:
        assert [(trial.candidate, trial.experiment) for trial in launch.trials if trial.control] == [
            ("pytorch", "race")
        ]


@pytest.mark.parametrize(
    ("problem", "names", "stands_in"),
    [
        ("tabular", ["tabular"], False),
        ("vision", ["vision"], False),
        ("text", ["tabular", "vision"], True),
        (None, ["tabular", "vision"], True),
    ],
)
def test_pilots_fit_the_problem_or_stand_in(problem: str | None, names: list[str], stands_in: bool) -> None:
    plan = planned(Answers({"project.problem": problem} if problem else {}))
    assert [choice.name for choice in plan.workloads] == names
    assert {choice.stands_in for choice in plan.workloads} == {stands_in}


def test_the_users_own_table_is_no_stand_in() -> None:
    data = DataSource("/somewhere/x.csv", "y", "hash")
    plan = planned(Answers({"project.problem": "recommendation"}), replace(QUICK, data=data))
    assert [(choice.name, choice.stands_in) for choice in plan.workloads] == [("tabular", False)]
    assert {trial.data for trial in plan.trials} == {data}


def test_nothing_is_trained_where_nothing_will_be() -> None:
    plan = planned(Answers({"project.problem": "tabular", "project.trains": "no"}))
    assert {trial.experiment for trial in plan.trials} == {"parity", "infer", "footprint"}
    assert BASELINE not in {trial.candidate for trial in plan.trials}


def test_unavailable_candidates_are_named_and_not_planned() -> None:
    plan = planned(unavailable={"tensorflow": "not installed: tensorflow"})
    assert "tensorflow" not in plan.candidates
    assert plan.unavailable == {"tensorflow": "not installed: tensorflow"}
    assert "tensorflow" not in {trial.candidate for trial in plan.trials}


@pytest.mark.parametrize(
    ("settings", "unavailable"),
    [(replace(QUICK, pilots=False), {}), (QUICK, dict.fromkeys(CANDIDATES, "not installed"))],
)
def test_there_may_be_nothing_to_run(settings: Settings, unavailable: dict[str, str]) -> None:
    assert planned(settings=settings, unavailable=unavailable).launches == ()


@given(st.floats(min_value=1, max_value=1e5), st.sampled_from(["quick", "standard"]))
def test_a_budget_takes_from_the_end_and_never_below_what_counts(budget_s: float, size: str) -> None:
    settings = replace(QUICK, size=size, budget_s=budget_s)  # type: ignore[arg-type]
    limited, whole = planned(Answers(), settings), planned(Answers(), replace(settings, budget_s=None))
    assert limited.launches == tuple(
        launch
        for launch in whole.launches
        if launch.launch < 1 + max(one.launch for one in limited.launches)
        and launch.workload in {choice.name for choice in limited.workloads}
    )
    minimum = method().measuring.minimum_launches
    for choice in limited.workloads:
        assert len({one.launch for one in limited.launches if one.workload == choice.name}) >= minimum
    if limited.estimated_s > budget_s:
        assert len(limited.workloads) == 1 and any("missing" in note for note in limited.notes)


def test_the_quick_plan_is_meant_to_take_five_minutes() -> None:
    assert planned().estimated_s < 7 * 60
