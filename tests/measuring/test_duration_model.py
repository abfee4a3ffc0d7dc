"""Predictions that learn, from this run and from what earlier runs have stored."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.interview.answers import Answers
from advisor.measuring.running.duration_model import DurationModel, seconds_taken
from advisor.method import method
from advisor.planning.plan import Launch, Settings, estimate_s, make_plan
from pilots import workload as workloads
from pilots.experiment import Stage
from pilots.records import TrialRecord
from pilots.results import RaceResult

PLAN = make_plan(
    Answers({"project.problem": "other"}),
    Settings(size="standard", candidates=("pytorch", "tensorflow"), tuned=False),
    method(),
    unavailable={},
    workloads=[workloads.load(name) for name in ("tabular", "vision")],
    threads=1,
)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def launch_of(stage: Stage, number: int, workload: str = "tabular") -> Launch:
    wanted = (stage, number, workload)
    (found,) = (one for one in PLAN.launches if (one.stage, one.launch, one.workload) == wanted)
    return found


def ran(launch: Launch, seconds: float, durations: DurationModel | None = None) -> DurationModel:
    durations = durations or DurationModel()
    durations.learn(launch, launch.trials, seconds)
    return durations


def predicted(durations: DurationModel, launch: Launch) -> float:
    return durations.predict_s(launch, launch.trials)


@pytest.mark.parametrize("launch", PLAN.launches, ids=lambda one: one.title)
def test_first_it_is_the_estimate(launch):
    assert predicted(DurationModel(), launch) == pytest.approx(launch.estimated_s)
    assert DurationModel().predict_s(launch, ()) == 0


@given(st.sampled_from(PLAN.launches), st.floats(0.1, 1000))
def test_another_launch_of_the_kind_takes_as_long(launch, seconds):
    durations = ran(launch, seconds)
    assert predicted(durations, launch) == pytest.approx(seconds)
    half = launch.trials[: max(1, len(launch.trials) // 2)]
    share = estimate_s(launch.stage, half) / launch.estimated_s
    assert durations.predict_s(launch, half) == pytest.approx(seconds * share)


def test_the_last_one_of_the_kind_counts():
    first, second, third = (launch_of("footprint", number) for number in range(3))
    assert predicted(ran(second, 5, ran(first, 50)), third) == pytest.approx(5)


def test_launches_that_only_race_are_like_whole_ones_until_one_has_run():
    # Two apart: with a copy of the same one of the two candidates.
    whole, racing, last = (launch_of("pilots", number) for number in (0, 5, 7))
    durations = ran(whole, 3 * whole.estimated_s)
    assert predicted(durations, racing) == pytest.approx(3 * racing.estimated_s)
    durations = ran(racing, 7.0, durations)
    assert predicted(durations, last) == pytest.approx(7.0)
    assert predicted(durations, launch_of("pilots", 2)) == pytest.approx(3 * whole.estimated_s)


@pytest.mark.parametrize("other", [launch_of("footprint", 0), launch_of("pilots", 0, "vision")])
def test_others_take_as_much_longer_as_all_did_so_far_and_the_estimate_counts_like_a_minute(other):
    launch = launch_of("pilots", 0)
    durations = ran(launch, 2 * launch.estimated_s)
    expected = (60 + 2 * launch.estimated_s) / (60 + launch.estimated_s)
    assert predicted(durations, other) == pytest.approx(expected * other.estimated_s)


def record(
    after_s: float, wall_s: float, *, opening_s: float | None = None, started_at: str | None = None
) -> TrialRecord:
    launch = launch_of("pilots", 0)
    race = None if opening_s is None else RaceResult("race", "s", 32, opening_s, 0.5, 1, 9, 1, True, (), ())
    started_at = (NOON + timedelta(seconds=after_s)).isoformat(timespec="seconds") if started_at is None else started_at
    return TrialRecord("k", launch.trials[0], "ok", started_at, wall_s, None, race)


@pytest.mark.parametrize(
    ("records", "seconds"),
    [
        ([], 0),
        ([record(0, 10)], 10),
        ([record(0, 10), record(10, 5)], 15),
        ([record(0, 10), record(0, 8), record(2, 10)], 12),  # side by side
        ([record(3600, 5), record(0, 10)], 15),  # a pause of an hour between two runs
        ([record(0, 10, opening_s=3), record(0, 10, opening_s=4)], 18),  # two processes were opened before
        ([record(0, 10), record(0, 99, started_at="yesterday")], 10),
        ([record(0, 99, started_at="")], 0),
    ],
)
def test_what_stored_trials_took(records, seconds):
    assert seconds_taken(records) == pytest.approx(seconds)
    assert seconds_taken(reversed(records)) == pytest.approx(seconds)
