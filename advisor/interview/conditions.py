"""Conditions on answers, as questions and facts state them: ``when = {"project.trains" = ["yes"]}``."""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping

from advisor.interview.answers import Answers, Value

#: Dotted key -> accepted values; every key must hold. ``"*"`` accepts any non-empty answer; ``">=3"``, ``"<=3"``,
#: ``">3"`` and ``"<3"`` accept numbers.
Condition = Mapping[str, tuple[str, ...]]

ANY = "*"
_COMPARED = {">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt}
_BOUND = re.compile(r"(>=|<=|>|<)\s*([0-9]+(?:\.[0-9]+)?)")


def holds(condition: Condition, answers: Answers) -> bool | None:
    """Whether every key has one of its accepted values.

    Returns:
        None where a key was never answered, or the team was not sure, and no other key already fails.
    """
    undecided = False
    for key, accepted in condition.items():
        value = answers.get(key)
        if value is None:
            undecided = True
            continue
        given = value if isinstance(value, tuple) else (str(value),)
        if ANY in accepted:
            if not given:
                return False
        elif not set(given) & set(accepted) and not any(_within(value, bound) for bound in accepted):
            return False
    return None if undecided else True


def _within(value: Value, bound: str) -> bool:
    """Whether a number meets a bound such as ``>=3``; False for anything else."""
    parts = _BOUND.fullmatch(bound)
    if parts is None or not isinstance(value, (int, float)):
        return False
    return bool(_COMPARED[parts[1]](value, float(parts[2])))
