"""How the races on a workload stand: what each candidate's throughput is by now, and what may be said about pairs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.measuring.analysis.comparison import Comparison, Ratio, noise_floor
from advisor.measuring.analysis.series import series
from advisor.measuring.analysis.statistics import geometric_mean
from advisor.method import Measuring
from pilots.records import Lane, TrialRecord
from pilots.results import RaceResult


@dataclass(frozen=True)
class Throughput:
    """Examples per second of a candidate in a lane: the geometric mean over launches, as reports have it.

    ``low`` and ``high`` bound its interval, and are missing before there are two launches.
    """

    candidate: str
    lane: Lane
    entrant: str
    launches: int
    examples_per_s: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class RaceState:
    """The races on ``workload`` after ``launches`` of them, of which ``needed`` make evidence.

    ``comparisons`` are those of :func:`advisor.measuring.analysis.comparison.compare`. ``noise`` is what
    the candidates that are ``copied`` show against copies of themselves.
    """

    workload: str
    launches: int
    needed: int
    throughputs: tuple[Throughput, ...]
    comparisons: tuple[Comparison, ...]
    noise: Ratio | None
    copied: tuple[str, ...] = ()


def standing(
    workload: str,
    records: Sequence[TrialRecord],
    comparisons: Sequence[Comparison],
    measuring: Measuring,
) -> RaceState | None:
    """How the races stand by these records and what :func:`~advisor.measuring.analysis.comparison.compare` says of
    them.

    None where nothing raced.

    Args:
        workload: whose records count.
        records: of one machine and size.
        comparisons: of all pairs in these records.
        measuring: the launches that make evidence, and the confidence of the intervals.
    """
    races = [record for record in records if record.spec.workload == workload and isinstance(record.result, RaceResult)]
    if not races:
        return None
    racers = {(record.spec.candidate, str(record.spec.lane)): record for record in races if not record.spec.control}
    found = [
        _throughput(racers[measured.candidate, measured.lane], measured.values, measuring.confidence)
        for measured in series(races)
        if measured.measure == "race.step_ms"
    ]
    copies = noise_floor(races, workload, measuring)
    own = tuple(comparison for comparison in comparisons if comparison.workload == workload)
    return RaceState(
        workload=workload,
        launches=len({record.spec.launch for record in races}),
        needed=measuring.minimum_launches,
        throughputs=tuple(found),
        comparisons=own,
        noise=copies.ratio if copies else None,
        copied=copies.candidates if copies else (),
    )


def _throughput(race: TrialRecord, step_ms: Sequence[float], confidence: float) -> Throughput:
    assert isinstance(race.result, RaceResult)
    per_s = [examples_per_s(race.result.batch_size, time_ms) for time_ms in step_ms]
    mean = geometric_mean(per_s, confidence) if len(per_s) > 1 else None
    return Throughput(
        candidate=race.spec.candidate,
        lane=race.spec.lane,
        entrant=str(race.spec.entrant),
        launches=len(per_s),
        examples_per_s=mean.centre if mean else per_s[0],
        low=mean.low if mean else None,
        high=mean.high if mean else None,
    )


def examples_per_s(batch_size: int, step_ms: float) -> float:
    """Throughput of training steps that take ``step_ms`` milliseconds for a batch."""
    return 1000 * batch_size / step_ms
