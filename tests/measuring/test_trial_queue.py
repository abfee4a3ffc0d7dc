"""What runs next within a budget: whole runs in no time at all, with launches of known length."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.interview.answers import Answers
from advisor.measuring.running.duration_model import DurationModel
from advisor.measuring.running.trial_queue import Clock, TrialQueue
from advisor.method import method
from advisor.planning.budget import group_of
from advisor.planning.plan import Launch, Plan, Settings, make_plan
from pilots import workload as workloads
from pilots.records import Size, TrialSpec

MINIMUM = method().measuring.minimum_launches
TOLERANCE = method().measuring.budget_tolerance


@cache
def plan_of(*names: str, size: Size = "standard", budget_s: float | None = None) -> Plan:
    return make_plan(
        Answers({"project.problem": "other"}),
        Settings(size=size, candidates=("pytorch", "tensorflow"), budget_s=budget_s, tuned=False),
        method(),
        unavailable={},
        workloads=[workloads.load(name) for name in names],
        threads=1,
    )


class World:
    """Where launches take as long as they take, and what they measured stays."""

    def __init__(
        self, plan: Plan, length_s: Callable[[Launch], float], worth: Mapping[str, float] | None = None
    ) -> None:
        self.plan = plan
        self.length_s = length_s
        self.worth = worth or {}
        self.now_s = 0.0
        self.done: list[Launch] = []
        self.durations = DurationModel()

    def missing(self, launch: Launch) -> tuple[TrialSpec, ...]:
        return () if any(launch is one for one in self.done) else launch.trials

    def know(self, *launches: Launch) -> None:
        """What launches of these kinds take is known from the start."""
        for launch in launches:
            self.durations.learn(launch, launch.trials, self.length_s(launch))

    def run(self, budget_s: float | None, launches: int = 10_000, spent_s: float = 0.0) -> TrialQueue:
        """Run until nothing fits into the budget, of which some is spent, or until so many launches have run."""
        clock = Clock(lambda: self.now_s, self.now_s - spent_s, budget_s, TOLERANCE)
        agenda = TrialQueue(self.plan, self.missing, self.durations, clock, lambda: self.worth, MINIMUM)
        while launches and (launch := agenda.next()) is not None:
            prediction = self.durations.predict_s(launch, launch.trials)
            if budget_s is not None:
                assert clock.spent_s() + prediction <= (1 + TOLERANCE) * budget_s + 1e-6
                assert agenda.seconds_left() <= clock.left().at_most_s
            self.now_s += self.length_s(launch)
            self.durations.learn(launch, launch.trials, self.length_s(launch))
            self.done.append(launch)
            launches -= 1
        return agenda

    def counts(self) -> dict[tuple[str, str], int]:
        return Counter((one.workload, one.stage) for one in self.done)


def shown(some: list[Launch]) -> list[tuple[int, str, str]]:
    return [(one.launch, one.workload, one.stage) for one in some]


@pytest.mark.parametrize("budget_s", [None, 1e9])
def test_with_time_enough_everything_runs_in_the_order_of_the_plan(budget_s):
    plan = plan_of("tabular", "vision")
    world = World(plan, lambda launch: launch.estimated_s)
    agenda = world.run(budget_s)
    assert world.done == list(plan.launches)
    assert (agenda.left_out(), agenda.count_left_out(), agenda.seconds_left()) == ((), 0, 0)


LENGTHS = {"baseline": 1.0, "gate": 5.0, "pilots": 20.0, "footprint": 10.0}  # one round: 36 s, and 31 s from then on


PILOTS = "training speed, model quality, inference speed"
SHORT = "1 of the 3 launches needed ran"
LONGER = "no more than 3 launches ran, no time was left"


@pytest.mark.parametrize(
    ("budget_s", "worth", "pilots", "footprints", "left_out"),
    [
        (500, "", 16, 5, {}),
        (98, "", 3, 3, {PILOTS: LONGER, "memory": LONGER}),
        (90, "", 3, 3, {PILOTS: LONGER, "memory": LONGER}),  # ten per cent more, to finish what has begun
        # After the first round 42 s are needed for two more pilots, 20 s for two more footprints.
        (85, "memory", 1, 5, {PILOTS: f"{SHORT}, worth least per second"}),
        (85, "training_speed", 3, 1, {"memory": f"{SHORT}, worth least per second", PILOTS: LONGER}),
        (65, "training_speed", 1, 3, {PILOTS: f"{SHORT}, 2 more would take about 42 s", "memory": LONGER}),
        (
            50,
            "training_speed",
            1,
            1,
            {
                PILOTS: f"{SHORT}, 2 more would take about 42 s",
                "memory": f"{SHORT}, 2 more would take about 20 s",
            },
        ),
    ],
)
def test_after_the_first_round_worth_decides(budget_s, worth, pilots, footprints, left_out):
    plan = plan_of("tabular")
    world = World(plan, lambda launch: LENGTHS[launch.stage], {worth: 1.0})
    world.know(*plan.launches[:4])
    agenda = world.run(budget_s)
    assert (world.counts()["tabular", "pilots"], world.counts()["tabular", "footprint"]) == (pilots, footprints)
    assert set(map(str, agenda.left_out())) == {f"{what} of tabular ({why})" for what, why in left_out.items()}
    assert agenda.count_left_out() == sum(len(one.trials) for one in plan.launches if one not in world.done)
    assert world.now_s <= budget_s * (1 + TOLERANCE)


def test_a_first_round_that_does_not_fit_goes_as_far_as_it_does():
    plan = plan_of("tabular")
    world = World(plan, lambda launch: LENGTHS[launch.stage])
    world.know(*plan.launches[:4])
    agenda = world.run(17)
    assert shown(world.done) == [(0, "tabular", "baseline"), (0, "tabular", "gate"), (0, "tabular", "footprint")]
    first, second = map(str, agenda.left_out())
    assert first == f"{PILOTS} of tabular (no launch was finished, 3 more would take about 62 s)"
    assert second == "memory of tabular (1 of the 3 launches needed ran, 2 more would take about 20 s)"


@pytest.mark.parametrize("budget_s", [0.5, 4])
def test_nothing_runs_before_its_gate(budget_s):
    plan = plan_of("tabular")
    world = World(plan, lambda launch: 1.0)
    for launch in plan.launches[:4]:
        world.durations.learn(launch, launch.trials, 5.0 if launch.stage == "gate" else 0.1)
    world.run(budget_s)
    assert {one.stage for one in world.done} == {"baseline"}


def test_a_pilot_that_cannot_fit_is_not_begun():
    plan = plan_of("tabular", "vision")
    tabular_s = sum(one.estimated_s for one in plan.launches if one.workload == "tabular" and one.launch < MINIMUM)
    world = World(plan, lambda launch: launch.estimated_s, {"training_speed": 1.0})
    agenda = world.run(tabular_s)
    assert {one.workload for one in world.done} == {"tabular"}
    assert world.now_s == pytest.approx(tabular_s)
    assert [
        phrase for phrase in map(str, agenda.left_out()) if "no launch was finished" in phrase and "of vision" in phrase
    ]


def test_a_pilot_that_was_thought_too_long_runs_when_it_is_not():
    """The first launches take a tenth of the estimate, so that the other pilot fits after all."""
    plan = plan_of("tabular", "vision")
    world = World(plan, lambda launch: 0.1 * launch.estimated_s)
    world.run(0.2 * plan.estimated_s)
    assert world.done[:4] == list(plan.launches[:4])
    assert sorted(shown(world.done)) == sorted(shown(list(plan.launches)))


ratios = st.floats(0.05, 20)
some_worth = st.dictionaries(
    st.sampled_from(["training_speed", "inference_speed", "model_quality", "memory"]), st.floats(0, 1)
)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Every stage of every workload takes another multiple of its estimate."""
    names = draw(st.sampled_from([("tabular",), ("tabular", "vision"), ("tabular", "vision", "time_series")]))
    ratio = {(name, stage): draw(ratios) for name in names for stage in LENGTHS}
    return World(
        plan_of(*names, size=draw(st.sampled_from(["quick", "standard"]))),
        lambda launch: launch.estimated_s * ratio[launch.workload, launch.stage],
        draw(some_worth),
    )


@given(worlds(), st.floats(1, 5000))
def test_a_group_is_brought_to_the_minimum_or_left_after_its_first_launch(world, budget_s):
    world.run(budget_s)
    # In the first round a launch may be longer than predicted; what runs is stopped then, which test_schedule.py tests.
    assert world.now_s <= 1e-6 + budget_s * (1 + TOLERANCE) or world.done[-1].launch == 0
    numbers: dict[tuple[str, str], list[int]] = {}
    for launch in world.done:
        numbers.setdefault((launch.workload, launch.stage), []).append(launch.launch)
    for (_, stage), mine in numbers.items():
        assert mine == list(range(len(mine)))
        assert stage in ("gate", "baseline") or len(mine) == 1 or len(mine) >= MINIMUM
    gated: set[str] = set()
    for launch in world.done:
        gated |= {launch.workload} if launch.stage == "gate" else set()
        assert launch.workload in gated or launch.stage == "baseline"


@given(worlds(), st.floats(1, 5000), st.integers(0, 30))
def test_a_resumed_run_decides_alike(world, budget_s, after):
    """Cut off anywhere and gone on with what is left of the budget, it runs what it would have run."""
    again = World(world.plan, world.length_s, world.worth)
    world.run(budget_s)
    again.run(budget_s, after)
    again.run(budget_s, spent_s=again.now_s)
    assert shown(again.done) == shown(world.done)


@given(worlds(), st.floats(1, 3))
def test_a_budget_for_the_minimum_completes_the_plan_again_and_again(world, times):
    """Unless the first estimates are far too high: what runs is known."""
    world.know(*(one for one in world.plan.launches if one.launch == 0))
    budget_s = times * sum(world.length_s(one) for one in world.plan.launches if one.launch < MINIMUM)
    for _ in range(len(world.plan.launches)):
        if len(world.done) == len(world.plan.launches):
            break
        world.run(budget_s)
    assert len(world.done) == len(world.plan.launches)


def test_groups_are_of_a_workload_and_of_what_is_measured():
    plan = plan_of("tabular", "vision")
    assert {group_of(launch) for launch in plan.launches} == {
        (name, what) for name in ("tabular", "vision") for what in ("gate", "pilots", "footprint")
    }
