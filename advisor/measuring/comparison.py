"""What the races say about two candidates: a ratio with an interval, and the one word it supports."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal, NamedTuple

import numpy as np

from advisor.catalog import BASELINE, CANDIDATES, LANES
from advisor.measuring.crowding import counted_blocks, on_busy_machine
from advisor.measuring.others import busy_launches, possible_factor, still_holds
from advisor.measuring.sequential import look_confidences
from advisor.measuring.statistics import Interval, launch_interval, outlier_flags, ratio_is_equivalent
from advisor.method import Measuring
from pilots.records import Lane, ParityResult, RaceResult, TrialRecord

Word = Literal["faster", "slower", "equivalent", "not resolved", "not comparable"]
Between = Literal["candidates", "lanes", "control"]

#: Logarithm of the seconds of one step, by (launch, session, round).
_LogSteps = Mapping[tuple[int, str, int], float]


class Entrant(NamedTuple):
    """What races: a candidate in a lane, or its second copy for the A/A control."""

    candidate: str
    lane: Lane
    control: bool = False

    @classmethod
    def of(cls, record: TrialRecord) -> Entrant:
        """Who ran in this trial."""
        return cls(record.spec.candidate, record.spec.lane, record.spec.control)


@dataclass(frozen=True)
class Ratio:
    """Step time of one entrant divided by another's, with its interval; ``outliers`` are kept in it.

    The interval includes a factor of ``others`` on both sides, by which others at work may have moved the ratio.

    ``confidence`` is the level of this look: with several looks planned, it is higher than that of all together.
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
    where the two are not comparable; ``reason`` then says why.
    """

    workload: str
    lane: Lane
    between: Between
    first: str
    second: str
    word: Word
    ratio: Ratio | None
    reason: str = ""


def compare(records: Iterable[TrialRecord], measuring: Measuring, launches: int, seed: int) -> tuple[Comparison, ...]:
    """Every pair that raced, per workload: candidates within a lane, each candidate's lanes, and the controls last.

    Steps are paired within a round of one session: the median over rounds of log(first / second) per launch,
    the mean over launches, and the interval of :func:`advisor.measuring.statistics.launch_interval`. Pairs are judged
    after each launch, at the levels of :func:`advisor.measuring.sequential.look_confidences`; the first judgement
    stands, and later launches do not change it. Nothing is compared unless both passed the parity check of that
    workload, and no difference is claimed that a candidate shows against its own copy as well.

    Crowded rounds and launches on a busy machine do not count. For what others took in the rest, intervals are widened:
    :func:`allowing_for_others`.

    Args:
        records: trials of one machine and one size; only races and parity checks are looked at.
        measuring: confidence, equivalence margin, resamples and the least number of launches.
        launches: how many of the race were planned at most.
        seed: of the bootstrap; equal seeds give equal intervals, whichever other candidates took part.
    """
    groups: dict[str, list[TrialRecord]] = defaultdict(list)
    for record in records:
        if record.spec.candidate != BASELINE and record.spec.experiment in ("race", "parity"):
            groups[record.spec.workload].append(record)
    return tuple(
        allowing_for_others(comparison, group, measuring.equivalence_margin)
        for workload, group in sorted(groups.items())
        for comparison in _Field(workload, tuple(group), measuring, launches, seed).comparisons()
    )


def allowing_for_others(pair: Comparison, records: Sequence[TrialRecord], margin: float) -> Comparison:
    """The pair with its interval widened by what others may have done in its launches; its word, where that holds."""
    found = pair.ratio
    if found is None:
        return pair
    factor = possible_factor(records, {pair.first, pair.second}, found.launches)
    wider = replace(found, low=found.low / factor, high=found.high * factor, others=factor)
    if pair.word in ("not resolved", "not comparable") or still_holds(pair.word, wider.low, wider.high, margin):
        return replace(pair, ratio=wider)
    reason = f"others at work may have slowed one of the two by up to {factor - 1:.0%}"
    return replace(pair, word="not resolved", ratio=wider, reason=reason)


def noise_floor(comparisons: Iterable[Comparison], workload: str) -> Ratio | None:
    """What a candidate racing itself shows on ``workload``: no smaller difference means anything here.

    The widest interval where several candidates raced themselves; None where none did, or too rarely.
    """
    controls = [
        comparison.ratio
        for comparison in comparisons
        if comparison.between == "control" and comparison.workload == workload and comparison.ratio is not None
    ]
    return max(controls, key=lambda ratio: ratio.high / ratio.low, default=None)


def still_racing(comparisons: Iterable[Comparison]) -> frozenset[tuple[str, Lane]]:
    """Candidates and lanes with a pair that another launch may still resolve, each control's original included."""
    comparisons = tuple(comparisons)
    open_pairs = [
        pair
        for pair in comparisons
        if pair.word == "not resolved" and pair.ratio is not None and pair.between != "control"
    ]
    racing: set[tuple[str, Lane]] = set()
    for pair in open_pairs:
        against: Lane = "default" if pair.between == "lanes" else pair.lane
        racing |= {(pair.first, pair.lane), (pair.second, against)}
    if racing:
        racing |= {(pair.first, pair.lane) for pair in comparisons if pair.between == "control"}
    return frozenset(racing)


@dataclass(frozen=True)
class _Field:
    """Races and parity checks of one workload."""

    workload: str
    records: tuple[TrialRecord, ...]
    measuring: Measuring
    launches: int
    seed: int

    def comparisons(self) -> list[Comparison]:
        entered = sorted({Entrant.of(r) for r in self.records if r.spec.experiment == "race"}, key=_shown_order)
        originals = [entrant for entrant in entered if not entrant.control]
        pairs = [(a, b) for a, b in combinations(originals, 2) if a.lane == b.lane]
        pairs += [
            (a, b) for a in originals if a.lane != "default" and (b := Entrant(a.candidate, "default")) in originals
        ]
        floors = {entrant: self._noise(entrant) for entrant in entered if entrant.control}
        judged = [self._pair(a, b, list(floors.values())) for a, b in pairs]
        return judged + [self._control(entrant) for entrant in floors]

    def _pair(self, first: Entrant, second: Entrant, noise: Sequence[Sequence[np.ndarray]]) -> Comparison:
        barred = [reason for reason in map(self._parity_problem, dict.fromkeys((first, second))) if reason]
        if barred:
            return self._without_ratio(first, second, "not comparable", "; ".join(barred))
        launches = self._log_ratios(first, second)
        if len(launches) < self._needed:
            return self._without_ratio(first, second, "not resolved", self._too_few(first, second, len(launches)))
        pair = None
        for count in range(self._needed, len(launches) + 1):
            ratio = self._ratio(launches[:count], self._levels[count])
            pair = _beyond_noise(
                self._judged(first, second, ratio),
                [self._ratio(own[:count], self.measuring.confidence) for own in noise if len(own) >= self._needed],
            )
            if pair.word != "not resolved":
                break
        assert pair is not None
        return pair

    def _control(self, copy: Entrant) -> Comparison:
        original = copy._replace(control=False)
        launches = self._noise(copy)
        if len(launches) < self._needed:
            return self._without_ratio(original, copy, "not resolved", self._too_few(original, copy, len(launches)))
        return self._judged(original, copy, self._ratio(launches, self.measuring.confidence))

    def _noise(self, copy: Entrant) -> tuple[np.ndarray, ...]:
        return self._log_ratios(copy._replace(control=False), copy)

    @property
    def _needed(self) -> int:
        return max(2, self.measuring.minimum_launches)

    @property
    def _levels(self) -> Mapping[int, float]:
        return look_confidences(self._needed, max(self._needed, self.launches), self.measuring.confidence)

    def _judged(self, first: Entrant, second: Entrant, ratio: Ratio) -> Comparison:
        interval = Interval(ratio.ratio, ratio.low, ratio.high)
        word = _word(interval, self.measuring.equivalence_margin)
        return Comparison(
            self.workload, first.lane, _between(first, second), first.candidate, second.candidate, word, ratio
        )

    def _ratio(self, launches: Sequence[np.ndarray], confidence: float) -> Ratio:
        logs = launch_interval(
            launches, confidence=confidence, resamples=self.measuring.bootstrap_resamples, seed=self.seed
        )
        return Ratio(
            ratio=math.exp(logs.centre),
            low=math.exp(logs.low),
            high=math.exp(logs.high),
            launches=len(launches),
            rounds=sum(len(rounds) for rounds in launches),
            outliers=sum(int(outlier_flags(rounds).sum()) for rounds in launches),
            confidence=confidence,
        )

    def _too_few(self, first: Entrant, second: Entrant, launches: int) -> str:
        reason = f"{launches} of the {self._needed} launches needed ran both side by side"
        problems = [busy_launches(self.records)]
        problems += [self._race_problem(entrant) for entrant in dict.fromkeys((first, second))]
        return "; ".join([reason, *(problem for problem in problems if problem)])

    def _without_ratio(self, first: Entrant, second: Entrant, word: Word, reason: str) -> Comparison:
        return Comparison(
            self.workload, first.lane, _between(first, second), first.candidate, second.candidate, word, None, reason
        )

    def _log_ratios(self, first: Entrant, second: Entrant) -> tuple[np.ndarray, ...]:
        """Log ratios of the shared rounds, one array of shape (rounds,) per launch, in the order of launches."""
        own, other = self._log_steps(first), self._log_steps(second)
        by_launch: dict[int, list[float]] = defaultdict(list)
        for place in sorted(own.keys() & other.keys()):
            by_launch[place[0]].append(own[place] - other[place])
        found = tuple(np.array(by_launch[launch]) for launch in sorted(by_launch))
        # More than were planned have no level to be judged at.
        return found[: max(self._needed, self.launches)]

    def _log_steps(self, entrant: Entrant) -> _LogSteps:
        return {
            (record.spec.launch, record.result.session, block.round): math.log(block.seconds / block.steps)
            for record in self.records
            if record.outcome == "ok" and isinstance(record.result, RaceResult) and Entrant.of(record) == entrant
            if not on_busy_machine(record)
            for block in counted_blocks(record.result)
        }

    def _parity_problem(self, entrant: Entrant) -> str:
        """Why no number of this entrant may be compared; empty if it passed its parity check."""
        name = entrant.candidate if entrant.lane == "default" else f"{entrant.candidate} in the {entrant.lane} lane"
        own = [record for record in self.records if Entrant.of(record)[:2] == entrant[:2]]
        checks = [record for record in own if record.spec.experiment == "parity"]
        for record in checks:
            result = record.result
            if isinstance(result, ParityResult) and not result.passed:
                return f"{name} is not the same model as {result.reference}: {_failed(result)}"
        for record in own:
            if record.outcome == "not_comparable":
                return f"{name} is not the same model: {_last_line(record.error)}"
        if any(record.outcome == "ok" for record in checks):
            return ""
        if checks:
            return f"the parity check of {name} {_ended(checks[-1])}"
        return f"{name} was never checked to be the same model"

    def _race_problem(self, entrant: Entrant) -> str:
        """How the last race of this entrant that did not finish ended; empty if all finished."""
        races = [r for r in self.records if r.spec.experiment == "race" and Entrant.of(r) == entrant]
        unfinished = [record for record in races if record.outcome != "ok"]
        return f"a race of {entrant.candidate} {_ended(unfinished[-1])}" if unfinished else ""


def _between(first: Entrant, second: Entrant) -> Between:
    if first.candidate != second.candidate:
        return "candidates"
    return "lanes" if first.lane != second.lane else "control"


def _beyond_noise(pair: Comparison, controls: Sequence[Ratio]) -> Comparison:
    """No winner inside the noise: a difference that two equals may show as well is not one between frameworks.

    A control's interval is taken as symmetric, since which copy comes first is arbitrary.
    """
    if not controls or pair.ratio is None or pair.word not in ("faster", "slower"):
        return pair
    noise = max(abs(math.log(end)) for control in controls for end in (control.low, control.high))
    if abs(math.log(pair.ratio.ratio)) > noise:
        return pair
    reason = f"a candidate against its own copy may differ by a factor of {math.exp(noise):.2f} here"
    return replace(pair, word="not resolved", reason=reason)


def _word(ratio: Interval, margin: float) -> Word:
    # Equivalence first: a resolved difference of one per cent is still none that should decide anything.
    if ratio_is_equivalent(ratio, margin):
        return "equivalent"
    if ratio.high < 1:
        return "faster"
    return "slower" if ratio.low > 1 else "not resolved"


def _failed(parity: ParityResult) -> str:
    failed = [check for check in parity.checks if not check.passed]
    return ", ".join(f"{check.name} ({check.detail})" if check.detail else check.name for check in failed)


def _ended(record: TrialRecord) -> str:
    how = record.outcome.replace("_", " ")
    return f"ended as {how}: {_last_line(record.error)}" if record.error else f"ended as {how}"


def _last_line(text: str | None) -> str:
    lines = (text or "no details were recorded").strip().splitlines()
    return lines[-1].strip() if lines else ""


def _shown_order(entrant: Entrant) -> tuple[int, int, str]:
    known, lanes = list(CANDIDATES), list(LANES)
    candidate = entrant.candidate
    place = known.index(candidate) if candidate in CANDIDATES else len(known)
    return (lanes.index(entrant.lane), place, candidate)
