"""Statistics of repeated measurements: pure functions of numbers.

The unit of replication is the launch. Rounds within a launch tell how noisy that launch was, never how many
independent measurements there are.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from advisor.measuring.analysis.student_t import t_quantile

FloatArray = npt.NDArray[np.float64]

#: Beyond this modified z-score a value is flagged; the threshold of Iglewicz and Hoaglin.
OUTLIER_Z = 3.5


@dataclass(frozen=True)
class Interval:
    """An estimate and its confidence interval, in the unit of the values."""

    centre: float
    low: float
    high: float


def percentile(values: Sequence[float] | FloatArray, percent: float) -> float:
    """The value below which ``percent`` (0 to 100) of the values lie, interpolated linearly.

    Raises:
        ValueError: no values, or a percentage outside 0 to 100.
    """
    if len(values) == 0:
        raise ValueError("a percentile needs at least one value")
    return float(np.percentile(np.asarray(values, dtype=np.float64), percent))


def percentile_interval(
    values: Sequence[float] | FloatArray, percent: float, confidence: float
) -> tuple[float, float, float]:
    """A percentile with the interval between two of the values that holds whatever their distribution is.

    The ranks are those of the binomial distribution (David and Nagaraja, Order Statistics, section 7.1). With few
    values, the outermost bound it, and it is narrower than its confidence says. Values of one launch say nothing about
    the next.

    Raises:
        ValueError: no values, or a percentage outside 0 to 100.
    """
    from scipy.stats import binom

    centre = percentile(values, percent)
    ordered = sorted(float(value) for value in values)
    low, high = (int(binom.ppf(share, len(ordered), percent / 100)) for share in _tails(confidence))
    return centre, min(centre, ordered[max(0, low - 1)]), max(centre, ordered[min(len(ordered) - 1, high)])


def _tails(confidence: float) -> tuple[float, float]:
    _require_share(confidence, "confidence")
    return 0.5 - confidence / 2, 0.5 + confidence / 2


def t_interval(values: Sequence[float] | FloatArray, confidence: float) -> Interval:
    """Mean of one value per launch with Student's t-interval.

    Raises:
        ValueError: fewer than two values (one launch says nothing about the next), or a confidence outside
            (0, 1).
    """
    if len(values) < 2:
        raise ValueError("an interval needs the values of at least two launches")
    _require_share(confidence, "confidence")
    array = np.asarray(values, dtype=np.float64)
    mean = float(array.mean())
    half_width = t_quantile(0.5 + confidence / 2, len(array) - 1) * _standard_error(array)
    return Interval(mean, mean - half_width, mean + half_width)


def geometric_mean(values: Sequence[float] | FloatArray, confidence: float) -> Interval:
    """Geometric mean of positive values, one per launch, with the t-interval of their logarithms.

    Raises:
        ValueError: fewer than two values, or any that is not positive.
    """
    array = np.asarray(values, dtype=np.float64)
    if not bool(np.all(array > 0)):
        raise ValueError("a geometric mean needs positive values")
    logs = t_interval(np.log(array), confidence)
    return Interval(math.exp(logs.centre), math.exp(logs.low), math.exp(logs.high))


def outlier_flags(values: Sequence[float] | FloatArray) -> npt.NDArray[np.bool_]:
    """True where a value lies far from the others; flagged values are reported, never dropped.

    Modified z-score after B. Iglewicz and D. C. Hoaglin, "How to Detect and Handle Outliers", ASQC Quality
    Press, 1993: ``|x - median| / (1.4826 MAD)``, with MAD the median absolute deviation. Where more than half
    of the values are equal, MAD is 0 and every other value would be infinitely far away; the mean absolute
    deviation then takes its place, with its own constant 1.2533. Equal values hold no outlier.

    Returns:
        Booleans of shape (len(values),).
    """
    array = np.asarray(values, dtype=np.float64)
    if array.size == 0:
        return np.zeros(0, dtype=np.bool_)
    distance = np.abs(array - np.median(array))
    scale = 1.482602 * float(np.median(distance))
    if scale == 0:
        scale = 1.253314 * float(distance.mean())
    if scale == 0:
        return np.zeros(array.shape, dtype=np.bool_)
    return np.asarray(distance / scale > OUTLIER_Z, dtype=np.bool_)


def ratio_is_equivalent(ratio: Interval, margin: float) -> bool:
    """True if the whole interval of a ratio lies within ``margin`` of 1.

    The margin is symmetric for a ratio and its inverse: 0.03 stands for 1/1.03 to 1.03.
    """
    return 1 / (1 + margin) < ratio.low and ratio.high < 1 + margin


def _standard_error(array: FloatArray) -> float:
    return float(array.std(ddof=1)) / math.sqrt(len(array))


def _require_share(value: float, name: str) -> None:
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie between 0 and 1")
