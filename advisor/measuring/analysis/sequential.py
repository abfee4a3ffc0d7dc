"""Looking at a comparison after every launch, without finding differences by looking often.

Whoever tests at 5 % after each of five launches and stops at the first success finds a difference between equals far
more often than once in twenty. So the 5 % are spent over the looks: each look gets a confidence level of its own, and
all of them together are wrong as seldom as one look at 95 % would be, wherever the looking ends.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

#: Angles at which survival is known, angles over which the next launch is averaged, and those of the areas.
_GRID, _AVERAGED, _FINE = 128, 128, 4096


@cache
def look_confidences(first: int, last: int, confidence: float, power: float) -> Mapping[int, float]:
    """The confidence level at which to judge after each number of launches.

    Error is spent as K. K. G. Lan and D. L. DeMets propose ("Discrete sequential boundaries for clinical trials",
    Biometrika 70, 1983), by the family of K. Kim and D. L. DeMets (Biometrika 74, 1987): ``alpha t ** power`` has been
    spent when the share ``t`` of the launches is in. Looks that are never taken, because time is up, only leave error
    unspent. With few launches the variance is as uncertain as the mean; so the boundaries are those of t-statistics of
    one growing sample, whose joint distribution does not depend on mean or variance.

    They are found by recursion over the looks (P. Armitage, C. K. McPherson and B. C. Rowe, "Repeated significance
    tests on accumulating data", Journal of the Royal Statistical Society A 132, 1969). A sample of ``n`` normal numbers
    has a direction that is uniform on the sphere; ``sin(angle)`` is its projection on the diagonal, so that
    ``t = sqrt(n - 1) tan(angle)`` and the density of the angle is proportional to ``cos(angle) ** (n - 2)``. Given the
    angle after ``n + 1`` launches, that after ``n`` does not depend on anything else.

    Args:
        first: launches at the first look, at least 2.
        last: launches at the last look.
        confidence: of all looks together.
        power: of the share of launches; the higher, the more error is left for the last looks.

    Returns:
        By number of launches, the level for the interval of :func:`advisor.measuring.analysis.statistics.t_interval`.

    Raises:
        ValueError: fewer than two launches at the first look, no look at all, or a power that is not positive.
    """
    if not 2 <= first <= last:
        raise ValueError("the first look needs two launches, and must not come after the last")
    if power <= 0:
        raise ValueError("the power must be positive")
    if first == last:
        return {first: confidence}
    alpha = 1 - confidence
    levels: dict[int, float] = {}
    spent = 0.0
    undecided = np.ones(_GRID)
    for launches in range(first, last + 1):
        to_spend = alpha * (launches / last) ** power
        boundary = _boundary(launches, undecided, to_spend - spent)
        levels[launches] = 1 - float(np.interp(boundary, _fine_angles(), _areas_beyond(launches)))
        spent = to_spend
        undecided = _after_one_more(launches, np.where(_angles() < boundary, undecided, 0.0))
    return levels


def _boundary(launches: int, undecided: FloatArray, to_spend: float) -> float:
    """The angle beyond which a share ``to_spend`` of all samples lies that no look before has decided."""
    areas = _areas_beyond(launches)
    between = np.interp((_fine_angles()[:-1] + _fine_angles()[1:]) / 2, _angles(), undecided)
    beyond = np.append(np.cumsum((between * -np.diff(areas))[::-1])[::-1], 0.0)
    return float(np.interp(to_spend, beyond[::-1], _fine_angles()[::-1]))


def _after_one_more(launches: int, undecided: FloatArray) -> FloatArray:
    """By the angle after one launch more, the probability that nothing was decided until ``launches``."""
    places, weights = _angles_before(launches)
    return np.asarray(np.interp(places, _angles(), undecided) @ weights)


@cache
def _angles_before(launches: int) -> tuple[FloatArray, FloatArray]:
    """Which angles ``launches`` may have had, shape (angles afterwards, averaged), and how probable each is."""
    step = np.pi / _AVERAGED
    turned = -np.pi / 2 + step * (np.arange(_AVERAGED) + 0.5)
    weights = np.cos(turned) ** (launches - 2)
    after = np.sin(_angles())[:, None]
    share = launches / (launches + 1)
    newest = after * math.sqrt(1 - share) + np.sqrt(1 - after**2) * math.sqrt(share) * np.sin(turned)[None, :]
    rest = np.sqrt(np.maximum(1 - newest**2, 1e-300))
    before = (after * math.sqrt(launches + 1) - newest) / (math.sqrt(launches) * rest)
    return np.arcsin(np.minimum(np.abs(before), 1.0)), weights / weights.sum()


@cache
def _areas_beyond(launches: int) -> FloatArray:
    """The two-sided p-value of each fine angle."""
    angles = _fine_angles()
    middle = (angles[:-1] + angles[1:]) / 2
    density = np.cos(middle) ** (launches - 2)
    return np.asarray(np.append(np.cumsum(density[::-1])[::-1], 0.0) / density.sum())


@cache
def _angles() -> FloatArray:
    return np.linspace(0, np.pi / 2, _GRID)


@cache
def _fine_angles() -> FloatArray:
    return np.linspace(0, np.pi / 2, _FINE)
