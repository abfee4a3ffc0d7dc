"""What to find out next: the criterion whose better knowledge is worth most."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from advisor.deciding.decision import NextMeasurement
from advisor.deciding.streams import Array
from advisor.evidence.from_code import CODE_CRITERION
from advisor.measuring.measures import counted


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


def information_values(utility: Array, values: Array, criteria: tuple[str, ...]) -> dict[str, float]:
    """What knowing each criterion exactly is worth, on the value scale; nothing where there is no choice.

    Args:
        utility: shape (draws, candidates).
        values: shape (draws, candidates, criteria).
        criteria: names along the last axis.
    """
    if utility.shape[1] < 2:
        return dict.fromkeys(criteria, 0.0)
    return {criterion: information_value(utility, values[:, :, k]) for k, criterion in enumerate(criteria)}


def next_measurement(worth: Mapping[str, float], least_worth: float, *, code_counted: bool) -> NextMeasurement | None:
    """The criterion worth knowing better, with the command; None where nothing is worth the effort.

    Args:
        worth: see :func:`information_values`.
        least_worth: on the value scale, too; below it, knowing more is not worth a run.
        code_counted: whether the code to own is counted already. Its count is exact; what it costs in effort only
            writing some tells, and no command.
    """
    best = max(worth, key=lambda criterion: worth[criterion], default=None)
    if best is None or worth[best] < least_worth:
        return None
    return NextMeasurement(best, worth[best], _command(best, code_counted))


def _command(criterion: str, code_counted: bool) -> str:
    if criterion == CODE_CRITERION and code_counted:
        return ""
    if counted(criterion) or criterion == CODE_CRITERION:
        return "advisor run --budget 30m"
    if criterion == "team_fit":
        return "advisor ask"
    return f"advisor facts --about {criterion}"
