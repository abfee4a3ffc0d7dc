"""The order in which trials run: launch after launch, resumed where a run was cut off."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from advisor.measuring.comparison import Comparison, compare, still_racing
from advisor.measuring.events import LaunchStarted, RunEnded, RunStarted, TrialsFinished, Watcher
from advisor.measuring.interpreters import Interpreter
from advisor.measuring.launch import LaunchContext, run_launch
from advisor.measuring.logbook import Logbook
from advisor.method import Method
from advisor.planning.plan import Launch, Plan
from pilots.records import Lane, TrialRecord, TrialSpec

#: Experiments whose numbers only mean something together: all their trials of a launch run again if one is missing.
_JOINT = ("parity", "race")
_FINISHED_WELL = ("ok", "not_comparable")
_TRUST_IN_ESTIMATE_S = 60.0


@dataclass(frozen=True)
class Run:
    """All that is the same for the launches of one run. ``interpreters`` go by candidate, baseline included."""

    interpreters: Mapping[str, Interpreter]
    machine_id: str
    memory_limit_mib: float
    method: Method

    def key(self, spec: TrialSpec) -> str:
        """The key under which a trial is stored and found again."""
        return spec.key(dict(self.interpreters[spec.candidate].versions), self.machine_id)


def run_plan(
    plan: Plan,
    run: Run,
    stored: Sequence[TrialRecord],
    save: Callable[[Sequence[TrialRecord]], None],
    watch: Watcher,
    *,
    retry_failed: bool = False,
) -> None:
    """Run every trial of the plan that is not stored yet; each is saved before the next begins.

    A launch is left out only when the budget is spent and every trial already has the launches that count as
    evidence. What a trial does never ends the run.

    Raises:
        AdvisorError: a finished trial cannot be saved.
        KeyboardInterrupt: passed on, after all processes have been ended.
    """
    records = {record.key: record for record in stored if not (retry_failed and record.outcome not in _FINISHED_WELL)}
    wanted = _Wanted(plan, run)
    clock = _Clock(plan, lambda launch: bool(wanted.missing(launch, records)))
    total = len(plan.trials)
    watch(RunStarted(total, total - wanted.count_missing(records), clock.seconds_left()))
    left_out = failed = 0

    def keep(new: Sequence[TrialRecord]) -> None:
        nonlocal failed
        save(new)
        records.update({record.key: record for record in new})
        failed += sum(record.outcome not in _FINISHED_WELL for record in new)
        finished = total - wanted.count_missing(records)
        watch(TrialsFinished(tuple(new), finished, total, clock.seconds_left()))

    for launch in plan.launches:
        missing = wanted.missing(launch, records)
        if not missing:
            clock.left_out(launch)
            continue
        over = plan.settings.budget_s is not None and clock.spent_s() > plan.settings.budget_s
        if over and launch.launch >= run.method.measuring.minimum_launches:
            left_out += len(missing)
            clock.left_out(launch)
            continue
        watch(LaunchStarted(launch.title, clock.seconds_left()))
        context = LaunchContext(
            python={candidate: one.python for candidate, one in run.interpreters.items()},
            memory_limit_mib=run.memory_limit_mib,
            method=run.method,
            watch=watch,
            rng=random.Random(f"{launch.seed} {launch.workload} {launch.stage}"),
        )
        logbook = Logbook(run.key, keep, _comparable(records.values(), launch.workload))
        run_launch(launch, missing, logbook, context)
        clock.finished(launch)
    watch(RunEnded(total - wanted.count_missing(records), failed, left_out))


class _Wanted:
    """Which trials of the plan are wanted: races end for the pairs that are resolved.

    What the launches before say decides, and they do not change: so a resumed run decides alike.
    """

    def __init__(self, plan: Plan, run: Run) -> None:
        self._plan = plan
        self._run = run
        #: By workload, launch and number of records: what was worked out before.
        self._racing: dict[tuple[str, int, int], frozenset[tuple[str, Lane]]] = {}

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
        """Who races in this launch; None for everybody."""
        if number < max(2, self._run.method.measuring.minimum_launches):
            return None
        before = self._still_racing(workload, number - 1, records)
        if before == frozenset():
            return before
        gate_and_races = [
            record
            for spec in self._plan.trials
            if spec.workload == workload and spec.experiment in _JOINT and spec.launch < number
            if (record := records.get(self._run.key(spec))) is not None
        ]
        if not any(record.spec.launch == number - 1 for record in gate_and_races):
            return before  # it has not come to that yet
        place = (workload, number, len(gate_and_races))
        if place not in self._racing:
            self._racing[place] = still_racing(self._compared(gate_and_races))
        return self._racing[place]

    def _compared(self, records: Sequence[TrialRecord]) -> tuple[Comparison, ...]:
        method, settings = self._run.method, self._plan.settings
        return compare(records, method.measuring, method.sizes[settings.size].race_launches, method.deciding.seed)


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


class _Clock:
    """Time left: what the plan estimates for the launches to come, corrected by how wrong it was so far."""

    def __init__(self, plan: Plan, to_run: Callable[[Launch], bool]) -> None:
        self._to_come = [launch for launch in plan.launches if to_run(launch)]
        self._started_at = time.monotonic()
        self._estimated_s = 0.0

    def finished(self, launch: Launch) -> None:
        """Take a launch off the list that took its time."""
        self._to_come.remove(launch)
        self._estimated_s += launch.estimated_s

    def left_out(self, launch: Launch) -> None:
        """Take a launch off the list that does not run, if it is on it."""
        if launch in self._to_come:
            self._to_come.remove(launch)

    def spent_s(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._started_at

    def seconds_left(self) -> float:
        """Estimate for everything that is not finished, the running launch as a whole."""
        # The estimate counts like a minute of experience, so that one odd first launch does not scare anybody.
        correction = (self.spent_s() + _TRUST_IN_ESTIMATE_S) / (self._estimated_s + _TRUST_IN_ESTIMATE_S)
        return correction * sum(launch.estimated_s for launch in self._to_come)
