"""Answers of a team: what was said, what was left unsure, what falls back to a default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

NOT_SURE = "not_sure"

#: text, choice and not_sure are str; levels int; numbers float; several choices and orders are tuples of str;
#: points map a criterion to a number; anchors map a criterion to (barely acceptable, good enough).
Value = str | int | float | tuple[str, ...] | Mapping[str, float] | Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Answers:
    """Answers by dotted key (``team.pytorch``). ``said`` holds only what somebody answered, validated.

    Once defaults are filled in, ``assumed`` names the keys that nobody answered.
    """

    said: Mapping[str, Value] = field(default_factory=dict)
    assumed: frozenset[str] = frozenset()

    def get(self, key: str) -> Value | None:
        """The answer, or None where nothing was said or the team was not sure."""
        value = self.said.get(key)
        return None if value == NOT_SURE else value

    def unsure(self, key: str) -> bool:
        """True if the team answered *not sure*."""
        return self.said.get(key) == NOT_SURE

    def text(self, key: str) -> str | None:
        """A text or a single choice."""
        value = self.get(key)
        return value if isinstance(value, str) else None

    def number(self, key: str) -> float | None:
        """A number or a level."""
        value = self.get(key)
        return float(value) if isinstance(value, (int, float)) else None

    def choices(self, key: str) -> tuple[str, ...]:
        """The chosen values of a question that takes several; empty where nothing was said."""
        value = self.get(key)
        return tuple(value) if isinstance(value, tuple) else ()
