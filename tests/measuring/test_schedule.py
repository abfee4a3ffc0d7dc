"""Runs that are cut off, resumed and repeated: once with real pilots, the rest with scripted ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scheduled_study import EVERYTHING, Ran, plan_of, run_in, saved, shortened, what

from advisor.errors import AdvisorError
from advisor.measuring.analysis.comparison import compare, noise_floor
from advisor.measuring.analysis.crowding import on_busy_machine
from advisor.measuring.analysis.series import series
from advisor.measuring.analysis.statistics import geometric_mean
from advisor.measuring.machine.interpreters import find_interpreters
from advisor.measuring.running.events import (
    Activity,
    Event,
    LaunchStarted,
    RaceJudged,
    RunEnded,
    RunStarted,
    TrialsFinished,
)
from advisor.measuring.running.local_host import LocalHost
from advisor.measuring.running.schedule import Run, missing_trials, run_plan
from advisor.measuring.running.supervisor import TrialLimits
from advisor.study import TRIALS, Study
from pilots.records import TrialRecord, TrialSpec
from pilots.results import Contention, RaceResult


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run of one launch of a real candidate and its control; whole runs are in test_run_for_real.py."""
    study = Study(tmp_path_factory.mktemp("finished"))
    found = find_interpreters(["pytorch"], {})
    python = {candidate: one.python for candidate, one in found.found.items()}
    limits = TrialLimits(shortened(1).measuring.trial_timeout_s, 100_000)
    ran = Ran(
        study,
        plan_of(shortened(1), ("pytorch",)),
        Run(LocalHost(python, limits, "machine", found.versions), shortened(1)),
    )
    ran.again()
    return ran


@pytest.fixture
def copied(finished: Ran, tmp_path: Path) -> Ran:
    """The finished run's study, to be damaged."""
    study = Study(tmp_path / "study")
    study.create()
    study.path(TRIALS).write_bytes(finished.study.path(TRIALS).read_bytes())
    return replace(finished, study=study)


@pytest.mark.long
def test_real_pilots_are_ok_from_end_to_end(finished):
    records = finished.study.trials()
    assert [record.outcome for record in records] == ["ok"] * len(finished.plan.trials)
    assert {record.spec for record in records} == set(finished.plan.trials)
    assert len({record.key for record in records}) == len(records)


@pytest.mark.long
def test_a_second_run_repeats_nothing(copied):
    before = copied.study.path(TRIALS).read_bytes()
    told = copied.again(retry_failed=True)
    total = len(copied.plan.trials)
    assert copied.study.path(TRIALS).read_bytes() == before
    assert told == [RunStarted(total, total, 0.0), RunEnded(total, 0, 0)]


@pytest.mark.parametrize("experiment", ["parity", "race"])
def test_what_belongs_together_and_lacks_one_trial_runs_again_as_a_whole(fresh, scripted, experiment):
    ran = fresh(dict.fromkeys(EVERYTHING, scripted()))
    ran.again()
    records = ran.study.trials()
    (lost,) = (one for one in records if (one.spec.experiment, one.spec.candidate) == (experiment, "tensorflow"))
    kept = "".join(line for line in ran.lines if lost.key not in line)
    assert len(kept) < len("".join(ran.lines))
    ran.study.path(TRIALS).write_text(kept, encoding="utf-8")
    again = {record.spec for record in saved(ran.again())}
    assert again == {trial for trial in ran.plan.trials if trial.experiment == experiment}
    assert "".join(ran.lines).startswith(kept)
    records = ran.study.trials()
    assert {record.spec for record in records} == set(ran.plan.trials)
    assert len({record.result.session for record in records if isinstance(record.result, RaceResult)}) == 1


@pytest.mark.long
def test_races_of_two_sessions_are_not_put_together(copied):
    records = list(copied.study.trials())
    number, race = next((n, one) for n, one in enumerate(records) if isinstance(one.result, RaceResult))
    assert isinstance(race.result, RaceResult)
    records[number] = replace(race, result=replace(race.result, session="another"))
    (launch,) = (launch for launch in copied.plan.launches if launch.stage == "pilots")
    missing = missing_trials(launch.trials, copied.run, {record.key: record for record in records})
    assert [trial.experiment for trial in missing] == ["race"] * 2


@pytest.mark.long
def test_other_versions_are_other_trials(copied, scripted):
    python = dict.fromkeys(EVERYTHING, scripted())
    copied.run = run_in(python)
    total = len(copied.plan.trials)
    assert copied.again()[0] == RunStarted(total, 0, pytest.approx(copied.plan.estimated_s, rel=0.1))
    assert len(copied.lines) == 2 * total


def test_a_candidate_whose_interpreter_dies_is_a_row(fresh, scripted):
    ran = fresh({"baseline": scripted(), "pytorch": scripted(), "tensorflow": scripted(open="die")}, launches=2)
    told = ran.again()
    per_candidate = Counter(trial.candidate for trial in ran.plan.trials)
    assert ran.outcomes == {
        ("baseline", "ok"): per_candidate["baseline"],
        ("pytorch", "ok"): per_candidate["pytorch"],
        ("tensorflow", "crashed"): per_candidate["tensorflow"],
    }
    assert told[-1] == RunEnded(len(ran.plan.trials), failed=per_candidate["tensorflow"], left_out=0)


def test_what_failed_runs_again_only_when_that_is_asked_for(fresh, scripted):
    ran = fresh({"baseline": scripted(), "pytorch": scripted(), "tensorflow": scripted(infer="die", train="kill")})
    ran.again()
    before = ran.lines
    failed = {record.spec for record in ran.study.trials() if record.outcome != "ok"}
    assert {(trial.experiment, trial.candidate) for trial in failed} >= {
        ("infer", "tensorflow"),
        ("footprint", "tensorflow"),
    }
    ran.run = run_in(dict.fromkeys(EVERYTHING, scripted()))
    ran.again()
    assert ran.lines == before
    told = ran.again(retry_failed=True)
    assert {record.spec for record in saved(told)} == failed
    assert ran.lines[: len(before)] == before
    assert set(ran.outcomes) == {(candidate, "ok") for candidate in EVERYTHING}
    assert ran.again(retry_failed=True)[-1] == RunEnded(len(ran.plan.trials), 0, 0)


def test_a_failed_race_retried_is_a_race_of_all(fresh, scripted):
    ran = fresh({"baseline": scripted(), "pytorch": scripted(), "tensorflow": scripted(run_block__2="die")})
    ran.again()
    ran.run = run_in(dict.fromkeys(EVERYTHING, scripted()))
    told = ran.again(retry_failed=True)
    assert what(saved(told))[("race", "pytorch")] == 2
    assert what(saved(told))[("race", "tensorflow")] == 1
    assert what(saved(told))[("infer", "pytorch")] == 0
    assert set(ran.outcomes) == {(candidate, "ok") for candidate in EVERYTHING}


@pytest.mark.parametrize(("faults", "races"), [({}, 2), ({"run_block": "uneven"}, 5)])
def test_a_race_goes_on_until_its_pairs_are_resolved(fresh, scripted, faults, races):
    ran = fresh(dict.fromkeys(EVERYTHING, scripted(**faults)))
    few = shortened(2, minimum=2, race_launches=5)
    ran.plan = plan_of(few)
    ran.run = replace(ran.run, method=few)
    told = ran.again()
    by_experiment = {
        experiment: {record.spec.launch for record in ran.study.trials() if record.spec.experiment == experiment}
        for experiment in ("learn", "infer", "footprint", "race")
    }
    assert by_experiment["learn"] == by_experiment["infer"] == by_experiment["footprint"] == {0, 1}
    assert by_experiment["race"] == set(range(races))
    assert told[-1] == RunEnded(len(ran.plan.trials), 0, 0)  # what need not race counts as done
    before = ran.lines
    assert ran.again()[-1] == told[-1]  # a second look decides alike
    assert ran.lines == before


@pytest.mark.parametrize("after", [1, 2, 3, 4, 6, 8])
def test_an_interruption_keeps_what_was_saved(fresh, scripted, after):
    ran = fresh(dict.fromkeys(EVERYTHING, scripted()))
    saves = 0

    def interrupt(event: Event) -> None:
        nonlocal saves
        saves += isinstance(event, TrialsFinished)
        if saves == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ran.again(watch=interrupt)
    before = ran.lines
    assert 0 < len(before) < len(ran.plan.trials)
    told = ran.again()
    assert isinstance(told[0], RunStarted)
    assert told[0].finished == len(before)
    assert ran.lines[: len(before)] == before
    assert len(ran.lines) == len(ran.plan.trials)
    assert {record.spec for record in ran.study.trials()} == set(ran.plan.trials)


GATE = {"learn": 1, "parity": 2}  # learn: the baseline


@pytest.mark.parametrize(
    ("when", "kept"),
    [
        (Activity("baseline", "training"), {"learn": 1}),
        (Activity("pytorch", "checking parity"), GATE),  # which is worth nothing by halves
        (Activity("pytorch", "starting"), GATE),  # before any trial has begun
        (Activity("pytorch", "warming up"), GATE | {"race": 3}),  # its rounds belong together
        (Activity("pytorch", "measuring memory"), GATE | {"race": 3, "learn": 3, "infer": 2, "epochs": 2}),
    ],
)
def test_who_wants_to_stop_gets_what_is_running_and_nothing_else(fresh, scripted, when, kept):
    ran = fresh(dict.fromkeys(EVERYTHING, scripted()), launches=2)
    told: list[Event] = []
    with pytest.raises(KeyboardInterrupt):
        ran.again(watch=told.append, wants_to_stop=lambda: when in told)
    assert Counter(record.spec.experiment for record in ran.study.trials()) == kept
    assert told[-1] == RunEnded(sum(kept.values()), failed=0, left_out=0, stopped=True)
    assert told.index(when) > max(n for n, event in enumerate(told) if isinstance(event, LaunchStarted))
    ran.again()
    assert {record.spec for record in ran.study.trials()} == set(ran.plan.trials)
    assert len(ran.lines) == len(ran.plan.trials)


def test_how_races_stand_is_told_after_each_and_when_a_run_goes_on(fresh, scripted):
    ran = fresh(dict.fromkeys(EVERYTHING, scripted(run_block="uneven")), launches=3, minimum=2)
    seen = 0

    def stop() -> bool:
        return seen == 2

    def count(event: Event) -> None:
        nonlocal seen
        seen += isinstance(event, RaceJudged)

    with pytest.raises(KeyboardInterrupt):
        ran.again(watch=count, wants_to_stop=stop)
    told = [event.standing for event in ran.again() if isinstance(event, RaceJudged)]
    assert [one.launches for one in told] == [2, 3]
    records, measuring = ran.study.trials(), ran.run.method.measuring
    comparisons = compare(records, measuring, 3)
    assert told[-1].comparisons == comparisons  # by the function that reports use
    floor = noise_floor(records, "tabular", measuring)
    assert floor is not None
    assert (told[-1].noise, told[-1].copied, told[-1].needed) == (floor.ratio, ("pytorch", "tensorflow"), 2)
    for one in told[-1].throughputs:
        (steps,) = (s for s in series(records) if (s.measure, s.candidate) == ("race.step_ms", one.candidate))
        mean = geometric_mean(steps.values, measuring.confidence)
        batch = 32  # as the script has it
        assert one.examples_per_s == pytest.approx(1000 * batch / mean.centre)
        assert (one.low, one.high) == pytest.approx((1000 * batch / mean.high, 1000 * batch / mean.low))
        assert one.launches == 3


def test_an_interruption_before_anything_was_saved(fresh, scripted):
    ran = fresh(dict.fromkeys(EVERYTHING, scripted()))

    def interrupt(event: Event) -> None:
        if isinstance(event, LaunchStarted):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ran.again(watch=interrupt)
    assert ran.study.trials() == ()


@pytest.mark.parametrize("after", [0, 1, 2, 8])
def test_a_study_that_cannot_be_written_ends_the_run(fresh, scripted, after):
    ran = fresh(dict.fromkeys(EVERYTHING, scripted()))
    path = ran.study.path(TRIALS)
    if after == 0:
        path.mkdir()
    saves = 0

    def block(event: Event) -> None:
        nonlocal saves
        saves += isinstance(event, TrialsFinished)
        if isinstance(event, TrialsFinished) and saves == after:
            path.rename(path.with_suffix(".kept"))
            path.mkdir()

    with pytest.raises(AdvisorError, match="cannot be written") as caught:
        ran.again(watch=block) if after else run_plan(ran.plan, ran.run, (), ran.study.append_trials, block)
    assert caught.value.where == str(path)
    assert saves == after
    assert not psutil.Process().children(recursive=True)


PLANNED = plan_of(shortened(2))
PURE = run_in(dict.fromkeys(EVERYTHING, "python"))


def record_of(spec: TrialSpec) -> TrialRecord:
    return TrialRecord(PURE.key(spec), spec, "failed", "2026-01-01T00:00:00+00:00", 1.0, None, None, "why")


@given(st.sets(st.sampled_from(PLANNED.trials)))
def test_what_is_missing(stored):
    records = {PURE.key(spec): record_of(spec) for spec in stored}
    for launch in PLANNED.launches:
        missing = missing_trials(launch.trials, PURE, records)
        assert set(launch.trials) - stored <= set(missing)
        assert list(missing) == [trial for trial in launch.trials if trial in missing]  # in the order of the plan
        for experiment in {trial.experiment for trial in launch.trials}:
            group = {trial for trial in launch.trials if trial.experiment == experiment}
            if experiment in ("parity", "race"):
                assert group & set(missing) in (group, set())
            else:
                assert group & set(missing) == group - stored
        complete = records | {PURE.key(spec): record_of(spec) for spec in missing}
        assert missing_trials(launch.trials, PURE, complete) == ()


def asking_for_quiet(run: Run, crowded_cores: float) -> Run:
    """The same run, which waits half a second at most for others to take no more than so much of a core."""
    smoke = run.method.sizes["smoke"].model_copy(update={"quiet_wait_s": 0.5})
    quiet = run.method.quiet.model_copy(update={"crowded_cores": crowded_cores})
    return replace(run, method=run.method.model_copy(update={"sizes": {"smoke": smoke}, "quiet": quiet}))


def test_what_was_timed_on_a_busy_machine_runs_again_once_it_is_quiet(fresh, scripted):
    ran = fresh(dict.fromkeys(EVERYTHING, scripted()))
    ran.again()
    busy = Contention(0.6, None, busy=True, cores=2)
    records = []
    for one in ran.study.trials():
        if isinstance(one.result, RaceResult):
            one = replace(one, result=replace(one.result, contention=busy))
        elif (one.spec.experiment, one.spec.candidate) == ("infer", "pytorch"):
            one = replace(one, contention=busy)
        records.append(one)
    ran.study.append_trials(records)
    before = ran.lines

    ran.run = asking_for_quiet(ran.run, crowded_cores=-1.0)  # never quiet
    told = ran.again()
    assert ran.lines == before
    assert isinstance(told[-1], RunEnded)

    ran.run = asking_for_quiet(ran.run, crowded_cores=1000.0)
    again = what(saved(ran.again()))
    # Both predict again: the other one did in a process in which it had raced before.
    raced = {("race", "pytorch"): 2, ("race", "tensorflow"): 1}
    assert again == Counter({**raced, ("infer", "pytorch"): 1, ("infer", "tensorflow"): 1})
    assert not any(map(on_busy_machine, ran.study.trials()))
    assert saved(ran.again()) == []


def on_busy(record: TrialRecord, launches: tuple[int, ...]) -> TrialRecord:
    if not isinstance(record.result, RaceResult) or record.spec.launch not in launches:
        return record
    return replace(record, result=replace(record.result, contention=Contention(0.6, None, busy=True, cores=2)))


def test_a_busy_launch_among_the_first_does_not_end_the_racing(fresh, scripted):
    """Two of three that count show nothing, and the spare launches are there to show it."""
    ran = fresh(dict.fromkeys(EVERYTHING, scripted(run_block="uneven")))
    few = shortened(3, minimum=3, race_launches=5)
    ran.plan, ran.run = plan_of(few), replace(ran.run, method=few)

    def stop() -> bool:
        return any(record.spec.launch == 2 and record.spec.experiment == "race" for record in ran.study.trials())

    with pytest.raises(KeyboardInterrupt):
        ran.again(wants_to_stop=stop)
    ran.study.append_trials([on_busy(record, (1,)) for record in ran.study.trials()])
    ran.run = asking_for_quiet(ran.run, crowded_cores=-1.0)  # it stays busy, so that launch 1 does not run again
    ran.plan = plan_of(ran.run.method)
    ran.again()
    assert {one.spec.launch for one in ran.study.trials() if one.spec.experiment == "race"} == set(range(5))
