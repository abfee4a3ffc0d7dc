"""How long launches take here: first by rough estimates, then as launches of the same kind really did."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime

from advisor.planning.plan import Launch, estimate_s
from pilots.records import TrialRecord, TrialSpec
from pilots.results import RaceResult

#: The estimate counts like a minute of experience, so that one odd first launch does not scare anybody.
_TRUST_IN_ESTIMATE_S = 60.0


class DurationModel:
    """Predictions that learn. What is learnt of a launch is how its real seconds compare with the estimate for the
    trials that ran, so that it also speaks for a launch of which fewer trials are wanted."""

    def __init__(self) -> None:
        self._ratio: dict[Hashable, float] = {}
        self._real_s = self._estimated_s = _TRUST_IN_ESTIMATE_S

    def learn(self, launch: Launch, trials: Sequence[TrialSpec], seconds: float) -> None:
        """Take in what these trials of a launch took."""
        estimated_s = estimate_s(launch.stage, trials)
        self._real_s += seconds
        self._estimated_s += estimated_s
        self._ratio |= dict.fromkeys(_kinds(launch, trials), seconds / estimated_s)

    def predict_s(self, launch: Launch, trials: Sequence[TrialSpec]) -> float:
        """Seconds that these trials will take, from the last launch of their kind; else from all launches so far."""
        if not trials:
            return 0.0
        known = (self._ratio[kind] for kind in _kinds(launch, trials) if kind in self._ratio)
        return next(known, self._real_s / self._estimated_s) * estimate_s(launch.stage, trials)


def seconds_taken(records: Iterable[TrialRecord]) -> float:
    """How long stored trials of one launch took, pauses between two runs excluded; 0 where that cannot be told.

    Trials that ran side by side are counted once. Processes of a race are opened before its clock starts.
    """
    opening_s = 0.0
    spans: list[tuple[float, float]] = []
    for record in records:
        with suppress(ValueError):
            start = datetime.fromisoformat(record.started_at).timestamp()
            spans.append((start, start + record.wall_s))
        if isinstance(record.result, RaceResult):
            opening_s += record.result.import_s + record.result.build_s
    covered_s = 0.0
    until = float("-inf")
    for start, end in sorted(spans):
        covered_s += max(0.0, end - max(start, until))
        until = max(until, end)
    return covered_s + opening_s


def _kinds(launch: Launch, trials: Sequence[TrialSpec]) -> tuple[Hashable, ...]:
    """From the most to the least alike: the same experiments of a stage of a workload, then that stage at all."""
    stage = (launch.workload, launch.stage)
    return ((*stage, frozenset(trial.experiment for trial in trials)), stage)
