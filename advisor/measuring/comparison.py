"""What the races say about two candidates: a ratio with an interval, and the one word it supports."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np

from advisor.catalog import BASELINE, CANDIDATES
from advisor.measuring.statistics import Interval, launch_interval, outlier_flags, ratio_is_equivalent
from advisor.method import Measuring
from pilots.records import ParityResult, RaceResult, TrialRecord

Word = Literal["faster", "slower", "equivalent", "not resolved", "not comparable"]

#: Logarithm of the seconds of one step, by (launch, session, round).
_LogSteps = Mapping[tuple[int, str, int], float]


@dataclass(frozen=True)
class Ratio:
    """Step time of one candidate divided by another's, with its interval; ``outliers`` are kept in it."""

    ratio: float
    low: float
    high: float
    launches: int
    rounds: int
    outliers: int


@dataclass(frozen=True)
class Comparison:
    """How ``first`` trains compared with ``second``; ``control`` marks a candidate racing itself.

    ``ratio`` is missing where there were too few launches, or where the two are not comparable; ``reason``
    then says why.
    """

    workload: str
    lane: str
    first: str
    second: str
    control: bool
    word: Word
    ratio: Ratio | None
    reason: str = ""


def compare(records: Iterable[TrialRecord], measuring: Measuring, seed: int) -> tuple[Comparison, ...]:
    """Every pair of candidates that entered a race, per workload and lane; the controls come last in each.

    Steps are paired within a round of one session: the median over rounds of log(first / second) per launch,
    the mean over launches, and the interval of :func:`advisor.measuring.statistics.launch_interval`. Nothing
    is compared unless both candidates passed the parity check of that workload, and no difference is claimed that
    a candidate shows against its own copy as well.

    Args:
        records: trials of one machine and one size; only races and parity checks are looked at.
        measuring: confidence, equivalence margin, resamples and the least number of launches.
        seed: of the bootstrap; equal seeds give equal intervals, whichever other candidates took part.
    """
    groups: dict[tuple[str, str], list[TrialRecord]] = defaultdict(list)
    for record in records:
        if record.spec.candidate != BASELINE and record.spec.experiment in ("race", "parity"):
            groups[record.spec.workload, record.spec.lane].append(record)
    return tuple(
        comparison
        for (workload, lane), group in sorted(groups.items())
        for comparison in _Field(workload, lane, tuple(group), measuring, seed).comparisons()
    )


def noise_floor(comparisons: Iterable[Comparison], workload: str) -> Ratio | None:
    """What a candidate racing itself shows on ``workload``: no smaller difference means anything here.

    The widest interval where several candidates raced themselves; None where none did, or too rarely.
    """
    controls = [
        comparison.ratio
        for comparison in comparisons
        if comparison.control and comparison.workload == workload and comparison.ratio is not None
    ]
    return max(controls, key=lambda ratio: ratio.high / ratio.low, default=None)


@dataclass(frozen=True)
class _Field:
    """Races and parity checks of one workload and lane."""

    workload: str
    lane: str
    records: tuple[TrialRecord, ...]
    measuring: Measuring
    seed: int

    def comparisons(self) -> list[Comparison]:
        entered = {r.spec.candidate for r in self.records if r.spec.experiment == "race"}
        controls = {r.spec.candidate for r in self.records if r.spec.experiment == "race" and r.spec.control}
        pairs = [self._pair(*pair) for pair in combinations(sorted(entered, key=_catalog_order), 2)]
        equals = [self._control(candidate) for candidate in sorted(controls, key=_catalog_order)]
        floor = noise_floor(equals, self.workload)
        return [_beyond_noise(pair, floor) for pair in pairs] + equals

    def _pair(self, first: str, second: str) -> Comparison:
        barred = [reason for reason in map(self._parity_problem, (first, second)) if reason]
        if barred:
            return self._without_ratio(first, second, "not comparable", "; ".join(barred))
        launches = _log_ratios(self._log_steps(first), self._log_steps(second))
        return self._judged(first, second, launches)

    def _control(self, candidate: str) -> Comparison:
        launches = _log_ratios(self._log_steps(candidate), self._log_steps(candidate, control=True))
        return self._judged(candidate, candidate, launches)

    def _judged(self, first: str, second: str, launches: Sequence[np.ndarray]) -> Comparison:
        needed = max(2, self.measuring.minimum_launches)
        if len(launches) < needed:
            reason = f"{len(launches)} of the {needed} launches needed ran both side by side"
            problems = [self._race_problem(candidate) for candidate in dict.fromkeys((first, second))]
            reason = "; ".join([reason, *(problem for problem in problems if problem)])
            return self._without_ratio(first, second, "not resolved", reason)
        logs = launch_interval(
            launches,
            confidence=self.measuring.confidence,
            resamples=self.measuring.bootstrap_resamples,
            seed=self.seed,
        )
        interval = Interval(math.exp(logs.centre), math.exp(logs.low), math.exp(logs.high))
        ratio = Ratio(
            ratio=interval.centre,
            low=interval.low,
            high=interval.high,
            launches=len(launches),
            rounds=sum(len(rounds) for rounds in launches),
            outliers=sum(int(outlier_flags(rounds).sum()) for rounds in launches),
        )
        word = _word(interval, self.measuring.equivalence_margin)
        return Comparison(self.workload, self.lane, first, second, first == second, word, ratio)

    def _without_ratio(self, first: str, second: str, word: Word, reason: str) -> Comparison:
        return Comparison(self.workload, self.lane, first, second, first == second, word, None, reason)

    def _log_steps(self, candidate: str, *, control: bool = False) -> _LogSteps:
        return {
            (record.spec.launch, record.result.session, block.round): math.log(block.seconds / block.steps)
            for record in self.records
            if record.outcome == "ok" and isinstance(record.result, RaceResult)
            if record.spec.candidate == candidate and record.spec.control == control
            for block in record.result.blocks
        }

    def _parity_problem(self, candidate: str) -> str:
        """Why no number of this candidate may be compared; empty if it passed its parity check."""
        own = [record for record in self.records if record.spec.candidate == candidate]
        checks = [record for record in own if record.spec.experiment == "parity"]
        for record in checks:
            result = record.result
            if isinstance(result, ParityResult) and not result.passed:
                return f"{candidate} is not the same model as {result.reference}: {_failed(result)}"
        for record in own:
            if record.outcome == "not_comparable":
                return f"{candidate} is not the same model: {_last_line(record.error)}"
        if any(record.outcome == "ok" for record in checks):
            return ""
        if checks:
            return f"the parity check of {candidate} {_ended(checks[-1])}"
        return f"{candidate} was never checked to be the same model"

    def _race_problem(self, candidate: str) -> str:
        """How the last race of this candidate that did not finish ended; empty if all finished."""
        races = [r for r in self.records if r.spec.candidate == candidate and r.spec.experiment == "race"]
        unfinished = [record for record in races if record.outcome != "ok"]
        return f"a race of {candidate} {_ended(unfinished[-1])}" if unfinished else ""


def _log_ratios(first: _LogSteps, second: _LogSteps) -> tuple[np.ndarray, ...]:
    """Log ratios of the shared rounds, one array of shape (rounds,) per launch, in the order of launches."""
    by_launch: dict[int, list[float]] = defaultdict(list)
    for place in sorted(first.keys() & second.keys()):
        by_launch[place[0]].append(first[place] - second[place])
    return tuple(np.array(by_launch[launch]) for launch in sorted(by_launch))


def _beyond_noise(pair: Comparison, floor: Ratio | None) -> Comparison:
    """No winner inside the noise: a difference that two equals may show as well is not one between frameworks.

    The control's interval is taken as symmetric, since which copy comes first is arbitrary.
    """
    if floor is None or pair.ratio is None or pair.word not in ("faster", "slower"):
        return pair
    noise = max(abs(math.log(floor.low)), abs(math.log(floor.high)))
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


def _catalog_order(candidate: str) -> tuple[int, str]:
    known = list(CANDIDATES)
    return (known.index(candidate) if candidate in CANDIDATES else len(known), candidate)
