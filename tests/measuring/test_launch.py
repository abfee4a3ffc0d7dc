"""One launch with scripted processes: what a trial does becomes its record, and nobody else's."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import count

import psutil
import pytest

from advisor.catalog import LANES
from advisor.errors import AdvisorError
from advisor.interview.answers import Answers
from advisor.measuring.machine.contention import ProcessorTime
from advisor.measuring.running.events import Activity, BlockRaced, EpochLearned, Event, ignore
from advisor.measuring.running.launch import run_launch
from advisor.measuring.running.launch_context import LaunchContext
from advisor.measuring.running.local_host import LocalHost
from advisor.measuring.running.logbook import Logbook
from advisor.measuring.running.quiet import QuietGate
from advisor.measuring.running.supervisor import TrialLimits
from advisor.method import method
from advisor.planning.plan import Launch, Settings, make_plan
from pilots import workload as workloads
from pilots.experiment import Stage
from pilots.records import Lane, TrialRecord, TrialSpec
from pilots.results import ParityResult

CANDIDATES = ("pytorch", "keras-torch", "tensorflow")
ALL_COMPARABLE = dict.fromkeys(CANDIDATES, True)
QUICK = method().model_copy(update={"measuring": method().measuring.model_copy(update={"trial_timeout_s": 3.0})})


def launch_of(
    stage: Stage, number: int = 0, *, tuned: bool = False, workload: str = "tabular", threads: int = 1
) -> Launch:
    plan = make_plan(
        Answers({"project.problem": workload}),
        Settings(size="smoke", candidates=CANDIDATES, tuned=tuned),
        method(),
        unavailable={},
        workloads=[workloads.load(workload)],
        threads=threads,
    )
    (found,) = (launch for launch in plan.launches if launch.stage == stage and launch.launch == number)
    return found


class Book:
    """What was saved, and how often."""

    def __init__(self) -> None:
        self.saves: list[tuple[TrialRecord, ...]] = []

    def save(self, records: Sequence[TrialRecord]) -> None:
        self.saves.append(tuple(records))

    @property
    def records(self) -> list[TrialRecord]:
        return [record for saved in self.saves for record in saved]

    def outcomes(self, candidate: str, *, control: bool = False) -> dict[str, str]:
        mine = [one for one in self.records if (one.spec.candidate, one.spec.control) == (candidate, control)]
        assert len({record.spec for record in mine}) == len(mine), "a trial was saved twice"
        return {record.spec.experiment: record.outcome for record in mine}


def run(
    launch: Launch,
    python: Mapping[str, str],
    *,
    save: Callable[[Sequence[TrialRecord]], None] | None = None,
    watch: Callable[[Event], None] = ignore,
    comparable: Mapping[str, bool] = ALL_COMPARABLE,
    missing: Sequence[TrialSpec] | None = None,
    seed: int = 1,
    fed_right: set[tuple[str, Lane]] | None = None,
    gate: QuietGate | None = None,
) -> Book:
    book = Book()
    passed_by = {(candidate, lane): passed for candidate, passed in comparable.items() for lane in LANES}
    logbook = Logbook(lambda spec: repr(spec), save or book.save, passed_by)
    host = LocalHost(python, TrialLimits(QUICK.measuring.trial_timeout_s, 100_000))
    context = LaunchContext(
        host,
        method=QUICK,
        watch=watch,
        rng=random.Random(seed),
        fed_right=set() if fed_right is None else fed_right,
        gate=gate or QuietGate(QUICK.quiet, 0.0, read=host.processor_time),
    )
    run_launch(launch, launch.trials if missing is None else missing, logbook, context)
    assert not psutil.Process().children(recursive=True), "a process was left behind"
    return book


def is_race(record: TrialRecord) -> bool:
    return record.spec.experiment == "race"


WELL = {"race": "ok", "learn": "ok", "infer": "ok", "epochs": "ok"}


def test_all_is_well(scripted):
    told: list[Event] = []
    launch = launch_of("pilots")
    book = run(launch, dict.fromkeys(CANDIDATES, scripted()), watch=told.append)
    assert {record.spec for record in book.records} == set(launch.trials)
    assert all(book.outcomes(candidate) == WELL for candidate in CANDIDATES)
    assert book.outcomes("pytorch", control=True) == {"race": "ok"}
    together = [[record.spec.experiment for record in saved] for saved in book.saves]
    assert together[0] == ["race"] * 4  # joint experiments reach the disk together
    assert sorted(together[1:7]) == [["infer"]] * 3 + [["learn"]] * 3
    assert together[7:] == [["epochs"]] * 3  # the other two are worth more where time runs out
    results = [record.result for record in book.records]
    sessions = {result.session for result in results if result and result.kind == "race"}
    assert len(sessions) == 1
    assert all(record.environment and record.environment.settings == {"threads": "1"} for record in book.records)
    assert all(record.error is None and record.wall_s >= 0 for record in book.records)
    assert Activity("tensorflow", "training") in told
    assert EpochLearned("tensorflow", 1, 1, 0.75) in told
    assert any(isinstance(event, BlockRaced) and event.candidate == "pytorch (control)" for event in told)


def test_how_a_loop_feeds_is_looked_at_once_a_run(scripted):
    """It hangs on candidate and lane, not on the pilot; compilers take long over it."""
    python, fed_right = dict.fromkeys(CANDIDATES, scripted()), set[tuple[str, Lane]]()

    def seen(launch: Launch) -> dict[tuple[str, Lane], str]:
        found = {}
        for record in run(launch, python, fed_right=fed_right).records:
            assert isinstance(record.result, ParityResult)
            found[record.spec.candidate, record.spec.lane] = record.result.checks[-1].detail
        return found

    assert seen(launch_of("gate")) == {(name, "default"): "looked at" for name in CANDIDATES}
    both = seen(launch_of("gate", tuned=True, workload="vision"))
    told = {"default": "known", "tuned": "looked at"}
    assert both == {(name, lane): told[lane] for name in CANDIDATES for lane in LANES}


def test_the_order_of_opening_is_drawn_anew_and_belongs_to_the_seed(scripted):
    launch, python = launch_of("pilots"), dict.fromkeys(CANDIDATES, scripted())
    races = [trial for trial in launch.trials if trial.experiment == "race"]
    orders = []
    for seed in (1, 1, 2, 3):
        told: list[Event] = []
        run(launch, python, watch=told.append, missing=races, seed=seed)
        orders.append([one.candidate for one in told if isinstance(one, Activity) and one.what == "starting"])
    assert orders[0] == orders[1]
    assert all(sorted(order) == sorted(str(trial.entrant) for trial in races) for order in orders)
    assert len({order.index("pytorch") for order in orders}) > 1


def test_data_pipelines_run_alone_and_last(scripted):
    launch = launch_of("pilots", workload="vision", threads=3)
    told: list[Event] = []
    book = run(launch, dict.fromkeys(CANDIDATES, scripted()), watch=told.append)
    assert all(book.outcomes(candidate) == WELL | {"load": "ok"} for candidate in CANDIDATES)
    order = [saved[0].spec.experiment for saved in book.saves]
    assert order[-3:] == ["load"] * 3
    assert order.count("load") == 3
    results = [record.result for record in book.records if record.result and record.result.kind == "load"]
    assert {result.steps for result in results} == {QUICK.sizes["smoke"].load_steps}
    assert {tuple(pipeline.workers for pipeline in result.pipelines) for result in results} == {(0, 3)}
    assert Activity("tensorflow", "loading data") in told


def test_workers_are_as_many_as_threads_up_to_a_limit(scripted):
    book = run(launch_of("pilots", workload="vision", threads=64), dict.fromkeys(CANDIDATES, scripted()))
    results = [record.result for record in book.records if record.result and record.result.kind == "load"]
    assert {result.pipelines[1].workers for result in results} == {QUICK.measuring.pipeline_workers}


def test_a_pipeline_that_augments_otherwise_is_not_comparable_and_says_why(scripted):
    python = dict.fromkeys(CANDIDATES, scripted()) | {"keras-torch": scripted(load="augment_otherwise")}
    book = run(launch_of("pilots", workload="vision"), python)
    assert book.outcomes("keras-torch") == WELL | {"load": "not_comparable"}
    (other,) = (one for one in book.records if one.outcome == "not_comparable")
    assert other.error == "other labels"
    assert other.result is not None
    assert book.outcomes("pytorch") == WELL | {"load": "ok"}


def test_a_pipeline_that_fails_takes_nothing_else_with_it(scripted):
    python = dict.fromkeys(CANDIDATES, scripted()) | {"keras-torch": scripted(load="hang")}
    book = run(launch_of("pilots", workload="vision"), python)
    assert book.outcomes("keras-torch") == WELL | {"load": "timed_out"}


def test_both_lanes_race_in_one_session(scripted):
    launch = launch_of("pilots", tuned=True)
    book = run(launch, dict.fromkeys(CANDIDATES, scripted()))
    races = {(one.spec.candidate, one.spec.lane, one.spec.control): one for one in book.records if is_race(one)}
    assert set(races) == {(name, lane, False) for name in CANDIDATES for lane in LANES} | {("pytorch", "default", True)}
    assert len({one.result.session for one in races.values() if one.result and one.result.kind == "race"}) == 1
    assert {spec.lane for spec in launch.trials if spec.experiment == "learn"} == {"default"}


def test_a_lane_that_fails_leaves_the_other_one_alone(scripted):
    no_compiler = 'if command["spec"]["lane"] == "tuned": sys.exit(3)'
    python = dict.fromkeys(CANDIDATES, scripted()) | {"keras-torch": scripted(open=no_compiler)}
    book = run(launch_of("pilots", tuned=True), python)
    outcomes = {
        (one.spec.experiment, one.spec.lane): one.outcome for one in book.records if one.spec.candidate == "keras-torch"
    }
    assert outcomes == {
        ("race", "default"): "ok",
        ("learn", "default"): "ok",
        ("infer", "default"): "ok",
        ("epochs", "default"): "ok",
        ("race", "tuned"): "crashed",
        ("infer", "tuned"): "crashed",
        ("epochs", "tuned"): "crashed",
    }


def test_the_gate_asks_every_lane_in_processes_of_its_own(scripted):
    launch = launch_of("gate", tuned=True)
    book = run(launch, dict.fromkeys(CANDIDATES, scripted()))
    assert [len(saved) for saved in book.saves] == [6]
    assert {record.spec for record in book.records} == set(launch.trials)
    assert {record.outcome for record in book.records} == {"ok"}
    results = [record.result for record in book.records]
    assert {result.reference for result in results if result and result.kind == "parity"} == {"pytorch"}


def test_another_model_is_measured_and_shown_apart(scripted):
    python = dict.fromkeys(CANDIDATES, scripted()) | {"keras-torch": scripted(check_parity="differ")}
    gate = run(launch_of("gate"), python)
    assert [gate.outcomes(name)["parity"] for name in CANDIDATES] == ["ok", "not_comparable", "ok"]
    book = run(launch_of("pilots"), python, comparable={name: name != "keras-torch" for name in CANDIDATES})
    assert book.outcomes("keras-torch") == dict.fromkeys(WELL, "not_comparable")
    assert book.outcomes("pytorch") == book.outcomes("tensorflow") == WELL
    for record in (*gate.records, *book.records):
        if record.spec.candidate == "keras-torch":
            assert record.result is not None
            assert "failed the parity gate" in (record.error or "")


def test_who_has_not_been_through_the_gate_is_not_comparable(scripted):
    comparable = {"pytorch": True, "keras-torch": False}  # tensorflow has not been through it
    book = run(launch_of("pilots"), dict.fromkeys(CANDIDATES, scripted()), comparable=comparable)
    assert book.outcomes("pytorch") == WELL
    assert book.outcomes("keras-torch") == book.outcomes("tensorflow") == dict.fromkeys(WELL, "not_comparable")


@pytest.mark.parametrize(
    ("faults", "expected"),
    [
        ({"open": "die"}, dict.fromkeys(WELL, "crashed")),
        ({"open": "unavailable"}, dict.fromkeys(WELL, "unavailable")),
        ({"open": "hang"}, dict.fromkeys(WELL, "timed_out")),
        ({"start_race": "kill"}, dict.fromkeys(WELL, "out_of_memory")),
        ({"run_block__2": "garbage"}, dict.fromkeys(WELL, "crashed")),
        ({"end_race": "hang"}, dict.fromkeys(WELL, "timed_out")),
    ],
)
def test_a_failure_is_a_row_and_the_others_go_on(scripted, faults, expected):
    python = dict.fromkeys(CANDIDATES, scripted()) | {"keras-torch": scripted(**faults)}
    book = run(launch_of("pilots"), python)
    assert book.outcomes("keras-torch") == expected
    assert book.outcomes("pytorch") == book.outcomes("tensorflow") == WELL
    failed = [record for record in book.records if record.outcome not in ("ok", "not_comparable")]
    assert all(record.result is None and record.error for record in failed)
    if "die" in faults.values():
        assert all((record.error or "").endswith("the last words") for record in failed)
    (race,) = {record.result.session for record in book.records if record.result and record.result.kind == "race"}
    assert race


@pytest.mark.parametrize("how", ["die", "garbage"])  # ended, or alive and not to be trusted
@pytest.mark.parametrize(("fault", "other"), [("learn", "infer"), ("infer", "learn")])
def test_a_failure_alone_fails_what_would_have_followed(scripted, fault, other, how):
    python = dict.fromkeys(CANDIDATES, scripted()) | {"keras-torch": scripted(**{fault: how})}
    book = run(launch_of("pilots"), python)
    outcomes = book.outcomes("keras-torch")
    order = [record.spec.experiment for record in book.records if record.spec.candidate == "keras-torch"]
    assert outcomes[fault] == "crashed"
    assert outcomes[other] == ("ok" if order.index(other) < order.index(fault) else "crashed")
    assert book.outcomes("pytorch") == book.outcomes("tensorflow") == WELL


def test_when_the_reference_fails_the_next_one_takes_its_place(scripted):
    python = dict.fromkeys(CANDIDATES, scripted()) | {"pytorch": scripted(check_parity="die")}
    book = run(launch_of("gate"), python)
    assert [book.outcomes(name)["parity"] for name in CANDIDATES] == ["crashed", "ok", "ok"]
    parity = [record.result for record in book.records if record.result and record.result.kind == "parity"]
    assert [result.reference for result in parity] == ["keras-torch", "keras-torch"]


@pytest.mark.parametrize("stage", ["gate", "pilots", "footprint"])
def test_when_all_fail_all_are_rows(scripted, stage):
    launch = launch_of(stage)
    book = run(launch, dict.fromkeys(CANDIDATES, scripted(open="die")))
    assert {record.spec for record in book.records} == set(launch.trials)
    assert {record.outcome for record in book.records} == {"crashed"}


def test_only_what_is_missing_runs(scripted):
    launch = launch_of("pilots")
    missing = [spec for spec in launch.trials if (spec.experiment, spec.candidate) == ("infer", "tensorflow")]
    python = {"tensorflow": scripted()}  # the others would not be found
    book = run(launch, python, missing=missing, comparable={"tensorflow": True})
    assert [record.spec for record in book.records] == missing
    assert book.outcomes("tensorflow") == {"infer": "ok"}


def test_the_baseline(scripted):
    book = run(launch_of("baseline"), {"baseline": scripted()})
    assert book.outcomes("baseline") == {"learn": "ok"}
    book = run(launch_of("baseline"), {"baseline": scripted(learn="die")})
    assert book.outcomes("baseline") == {"learn": "crashed"}


@pytest.mark.parametrize(("others", "busy"), [(0.0, False), (1.0, True)])
def test_the_baseline_is_timed_under_the_same_rule_as_all(scripted, others, busy):
    moments = count()

    def read(_: Collection[int]) -> ProcessorTime:
        now_s = next(moments)
        return ProcessorTime(2.0 * now_s, (2.0 - others) * now_s, 0.0, 0.0, cores=2)

    gate = QuietGate(QUICK.quiet, 0.5, read=read, sleep=lambda _: None, now_s=lambda: next(moments))
    (record,) = run(launch_of("baseline"), {"baseline": scripted()}, gate=gate).records
    assert record.contention is not None
    assert record.contention.busy is busy
    assert record.contention.others_share == pytest.approx(others / 2)


def test_footprints_side_by_side(scripted):
    python = dict.fromkeys(CANDIDATES, scripted()) | {"keras-torch": scripted(train="kill")}
    launch = launch_of("footprint")
    comparable = {"pytorch": True, "tensorflow": False}
    book = run(launch, python, comparable=comparable)
    assert {record.spec for record in book.records} == set(launch.trials)
    assert [book.outcomes(name)["footprint"] for name in CANDIDATES] == ["ok", "out_of_memory", "not_comparable"]
    for record in book.records:
        if record.result is not None:
            assert record.result.kind == "footprint"
            assert min(record.result.imported_mib, record.result.predict_peak_mib, record.result.train_peak_mib) > 1
            assert record.result.train_steps == QUICK.sizes["smoke"].footprint_steps


@pytest.mark.parametrize("stage", ["baseline", "gate", "pilots", "footprint"])
def test_a_record_that_cannot_be_saved_ends_the_launch(scripted, stage):
    def full(records: Sequence[TrialRecord]) -> None:
        raise AdvisorError("A file of the study cannot be written: No space left on device.")

    with pytest.raises(AdvisorError, match="No space left"):
        run(launch_of(stage), dict.fromkeys((*CANDIDATES, "baseline"), scripted()), save=full)
    assert not psutil.Process().children(recursive=True)


@pytest.mark.parametrize(
    ("stage", "after"),
    [
        ("baseline", 0),
        *(("pilots", events) for events in (0, 2, 5, 8, 15, 20)),
        ("gate", 1),
        ("footprint", 0),
        ("footprint", 2),
    ],
)
def test_an_interruption_leaves_nobody_behind(scripted, stage, after):
    told: list[Event] = []

    def interrupt(event: Event) -> None:
        if len(told) == after:
            raise KeyboardInterrupt
        told.append(event)

    with pytest.raises(KeyboardInterrupt):
        run(launch_of(stage), dict.fromkeys((*CANDIDATES, "baseline"), scripted()), watch=interrupt)
    assert not psutil.Process().children(recursive=True)


def test_an_interpreter_that_is_gone_since_is_a_row(scripted, tmp_path):
    python = dict.fromkeys(CANDIDATES, scripted()) | {"keras-torch": str(tmp_path / "nothing")}
    book = run(launch_of("pilots"), python)
    assert book.outcomes("keras-torch") == dict.fromkeys(WELL, "unavailable")
    assert book.outcomes("pytorch") == book.outcomes("tensorflow") == WELL
    book = run(launch_of("footprint"), python, comparable=ALL_COMPARABLE)
    assert [book.outcomes(name)["footprint"] for name in CANDIDATES] == ["ok", "unavailable", "ok"]
