"""Quantiles of Student's t distribution.

``scipy.special.stdtrit`` gives them too, and is what the tests compare with; loading it takes longer than deciding.
"""

from __future__ import annotations

import math
from functools import cache

_HALVINGS = 60


@cache
def t_quantile(probability: float, freedom: int) -> float:
    """The value that a t variable with ``freedom`` degrees of freedom stays below with this probability.

    Source: Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.3 and 26.7.4, inverted by bisection.

    Raises:
        ValueError: a probability outside (0, 1), or less than one degree of freedom.
    """
    if not 0 < probability < 1 or freedom < 1:
        raise ValueError("a quantile of t needs a probability between 0 and 1 and at least one degree of freedom")
    central = abs(2 * probability - 1)
    low, high = 0.0, math.pi / 2
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if _central(middle, freedom) < central else (low, middle)
    return math.copysign(math.sqrt(freedom) * math.tan((low + high) / 2), probability - 0.5)


def _central(angle: float, freedom: int) -> float:
    """Probability of a t variable between plus and minus ``sqrt(freedom) * tan(angle)``; the series is finite."""
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term = cosine if odd else 1.0
    total = 0.0
    for power in range(odd, freedom - 1, 2):
        total += term
        term *= cosine**2 * (power + 1) / (power + 2)
    return 2 / math.pi * (angle + sine * total) if odd else sine * total
