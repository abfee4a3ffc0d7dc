"""A single finding that bears on a claim, and how it is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from advisor.claims.rules import (
    ExportRouteTest,
    GateTest,
    LaneTest,
    LevelTest,
    PairTest,
    QualityTest,
    RuntimesTest,
    Test,
)
from advisor.evidence.measured import RACED, Measured
from advisor.measuring.analysis.statistics import Interval, ratio_is_equivalent
from pilots.records import Lane

Bearing = Literal["for", "against", "open"]
#: Of what the numbers are: ``ratio`` of first to second, of the two ``routes`` that ``reason`` names, ``difference`` of
#: scores, a value as it is, or ``steps``.
Scale = Literal["ratio", "routes", "difference", "level", "steps", "none"]


@dataclass(frozen=True)
class Finding:
    """What one look shows: whether it is as claimed (``for``), ``against`` it, or leaves it ``open``.

    ``second`` is empty where a candidate is compared with nothing. ``centre``, ``low`` and ``high`` are missing where
    nothing was measured, for the ``reason``; ``measured`` then tells a result in words from none.
    """

    measure: str
    workload: str
    lane: str
    first: str
    second: str
    bearing: Bearing
    scale: Scale = "none"
    centre: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""
    measured: bool = False


def workloads_of(test: Test, among: Iterable[str], networks: Mapping[str, str]) -> tuple[str, ...]:
    """Those of the workloads that a test is about."""
    return tuple(
        name
        for name in among
        if (not test.pilots or name in test.pilots)
        and (not test.networks or any(word in networks.get(name, "").casefold() for word in test.networks))
    )


def measure_of(test: Test) -> str:
    """The measure that a test looks at."""
    match test:
        case PairTest() | LevelTest() | RuntimesTest():
            return test.measure
        case ExportRouteTest():
            return "rehearse"
        case QualityTest():
            return "learn.metric"
        case GateTest():
            return "gate"
        case _:
            return RACED


def places(test: Test, measured: Measured) -> Iterator[tuple[str, Lane]]:
    """The workloads and lanes that a test looks at."""
    measure = measure_of(test)
    if measure == "gate":
        among: Iterable[str] = dict.fromkeys(workload for workload, _, _ in measured.gates)
    else:
        among = measured.workloads(measure)
    selected = workloads_of(test, among, measured.networks)
    yield from ((workload, lane) for lane in test.lanes for workload in selected)


def bearing_of(test: PairTest | LaneTest | LevelTest | RuntimesTest, interval: Interval, margin: float) -> Bearing:
    """Of an interval: wholly where it is claimed to be, wholly elsewhere, or across the border."""
    if test.expect == "between":
        low = float("-inf") if test.low is None else test.low
        high = float("inf") if test.high is None else test.high
        if low <= interval.low and interval.high <= high:
            return "for"
        return "against" if interval.high < low or interval.low > high else "open"
    # Two that are shown to be equal are shown not to differ, whichever way a claim has it.
    equal = ratio_is_equivalent(interval, margin) if margin else interval.low == interval.high == 1
    if equal:
        return "against"
    below, above = interval.high < 1, interval.low > 1
    as_claimed, otherwise = (below, above) if test.expect == "less" else (above, below)
    return "for" if as_claimed else "against" if otherwise else "open"


def with_interval(bare: Finding, bearing: Bearing, scale: Scale, interval: Interval, reason: str = "") -> Finding:
    """The finding with its numbers."""
    return Finding(
        bare.measure, bare.workload, bare.lane, bare.first, bare.second, bearing,
        scale, interval.centre, interval.low, interval.high, reason, measured=True,
    )  # fmt: skip


def in_words(bare: Finding, bearing: Bearing, reason: str) -> Finding:
    """The finding, which is none of numbers."""
    return Finding(
        bare.measure, bare.workload, bare.lane, bare.first, bare.second, bearing, reason=reason, measured=True
    )


def without(bare: Finding, reason: str) -> Finding:
    """The finding that there is none, and why."""
    return Finding(bare.measure, bare.workload, bare.lane, bare.first, bare.second, "open", reason=reason)
