"""Judging pairs that are compared together, after each launch, so that all of them err as seldom as promised.

Of the ten pairs of five equals, each judged at 5 %, some would be called different in more than a quarter of all
studies. So the 5 % are shared: by the looks of a pair (:mod:`advisor.measuring.analysis.sequential`) and, after S. Holm
("A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979), by the pairs
that are not shown to differ. For tests that look several times W. Maurer and F. Bretz prove it ("Multiple testing in
group sequential trials using graphical approaches", Statistics in Biopharmaceutical Research 5, 2013).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import NormalDist
from typing import Literal

from advisor.measuring.analysis.sequential import look_confidences
from advisor.measuring.analysis.statistics import Interval, ratio_is_equivalent, t_interval
from advisor.measuring.analysis.student_t import t_quantile
from advisor.method import Measuring

Shown = Literal["first less", "first more", "equivalent", "nothing"]

DIFFERENT: tuple[Shown, ...] = ("first less", "first more")

#: Logarithms beyond this, to either side, are those of no float above 0.
_LARGEST = 700.0

#: Log ratio of a pair in each launch in which both ran, by launch.
ByLaunch = Mapping[int, float]


@dataclass(frozen=True)
class Judgement:
    """What a pair shows in its first ``launches``: the interval of the ratio, at the level ``confidence``.

    It leaves out 1 exactly where a difference is shown. Once that is ``settled``, no launch changes it.
    ``smallest_found`` is the share by which the step times would have had to differ to be told apart, with the
    probability of ``Measuring.found_probability``, in as many launches that scatter as these did; 0 where they do not
    scatter at all. The interval includes ``shift`` on both sides of its logarithm, by which more than chance may have
    moved it.
    """

    shown: Shown
    ratio: Interval
    launches: int
    confidence: float
    smallest_found: float
    settled: bool
    shift: float


def judge(
    pairs: Sequence[ByLaunch], measuring: Measuring, planned: int, shifts: Sequence[ByLaunch] = ()
) -> tuple[Judgement | None, ...]:
    """Judge all pairs of one family after each launch.

    A difference that is found stands. A pair that is equivalent may still turn out to differ by less than the margin,
    and is settled only where ``Measuring.settled_margin`` holds its interval. The probability that any two equals are
    called different, in any launch, is at most ``1 - confidence``. Stopping before all launches have run makes it less,
    and never more.

    Args:
        pairs: log ratios by launch; a pair that lacks launches counts among those that share the error nevertheless.
        measuring: confidence, equivalence margin, the least number of launches, and how error is spent over the looks.
        planned: launches at most; a pair's later launches do not count.
        shifts: for each pair, by how much more than chance may have moved a log ratio, by launch; not at all without.

    Returns:
        For each pair what is shown; None where it has too few launches.
    """
    needed = max(2, measuring.minimum_launches)
    family = _Family(pairs, measuring, needed, max(needed, planned), shifts or [{} for _ in pairs])
    for launch in sorted({launch for pair in pairs for launch in pair}):
        family.look(launch)
    return family.judgements()


class _Family:
    def __init__(
        self, pairs: Sequence[ByLaunch], measuring: Measuring, needed: int, planned: int, shifts: Sequence[ByLaunch]
    ) -> None:
        self._pairs = [dict(islice(sorted(pair.items()), planned)) for pair in pairs]
        self._measuring = measuring
        self._needed = needed
        self._planned = planned
        self._shifts = shifts
        self._settled: dict[int, Judgement] = {}
        self._different = 0

    def look(self, launch: int) -> None:
        """Settle what launches up to ``launch`` show."""
        judged = self._judge_open(launch)
        # Each difference that is found leaves its share of the error to the others, which may then be found as well.
        while found := {at: judgement for at, judgement in judged.items() if judgement.shown in DIFFERENT}:
            self._settled |= found
            self._different += len(found)
            judged = self._judge_open(launch)
        self._settled |= {at: judgement for at, judgement in judged.items() if judgement.settled}

    def judgements(self) -> tuple[Judgement | None, ...]:
        last = max((launch for pair in self._pairs for launch in pair), default=0)
        judged = self._judge_open(last) | self._settled
        return tuple(judged.get(at) for at in range(len(self._pairs)))

    def _judge_open(self, launch: int) -> dict[int, Judgement]:
        return {
            at: self._judged({number: log for number, log in pair.items() if number <= launch}, self._shifts[at])
            for at, pair in enumerate(self._pairs)
            if at not in self._settled and sum(number <= launch for number in pair) >= self._needed
        }

    def _judged(self, by_launch: ByLaunch, shifts: ByLaunch) -> Judgement:
        logs = list(by_launch.values())
        shift = sum(shifts.get(launch, 0.0) for launch in by_launch) / len(logs)
        measuring = self._measuring
        shared = (1 - measuring.confidence) / (len(self._pairs) - self._different)
        levels = look_confidences(self._needed, self._planned, 1 - shared, measuring.spending_power)
        confidence = levels[len(logs)]
        interval = t_interval(logs, confidence)
        ratio = as_ratio(Interval(interval.centre, interval.low - shift, interval.high + shift))
        freedom = len(logs) - 1
        quantile = t_quantile(0.5 + confidence / 2, freedom)
        error = (interval.high - interval.centre) / quantile
        found = shift + error * least_found(quantile, freedom, measuring.found_probability)
        shown = shown_by(ratio, measuring.equivalence_margin)
        settled = shown in DIFFERENT or ratio_is_equivalent(ratio, measuring.settled_margin)
        return Judgement(shown, ratio, len(logs), confidence, math.expm1(min(found, _LARGEST)), settled, shift)


def as_ratio(logs: Interval) -> Interval:
    """Of an interval of log ratios, that of the ratio, whose ends are numbers above 0 however wide it is."""
    return Interval(*(math.exp(max(-_LARGEST, min(log, _LARGEST))) for log in (logs.centre, logs.low, logs.high)))


def shown_by(ratio: Interval, margin: float) -> Shown:
    """A difference where the interval leaves out 1, however small; equivalence where it does not and is narrow."""
    if ratio.high < 1:
        return "first less"
    if ratio.low > 1:
        return "first more"
    return "equivalent" if ratio_is_equivalent(ratio, margin) else "nothing"


def least_found(quantile: float, freedom: int, probability: float) -> float:
    """The true mean, in standard errors, whose t-statistic exceeds ``quantile`` with this probability.

    Normal approximation to the non-central t distribution (N. L. Johnson, S. Kotz and N. Balakrishnan, Continuous
    Univariate Distributions, volume 2, chapter 31): the statistic is compared with ``quantile`` times the estimated
    standard deviation, whose own scatter counts with few launches.
    """
    mean = math.sqrt(2 / freedom) * math.exp(math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2))
    scatter = math.sqrt(1 + quantile**2 * (1 - mean**2))
    return quantile * mean + NormalDist().inv_cdf(probability) * scatter
