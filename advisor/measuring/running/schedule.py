"""The order in which trials run: launch after launch, resumed where a run was cut off."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from advisor.measuring.analysis.comparison import Comparison, compare
from advisor.measuring.analysis.crowding import on_busy_machine
from advisor.measuring.analysis.race_state import RaceState, standing
from advisor.measuring.analysis.racing_order import in_order_of_racing
from advisor.measuring.running.duration_model import DurationModel, seconds_taken
from advisor.measuring.running.events import LaunchStarted, RaceJudged, RunEnded, RunStarted, TrialsFinished, Watcher
from advisor.measuring.running.host import TrialHost
from advisor.measuring.running.launch import run_launch
from advisor.measuring.running.launch_context import LaunchContext
from advisor.measuring.running.logbook import Logbook
from advisor.measuring.running.quiet import QuietGate
from advisor.measuring.running.trial_queue import Clock, LeftOut, TrialQueue
from advisor.method import Method
from advisor.planning.plan import Launch, Plan
from pilots.records import Lane, TrialRecord, TrialSpec
from pilots.rehearsal_records import RehearseResult

#: Experiments whose numbers mean something only together: if a trial of a launch is missing, all its trials run again.
_JOINT = ("parity", "race")
_FINISHED_WELL = ("ok", "not_comparable")


@dataclass(frozen=True)
class Run:
    """All that is the same for the launches of one run: where they run, and how."""

    host: TrialHost
    method: Method
    _keys: dict[TrialSpec, str] = field(default_factory=dict, init=False, compare=False, repr=False)

    def key(self, spec: TrialSpec) -> str:
        """The key under which a trial is stored and found again; worked out once, as it is asked for all the time."""
        if spec not in self._keys:
            self._keys[spec] = spec.key(dict(self.host.versions[spec.candidate]), self.host.machine_id)
        return self._keys[spec]


def run_plan(
    plan: Plan,
    run: Run,
    stored: Sequence[TrialRecord],
    save: Callable[[Sequence[TrialRecord]], None],
    watch: Watcher,
    *,
    retry_failed: bool = False,
    worth: Callable[[], Mapping[str, float]] = dict,
    wants_to_stop: Callable[[], bool] = lambda: False,
    now_s: Callable[[], float] = time.monotonic,
) -> tuple[LeftOut, ...]:
    """Run every trial of the plan that is not stored yet and fits into the budget; each is saved before the next.

    Trials stored as measured on a busy machine run again if it is quiet now; the new record replaces the old record.

    The budget counts what this run spends on its trials. No launch is started that is predicted to end more than the
    tolerated share after it. Past that share, the launch under way ends after its trial, or after its round of a race,
    which is not kept. Nothing that a trial does ends the run.

    Args:
        plan: what is wanted.
        run: what is the same for all launches.
        stored: trials of earlier runs.
        save: puts trials on disk before it returns.
        watch: is told what happens.
        retry_failed: run trials again that failed before, and rehearsals of what does not work.
        worth: of knowing a criterion exactly, by criterion; decides what goes first where not everything fits.
        wants_to_stop: once it is true, the trials that are running are finished, and no others begin.
        now_s: a clock that never goes back, in seconds.

    Returns:
        What was left out for the budget.

    Raises:
        AdvisorError: a finished trial cannot be saved.
        KeyboardInterrupt: passed on, after all processes have been ended; raised as well if somebody wants to stop.
    """
    records = {record.key: record for record in stored if not (retry_failed and _failed(record))}
    clock = Clock.start(now_s, plan.settings.budget_s, run.method.measuring.budget_tolerance)
    return _PlanRun(plan, run, records, save, watch, worth, wants_to_stop, clock).finish()


class _PlanRun:
    """One call of `run_plan` while it goes on: what is on record by now, what is wanted, and what that has taken."""

    def __init__(
        self,
        plan: Plan,
        run: Run,
        records: dict[str, TrialRecord],
        save: Callable[[Sequence[TrialRecord]], None],
        watch: Watcher,
        worth: Callable[[], Mapping[str, float]],
        wants_to_stop: Callable[[], bool],
        clock: Clock,
    ) -> None:
        self._plan, self._run, self._records = plan, run, records
        self._save, self._watch, self._wants_to_stop, self._clock = save, watch, wants_to_stop, clock
        self._gate = QuietGate(
            run.method.quiet,
            run.method.sizes[plan.settings.size].quiet_wait_s,
            watch,
            lambda: clock.is_up() or wants_to_stop(),
            spare_cores=run.host.spare_cores(max((trial.threads for trial in plan.trials), default=1)),
            read=run.host.processor_time,
            clock_mhz=run.host.clock_mhz,
            now_s=clock.now_s,
        )
        self._wanted = _Wanted(plan, run)
        self._durations = DurationModel()
        self._queue = TrialQueue(
            plan, self._missing, self._durations, clock, worth, run.method.measuring.minimum_launches
        )
        self._fed_right: set[tuple[str, Lane]] = set()
        self._failed = 0

    def finish(self) -> tuple[LeftOut, ...]:
        """Run launch after launch until nothing is wanted, or fits, or somebody wants to stop; see `run_plan`."""
        self._forget_what_a_busy_machine_gave()
        self._learn_from_records()
        launch = self._queue.next()
        self._watch(RunStarted(self._total(), self._finished(), self._queue.seconds_left()))
        self._tell_standings({launch.workload for launch in self._plan.launches if self._missing(launch)})
        while launch is not None and not self._wants_to_stop():
            self._run_launch(launch)
            launch = self._queue.next()
        if self._wants_to_stop():
            self._watch(RunEnded(self._finished(), self._failed, 0, stopped=True))
            raise KeyboardInterrupt
        left_out = self._queue.left_out()
        self._watch(RunEnded(self._finished(), self._failed, self._queue.count_left_out(), left_out))
        return left_out

    def _forget_what_a_busy_machine_gave(self) -> None:
        """Forget what is on record as measured on a busy machine, so that it runs again; only if it is quiet now."""
        keys = map(self._run.key, self._plan.trials)
        busy = [key for key in keys if key in self._records and on_busy_machine(self._records[key])]
        if busy and self._gate.begin_launch():
            _forget(busy, self._plan, self._run, self._records)

    def _learn_from_records(self) -> None:
        for launch in self._plan.launches:
            found = [self._records[key] for key in map(self._run.key, launch.trials) if key in self._records]
            if (seconds := seconds_taken(found)) > 0:
                self._durations.learn(launch, [record.spec for record in found], seconds)

    def _run_launch(self, launch: Launch) -> None:
        began_s = self._clock.now_s()
        missing = self._missing(launch)
        self._watch(LaunchStarted(launch.title, launch.workload, launch.launch, self._queue.seconds_left()))
        context = LaunchContext(
            host=self._run.host,
            method=self._run.method,
            watch=self._watch,
            rng=random.Random(f"{launch.seed} {launch.workload} {launch.stage}"),
            fed_right=self._fed_right,
            gate=self._gate,
            time_is_up=self._clock.is_up,
            wants_to_stop=self._wants_to_stop,
        )
        comparable = _comparable(self._records.values(), launch.workload)
        run_launch(launch, missing, Logbook(self._run.key, self._keep, comparable), context)
        took_s = self._clock.now_s() - began_s
        left = self._missing(launch)
        if ran := [spec for spec in missing if spec not in left]:
            self._durations.learn(launch, ran, took_s)
        else:  # cut short: it would have taken at least as long
            self._durations.learn(launch, missing, max(took_s, self._durations.predict_s(launch, missing)))

    def _keep(self, new: Sequence[TrialRecord]) -> None:
        self._save(new)
        self._records.update({record.key: record for record in new})
        self._failed += sum(record.outcome not in _FINISHED_WELL for record in new)
        self._watch(TrialsFinished(tuple(new), self._finished(), self._total(), self._queue.seconds_left()))
        self._tell_standings({record.spec.workload for record in new if record.spec.experiment == "race"})

    def _tell_standings(self, raced: Collection[str]) -> None:
        for choice in self._plan.workloads:
            if choice.name in raced and (found := self._wanted.standing(choice.name, self._records)) is not None:
                self._watch(RaceJudged(found))

    def _missing(self, launch: Launch) -> tuple[TrialSpec, ...]:
        return self._wanted.missing(launch, self._records)

    def _finished(self) -> int:
        return len(self._plan.trials) - self._wanted.count_missing(self._records)

    def _total(self) -> int:
        """How many trials the run will have in the end, without those that are left out for the budget."""
        return len(self._plan.trials) - self._queue.count_left_out()


def still_racing(comparisons: Iterable[Comparison]) -> frozenset[tuple[str, Lane]]:
    """Candidates and lanes with a pair that another launch may still settle."""
    open_pairs = [
        pair for pair in comparisons if not pair.settled and pair.ratio is not None and pair.between != "control"
    ]
    racing: set[tuple[str, Lane]] = set()
    for pair in open_pairs:
        against: Lane = "default" if pair.between == "lanes" else pair.lane
        racing |= {(pair.first, pair.lane), (pair.second, against)}
    return frozenset(racing)


def _forget(busy: Collection[str], plan: Plan, run: Run, records: dict[str, TrialRecord]) -> None:
    """Forget these trials, and with those of candidates side by side the same experiment of the others in their launch.

    What runs again runs in processes in which nobody has raced, and its values are compared within a launch.
    """
    for launch in plan.launches:
        keys = {run.key(spec): spec.experiment for spec in launch.trials}
        again = {experiment for key, experiment in keys.items() if key in busy}
        for key, experiment in keys.items():
            if key in busy or (launch.stage == "pilots" and experiment in again):
                records.pop(key, None)


def _failed(record: TrialRecord) -> bool:
    """Whether trying again may give more: a rehearsal finishes whatever it finds."""
    broken = isinstance(record.result, RehearseResult) and not record.result.works
    return broken or record.outcome not in _FINISHED_WELL


class _Wanted:
    """Which trials of the plan are wanted: races end for the pairs that are resolved.

    The launches before decide: all that have raced or, for a launch that has raced itself, those that raced sooner or
    have a lower number. A launch that races again counts as the last, so that no finding is reversed: a resumed run
    decides alike.
    """

    def __init__(self, plan: Plan, run: Run) -> None:
        self._plan = plan
        self._run = run
        #: By keys of records and when they began: what was worked out before.
        self._comparisons: dict[tuple[tuple[str, str], ...], tuple[Comparison, ...]] = {}

    def missing(self, launch: Launch, records: Mapping[str, TrialRecord]) -> tuple[TrialSpec, ...]:
        """The trials of a launch that still have to run."""
        racing = self._still_racing(launch.workload, launch.launch, records)
        trials = [
            spec
            for spec in launch.trials
            if spec.experiment != "race" or racing is None or (spec.candidate, spec.lane) in racing
        ]
        return missing_trials(trials, self._run, records)

    def count_missing(self, records: Mapping[str, TrialRecord]) -> int:
        """How many trials of the whole plan still have to run, as far as is known by now."""
        return sum(len(self.missing(launch, records)) for launch in self._plan.launches)

    def _still_racing(
        self, workload: str, number: int, records: Mapping[str, TrialRecord]
    ) -> frozenset[tuple[str, Lane]] | None:
        """Who races in this launch; None for everybody, as long as too few launches count for anything to be judged."""
        needed = max(2, self._run.method.measuring.minimum_launches)
        if number < needed:
            return None
        found = self._gate_and_races(workload, records)
        order = in_order_of_racing(found)
        known = set(order[: order.index(number)]) | set(range(number)) if number in order else set(order)
        before = [record for record in found if record.spec.experiment == "parity" or record.spec.launch in known]
        counted = {
            record.spec.launch for record in before if record.spec.experiment == "race" and not on_busy_machine(record)
        }
        return None if len(counted) < needed else still_racing(self._compared(before))

    def standing(self, workload: str, records: Mapping[str, TrialRecord]) -> RaceState | None:
        """How the races on a workload stand; None where there were none."""
        found = self._gate_and_races(workload, records)
        return standing(workload, found, self._compared(found), self._run.method.measuring)

    def _gate_and_races(self, workload: str, records: Mapping[str, TrialRecord]) -> tuple[TrialRecord, ...]:
        return tuple(
            record
            for spec in self._plan.trials
            if spec.workload == workload and spec.experiment in _JOINT
            if (record := records.get(self._run.key(spec))) is not None
        )

    def _compared(self, records: Sequence[TrialRecord]) -> tuple[Comparison, ...]:
        seen = tuple((record.key, record.started_at) for record in records)
        if seen not in self._comparisons:
            method, settings = self._run.method, self._plan.settings
            launches = method.sizes[settings.size].race_launches
            self._comparisons[seen] = compare(records, method.measuring, launches)
        return self._comparisons[seen]


def missing_trials(trials: Sequence[TrialSpec], run: Run, records: Mapping[str, TrialRecord]) -> tuple[TrialSpec, ...]:
    """Those of a launch's trials that are not stored.

    Trials of a joint experiment count as stored only if all are, and a race only if all came out of one session.
    """
    missing: list[TrialSpec] = []
    for experiment, group in groupby(trials, key=lambda trial: trial.experiment):
        together = list(group)
        found = [records.get(run.key(trial)) for trial in together]
        absent = [trial for trial, record in zip(together, found, strict=True) if record is None]
        sessions = {
            record.result.session
            for record in found
            if record is not None and record.result is not None and record.result.kind == "race"
        }
        incomplete = bool(absent) or len(sessions) > 1
        missing += together if experiment in _JOINT and incomplete else absent
    return tuple(missing)


def _comparable(records: Iterable[TrialRecord], workload: str) -> dict[tuple[str, Lane], bool]:
    """By candidate and lane, whether it passed the gate on this workload; absent where the gate has not run."""
    return {
        (record.spec.candidate, record.spec.lane): record.outcome == "ok"
        for record in records
        if record.spec.workload == workload and record.spec.experiment == "parity"
    }
