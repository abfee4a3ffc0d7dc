"""Masks of attention in what is quantized.

Attention adds about the lowest number there is where a mask says so. In int8 that takes the whole range, and all other
scores become the same number. What is masked has no weight with -50 either: exp(-50) is 2e-22.
"""

from __future__ import annotations

from pilots.pilot import Array

#: In place of numbers that stand for minus infinity.
MASKED = -50.0
_INFINITE = -1e8
#: What a table tells of it.
MASK_BOUNDED = f"the mask of attention is {MASKED:g} in place of the lowest number"


def stands_for_minus_infinity(values: Array) -> bool:
    """Whether a constant holds nothing but numbers as low."""
    return bool(values.size) and bool(values.max() <= _INFINITE)
