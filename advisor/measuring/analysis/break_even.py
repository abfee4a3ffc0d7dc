"""From how many training steps on a tuned lane pays for its compilation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import geometric_mean, median
from typing import Literal

from advisor.measuring.analysis.comparison import Comparison, Ratio
from advisor.measuring.analysis.statistics import Interval
from pilots.records import Lane, TrialRecord
from pilots.results import RaceResult

#: ``at once``: faster, and its first step took no longer either.
Pays = Literal["after", "at once", "never", "not resolved", "not comparable"]

_Launch = tuple[int, str]


@dataclass(frozen=True)
class BreakEven:
    """Whether a candidate's ``lane`` pays, and ``after`` how many steps of training in one process.

    ``compile_s`` is what its first step took longer than that of the default lane: the median over the launches in
    which both raced, and None where there was none. The interval of ``steps`` is that of the ratio of the step times,
    at its level; ``compile_s`` counts as known in it. ``steps`` is None unless it pays ``after`` some.
    """

    workload: str
    candidate: str
    lane: Lane
    pays: Pays
    compile_s: float | None
    steps: Interval | None


def break_evens(records: Iterable[TrialRecord], comparisons: Iterable[Comparison]) -> tuple[BreakEven, ...]:
    """The break-even of each comparison of a candidate's lane with its default lane, in their order.

    Only a lane that was judged ``faster`` pays. Its steps are the compile cost divided by the time saved per
    step, which is the default lane's step time (median over blocks, geometric mean over the shared launches) times
    one minus the ratio.
    """
    races: dict[tuple[str, str, Lane], dict[_Launch, RaceResult]] = {}
    for record in records:
        spec, result = record.spec, record.result
        if record.outcome == "ok" and isinstance(result, RaceResult) and not spec.control:
            own = races.setdefault((spec.workload, spec.candidate, spec.lane), {})
            own[spec.launch, result.session] = result
    return tuple(
        _break_even(
            pair,
            races.get((pair.workload, pair.first, pair.lane), {}),
            races.get((pair.workload, pair.first, "default"), {}),
        )
        for pair in comparisons
        if pair.between == "lanes"
    )


def _break_even(
    pair: Comparison, tuned: Mapping[_Launch, RaceResult], default: Mapping[_Launch, RaceResult]
) -> BreakEven:
    shared = [launch for launch in tuned if launch in default]
    compile_s = median(tuned[at].first_step_s - default[at].first_step_s for at in shared) if shared else None
    step_times_s = [_step_s(default[launch]) for launch in shared if default[launch].blocks]
    pays, steps = _pays(pair), None
    if pays == "after" and compile_s is not None and compile_s <= 0:
        pays = "at once"
    elif pays == "after" and pair.ratio is not None and compile_s is not None and step_times_s:
        steps = _steps(compile_s, geometric_mean(step_times_s), pair.ratio)
    elif pays == "after":
        pays = "not resolved"
    return BreakEven(pair.workload, pair.first, pair.lane, pays, compile_s, steps)


def _pays(pair: Comparison) -> Pays:
    match pair.word:
        case "faster":
            return "after"
        case "slower" | "equivalent":
            return "never"
        case "not resolved" | "not comparable":
            return pair.word


def _steps(compile_s: float, default_step_s: float, ratio: Ratio) -> Interval:
    """Of a ratio whose whole interval lies below 1."""
    centre, low, high = (compile_s / (default_step_s * (1 - value)) for value in (ratio.ratio, ratio.low, ratio.high))
    return Interval(centre, low, high)


def _step_s(race: RaceResult) -> float:
    return median(block.step_s for block in race.blocks)
