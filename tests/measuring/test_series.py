"""From raw trials to one value per launch, worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

from advisor.measuring.analysis.series import RowLosses, Series, TargetReached, series, targets_reached
from advisor.measuring.measures import measures
from pilots.epoch_records import EpochEnd, EpochsOfLength, EpochsResult
from pilots.outcomes import Outcome
from pilots.records import ExperimentName, Result, TrialRecord, TrialSpec
from pilots.results import (
    Contention,
    FootprintResult,
    InferBatch,
    InferResult,
    LearnEpoch,
    LearnResult,
    LoadResult,
    ParityResult,
    PipelineLoad,
    RaceBlock,
    RaceResult,
    RaceRound,
)


def record(
    experiment: ExperimentName,
    result: Result | None,
    *,
    launch: int = 0,
    candidate: str = "pytorch",
    workload: str = "vision",
    outcome: Outcome = "ok",
    control: bool = False,
    key: str = "",
) -> TrialRecord:
    spec = TrialSpec(experiment, workload, "quick", candidate, "default", launch, launch, threads=2, control=control)
    name = key or f"{experiment}-{candidate}-{launch}"
    return TrialRecord(name, spec, outcome, "2026-11-20T12:00:00+00:00", 1.0, None, result)


def race(*step_ms: float) -> RaceResult:
    blocks = tuple(RaceBlock(i, 10, ms / 100, ms / 100) for i, ms in enumerate(step_ms))
    return RaceResult("race", "s", 32, 1.5, 0.2, 0.7, 32, 2.5, True, blocks, tuple(range(len(blocks))))


def learn(*metrics: float, dummy: float = 0.5, steps: int = 100) -> LearnResult:
    epochs = tuple(LearnEpoch(i, i * steps, 2.0 * i, metric, metric) for i, metric in enumerate(metrics, start=1))
    return LearnResult("learn", "accuracy", dummy, epochs, "model")


def values(found: Sequence[Series], measure: str) -> tuple[float, ...]:
    return next(one.values for one in found if one.measure == measure)


def test_race_takes_the_median_block() -> None:
    found = series([record("race", race(1.0, 9.0, 2.0))])
    assert values(found, "race.step_ms") == pytest.approx((2.0,))
    assert values(found, "race.import_s") == (1.5,)
    assert values(found, "race.first_step_s") == (0.7,)
    assert values(found, "race.warmup_s") == (2.5,)


def test_race_without_blocks_has_no_step_time() -> None:
    assert "race.step_ms" not in {one.measure for one in series([record("race", race())])}


def test_learn_takes_the_last_epoch() -> None:
    found = series([record("learn", learn(0.7, 0.9))])
    assert values(found, "learn.metric") == (0.9,)
    assert values(found, "learn.skill") == pytest.approx((0.8,))
    assert values(found, "learn.train_s") == (4.0,)


def chosen(*metrics: float, epoch: int, **more: object) -> LearnResult:
    return replace(learn(*metrics), chosen_epoch=epoch, valid_rows=50, **more)  # type: ignore[arg-type]


def test_learn_takes_the_chosen_epoch_and_keeps_the_last() -> None:
    found = series([record("learn", chosen(0.7, 0.9, 0.8, epoch=2))])
    assert values(found, "learn.metric") == (0.9,)
    assert values(found, "learn.skill") == pytest.approx((0.8,))
    assert values(found, "learn.last_metric") == (0.8,)
    assert (values(found, "learn.chosen_s"), values(found, "learn.train_s")) == ((4.0,), (6.0,))


def test_scores_bring_the_losses_of_their_rows_where_every_launch_tells_them() -> None:
    known = chosen(0.75, epoch=1, test_rows=4, row_losses=(0.0, 1.0, 0.0, 0.0))
    found = {one.measure: one for one in series([record("learn", known, launch=n) for n in range(2)])}
    assert found["learn.metric"].losses == RowLosses(((0.0, 1.0, 0.0, 0.0),) * 2, rows=4, step=1.0)
    skill = found["learn.skill"].losses
    assert skill is not None and skill.step == 2.0  # half of the scale lies above guessing
    assert 1 - np.mean(skill.by_launch[0]) == pytest.approx(found["learn.skill"].values[0])
    assert found["learn.last_metric"].losses is None
    mixed = series([record("learn", known), record("learn", learn(0.75), launch=1)])
    assert all(one.losses is None for one in mixed)


def test_rows_that_share_values_count_as_one() -> None:
    known = replace(chosen(0.75, epoch=1, test_rows=103, row_losses=(0.2, 0.3), rows_per_loss=50), metric_name="r2")
    losses = next(one.losses for one in series([record("learn", known)]) if one.measure == "learn.metric")
    assert losses == RowLosses(((0.2, 0.3),), rows=2, step=0.0)


def test_skill_is_negative_below_guessing_and_missing_where_guessing_is_perfect() -> None:
    assert values(series([record("learn", learn(0.25))]), "learn.skill") == pytest.approx((-0.5,))
    assert "learn.skill" not in {one.measure for one in series([record("learn", learn(1.0, dummy=1.0))])}


def test_infer_keeps_single_and_large_batches_apart() -> None:
    result = InferResult(
        "infer",
        (
            InferBatch(1, 80.0, tuple(float(ms) for ms in range(101))),
            InferBatch(64, 90.0, (9.0,)),
            InferBatch(256, 90.0, (30.0, 20.0, 10.0)),
        ),
    )
    found = series([record("infer", result)])
    assert values(found, "infer.p50_ms") == (50.0,)
    assert values(found, "infer.p95_ms") == (95.0,)
    assert values(found, "infer.p99_ms") == (99.0,)
    assert values(found, "infer.first_call_ms") == (80.0,)
    assert values(found, "infer.large_rows_per_s") == pytest.approx((12800.0,))


def test_infer_without_a_large_batch() -> None:
    found = series([record("infer", InferResult("infer", (InferBatch(1, 8.0, (1.0,)),)))])
    assert "infer.large_rows_per_s" not in {one.measure for one in found}


def test_load_compares_what_was_timed_in_one_round() -> None:
    default = PipelineLoad(0, "in the training process", alone_s=(0.5, 0.2, 0.25), fed_s=(2.0, 4.0, 30.0))
    workers = PipelineLoad(2, "2 processes", alone_s=(0.1, 0.1, 0.1), fed_s=(0.8, 2.0, 12.0))
    found = series([record("load", LoadResult("load", 64, 10, (1.0, 2.0, 12.0), (default, workers)))])
    assert values(found, "load.samples_per_s") == (2560.0,)
    assert values(found, "load.waiting_share") == (0.5,)  # of 0.5, 0.5 and 0.6
    assert values(found, "load.workers.samples_per_s") == pytest.approx((6400.0,))
    assert values(found, "load.workers.waiting_share") == (0.0,)  # of -0.25, 0 and 0


def test_a_data_pipeline_that_could_not_run_has_no_values() -> None:
    default = PipelineLoad(0, "in the training process", alone_s=(0.5,), fed_s=(2.0,))
    workers = PipelineLoad(2, "2 processes", alone_s=(), fed_s=(), error="OSError: no more processes")
    found = series([record("load", LoadResult("load", 64, 10, (1.0,), (default, workers)))])
    assert {one.measure for one in found} == {"load.samples_per_s", "load.waiting_share"}
    other = record("load", LoadResult("load", 64, 10, (), (), "labels are others"), outcome="not_comparable")
    assert series([other]) == ()


def epochs(*ends_s: float, step_s: float = 0.001, steps: int = 100) -> EpochsResult:
    """Epochs whose steps take 0.1 s, and longer ones, which are not looked at here."""
    short = EpochsOfLength(0.1, steps, 8, step_s, step_s, (), tuple(EpochEnd(one, 0.0) for one in ends_s))
    return EpochsResult("epochs", 32, (short, replace(short, wanted_s=3.0, ends=(EpochEnd(9.0, 0.0),))))


def test_the_ends_of_the_shortest_epochs_become_a_share_of_the_training() -> None:
    found = series([record("epochs", epochs(0.05, 0.15))])
    assert values(found, "epochs.end_s") == pytest.approx((0.1,))
    assert values(found, "epochs.end_share") == pytest.approx((0.5,))
    assert "epochs.step_ms" not in {one.measure for one in found}  # it never raced
    assert series([record("epochs", EpochsResult("epochs", 32, ()))]) == ()


def test_a_step_takes_its_share_of_an_end() -> None:
    records = [
        *(record("race", race(2.0), launch=launch) for launch in range(3)),
        record("epochs", epochs(0.1), launch=0),  # as long as the steps of its epoch
        record("epochs", epochs(0.0), launch=1),
    ]
    found = series(records)
    assert values(found, "race.step_ms") == pytest.approx((2.0, 2.0, 2.0))
    # The third launch takes the mean share of the others, a quarter.
    assert values(found, "epochs.step_ms") == pytest.approx((4.0, 2.0, 2.0 / 0.75))


def test_ends_count_for_everybody_who_raced_or_for_nobody() -> None:
    records = [record("race", race(2.0), candidate=name) for name in ("pytorch", "tensorflow")]
    some = series([*records, record("epochs", epochs(0.1))])
    assert "epochs.step_ms" not in {one.measure for one in some}
    every = series([*records, record("epochs", epochs(0.1)), record("epochs", epochs(0.0), candidate="tensorflow")])
    assert {one.candidate: one.values for one in every if one.measure == "epochs.step_ms"} == {
        "pytorch": pytest.approx((4.0,)),
        "tensorflow": pytest.approx((2.0,)),
    }


@pytest.mark.parametrize(("busy", "counted"), [((), ()), ((0,), ()), ((0, 1), (0, 1, 2))])
def test_steps_with_ends_that_were_all_timed_on_a_busy_machine_are_so_themselves(busy, counted) -> None:
    records = [record("race", race(2.0), launch=launch) for launch in range(3)]
    for launch in range(2):
        around = Contention(0.6, None, busy=launch in busy, cores=2)
        records.append(replace(record("epochs", epochs(0.1), launch=launch), contention=around))
    found = {one.measure: one.busy for one in series(records)}
    assert found["epochs.step_ms"] == counted
    assert found["epochs.end_share"] == busy
    assert found["race.step_ms"] == ()


def test_footprint() -> None:
    found = series([record("footprint", FootprintResult("footprint", 200.0, 250.0, 400.0, 100))])
    assert values(found, "footprint.predict_peak_mib") == (250.0,)
    assert values(found, "footprint.train_peak_mib") == (400.0,)
    assert not any("accelerator" in one.measure for one in found)


def test_memory_of_an_accelerator_is_there_where_it_was_told() -> None:
    told = FootprintResult("footprint", 200.0, 250.0, 400.0, 100, 600.0, 700.0)
    only_in_training = FootprintResult("footprint", 200.0, 250.0, 400.0, 100, None, 800.0)
    found = series([record("footprint", told), record("footprint", only_in_training, launch=1)])
    assert values(found, "footprint.predict_accelerator_peak_mib") == (600.0,)
    assert values(found, "footprint.train_accelerator_peak_mib") == (700.0, 800.0)


def test_launches_are_in_order_and_the_later_record_counts() -> None:
    found = series(
        [
            record("race", race(3.0), launch=2),
            record("race", race(1.0), launch=0, key="old"),
            record("race", race(5.0), launch=0, key="new"),
        ]
    )
    step = next(one for one in found if one.measure == "race.step_ms")
    assert step == Series(
        "race.step_ms", "vision", "pytorch", "default", "ms", (0, 2), step.values, ("new", "race-pytorch-2")
    )
    assert step.values == pytest.approx((5.0, 3.0))


@pytest.mark.parametrize("outcome", [outcome for outcome in get_args(Outcome) if outcome != "ok"])
def test_only_finished_trials_count(outcome: Outcome) -> None:
    assert series([record("race", race(1.0), outcome=outcome)]) == ()


def test_controls_and_parity_checks_are_no_series() -> None:
    parity = ParityResult("parity", "pytorch", 10, True, ())
    assert series([record("race", race(1.0), control=True), record("parity", parity)]) == ()


def test_groups_are_apart_in_a_fixed_order() -> None:
    records = [
        record("learn", learn(0.9), candidate="baseline"),
        record("race", race(2.0), candidate="tensorflow"),
        record("race", race(1.0), workload="tabular"),
    ]
    found = series(records)
    assert [one.measure for one in found] == sorted((o.measure for o in found), key=list(measures()).index)
    assert {(o.workload, o.candidate) for o in found if o.measure == "race.step_ms"} == {
        ("vision", "tensorflow"),
        ("tabular", "pytorch"),
    }
    assert all(one.unit == measures()[one.measure].unit for one in found)
    assert found == series(reversed(records))


def test_targets_keep_steps_and_pace_apart() -> None:
    records = [
        record("learn", learn(0.6, 0.8, 0.9), launch=0),
        record("learn", learn(0.8, 0.85, 0.86), launch=1),
        record("learn", learn(0.5, 0.5, 0.8), launch=2),
        record("race", race(4.0), launch=0),
        record("race", race(9.0), launch=1),
        record("learn", learn(0.99), candidate="baseline"),
        record("learn", learn(0.99), workload="tabular"),
    ]
    (found,) = targets_reached(records, "vision", (0.8, 0.9, 0.95))
    assert (found.candidate, found.metric_name, found.runs) == ("pytorch", "accuracy", 3)
    assert found.race_step_ms == pytest.approx(6.0)
    low, high, never = found.targets
    assert (low.reached, low.median_steps, low.median_train_s) == (3, 200.0, 4.0)
    assert low.median_race_s == pytest.approx(1.2)
    assert (high.reached, high.median_steps) == (1, 300.0)
    assert never == TargetReached(0.95, 0, None, None, None)


def test_the_time_to_a_target_holds_the_ends_of_epochs_where_they_were_timed() -> None:
    records = [record("learn", learn(0.8)), record("race", race(4.0)), record("epochs", epochs(0.1))]
    (found,) = targets_reached(records, "vision", (0.8,))
    assert found.race_step_ms == pytest.approx(4.0)
    assert found.targets[0].median_race_s == pytest.approx(100 * 0.008)


def test_targets_without_a_race_have_no_pace() -> None:
    (found,) = targets_reached([record("learn", learn(0.9))], "vision", (0.8,))
    assert found.race_step_ms is None
    assert found.targets[0].median_race_s is None
    assert found.targets[0].median_train_s == 2.0


def test_no_run_no_targets() -> None:
    assert targets_reached([record("race", race(1.0))], "vision", (0.8,)) == ()


def test_what_was_timed_on_a_busy_machine_is_marked_and_left_out_where_enough_is_left():
    busy = Contention(0.4, None, busy=True, cores=2)
    records = [record("race", replace(race(float(launch + 1)), contention=None), launch=launch) for launch in range(3)]
    records.append(record("race", replace(race(50.0), contention=busy), launch=3))
    step = next(one for one in series(records) if one.measure == "race.step_ms")
    assert (step.launches, step.busy) == ((0, 1, 2, 3), (3,))
    assert (step.counted(3).launches, step.counted(3).busy) == ((0, 1, 2), ())
    assert step.counted(4) == step  # too few are left


def test_crowded_rounds_count_for_no_step_time():
    crowded = (RaceRound(0, 0.0, None, 0.6, False), RaceRound(1, 0.4, None, 0.6, True))
    step = series([record("race", replace(race(2.0, 90.0), rounds=crowded))])
    assert next(one for one in step if one.measure == "race.step_ms").values == (pytest.approx(2.0),)


@pytest.mark.parametrize(("cores", "taken", "slowed"), [(2, 0.13, 1 / (1 - 0.24)), (2, 0.005, 1.0), (None, 0.13, 1.0)])
def test_what_others_took_beside_a_timing_is_how_far_it_may_have_been_slowed(cores, taken, slowed):
    around = Contention(taken, None, cores=cores)
    busy = Contention(0.6, None, busy=True, cores=2)
    timings = [
        replace(
            record("infer", InferResult("infer", (InferBatch(1, 9.0, (1.0, 2.0)),)), launch=launch),
            contention=busy if launch == 2 else around,
        )
        for launch in range(3)
    ]
    (p95,) = (one for one in series(timings) if one.measure == "infer.p95_ms")
    assert p95.slowed == pytest.approx(slowed)
    assert p95.counted(2).slowed == p95.slowed
    scores = [replace(record("learn", learn(0.7)), contention=around)]
    assert {one.measure: one.slowed for one in series(scores)}["learn.metric"] == 1.0
