"""What a budget leaves time for: by tables, and what has to hold whatever the launches and their worth are."""

from __future__ import annotations

from collections import defaultdict
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.interview.answers import Answers
from advisor.method import method
from advisor.planning.budget import Group, Timed, TimeLeft, cut_by_worth, cut_from_the_end, expected_cuts, group_of
from advisor.planning.plan import Launch, Plan, Settings, make_plan
from pilots import workload as workloads
from pilots.experiment import Stage

WORKLOADS = tuple(workloads.load(name) for name in workloads.names())
MINIMUM = method().measuring.minimum_launches
CRITERIA: dict[str, tuple[str, ...]] = {
    "baseline": ("model_quality",),
    "gate": (),
    "pilots": ("training_speed", "model_quality", "inference_speed"),
    "footprint": ("memory",),
}


def plan_for(problem: str, **settings: object) -> Plan:
    return make_plan(
        Answers({"project.problem": problem}),
        Settings(**settings),
        method(),
        unavailable={},
        workloads=WORKLOADS,
        threads=2,
    )


def timed(stage: Stage, workload: str, number: int, seconds: float) -> Timed:
    return Timed(Launch(stage, workload, number, number, (), CRITERIA[stage], seconds), seconds)


def rounds(count: int, *pilots: tuple[str, float, float], gate_s: float = 0.0) -> list[Timed]:
    """``count`` rounds of pilots that are given as (workload, seconds of its pilots, seconds of its footprint)."""
    gates = [timed("gate", name, 0, gate_s) for name, *_ in pilots] if gate_s else []
    return gates + [
        timed(stage, name, number, seconds)
        for number in range(count)
        for name, pilots_s, footprint_s in pilots
        for stage, seconds in (("pilots", pilots_s), ("footprint", footprint_s))
        if seconds
    ]


def shown(some: tuple[Timed, ...]) -> list[str]:
    return [f"{one.launch.workload} {one.launch.stage} {one.launch.launch}" for one in some]


def seconds_of(some: tuple[Timed, ...] | list[Timed]) -> float:
    return sum(one.seconds for one in some)


@pytest.mark.parametrize(
    ("left_s", "expected"),
    [
        (100, "ab ab ab ab ab"),
        (99, "ab ab ab ab"),
        (80, "ab ab ab ab"),
        (60, "ab ab ab"),
        (59, "a a a"),
        (30, "a a a"),
        (1, "a a a"),  # only a trial shows that it takes too long
    ],
)
def test_from_the_end_rounds_go_before_workloads(left_s, expected):
    some = rounds(5, ("a", 10, 0), ("b", 10, 0))
    kept = cut_from_the_end(some, ["a", "b"], left_s, 3)
    assert shown(kept) == [f"{name} pilots {n}" for n, names in enumerate(expected.split()) for name in names]


def test_from_the_end_is_the_end_of_the_plan_whatever_is_left_of_it():
    some = rounds(3, ("a", 10, 0), ("b", 10, 0))
    resumed = [one for one in some if (one.launch.workload, one.launch.launch) != ("a", 0)]  # b comes first now
    assert {one.launch.workload for one in cut_from_the_end(resumed, ["a", "b"], 30, 3)} == {"a"}
    assert cut_from_the_end([], ["a", "b"], 30, 3) == ()
    of_b = [one for one in some if one.launch.workload == "b"]
    assert cut_from_the_end(of_b, ["a", "b"], 29, 3) == ()  # a has run, so that something is known


TWO = rounds(5, ("a", 10, 2), ("b", 10, 2))
BEGUN = {group_of(one.launch): True for one in TWO}
NOT_BEGUN = dict.fromkeys(BEGUN, False)
SPEED = {"training_speed": 0.5}
MEMORY = {"memory": 0.5}


@pytest.mark.parametrize(
    ("worth", "left_s", "expected"),
    [
        (SPEED, 120, "a:5+5 b:5+5"),
        # Beyond the third launch memory goes first, b's before a's, which comes earlier in the plan.
        (SPEED, 118, "a:5+5 b:5+4"),
        (SPEED, 112, "a:5+3 b:5+3"),
        (SPEED, 111, "a:5+5 b:4+5"),  # what is small comes back
        (SPEED, 72, "a:3+3 b:3+3"),
        # Then whole groups; a tenth more of the time is there to finish what has begun, and for nothing else.
        (SPEED, 65, "a:3+3 b:3+0"),
        (SPEED, 70, "a:3+3 b:3+3"),
        (SPEED, 59, "a:3+0 b:3+0"),
        (SPEED, 54, "a:4+4 b:0+3"),  # b's races do not fit, and leave room for memory
        (SPEED, 30, "a:3+0 b:0+0"),
        (SPEED, 5, "a:0+3 b:0+0"),
        (SPEED, 1, "a:0+3 b:0+0"),
        (SPEED, 0.5, "a:0+0 b:0+0"),
        (MEMORY, 118, "a:5+5 b:4+5"),
        (MEMORY, 60, "a:4+5 b:0+5"),
        (MEMORY, 22, "a:0+5 b:0+5"),
        (MEMORY, 5, "a:0+3 b:0+0"),
        ({}, 119, "a:5+5 b:5+4"),  # nothing is worth anything: from the end
    ],
)
def test_what_is_worth_least_per_second_goes_first(worth, left_s, expected):
    kept = cut_by_worth(TWO, BEGUN, worth, TimeLeft(left_s, 5.0), 3)
    counts = {
        name: [sum((one.launch.workload, one.launch.stage) == (name, stage) for one in kept) for stage in CRITERIA]
        for name in "ab"
    }
    assert " ".join(f"{name}:{pilots}+{memory}" for name, (_, _, pilots, memory) in counts.items()) == expected


def test_what_has_not_begun_goes_before_what_has():
    some = [one for one in TWO if one.launch.workload == "b" or one.launch.launch > 0]
    kept = cut_by_worth(some, {group: group[0] == "a" for group in BEGUN}, SPEED, TimeLeft(30, 0), 3)
    assert shown(kept) == ["b footprint 0"] + [
        what for n in (1, 2) for what in (f"a pilots {n}", f"a footprint {n}", f"b footprint {n}")
    ]


def test_the_baseline_goes_with_the_networks_it_is_compared_with():
    some = [one for number in range(3) for one in (timed("baseline", "a", number, 1), timed("pilots", "a", number, 10))]
    some += [timed("footprint", "a", number, 2) for number in range(3)]
    kept = cut_by_worth(some, NOT_BEGUN, {"model_quality": 1.0}, TimeLeft(32, 0), 3)
    assert {one.launch.stage for one in kept} == {"footprint"}
    kept = cut_by_worth(some, NOT_BEGUN, {"model_quality": 1.0}, TimeLeft(33, 0), 3)
    assert {one.launch.stage for one in kept} == {"baseline", "pilots"}


def test_a_gate_is_paid_for_once_and_stays_as_long_as_anything_needs_it():
    some = rounds(3, ("a", 10, 2), gate_s=5)
    for left_s, stages in (
        (41, {"gate", "pilots", "footprint"}),
        (40, {"gate", "pilots"}),
        (11, {"gate", "footprint"}),
    ):
        assert {one.launch.stage for one in cut_by_worth(some, NOT_BEGUN, SPEED, TimeLeft(left_s, 0), 3)} == stages
    assert cut_by_worth(some, NOT_BEGUN, SPEED, TimeLeft(10, 0), 3) == ()


lengths = st.floats(0.5, 50)


@st.composite
def situations(draw: st.DrawFn) -> tuple[list[Timed], dict[Group, bool], dict[str, float], TimeLeft]:
    """Workloads of which some launches have run, each kind of launch with a length of its own."""
    some: list[Timed] = []
    begun: dict[Group, bool] = {}
    for name in draw(st.sampled_from(["a", "ab", "abc"])):
        seconds = {stage: draw(lengths) for stage in CRITERIA}
        ran = {stage: draw(st.integers(0, 5)) for stage in ("pilots", "footprint")}
        gated = any(ran.values()) or draw(st.booleans())
        for stage in ("pilots", "footprint"):
            begun[name, stage] = ran[stage] > 0
        for number, stage in product(range(8), ("baseline", "gate", "pilots", "footprint")):
            if stage == "gate":
                wanted = number == 0 and not gated
            else:
                beyond = number >= 5 and stage != "pilots"
                wanted = number >= ran["pilots" if stage == "baseline" else stage] and not beyond
            if wanted:
                some.append(timed(stage, name, number, seconds[stage]))
    some.sort(key=lambda one: (one.launch.launch, one.launch.workload))
    worth = draw(
        st.dictionaries(st.sampled_from(sorted({c for them in CRITERIA.values() for c in them})), st.floats(0, 1))
    )
    left_s = draw(st.floats(-10, 1.1 * seconds_of(some) + 10))
    return some, begun, worth, TimeLeft(left_s, draw(st.floats(0, 100)))


@given(situations())
def test_whatever_it_is_worth_it_fits_and_is_evidence(situation):
    some, begun, worth, time_left = situation
    kept = cut_by_worth(some, begun, worth, time_left, MINIMUM)
    assert [one for one in some if one in kept] == list(kept)  # in the order of the plan
    assert not kept or seconds_of(kept) <= time_left.at_most_s + 1e-6
    if seconds_of(some) <= time_left.seconds:
        assert list(kept) == some
    numbers: dict[Group, set[int]] = defaultdict(set)
    staying: dict[Group, set[int]] = defaultdict(set)
    for where, them in ((numbers, some), (staying, kept)):
        for one in them:
            where[group_of(one.launch)].add(one.launch.launch)
    for group, wanted in numbers.items():
        mine = staying[group]
        if group[1] == "gate":
            assert bool(mine) is any(staying[group[0], stage] for stage in ("pilots", "footprint"))
            continue
        needed = {number for number in wanted if number < MINIMUM}
        assert needed <= mine or not mine  # never one or two launches of a group
        assert mine == set(sorted(wanted)[: len(mine)])  # what comes first runs first
    essential = [one for one in kept if one.launch.launch < MINIMUM]
    for group, wanted in numbers.items():
        if group[1] != "gate" and min(wanted) < MINIMUM and not staying[group]:
            # No launch beyond the minimum has taken the place of a whole group.
            own = [one for one in some if group_of(one.launch) == group and one.launch.launch < MINIMUM]
            own += [one for one in some if group_of(one.launch) == (group[0], "gate") and one not in kept]
            assert seconds_of(essential) + seconds_of(own) > time_left.seconds - 1e-6
    if kept and seconds_of(kept) > time_left.seconds + 1e-6:  # only to finish what has begun
        assert all(begun[group_of(one.launch)] for one in kept)
        assert max(one.launch.launch for one in kept) < MINIMUM


@given(situations())
def test_from_the_end_evidence_is_kept(situation):
    some, _, _, time_left = situation
    names = sorted({one.launch.workload for one in some})
    kept = cut_from_the_end(some, names, time_left.seconds, MINIMUM)
    left = {one.launch.workload for one in kept}
    assert [one for one in some if one in kept] == list(kept)
    if seconds_of(kept) > max(0.0, time_left.seconds):
        assert left == {names[0]} and all(one.launch.launch < MINIMUM for one in kept)
    if kept:
        last = max(one.launch.launch for one in kept)
        there = sorted({one.launch.workload for one in some if one.launch.launch <= last})
        assert sorted(left) == there[: len(left)]
    for one in some:
        if one.launch.workload in left and one.launch.launch < MINIMUM:
            assert one in kept
    if seconds_of(some) <= time_left.seconds:
        assert list(kept) == some


def test_without_a_budget_nothing_is_expected_to_go():
    assert expected_cuts(plan_for("vision", size="quick"), MINIMUM) == ()
    plan = plan_for("vision", size="quick")
    assert expected_cuts(plan_for("vision", size="quick", budget_s=plan.estimated_s), MINIMUM) == ()


def test_a_plan_says_what_the_budget_is_expected_to_leave_out():
    full = plan_for("other")
    launches = method().sizes["standard"].race_launches
    shorter, less_too = expected_cuts(plan_for("other", budget_s=full.estimated_s - 1), MINIMUM)
    assert shorter == f"The budget is expected to allow {launches - 1} launches of each trial in place of {launches}."
    assert less_too == "These are first estimates: the run goes by what launches really take."
    least = expected_cuts(plan_for("other", budget_s=1), MINIMUM)
    names = [choice.name for choice in full.workloads]
    assert [note for note in least if "The pilot" in note] == [
        f"The pilot {name} is not expected to fit into the budget." for name in names[1:]
    ]
    assert "more than the budget" in least[-2] and "stay missing" in least[-2]
