"""Curves and bars as characters."""

from __future__ import annotations

from collections.abc import Sequence

_STEPS = "▁▂▃▄▅▆▇█"
_EIGHTHS = " ▏▎▍▌▋▊▉"
_DONE, _HALF, _TO_DO = "━", "╸", "─"


def sparkline(values: Sequence[float], low: float, high: float, width: int) -> str:
    """A curve of at most ``width`` characters between ``low`` (the lowest) and ``high`` (the highest character).

    Of more values, an evenly spaced choice is shown, the last value always.

    >>> sparkline([0.1, 0.5, 0.9, 0.95], 0.1, 0.95, 8)
    '▁▄██'
    """
    if width < 1 or not values:
        return ""
    count = min(width, len(values))
    shown = [values[-1 - round(place * (len(values) - 1) / max(1, count - 1))] for place in reversed(range(count))]
    span = high - low
    return "".join(_STEPS[_place((value - low) / span if span > 0 else 1.0)] for value in shown)


def bar(share: float, width: int) -> str:
    """A share in [0, 1] as a bar of exactly ``width`` characters, in eighths of a character.

    >>> bar(0.5, 3)
    '█▌ '
    """
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    full, part = divmod(eighths, 8)
    return ("█" * full + _EIGHTHS[part] * (part > 0)).ljust(width)


def track(share: float, width: int) -> str:
    """How far something has come, as a line of exactly ``width`` characters which reads the same without colours.

    >>> track(0.5, 5)
    '━━╸──'
    """
    halves = int(min(max(share, 0.0), 1.0) * width * 2)
    full, part = divmod(halves, 2)
    return (_DONE * full + _HALF * part).ljust(width, _TO_DO)


def _place(share: float) -> int:
    return min(len(_STEPS) - 1, max(0, int(share * len(_STEPS))))
