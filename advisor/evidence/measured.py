"""What a study measured, as claims are held against it: pairs in either order, with their intervals."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from advisor.catalog import BASELINE
from advisor.measuring.analysis.break_even import BreakEven, break_evens
from advisor.measuring.analysis.comparison import Comparison, Ratio, Word
from advisor.measuring.analysis.series import Series
from advisor.measuring.analysis.statistics import Interval, t_interval
from advisor.measuring.code.size import CodeSize
from advisor.measuring.machine.devices import devices_by_candidate
from advisor.method import Measuring
from pilots.records import Lane, TrialRecord
from pilots.rehearsal_records import RehearseResult
from pilots.results import ParityResult

RACED = "race.step_ms"
_TURNED: Mapping[Word, Word] = {"faster": "slower", "slower": "faster"}


@dataclass(frozen=True)
class Measured:
    """What was measured, and on what.

    ``gates`` maps (workload, candidate, lane) to whether the parity gate was passed; what never came to it is not in
    it. ``devices`` maps a candidate to the kinds of device it ran on, ``networks`` a workload to what its network is,
    ``rehearsals`` (workload, candidate, route) to what came of it.
    """

    comparisons: tuple[Comparison, ...]
    series: tuple[Series, ...]
    code: tuple[CodeSize, ...]
    break_evens: tuple[BreakEven, ...]
    gates: Mapping[tuple[str, str, str], bool]
    devices: Mapping[str, tuple[str, ...]]
    networks: Mapping[str, str]
    measuring: Measuring
    rehearsals: Mapping[tuple[str, str, str], RehearseResult]

    def workloads(self, measure: str) -> tuple[str, ...]:
        """The workloads on which a measure was taken, in the order in which they were first met."""
        if measure.startswith("code."):
            return tuple(dict.fromkeys(size.workload for size in self.code))
        if measure.startswith("rehearse"):
            return tuple(dict.fromkeys(workload for workload, _, _ in self.rehearsals))
        if measure == RACED:
            return tuple(dict.fromkeys(pair.workload for pair in self.comparisons))
        return tuple(
            dict.fromkeys(measurement.workload for measurement in self.series if measurement.measure == measure)
        )

    def ran(self, lane: Lane) -> bool:
        """Whether anything raced in a lane."""
        return any(pair.lane == lane for pair in self.comparisons)

    def device_of(self, candidates: Iterable[str]) -> str | None:
        """The kind of device that all of these ran on; None where they ran on several, or nobody knows."""
        kinds = {self.devices.get(candidate, ()) for candidate in candidates if candidate != BASELINE}
        (found,) = kinds if len(kinds) == 1 else ((),)
        return found[0] if len(found) == 1 else None

    def race(self, workload: str, lane: Lane, first: str, second: str) -> Comparison | None:
        """How two candidates raced in a lane, as the ratio of ``first`` to ``second``."""
        for pair in self.comparisons:
            if pair.between == "candidates" and (pair.workload, pair.lane) == (workload, lane):
                if (pair.first, pair.second) == (first, second):
                    return pair
                if (pair.second, pair.first) == (first, second):
                    return _turned(pair)
        return None

    def tuning(self, workload: str, lane: Lane, candidate: str) -> Comparison | None:
        """A candidate in a lane against itself in the default lane."""
        for pair in self.comparisons:
            if pair.between == "lanes" and (pair.workload, pair.lane, pair.first) == (workload, lane, candidate):
                return pair
        return None

    def code_size(self, measure: str, workload: str, candidate: str) -> int | None:
        """Operations in the code of a candidate on a workload; None where it was not counted."""
        for size in self.code:
            if (size.workload, size.candidate) == (workload, candidate):
                return (size.training_operations if measure == "code.training_operations" else size.operations) or None
        return None

    def values(self, measure: str, workload: str, candidate: str, lane: Lane) -> tuple[dict[int, float], str]:
        """One value per launch, and in words why no values count; the words are empty where the values count."""
        series, problem = self.counted(measure, workload, candidate, lane)
        return ({} if series is None else dict(zip(series.launches, series.values, strict=True))), problem

    def slowed(self, measure: str, workload: str, candidates: Collection[str], lane: Lane) -> float:
        """By which factor others at work may have changed a ratio of these candidates, to either side."""
        places = [(measure, workload, candidate, lane) for candidate in candidates]
        found = [
            measurement
            for measurement in self.series
            if (measurement.measure, measurement.workload, measurement.candidate, measurement.lane) in places
        ]
        return max((measurement.slowed for measurement in found), default=1.0)

    def counted(self, measure: str, workload: str, candidate: str, lane: Lane) -> tuple[Series | None, str]:
        """The same as a series, with all that belongs to it."""
        wanted = (measure, workload, candidate, lane)
        found = [
            measurement
            for measurement in self.series
            if (measurement.measure, measurement.workload, measurement.candidate, measurement.lane) == wanted
        ]
        if not found or not found[0].values:
            return None, "was not measured"
        if candidate != BASELINE and not self.gates.get((workload, candidate, lane), False):
            return None, "was not shown to be the same model"
        series = found[0].counted(self.measuring.minimum_launches)
        if series.busy:
            return None, "was measured on a busy machine"
        if len(series.values) < self.measuring.minimum_launches:
            return None, f"ran in only {len(series.values)} launch{'es' if len(series.values) > 1 else ''}"
        return series, ""


def measured_of(
    records: Sequence[TrialRecord],
    comparisons: Sequence[Comparison],
    series: Sequence[Series],
    code: Sequence[CodeSize],
    networks: Mapping[str, str],
    measuring: Measuring,
) -> Measured:
    """All that the trials of one plan on one machine showed. Without trials no code counts: nothing ran of it."""
    return Measured(
        comparisons=tuple(comparisons),
        series=tuple(series),
        code=tuple(code) if records else (),
        break_evens=break_evens(records, comparisons),
        gates=_gates(records),
        devices=devices_by_candidate(records),
        networks=networks,
        measuring=measuring,
        rehearsals={
            (record.spec.workload, record.spec.candidate, record.result.route): record.result
            for record in records
            if isinstance(record.result, RehearseResult)
        },
    )


def launch_ratio(
    first: Mapping[int, float], second: Mapping[int, float], confidence: float, slowed: float = 1.0
) -> Interval | None:
    """The ratio over the launches that both have; None where there are fewer than two, or values that are no times.

    The interval includes the factor by which others at work may have ``slowed`` the two of them unequally.
    """
    shared = [launch for launch in first if launch in second]
    if len(shared) < 2 or any(min(first[at], second[at]) <= 0 for at in shared):
        return None
    logs = t_interval([math.log(first[at] / second[at]) for at in shared], confidence)
    return Interval(math.exp(logs.centre), math.exp(logs.low) / slowed, math.exp(logs.high) * slowed)


def _gates(records: Sequence[TrialRecord]) -> dict[tuple[str, str, str], bool]:
    """A later record of the same check counts; crashes and what is missing here say nothing about a model."""
    passed: dict[tuple[str, str, str], bool] = {}
    for record in records:
        spec = record.spec
        if spec.experiment == "parity" and isinstance(record.result, ParityResult):
            passed[spec.workload, spec.candidate, spec.lane] = record.result.passed and record.outcome == "ok"
    return passed


def _turned(pair: Comparison) -> Comparison:
    ratio = pair.ratio
    if ratio is not None:
        ratio = _inverse(ratio)
    return replace(pair, first=pair.second, second=pair.first, word=_TURNED.get(pair.word, pair.word), ratio=ratio)


def _inverse(ratio: Ratio) -> Ratio:
    return replace(ratio, ratio=1 / ratio.ratio, low=1 / ratio.high, high=1 / ratio.low)
