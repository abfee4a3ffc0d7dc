"""A study whose trials are run by the schedule, with short plans and interpreters of one's own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import psutil

from advisor.interview.answers import Answers
from advisor.measuring.running.events import Event, TrialsFinished, ignore
from advisor.measuring.running.local_host import LocalHost
from advisor.measuring.running.schedule import Run, run_plan
from advisor.measuring.running.supervisor import TrialLimits
from advisor.method import Method, method
from advisor.planning.plan import Plan, Settings, make_plan
from advisor.study import TRIALS, Study
from pilots import workload as workloads
from pilots.records import TrialRecord

CANDIDATES = ("pytorch", "tensorflow")
EVERYTHING = ("baseline", *CANDIDATES)


def shortened(launches: int, minimum: int = 1, race_launches: int | None = None) -> Method:
    """The method with fewer launches, so that a test is quick."""
    sizes = {"launches": launches, "race_launches": race_launches or launches, "epoch_launches": launches}
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
    method, versions = shortened(launches, minimum), {name: {"python": "3.11.0"} for name in python}
    limits = TrialLimits(method.measuring.trial_timeout_s, 100_000)
    return Run(LocalHost(python, limits, "machine", versions), method)


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
