"""Differences of scores, with the luck of the seeds and the luck of the test rows in their error.

A score is a mean over test rows, and another sample of rows would have given another score. Two candidates are scored
on the same rows after trainings from the same seeds: each row and each launch gives a difference of its own, in which
what both met alike cancels.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from advisor.measuring.analysis.series import RowLosses, Series
from advisor.measuring.analysis.statistics import Interval
from advisor.measuring.analysis.student_t import t_quantile

FloatArray = npt.NDArray[np.float64]
Word = Literal["the same", "differs", "not resolved"]

#: Rows are put together into so many groups where their luck is drawn: enough to know its size within an eighth.
GROUPS = 32
_SEED = 20261201
NO_ROWS = "what each test row adds to the score was not kept"


@dataclass(frozen=True)
class ScoreDifference:
    """How much higher the first candidate scores than the second, with its interval where that is known.

    ``the same``: the whole interval lies within the margin, so that a difference as large as that is called the same in
    at most (1 - confidence) / 2 of such studies. ``differs``: the whole interval lies beyond the margin, on one side.
    ``not resolved``: neither; a difference that is certain but may be smaller than the margin is not shown to matter.
    ``reason`` says why there is no interval. ``rows`` is how many test rows there were that share nothing.
    """

    difference: float
    interval: Interval | None
    confidence: float
    word: Word
    launches: int
    rows: int = 0
    reason: str = ""

    @property
    def half_width(self) -> float:
        """Half of the interval; infinite where there is none."""
        return math.inf if self.interval is None else (self.interval.high - self.interval.low) / 2


def compare_scores(first: Series, second: Series, *, margin: float, alpha: float) -> ScoreDifference | None:
    """Whether two candidates score the same, over the launches that both have; None with fewer than two of them.

    Rows and launches are crossed: each launch is scored on each row. The variance of the mean difference is that of the
    launches' means plus that of the rows' means (A. C. Cameron, J. B. Gelbach and D. L. Miller, "Robust inference with
    multiway clustering", Journal of Business and Economic Statistics 29, 2011; the part that both contain is not taken
    off again, which errs on the wide side), with the degrees of freedom of F. E. Satterthwaite, "An approximate
    distribution of estimates of variance components", Biometrics Bulletin 2, 1946. Where a row is right or wrong, two
    rows are added that speak against each other, as D. G. Bonett and R. M. Price do for one pair of answers per row
    ("Adjusted Wald confidence interval for a difference of binomial proportions based on paired data", Journal of
    Educational and Behavioral Statistics 37, 2012): that two models agree on all of a hundred rows does not show that
    they agree on all rows. With one launch it is their interval, which is McNemar's test turned round.

    The interval has the confidence 1 - 2 alpha, so that *the same* is two one-sided tests at ``alpha`` each (D. J.
    Schuirmann, 1987), and *differs* one of them beyond the margin.

    Args:
        first: scores, with the losses of their rows.
        second: those of the other candidate, on the same workload.
        margin: a difference smaller than this does not matter, in the unit of the scores.
        alpha: chance of calling two candidates the same that differ by exactly the margin, at most.

    Raises:
        ValueError: a margin that is not positive, or alpha outside (0, 0.5).
    """
    if margin <= 0:
        raise ValueError("the margin must be positive")
    if not 0 < alpha < 0.5:
        raise ValueError("alpha must lie between 0 and 0.5")
    of_second = dict(zip(second.launches, second.values, strict=True))
    shared = [launch for launch in first.launches if launch in of_second]
    if len(shared) < 2:
        return None
    of_first = dict(zip(first.launches, first.values, strict=True))
    differences = np.array([of_first[launch] - of_second[launch] for launch in shared])
    bare = ScoreDifference(float(differences.mean()), None, 1 - 2 * alpha, "not resolved", len(shared), reason=NO_ROWS)
    losses, others = _of_launches(first, shared), _of_launches(second, shared)
    if losses is None or others is None or losses.shape != others.shape:
        return bare
    assert first.losses is not None
    interval = _interval(differences, (others - losses).mean(axis=0), first.losses, 1 - 2 * alpha)
    same = -margin < interval.low and interval.high < margin
    differs = interval.low > margin or interval.high < -margin
    word: Word = "the same" if same else "differs" if differs else "not resolved"
    return replace(bare, interval=interval, word=word, rows=first.losses.rows, reason="")


def score_interval(scores: Series, confidence: float) -> Interval | None:
    """The mean score with an interval for other seeds and other test rows; None where the rows are not known.

    As in :func:`compare_scores`, of one candidate alone.
    """
    losses = _of_launches(scores, scores.launches)
    if losses is None or scores.losses is None or len(scores.values) < 2:
        return None
    return _interval(np.asarray(scores.values, np.float64), -losses.mean(axis=0), scores.losses, confidence)


def row_noise(scores: Series) -> tuple[float, ...]:
    """What the luck of the test rows adds to a mean score, one number per group of rows; empty where it is not known.

    Multiplied by standard normal numbers, one per group, and summed up, they scatter as the score does from one sample
    of rows to the next (the method of random groups: K. M. Wolter, Introduction to Variance Estimation, 2007, chapter
    2). Candidates of one workload have the same groups, so with the same normal numbers what a row does to all of them
    cancels in their difference.
    """
    losses = _of_launches(scores, scores.launches)
    if losses is None or scores.losses is None:
        return ()
    deviations = losses.mean() - losses.mean(axis=0)
    count = len(deviations)
    groups = min(GROUPS, count)
    group_of = np.random.default_rng(_SEED).permutation(count) % groups
    sums = np.bincount(group_of, deviations, groups)
    scale = math.sqrt(groups / (groups - 1) / (count * scores.losses.rows))
    return tuple(float(total) for total in sums * scale)


def row_step(scores: Series) -> float:
    """What one test row more that is right or wrong is worth to a score; 0 where rows are not right or wrong."""
    return 0.0 if scores.losses is None else scores.losses.step / (scores.losses.rows + 2)


def _of_launches(scores: Series, launches: Sequence[int]) -> FloatArray | None:
    """Losses of shape (launches, rows); None where they are not known, not as many in each launch, or less than two."""
    if scores.losses is None:
        return None
    by_launch = dict(zip(scores.launches, scores.losses.by_launch, strict=True))
    found = [by_launch[launch] for launch in launches]
    return np.array(found, np.float64) if len({len(losses) for losses in found}) == 1 and len(found[0]) > 1 else None


def _interval(launches: FloatArray, rows: FloatArray, known: RowLosses, confidence: float) -> Interval:
    """Around the mean over launches, from one value per launch and per row."""
    centre = float(launches.mean())
    of_launches = float(launches.var(ddof=1)) / len(launches)
    if known.step:
        padded = np.concatenate([rows, [known.step, -known.step]])
        of_rows = float(padded.var()) / (known.rows + 2)
    else:
        of_rows = float(rows.var(ddof=1)) / known.rows
    variance = of_launches + of_rows
    if variance == 0:
        return Interval(centre, centre, centre)
    shares = (of_launches / variance) ** 2 / (len(launches) - 1) + (of_rows / variance) ** 2 / max(1, len(rows) - 1)
    half_width = t_quantile(0.5 + confidence / 2, max(1, math.floor(1 / shares))) * math.sqrt(variance)
    return Interval(centre, centre - half_width, centre + half_width)
