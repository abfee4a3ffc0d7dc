"""Runs that are cut off, resumed, repeated and short of time: once with real pilots, the rest with scripted ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.errors import AdvisorError
from advisor.interview.answers import Answers
from advisor.measuring.events import (
    Activity,
    Event,
    LaunchStarted,
    Reading,
    RunEnded,
    RunStarted,
    TrialsFinished,
    ignore,
)
from advisor.measuring.interpreters import Interpreter, find_interpreters
from advisor.measuring.schedule import Run, missing_trials, run_plan
from advisor.method import Method, method
from advisor.planning.plan import Plan, Settings, make_plan
from advisor.study import TRIALS, Study
from pilots import workload as workloads
from pilots.records import RaceResult, TrialRecord, TrialSpec

CANDIDATES = ("pytorch", "tensorflow")


def shortened(launches: int, minimum: int = 1, race_launches: int | None = None) -> Method:
    """The method with fewer launches, so that a test is quick."""
    sizes = {"launches": launches, "race_launches": race_launches or launches}
    smoke = method().sizes["smoke"].model_copy(update=sizes)
    measuring = method().measuring.model_copy(update={"minimum_launches": minimum, "trial_timeout_s": 120.0})
    return method().model_copy(update={"sizes": {"smoke": smoke}, "measuring": measuring})


def plan_of(method: Method, candidates: tuple[str, ...] = CANDIDATES) -> Plan:
    return make_plan(
        Answers({"project.problem": "tabular"}),
        Settings(size="smoke", candidates=candidates),
        method,
        unavailable={},
        workloads=[workloads.load("tabular")],
        threads=1,
    )


def run_in(python: Mapping[str, str], launches: int = 1, minimum: int = 1) -> Run:
    interpreters = {candidate: Interpreter(path, {"python": "3.11.0"}) for candidate, path in python.items()}
    return Run(interpreters, "machine", memory_limit_mib=100_000, method=shortened(launches, minimum))


@dataclass
class Ran:
    """A study and what its last run told."""

    study: Study
    plan: Plan
    run: Run

    def again(
        self, *, retry_failed: bool = False, watch: Callable[[Event], None] = ignore, **settings: Any
    ) -> list[Event]:
        told: list[Event] = []

        def listen(event: Event) -> None:
            told.append(event)
            watch(event)

        try:
            run_plan(
                self.plan,
                self.run,
                self.study.trials(),
                self.study.append_trials,
                listen,
                retry_failed=retry_failed,
                **settings,
            )
        finally:
            assert not psutil.Process().children(recursive=True), "a process was left behind"
        return told

    @property
    def lines(self) -> list[str]:
        return self.study.path(TRIALS).read_text(encoding="utf-8").splitlines(keepends=True)

    @property
    def outcomes(self) -> Counter[tuple[str, str]]:
        return Counter((record.spec.candidate, record.outcome) for record in self.study.trials())


def what(records: list[TrialRecord] | tuple[TrialRecord, ...]) -> Counter[tuple[str, str]]:
    return Counter((record.spec.experiment, record.spec.candidate) for record in records)


def saved(told: list[Event]) -> list[TrialRecord]:
    return [record for event in told if isinstance(event, TrialsFinished) for record in event.records]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """A run of one launch of a real candidate and its control; whole runs are in test_run_for_real.py."""
    study = Study(tmp_path_factory.mktemp("finished"))
    interpreters = find_interpreters(["pytorch"], {}).found
    ran = Ran(
        study,
        plan_of(shortened(1), ("pytorch",)),
        Run(interpreters, "machine", memory_limit_mib=100_000, method=shortened(1)),
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


@pytest.fixture
def fresh(tmp_path: Path) -> Callable[..., Ran]:
    """An empty study and the interpreters to run it in."""

    def make(python: Mapping[str, str], launches: int = 1, minimum: int = 1) -> Ran:
        study = Study(tmp_path / "study")
        if not study.folder.exists():
            study.create()
        return Ran(study, plan_of(shortened(launches)), run_in(python, launches, minimum))

    return make


EVERYTHING = ("baseline", *CANDIDATES)


def test_real_pilots_are_ok_from_end_to_end(finished):
    records = finished.study.trials()
    assert [record.outcome for record in records] == ["ok"] * len(finished.plan.trials)
    assert {record.spec for record in records} == set(finished.plan.trials)
    assert len({record.key for record in records}) == len(records)


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


def test_races_of_two_sessions_are_not_put_together(copied):
    records = list(copied.study.trials())
    number, race = next((n, one) for n, one in enumerate(records) if isinstance(one.result, RaceResult))
    assert isinstance(race.result, RaceResult)
    records[number] = replace(race, result=replace(race.result, session="another"))
    (launch,) = (launch for launch in copied.plan.launches if launch.stage == "pilots")
    missing = missing_trials(launch.trials, copied.run, {record.key: record for record in records})
    assert [trial.experiment for trial in missing] == ["race"] * 2


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


class Ticking:
    """A clock that goes on by a known time with each thing that a run does, and stands still otherwise."""

    def __init__(self, **seconds: float) -> None:
        self.now_s = 0.0
        self.seconds = {"baseline": 3.0, "checking_parity": 1.0, "starting": 1.0, "warming_up": 1.0}
        self.seconds |= {"block": 0.0, "training": 3.0, "predicting": 1.0, "measuring_memory": 2.0} | seconds

    def __call__(self) -> float:
        return self.now_s

    def watch(self, event: Event) -> None:
        """Take the time of what begins."""
        if isinstance(event, Activity):
            what = "baseline" if event.candidate == "baseline" else event.what.replace(" ", "_")
            self.now_s += self.seconds[what]
        elif isinstance(event, Reading) and event.measure == "step":
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
    assert ended.what == (
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
    assert [event.seconds_left for event in after_the_first_round[:2]] == [2 * ROUND_S, 2 * ROUND_S - BASELINE_S]
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
    assert what == f"{left_out} of tabular (1 of the 2 launches needed ran, worth least per second)"
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
    assert all("no launch was finished" in what for what in told[-1].what)  # type: ignore[union-attr]


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
        seconds, _ = re.findall(r"no launch was finished, 1 more would take about (\d+) s", str(told[-1]))
        assert float(seconds) >= FOREVER
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
