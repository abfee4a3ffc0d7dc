"""The order in which trials run: launch after launch, resumed where a run was cut off."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from advisor.measuring.events import LaunchStarted, RunEnded, RunStarted, TrialsFinished, Watcher
from advisor.measuring.interpreters import Interpreter
from advisor.measuring.launch import LaunchContext, run_launch
from advisor.measuring.logbook import Logbook
from advisor.method import Method
from advisor.planning.plan import Launch, Plan
from pilots.records import TrialRecord, TrialSpec

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
    clock = _Clock(plan, lambda launch: bool(missing_trials(launch, run, records)))
    total = len(plan.trials)
    watch(RunStarted(total, total - _count_missing(plan, run, records), clock.seconds_left()))
    left_out = failed = 0

    def keep(new: Sequence[TrialRecord]) -> None:
        nonlocal failed
        save(new)
        records.update({record.key: record for record in new})
        failed += sum(record.outcome not in _FINISHED_WELL for record in new)
        finished = total - _count_missing(plan, run, records)
        watch(TrialsFinished(tuple(new), finished, total, clock.seconds_left()))

    for launch in plan.launches:
        missing = missing_trials(launch, run, records)
        if not missing:
            continue
        over = plan.settings.budget_s is not None and clock.spent_s() > plan.settings.budget_s
        if over and launch.launch >= run.method.measuring.minimum_launches:
            left_out += len(missing)
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
    watch(RunEnded(total - _count_missing(plan, run, records), failed, left_out))


def missing_trials(launch: Launch, run: Run, records: Mapping[str, TrialRecord]) -> tuple[TrialSpec, ...]:
    """The trials of a launch that still have to run.

    Trials of a joint experiment count as stored only if all are, and a race only if all came out of one session.
    """
    missing: list[TrialSpec] = []
    for experiment, group in groupby(launch.trials, key=lambda trial: trial.experiment):
        trials = list(group)
        found = [records.get(run.key(trial)) for trial in trials]
        absent = [trial for trial, record in zip(trials, found, strict=True) if record is None]
        sessions = {
            record.result.session
            for record in found
            if record is not None and record.result is not None and record.result.kind == "race"
        }
        incomplete = bool(absent) or len(sessions) > 1
        missing += trials if experiment in _JOINT and incomplete else absent
    return tuple(missing)


def _count_missing(plan: Plan, run: Run, records: Mapping[str, TrialRecord]) -> int:
    return sum(len(missing_trials(launch, run, records)) for launch in plan.launches)


def _comparable(records: Iterable[TrialRecord], workload: str) -> dict[str, bool]:
    """By candidate, whether it passed the gate on this workload; absent where the gate has not run."""
    return {
        record.spec.candidate: record.outcome == "ok"
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
        """Take a launch off the list."""
        self._to_come.remove(launch)
        self._estimated_s += launch.estimated_s

    def spent_s(self) -> float:
        """Seconds since the run began."""
        return time.monotonic() - self._started_at

    def seconds_left(self) -> float:
        """Estimate for everything that is not finished, the running launch as a whole."""
        # The estimate counts like a minute of experience, so that one odd first launch does not scare anybody.
        correction = (self.spent_s() + _TRUST_IN_ESTIMATE_S) / (self._estimated_s + _TRUST_IN_ESTIMATE_S)
        return correction * sum(launch.estimated_s for launch in self._to_come)
