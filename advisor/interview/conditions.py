"""Conditions on answers, as questions and facts state them: ``when = {"project.trains" = ["yes"]}``."""

from __future__ import annotations

from collections.abc import Mapping

from advisor.interview.answers import Answers

#: Dotted key -> accepted values; every key must hold. ``"*"`` accepts any non-empty answer.
Condition = Mapping[str, tuple[str, ...]]

ANY = "*"


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
        elif not set(given) & set(accepted):
            return False
    return None if undecided else True
