"""What to find out next: the criterion whose better knowledge is worth most."""

from __future__ import annotations

import numpy as np

from advisor.deciding.decision import NextMeasurement
from advisor.deciding.streams import Array
from advisor.evidence.from_trials import MEASURED_CRITERIA

#: Below a thousandth of the value scale, knowing more is not worth a run.
NEGLIGIBLE = 0.001


def information_value(utility: Array, values: Array) -> float:
    """Expected value of knowing one criterion exactly (EVPPI), on the value scale.

    The expected utility given a candidate's value on the criterion is a regression on (1, v, v^2), after Strong,
    Oakley and Brennan, Medical Decision Making 2014.

    Args:
        utility: shape (draws, candidates).
        values: of the criterion, shape (draws, candidates).
    """
    expected = np.empty_like(utility)
    for i in range(utility.shape[1]):
        v = values[:, i]
        design = np.stack([np.ones_like(v), v, v * v], axis=1)
        expected[:, i] = design @ np.linalg.lstsq(design, utility[:, i], rcond=None)[0]
    return max(0.0, float(expected.max(axis=1).mean() - utility.mean(axis=0).max()))


def next_measurement(utility: Array, values: Array, criteria: tuple[str, ...]) -> NextMeasurement | None:
    """The criterion worth knowing better, with the command; None where nothing is worth the effort.

    Args:
        utility: shape (draws, candidates).
        values: shape (draws, candidates, criteria).
        criteria: names along the last axis.
    """
    if utility.shape[1] < 2:
        return None
    worths = [information_value(utility, values[:, :, k]) for k in range(len(criteria))]
    best = int(np.argmax(worths))
    if worths[best] < NEGLIGIBLE:
        return None
    return NextMeasurement(criteria[best], worths[best], _command(criteria[best]))


def _command(criterion: str) -> str:
    if criterion in MEASURED_CRITERIA:
        return "advisor run --budget 30m"
    if criterion == "team_fit":
        return "advisor ask"
    return f"advisor facts --about {criterion}"
