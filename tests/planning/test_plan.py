"""Which trials run, in which order, and what a budget takes away."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.catalog import BASELINE, CANDIDATES
from advisor.interview.answers import Answers
from advisor.method import method
from advisor.planning.plan import Plan, Settings, estimate_s, make_plan
from advisor.userdata.prepare import ReadyData
from advisor.userdata.profile import Balance, TableProfile
from pilots import workload as workloads
from pilots.records import DataSource, TrialSpec, WorkloadFolder

WORKLOADS = tuple(workloads.load(name) for name in workloads.names())
NAMES = tuple(workload.name for workload in WORKLOADS if "other" in workload.stands_in_for)
DATA = DataSource(kind="table", path="/study/data/prepared.npz", sha256="0" * 64)
OWN = WorkloadFolder(path="/home/churn", sha256="0" * 64)
PROFILE = TableProfile("table", "churn.csv", "churned", 90, 90, 0, 3, 1, (), Balance(2, 0.3, 0.7), 0.1)
READY = ReadyData(DATA, PROFILE)
SIZES = ("smoke", "quick", "standard")


def plan_for(
    said: dict | None = None, unavailable: dict | None = None, ready: ReadyData | None = None, **settings
) -> Plan:
    return make_plan(
        Answers(said or {}),
        Settings(**settings),
        method(),
        unavailable=unavailable or {},
        workloads=WORKLOADS,
        threads=2,
        data=ready,
    )


def experiments(plan: Plan) -> set[str]:
    return {trial.experiment for trial in plan.trials}


some_settings = st.builds(
    Settings,
    size=st.sampled_from(SIZES),
    candidates=st.sets(st.sampled_from(list(CANDIDATES)), min_size=1).map(
        lambda some: tuple(name for name in CANDIDATES if name in some)
    ),
    budget_s=st.none() | st.floats(1, 5000),
    seed=st.integers(0, 100),
    tuned=st.none() | st.booleans(),
)
some_answers = st.builds(
    lambda problem, trains: Answers({"project.problem": problem, "project.trains": trains}),
    st.sampled_from(["tabular", "vision", "audio"]),
    st.sampled_from(["yes", "no"]),
)


@given(some_settings, some_answers, st.sets(st.sampled_from(list(CANDIDATES)), max_size=3), st.none() | st.just(READY))
def test_whatever_is_asked_a_plan_is_whole(settings, answers, unavailable, ready):
    plan = make_plan(
        answers,
        settings,
        method(),
        unavailable=dict.fromkeys(unavailable, "why"),
        workloads=WORKLOADS,
        threads=2,
        data=ready,
    )
    runnable = [name for name in settings.candidates if name not in unavailable]
    assert list(plan.candidates) == runnable
    assert set(plan.unavailable) == unavailable & set(settings.candidates)
    assert len(set(plan.trials)) == len(plan.trials)
    assert plan.estimated_s == pytest.approx(sum(launch.estimated_s for launch in plan.launches))
    if not runnable:
        assert plan.launches == ()
        return
    for launch in plan.launches:
        assert launch.trials
        assert launch.estimated_s > 0
        assert launch.seed == settings.seed + launch.launch
        for trial in launch.trials:
            assert (trial.workload, trial.launch, trial.seed) == (launch.workload, launch.launch, launch.seed)
            assert (trial.size, trial.threads, trial.data) == (settings.size, 2, DATA if ready else None)
    size = method().sizes[settings.size]
    tuned = size.tuned if settings.tuned is None else settings.tuned
    for (workload, number, experiment), group in trials_by(plan).items():
        mine = Counter((trial.candidate, trial.lane, trial.control) for trial in group)
        if experiment == "learn":
            assert mine.pop(("baseline", "default", False)) == 1
        control = mine.pop((runnable[number % len(runnable)], "default", True), 0)
        assert control == (experiment == "race")
        both = experiment in ("parity", "race", "infer") or (experiment == "epochs" and number == 0)
        lanes = ["default", "tuned"] if tuned and both else ["default"]
        assert mine == Counter((name, lane, False) for name in runnable for lane in lanes)
        assert experiment != "parity" or number == 0
        assert experiment == "race" or number < size.launches
        assert (workload, 0, "parity") in trials_by(plan)


def trials_by(plan: Plan) -> dict[tuple[str, int, str], list[TrialSpec]]:
    found: dict[tuple[str, int, str], list[TrialSpec]] = {}
    for trial in plan.trials:
        found.setdefault((trial.workload, trial.launch, trial.experiment), []).append(trial)
    return found


@given(some_settings)
def test_the_budget_is_kept_while_the_plan_runs_and_changes_nothing_about_it(settings):
    plan, full = (plan_for({}, **{**vars(settings), "budget_s": budget_s}) for budget_s in (settings.budget_s, None))
    assert (plan.launches, plan.workloads, plan.notes) == (full.launches, full.workloads, full.notes)
    assert plan.settings.budget_s == settings.budget_s


@given(st.sets(st.sampled_from(plan_for({"project.problem": "vision"}, size="quick", tuned=True).trials), min_size=1))
def test_fewer_trials_are_never_estimated_to_take_longer(some):
    stages = {launch.stage for launch in plan_for(size="quick").launches}
    for trial in some:
        for stage in stages - {"gate", "footprint"}:  # where more trials run side by side
            assert 0 < estimate_s(stage, [trial]) <= estimate_s(stage, tuple(some))


def test_the_baseline_first_then_whole_launches_in_turn():
    plan = plan_for(size="smoke", tuned=False)
    names = [choice.name for choice in plan.workloads]
    assert len(names) > 1
    order = [(launch.launch, launch.workload, launch.stage) for launch in plan.launches]
    assert order == [
        (number, name, stage)
        for number in range(method().sizes["smoke"].launches)
        for name in names
        for stage in ("baseline", "gate", "pilots", "footprint")
        if stage != "gate" or number == 0
    ]


def test_the_last_launches_only_race():
    plan = plan_for({"project.problem": "vision"}, size="quick")
    size = method().sizes["quick"]
    last = [launch for launch in plan.launches if launch.launch >= size.launches]
    assert [launch.launch for launch in last] == list(range(size.launches, size.race_launches))
    assert {launch.stage for launch in last} == {"pilots"}
    assert {trial.experiment for launch in last for trial in launch.trials} == {"race"}
    assert last[0].title == f"vision, launch {size.launches + 1}: race of what is not resolved yet"


@pytest.mark.parametrize(
    ("size", "asked", "lanes"),
    [
        ("quick", None, {"default"}),
        ("quick", True, {"default", "tuned"}),
        ("standard", None, {"default", "tuned"}),
        ("standard", False, {"default"}),
    ],
)
def test_the_size_decides_about_lanes_unless_asked(size, asked, lanes):
    plan = plan_for({"project.problem": "vision"}, size=size, tuned=asked)
    assert {trial.lane for trial in plan.trials} == lanes
    assert any("--tuned" in note for note in plan.notes) is (lanes == {"default"})


def test_what_one_launch_holds_and_in_which_order():
    plan = plan_for({"project.problem": "vision"}, size="quick", seed=7)
    first, later = (next(one for one in plan.launches if (one.stage, one.launch) == ("pilots", n)) for n in (0, 1))
    steps = [experiment for experiment, _ in groupby(first.trials, key=lambda trial: trial.experiment)]
    assert steps == ["race", "learn", "infer", "epochs", "load"]
    assert {trial.experiment for trial in later.trials} == {"race", "learn", "infer", "epochs", "load"}
    assert first.title == "vision, launch 1: race, learn, infer, epochs, load"
    assert first.criteria == ("training_speed", "model_quality", "inference_speed")
    assert first.tells == (*first.criteria, "data pipeline (shown only)")
    assert plan.launches[0].tells == ("model_quality",)
    assert next(one for one in plan.launches if one.stage == "gate").tells == ("comparability",)
    assert (first.seed, later.seed) == (7, 8)


def test_every_candidate_in_turn_meets_its_own_copy():
    plan = plan_for({"project.problem": "vision"}, size="standard")
    copies = [trial for trial in plan.trials if trial.control and trial.workload == "vision"]
    assert [(trial.launch, trial.experiment, trial.lane) for trial in copies] == [
        (number, "race", "default") for number in range(method().sizes["standard"].race_launches)
    ]
    assert [trial.candidate for trial in copies[:5]] == list(CANDIDATES)
    assert copies[5].candidate == copies[0].candidate


def test_data_pipelines_are_looked_at_once_a_launch_where_there_is_something_to_augment():
    plan = plan_for({"project.problem": "other"}, size="quick", tuned=True)  # two pilots stand in
    load = [trial for trial in plan.trials if trial.experiment == "load"]
    launches = range(method().sizes["quick"].launches)
    assert Counter((one.workload, one.lane, one.candidate, one.launch) for one in load) == Counter(
        ("vision", "default", name, number) for name in CANDIDATES for number in launches
    )
    assert {workload.name for workload in WORKLOADS if workload.augment} == {"vision"}


def test_the_control_is_a_candidate_that_can_run():
    plan = plan_for({"project.problem": "vision"}, unavailable={"pytorch": "not installed"}, size="smoke")
    copied = [trial.candidate for trial in plan.trials if trial.control]
    assert copied[0] == "keras-tensorflow"
    assert "pytorch" not in copied
    assert plan.unavailable == {"pytorch": "not installed"}
    assert "pytorch" not in {trial.candidate for trial in plan.trials}


def test_a_candidate_that_was_not_asked_for_is_not_called_unavailable():
    plan = plan_for(unavailable={"tensorflow": "not installed"}, candidates=("pytorch",))
    assert plan.unavailable == {}


@pytest.mark.parametrize("settings", [{"pilots": False}, {"candidates": ()}])
def test_nothing_to_measure(settings):
    plan = plan_for({"project.problem": "vision"}, **settings)
    assert plan.launches == ()
    assert plan.estimated_s == 0


def test_without_any_framework_nothing_runs():
    plan = plan_for(unavailable=dict.fromkeys(CANDIDATES, "not installed"))
    assert plan.launches == ()
    assert set(plan.unavailable) == set(CANDIDATES)


def test_a_project_that_trains_nothing():
    plan = plan_for({"project.problem": "vision", "project.trains": "no"}, size="quick")
    assert experiments(plan) == {"parity", "infer", "footprint"}  # nor does anything wait for data
    assert {trial.candidate for trial in plan.trials} == set(CANDIDATES)
    assert any("Nothing is trained" in note for note in plan.notes)


def test_the_quick_plan_is_meant_to_take_ten_minutes_at_most():
    assert plan_for({"project.problem": "tabular"}, size="quick").estimated_s < 10 * 60


@pytest.mark.parametrize("size", SIZES)
def test_few_pilots_where_time_is_short_and_the_plan_names_the_others(size):
    plan = plan_for(size=size)
    shown = [choice.name for choice in plan.workloads]
    assert {launch.workload for launch in plan.launches} == set(shown)
    others = set(NAMES) - set(shown)
    assert bool(others) is (size != "standard")
    notes = [note for note in plan.notes if "without `--quick`" in note]
    assert len(notes) == bool(others)
    assert all(name in note for note in notes for name in others)


@pytest.mark.parametrize("problem", ["tabular", "vision", "audio"])
def test_a_table_goes_where_tables_are_read(problem):
    plan = plan_for({"project.problem": problem}, ready=READY, size="smoke")
    assert [(choice.name, choice.stands_in) for choice in plan.workloads] == [("tabular", False)]
    assert {trial.data for trial in plan.trials} == {DATA}
    assert plan.data == PROFILE


def test_the_plan_on_disk_names_every_trial():
    plan = plan_for({"project.problem": "vision"}, size="smoke", budget_s=900.0)
    stored = json.loads(plan.to_json())
    assert stored["estimated_s"] == plan.estimated_s
    assert sum(len(launch["trials"]) for launch in stored["launches"]) == len(plan.trials)
    assert (stored["schema"], stored["settings"]["size"], stored["settings"]["budget_s"]) == (1, "smoke", 900.0)


SPEC = TrialSpec("learn", "tabular", "quick", "pytorch", "default", seed=1, launch=1, threads=2, data=DATA)
VERSIONS = {"torch": "2.13.0", "python": "3.11.9"}
KEY = SPEC.key(VERSIONS, "machine")


def test_the_key_of_a_trial_is_stable():
    assert SPEC.key(dict(reversed(VERSIONS.items())), "machine") == KEY
    assert replace(SPEC, data=replace(DATA, path="/elsewhere/table.csv")).key(VERSIONS, "machine") == KEY
    assert KEY == "a90366c63a11d5b6"  # changing how a key is made means that no stored study resumes: raise SCHEMA then


def test_the_key_of_a_trial_knows_a_workload_by_its_content():
    spec = replace(SPEC, folder=OWN)
    assert spec.key(VERSIONS, "machine") == replace(spec, folder=replace(OWN, path="/moved")).key(VERSIONS, "machine")
    assert spec.key(VERSIONS, "machine") != replace(spec, folder=replace(OWN, sha256="1" * 64)).key(VERSIONS, "machine")


def test_the_users_own_workload_is_the_only_one():
    own = (replace(WORKLOADS[0], name="churn"),)
    plan = make_plan(
        Answers({"project.problem": "vision"}),
        Settings(workload=OWN, size="smoke"),
        method(),
        unavailable={"keras-jax": "the workload has no model for it"},
        workloads=own,
        threads=2,
    )
    assert [(choice.name, choice.stands_in, choice.why) for choice in plan.workloads] == [
        ("churn", False, "it is your own pilot")
    ]
    assert {(trial.workload, trial.folder) for trial in plan.trials} == {("churn", OWN)}
    assert plan.unavailable == {"keras-jax": "the workload has no model for it"}
    assert "keras-jax" not in {trial.candidate for trial in plan.trials}


@pytest.mark.parametrize(
    "change",
    [
        {"experiment": "infer"},
        {"workload": "vision"},
        {"size": "smoke"},
        {"candidate": "tensorflow"},
        {"seed": 2},
        {"launch": 2},
        {"threads": 1},
        {"device": "cpu"},
        {"control": True},
        {"data": None},
        {"data": replace(DATA, sha256="1" * 64)},
        {"data": replace(DATA, kind="series")},
        {"folder": OWN},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_trial_has_another_key(change):
    assert replace(SPEC, **change).key(VERSIONS, "machine") != KEY


def test_other_versions_or_another_machine_have_another_key():
    assert SPEC.key(VERSIONS | {"torch": "2.14.0"}, "machine") != KEY
    assert SPEC.key(VERSIONS, "another") != KEY


def test_without_scikit_learn_there_is_no_baseline_and_the_plan_says_so() -> None:
    plan = plan_for(unavailable={BASELINE: "not installed: scikit-learn"})
    assert BASELINE not in {trial.candidate for trial in plan.trials}
    assert plan.trials and plan.unavailable == {BASELINE: "not installed: scikit-learn"}
