"""Runs short of time, with scripted trials of known length: what runs, what is kept, and what goes on later."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from scheduled_study import CANDIDATES, EVERYTHING, Ran, run_in, what

from advisor.measuring.running.events import Activity, BlockRaced, Event, LaunchStarted, RunEnded, TrialsFinished
from pilots.results import RaceResult


class Ticking:
    """A clock that goes on by a known time with each thing that a run does, and stands still otherwise."""

    def __init__(self, **seconds: float) -> None:
        self.now_s = 0.0
        self.seconds = {"baseline": 3.0, "checking_parity": 1.0, "starting": 1.0, "warming_up": 1.0}
        self.seconds |= {"block": 0.0, "training": 3.0, "predicting": 1.0, "measuring_memory": 2.0}
        self.seconds |= {"training_whole_epochs": 0.0} | seconds

    def __call__(self) -> float:
        return self.now_s

    def watch(self, event: Event) -> None:
        """Take the time of what begins."""
        if isinstance(event, Activity):
            what = "baseline" if event.candidate == "baseline" else event.what.replace(" ", "_")
            self.now_s += self.seconds[what]
        elif isinstance(event, BlockRaced):
            self.now_s += self.seconds["block"]


#: Two candidates and the control; the first round of all has the gate as well.
BASELINE_S, GATE_S, PILOTS_S, FOOTPRINT_S = 3.0, 2.0, 3 * 1.0 + 3 * 1.0 + 2 * 3.0 + 2 * 1.0, 4.0
ROUND_S = BASELINE_S + PILOTS_S + FOOTPRINT_S
PATIENT, FOREVER = 1000.0, 2000.0


def budgeted(ran: Ran, budget_s: float | None, clock: Ticking, **settings: Any) -> list[Event]:
    ran.plan = replace(ran.plan, settings=replace(ran.plan.settings, budget_s=budget_s))
    return ran.again(watch=clock.watch, now_s=clock, **settings)


def launches_run(ran: Ran) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for record in ran.study.trials():
        found.setdefault(record.spec.experiment, set()).add(record.spec.launch)
    return found


def test_a_budget_is_kept_to_the_second_once_it_is_known_how_long_things_take(fresh, scripted):
    ran = fresh(dict.fromkeys(EVERYTHING, scripted()), launches=4, minimum=2)
    clock = Ticking()
    told = budgeted(ran, GATE_S + 2 * ROUND_S, clock)
    assert clock.now_s == GATE_S + 2 * ROUND_S
    assert {record.spec.launch for record in ran.study.trials()} == {0, 1}
    # The scripted racers are equal, which two launches show: nobody races on, budget or not.
    left_out = sum(trial.launch >= 2 and trial.experiment != "race" for trial in ran.plan.trials)
    ended = told[-1]
    assert isinstance(ended, RunEnded)
    assert (ended.finished, ended.failed, ended.left_out) == (len(ran.plan.trials) - left_out, 0, left_out)
    assert tuple(map(str, ended.what)) == (
        "training speed, model quality, inference speed of tabular (no more than 2 launches ran, no time was left)",
        "memory of tabular (no more than 2 launches ran, no time was left)",
    )
    assert budgeted(ran, None, clock)[-1] == RunEnded(len(ran.plan.trials), 0, 0)  # with time, it goes on from there


def test_time_left_is_what_will_run_and_how_long_that_takes(fresh, scripted):
    ran = fresh(dict.fromkeys(EVERYTHING, scripted()), launches=4, minimum=2)
    clock = Ticking()
    budget_s = GATE_S + 3 * ROUND_S
    told = budgeted(ran, budget_s, clock)
    after_the_first_round = [event for event in told if isinstance(event, LaunchStarted)][4:]
    # Then, the racers being equal, the third launch need not race.
    # The copies of two candidates are not taken to start equally fast.
    expected = pytest.approx([2 * ROUND_S, 2 * ROUND_S - BASELINE_S], rel=0.1)
    assert [event.seconds_left for event in after_the_first_round[:2]] == expected
    assert clock.now_s <= budget_s
    for event in told:
        if isinstance(event, TrialsFinished):
            assert event.finished <= event.trials <= len(ran.plan.trials)
    assert told[-1].left_out == len(ran.plan.trials) - told[-1].finished  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("worth", "left_out"), [("training_speed", "memory"), ("memory", "training speed, model quality, inference speed")]
)
def test_what_is_worth_least_per_second_is_left_out(fresh, scripted, worth, left_out):
    ran = fresh(dict.fromkeys(EVERYTHING, scripted()), launches=2, minimum=2)
    clock = Ticking()
    budget_s = GATE_S + ROUND_S + 16  # and a tenth more: for the pilots or the memory, not for both
    told = budgeted(ran, budget_s, clock, worth=lambda: {worth: 1.0})
    (what,) = told[-1].what  # type: ignore[union-attr]
    assert str(what) == f"{left_out} of tabular (1 of the 2 launches needed ran, worth least per second)"
    found = launches_run(ran)
    assert (found["race"], found["footprint"]) == (({0}, {0, 1}) if worth == "memory" else ({0, 1}, {0}))
    assert clock.now_s <= 1.1 * budget_s
    assert budgeted(ran, PATIENT, clock)[-1] == RunEnded(len(ran.plan.trials), 0, 0)


def test_worth_is_asked_for_only_where_something_has_to_go(fresh, scripted):
    def refuse() -> dict[str, float]:
        raise AssertionError("nobody needs to know")

    ran = fresh(dict.fromkeys(EVERYTHING, scripted()), launches=2, minimum=2)
    for budget_s in (None, PATIENT):
        assert budgeted(ran, budget_s, Ticking(), worth=refuse)[-1] == RunEnded(len(ran.plan.trials), 0, 0)


def test_a_budget_for_nothing_runs_nothing(fresh, scripted):
    ran = fresh(dict.fromkeys(EVERYTHING, scripted()))
    told = budgeted(ran, 1e-6, Ticking())
    assert ran.study.trials() == ()
    assert (told[-1].finished, told[-1].left_out) == (0, len(ran.plan.trials))  # type: ignore[union-attr]
    assert all(what.launches_run == 0 for what in told[-1].what)  # type: ignore[union-attr]


#: What takes forever, how many trials of a candidate alone are kept then, what is cut short, and what is kept before.
WITHIN = [
    ({"checking_parity": FOREVER}, 0, "parity", set()),
    ({"starting": FOREVER}, 0, "race", set()),
    ({"warming_up": FOREVER}, 0, "race", set()),
    ({"block": FOREVER}, 0, "race", set()),
    ({"training": FOREVER, "predicting": FOREVER}, 1, "learn", {"race"}),
    ({"measuring_memory": FOREVER}, 0, "footprint", {"race", "learn", "infer"}),
]


@pytest.mark.parametrize(("slow", "alone", "cut", "whole"), WITHIN)
def test_time_that_is_up_within_a_launch_keeps_what_is_finished(fresh, scripted, slow, alone, cut, whole):
    """What takes forever begins, and the next trial, or the next round of the race, does not."""
    ran = fresh(dict.fromkeys(EVERYTHING, scripted()))
    told = budgeted(ran, PATIENT, Ticking(**slow))
    kept = what(list(ran.study.trials()))
    for experiment in whole:
        assert sum(kept[experiment, name] for name in CANDIDATES) == 2 + (experiment == "race")
    if cut in ("parity", "race", "footprint"):
        assert not any(experiment == cut for experiment, _ in kept)
    else:
        assert sum(kept[experiment, name] for experiment in ("learn", "infer") for name in CANDIDATES) == alone
    assert told[-1].left_out == len(ran.plan.trials) - kept.total() > 0  # type: ignore[union-attr]
    if cut == "race":  # what was tried is known to take longer than was thought
        raced, _ = told[-1].what  # type: ignore[union-attr]
        assert raced.launches_run == 0 and raced.missing_s >= FOREVER
    assert set(ran.outcomes.keys()) <= {(name, "ok") for name in EVERYTHING}
    before = ran.lines
    clock = Ticking()
    assert budgeted(ran, PATIENT, clock)[-1] == RunEnded(len(ran.plan.trials), 0, 0)
    assert ran.lines[: len(before)] == before
    assert {record.spec for record in ran.study.trials()} == set(ran.plan.trials)
    assert len({record.result.session for record in ran.study.trials() if isinstance(record.result, RaceResult)}) == 1


def test_a_race_that_lost_a_racer_and_then_its_time_is_run_again_by_all(fresh, scripted):
    ran = fresh({"baseline": scripted(), "pytorch": scripted(), "tensorflow": scripted(open="die")})
    ran.run = run_in({"baseline": scripted(), "pytorch": scripted(), "tensorflow": scripted(start_race="die")})
    budgeted(ran, PATIENT, Ticking(block=FOREVER))
    assert "race" not in launches_run(ran)
    ran.run = run_in(dict.fromkeys(EVERYTHING, scripted()))
    budgeted(ran, None, Ticking())
    assert set(ran.outcomes) == {(name, "ok") for name in EVERYTHING}
    assert what(list(ran.study.trials()))["race", "pytorch"] == 2
