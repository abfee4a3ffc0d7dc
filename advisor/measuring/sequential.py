"""Looking at a comparison after every launch, without finding differences by looking often.

Whoever tests at 5 % after each of five launches and stops at the first success finds a difference between equals far
more often than once in twenty. So the 5 % are spent over the looks: each look gets a confidence level of its own, and
all of them together are wrong as seldom as one look at 95 % would be.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

import numpy as np

_PATHS = 200_000
_SEED = 20261121


@cache
def look_confidences(first: int, last: int, confidence: float) -> Mapping[int, float]:
    """The confidence level at which to judge after each number of launches.

    Error is spent as K. K. G. Lan and D. L. DeMets propose ("Discrete sequential boundaries for clinical trials",
    Biometrika 70, 1983), by their function that resembles Pocock's boundaries: ``alpha ln(1 + (e - 1) t)`` has been
    spent when the share ``t`` of the launches is in. It leaves enough for the early looks to stop a race between
    candidates that differ by much. With few launches the variance is as uncertain as the mean; so the boundaries are
    those of t-statistics of one growing sample, whose joint distribution does not depend on mean or variance, and is
    drawn here (200 000 paths, fixed seed) rather than approximated by a normal one.

    Args:
        first: launches at the first look, at least 2.
        last: launches at the last look.
        confidence: of all looks together.

    Returns:
        By number of launches, the level for the interval of :func:`advisor.measuring.statistics.t_interval`.

    Raises:
        ValueError: fewer than two launches at the first look, or no look at all.
    """
    if not 2 <= first <= last:
        raise ValueError("the first look needs two launches, and must not come after the last")
    alpha = 1 - confidence
    if first == last:
        return {first: confidence}
    tails = _tail_areas(first, last)
    undecided = np.ones(_PATHS, dtype=np.bool_)
    levels: dict[int, float] = {}
    stopped = 0
    for launches in range(first, last + 1):
        to_spend = round(_PATHS * alpha * math.log(1 + (math.e - 1) * launches / last)) - stopped
        area = tails[launches][undecided]
        threshold = float(np.partition(area, to_spend)[to_spend])
        levels[launches] = 1 - threshold
        undecided &= tails[launches] >= threshold
        stopped += to_spend
    return levels


def _tail_areas(first: int, last: int) -> dict[int, np.ndarray]:
    """Two-sided p-values of one growing normal sample after each launch, arrays of shape (paths,)."""
    from scipy.special import stdtr

    sample = np.random.default_rng(_SEED).standard_normal((last, _PATHS))
    areas = {}
    for launches in range(first, last + 1):
        seen = sample[:launches]
        t = seen.mean(axis=0) / (seen.std(axis=0, ddof=1) / math.sqrt(launches))
        areas[launches] = 2 * stdtr(launches - 1, -np.abs(t))
    return areas
