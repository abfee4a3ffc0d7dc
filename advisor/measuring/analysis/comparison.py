"""What the races say about two candidates: a ratio with an interval, and the one word it supports."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Literal

import numpy as np

from advisor.catalog import BASELINE, CANDIDATES, LANES
from advisor.measuring.analysis.allowances import busy_launches, possible_shifts
from advisor.measuring.analysis.crowding import counted_blocks, on_busy_machine
from advisor.measuring.analysis.family import ByLaunch, Judgement, Shown, as_ratio, judge, shown_by
from advisor.measuring.analysis.racing_order import in_order_of_racing
from advisor.measuring.analysis.statistics import Interval, outlier_flags, ratio_is_equivalent, t_interval
from advisor.measuring.error_text import headline
from advisor.method import Measuring
from pilots.records import Entrant, Lane, TrialRecord
from pilots.results import ParityResult, RaceResult

Word = Literal["faster", "slower", "equivalent", "not resolved", "not comparable"]
Between = Literal["candidates", "lanes", "control"]

#: Logarithm of the seconds of one step, by (launch, session, round).
_LogSteps = Mapping[tuple[int, str, int], float]

_WORDS: Mapping[Shown, Word] = {
    "first less": "faster",
    "first more": "slower",
    "equivalent": "equivalent",
    "nothing": "not resolved",
}


_Pair = tuple[Entrant, Entrant]


@dataclass(frozen=True)
class Ratio:
    """Step time of one entrant divided by another's, with its interval; ``outliers`` are kept in it.

    The interval includes a factor of ``others`` on both sides, by which others at work may have moved the ratio.

    ``confidence`` is the level of this interval, which is what is left for it of the error that all looks at all pairs
    of a workload and lane share: see :mod:`advisor.measuring.analysis.family`.
    """

    ratio: float
    low: float
    high: float
    launches: int
    rounds: int
    outliers: int
    confidence: float = 0.95
    others: float = 1.0


@dataclass(frozen=True)
class Comparison:
    """How ``first`` trains compared with ``second``, both in ``lane``.

    ``between`` tells pairs of candidates from a candidate that races itself (``control``) and from a candidate in
    ``lane`` against itself in the default lane (``lanes``). ``ratio`` is missing where there were too few launches, or
    where the two are not comparable; ``reason`` then says why. The word is ``faster`` or ``slower`` exactly where the
    interval leaves out 1; ``within_margin`` then tells that the whole interval lies within the margin of equivalence:
    a difference that is shown, and too small to matter. ``smallest_found`` stands beside pairs that are not resolved:
    the share by which step times would have had to differ to be told apart in as many launches of such scatter, with
    the probability ``Measuring.found_probability``. What is ``settled`` no further launch changes.
    """

    workload: str
    lane: Lane
    between: Between
    first: str
    second: str
    word: Word
    ratio: Ratio | None
    reason: str = ""
    within_margin: bool = False
    smallest_found: float | None = None
    settled: bool = False


@dataclass(frozen=True)
class NoiseFloor:
    """``candidates`` against copies of themselves, all launches that had a copy together.

    ``scatter`` is the standard deviation of the logarithm of one launch's ratio.
    """

    candidates: tuple[str, ...]
    ratio: Ratio
    scatter: float


def compare(records: Iterable[TrialRecord], measuring: Measuring, launches: int) -> tuple[Comparison, ...]:
    """Every pair that raced, per workload: candidates within a lane, each candidate's lanes, and the controls last.

    Steps are paired within a round of one session: the median over rounds of log(first / second) per launch, the mean
    over launches, and Student's t-interval of it. The pairs of candidates of a lane share one chance of error, and so
    do all candidates' pairs of lanes: :func:`advisor.measuring.analysis.family.judge`. The first finding stands, and
    later launches do not change it. Nothing is compared unless both passed the parity check of that workload. A
    candidate against its own copy is judged where that raced in enough launches; it decides nothing.

    Launches are looked at in the order in which they raced: a launch that raced again comes after those judged before.

    Crowded rounds and launches on a busy machine do not count. For what others took in the rest, intervals are widened:
    :func:`advisor.measuring.analysis.allowances.possible_shifts`.

    Args:
        records: trials of one machine and one size; only races and parity checks are looked at.
        measuring: confidence, equivalence margin and the least number of launches.
        launches: how many of the race were planned at most.
    """
    groups: dict[str, list[TrialRecord]] = defaultdict(list)
    for record in records:
        if record.spec.candidate != BASELINE and record.spec.experiment in ("race", "parity"):
            groups[record.spec.workload].append(record)
    return tuple(
        comparison
        for workload, group in sorted(groups.items())
        for comparison in _Field(workload, tuple(group), measuring, launches).comparisons()
    )


def noise_floor(records: Iterable[TrialRecord], workload: str, measuring: Measuring) -> NoiseFloor | None:
    """What candidates show against copies of themselves on ``workload``; None where fewer than two launches had any.

    Copies check the calibration: an interval that leaves out 1 is rare, as rare as its level says, unless something
    favours who comes first or last.
    """
    records = [record for record in records if record.spec.workload == workload and record.spec.experiment == "race"]
    field = _Field(workload, tuple(records), measuring, launches=len(records))
    by_copy = {copy: field.log_ratios(copy._replace(control=False), copy) for copy in field.copies}
    launches = [rounds for found in by_copy.values() for rounds in found.values()]
    if len(launches) < 2:
        return None
    logs = [float(np.median(rounds)) for rounds in launches]
    interval = as_ratio(t_interval(logs, measuring.confidence))
    candidates = tuple(dict.fromkeys(copy.candidate for copy, found in by_copy.items() if found))
    ratio = _ratio(interval, launches, measuring.confidence)
    return NoiseFloor(candidates, ratio, float(np.std(logs, ddof=1)))


@dataclass(frozen=True)
class _Field:
    """Races and parity checks of one workload."""

    workload: str
    records: tuple[TrialRecord, ...]
    measuring: Measuring
    launches: int

    def comparisons(self) -> list[Comparison]:
        entered = sorted({r.spec.entrant for r in self.records if r.spec.experiment == "race"}, key=_shown_order)
        originals = [entrant for entrant in entered if not entrant.control]
        families = [[(a, b) for a, b in combinations(originals, 2) if a.lane == b.lane == lane] for lane in LANES]
        families.append(
            [(a, b) for a in originals if a.lane != "default" and (b := Entrant(a.candidate, "default")) in originals]
        )
        compared = [comparison for family in families for comparison in self._family(family)]
        return compared + [comparison for copy in self.copies if (comparison := self._control(copy))]

    @property
    def copies(self) -> list[Entrant]:
        """Second copies that raced."""
        raced = {record.spec.entrant for record in self.records if record.spec.experiment == "race"}
        return sorted((entrant for entrant in raced if entrant.control), key=_shown_order)

    def _family(self, pairs: Sequence[_Pair]) -> list[Comparison]:
        """Pairs that share one chance of error, in their order."""
        compared: dict[_Pair, Comparison] = {}
        races: dict[_Pair, Mapping[int, np.ndarray]] = {}
        for first, second in pairs:
            if barred := [reason for reason in map(self._parity_problem, (first, second)) if reason]:
                compared[first, second] = self._without_ratio(first, second, "not comparable", "; ".join(barred))
            else:
                races[first, second] = self.log_ratios(first, second)
        medians = [{at: float(np.median(rounds)) for at, rounds in found.items()} for found in races.values()]
        shifts = [self._shifts(pair) for pair in races]
        for pair, judgement in zip(races, judge(medians, self.measuring, self.launches, shifts), strict=True):
            compared[pair] = self._compared(pair, list(races[pair].values()), judgement)
        return [compared[pair] for pair in pairs]

    def _compared(self, pair: _Pair, launches: Sequence[np.ndarray], judgement: Judgement | None) -> Comparison:
        first, second = pair
        if judgement is None:
            return self._without_ratio(first, second, "not resolved", self._too_few(first, second, len(launches)))
        word, margin = _WORDS[judgement.shown], self.measuring.equivalence_margin
        others, reason = math.exp(judgement.shift), ""
        alone = Interval(judgement.ratio.centre, judgement.ratio.low * others, judgement.ratio.high / others)
        if word == "not resolved" and shown_by(alone, margin) != "nothing":
            reason = f"others at work may have slowed one of the two by up to {others - 1:.0%}"
        return Comparison(
            self.workload,
            first.lane,
            _between(first, second),
            first.candidate,
            second.candidate,
            word,
            _ratio(judgement.ratio, launches[: judgement.launches], judgement.confidence, others),
            reason,
            within_margin=word in ("faster", "slower") and ratio_is_equivalent(judgement.ratio, margin),
            smallest_found=judgement.smallest_found if word == "not resolved" else None,
            settled=judgement.settled,
        )

    def _control(self, copy: Entrant) -> Comparison | None:
        """A copy is judged on its own, by all of its launches: whether equals differ as seldom as they should.

        None where there are too few.
        """
        original, confidence = copy._replace(control=False), self.measuring.confidence
        launches = list(self.log_ratios(original, copy).values())
        if len(launches) < self._needed:
            return None
        interval = as_ratio(t_interval([float(np.median(rounds)) for rounds in launches], confidence))
        word = _WORDS[shown_by(interval, self.measuring.equivalence_margin)]
        ratio = _ratio(interval, launches, confidence)
        return Comparison(self.workload, copy.lane, "control", copy.candidate, copy.candidate, word, ratio)

    @property
    def _needed(self) -> int:
        return max(2, self.measuring.minimum_launches)

    def _shifts(self, pair: _Pair) -> ByLaunch:
        by_launch = possible_shifts(self.records, {entrant.candidate for entrant in pair})
        return {self._places[launch]: shift for launch, shift in by_launch.items()}

    @cached_property
    def _places(self) -> Mapping[int, int]:
        """By launch, its place in the order of racing."""
        return {launch: place for place, launch in enumerate(in_order_of_racing(self.records))}

    def _too_few(self, first: Entrant, second: Entrant, launches: int) -> str:
        reason = f"{launches} of the {self._needed} launches needed ran both side by side"
        problems = [busy_launches(self.records)]
        problems += [self._race_problem(entrant) for entrant in dict.fromkeys((first, second))]
        return "; ".join([reason, *(problem for problem in problems if problem)])

    def _without_ratio(self, first: Entrant, second: Entrant, word: Word, reason: str) -> Comparison:
        return Comparison(
            self.workload, first.lane, _between(first, second), first.candidate, second.candidate, word, None, reason
        )

    def log_ratios(self, first: Entrant, second: Entrant) -> Mapping[int, np.ndarray]:
        """Log ratios of the shared rounds, an array of shape (rounds,) by the launch's place in the order of racing."""
        own, other = self._log_steps(first), self._log_steps(second)
        by_place: dict[int, list[float]] = defaultdict(list)
        for at in sorted(own.keys() & other.keys()):
            by_place[self._places[at[0]]].append(own[at] - other[at])
        return {place: np.array(by_place[place]) for place in sorted(by_place)}

    def _log_steps(self, entrant: Entrant) -> _LogSteps:
        return {
            (record.spec.launch, record.result.session, block.round): math.log(block.step_s)
            for record in self.records
            if record.outcome == "ok" and isinstance(record.result, RaceResult) and record.spec.entrant == entrant
            if not on_busy_machine(record)
            for block in counted_blocks(record.result)
        }

    def _parity_problem(self, entrant: Entrant) -> str:
        """Why no number of this entrant may be compared; empty if it passed its parity check."""
        name = entrant.candidate if entrant.lane == "default" else f"{entrant.candidate} in the {entrant.lane} lane"
        own = [record for record in self.records if record.spec.entrant[:2] == entrant[:2]]
        checks = [record for record in own if record.spec.experiment == "parity"]
        for record in checks:
            result = record.result
            if isinstance(result, ParityResult) and not result.passed:
                return f"{name} is not the same model as {result.reference}: {_failed(result)}"
        for record in own:
            if record.outcome == "not_comparable":
                return f"{name} is not the same model: {headline(record.error or 'no details were recorded')}"
        if any(record.outcome == "ok" for record in checks):
            return ""
        if checks:
            return f"the parity check of {name} {_ended(checks[-1])}"
        return f"{name} was never checked to be the same model"

    def _race_problem(self, entrant: Entrant) -> str:
        """How the last race of this entrant that did not finish ended; empty if all finished."""
        races = [r for r in self.records if r.spec.experiment == "race" and r.spec.entrant == entrant]
        unfinished = [record for record in races if record.outcome != "ok"]
        return f"a race of {entrant.candidate} {_ended(unfinished[-1])}" if unfinished else ""


def _between(first: Entrant, second: Entrant) -> Between:
    if first.candidate != second.candidate:
        return "candidates"
    return "lanes" if first.lane != second.lane else "control"


def _ratio(interval: Interval, launches: Sequence[np.ndarray], confidence: float, others: float = 1.0) -> Ratio:
    return Ratio(
        ratio=interval.centre,
        low=interval.low,
        high=interval.high,
        launches=len(launches),
        rounds=sum(len(rounds) for rounds in launches),
        outliers=sum(int(outlier_flags(rounds).sum()) for rounds in launches),
        confidence=confidence,
        others=others,
    )


def _failed(parity: ParityResult) -> str:
    failed = [check for check in parity.checks if not check.passed]
    return ", ".join(f"{check.name} ({check.detail})" if check.detail else check.name for check in failed)


def _ended(record: TrialRecord) -> str:
    how = record.outcome.replace("_", " ")
    return f"ended as {how}: {headline(record.error)}" if record.error else f"ended as {how}"


def _shown_order(entrant: Entrant) -> tuple[int, int, str]:
    known, lanes = list(CANDIDATES), list(LANES)
    candidate = entrant.candidate
    place = known.index(candidate) if candidate in CANDIDATES else len(known)
    return (lanes.index(entrant.lane), place, candidate)
