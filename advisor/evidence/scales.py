"""Value scales: what a raw number is worth between 0 (barely acceptable) and 1 (more is worth nothing)."""

from __future__ import annotations

import math
from collections.abc import Mapping

from advisor.evidence.table import ValueScale
from advisor.interview.answers import Answers
from advisor.method import Method

#: Weeks until productive: beyond this many times the deadline nothing is left of their worth, within bounds.
_TOO_LATE = 4.0
_LATEST_WEEKS, _SOONEST_WEEKS, _AT_ONCE_WEEKS = 52.0, 4.0, 0.5


def scale_for(criterion: str, answers: Answers, method: Method) -> ValueScale:
    """The scale of a measured or answered criterion, fixed before anything is measured.

    The team's own anchors win. A latency budget becomes the barely acceptable inference time; the other end
    moves with it, so that a factor of two keeps its worth. What a week is worth follows the weeks until a first model
    must exist: four times as many are barely acceptable, a quarter is good enough.

    Raises:
        KeyError: the method has no anchors for the criterion.
    """
    anchor = method.anchors[criterion]
    own = answers.get("priorities.anchors")
    if isinstance(own, Mapping) and criterion in own:
        pair = own[criterion]
        if isinstance(pair, tuple):
            return ValueScale(pair[0], pair[1], anchor.log)
    latency_ms = answers.number("deployment.latency_ms")
    if criterion == "inference_speed" and latency_ms is not None:
        return ValueScale(latency_ms, latency_ms * anchor.good_enough / anchor.barely_acceptable, anchor.log)
    deadline_weeks = answers.number("project.baseline_weeks")
    if criterion == "team_fit" and deadline_weeks is not None:
        slowest = min(_LATEST_WEEKS, max(_SOONEST_WEEKS, deadline_weeks * _TOO_LATE))
        return ValueScale(slowest, min(_SOONEST_WEEKS, max(_AT_ONCE_WEEKS, deadline_weeks / _TOO_LATE)), anchor.log)
    return ValueScale(anchor.barely_acceptable, anchor.good_enough, anchor.log)


def value_of(raw: float, scale: ValueScale) -> float:
    """The value of a raw number, clipped to [0, 1]."""
    low, high, here = scale.barely_acceptable, scale.good_enough, raw
    if scale.log:
        if raw <= 0:
            return 1.0 if low > high else 0.0
        low, high, here = math.log(low), math.log(high), math.log(raw)
    return clip((low - here) / (low - high))


def raw_of(value: float, scale: ValueScale) -> float:
    """The raw number that is worth ``value``; the inverse of :func:`value_of` inside [0, 1]."""
    low, high = scale.barely_acceptable, scale.good_enough
    if scale.log:
        return math.exp(math.log(low) - value * (math.log(low) - math.log(high)))
    return low - value * (low - high)


def clip(value: float) -> float:
    """The nearest value on the scale."""
    return min(1.0, max(0.0, value))
