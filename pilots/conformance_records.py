"""What the conformance check of a workload finds. No part of a study, so none of its records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

CheckName = Literal[
    "starts",
    "data",
    "parameters",
    "weights",
    "outputs",
    "parity",
    "learning",
    "seeds",
    "loop",
    "feeding",
    "refusals",
    "tuned parity",
]


@dataclass(frozen=True)
class ConformanceCheck:
    """One thing that a workload has to do alike in every stack.

    ``passed`` is None where the check was not reached, because a check that it builds on had failed.
    """

    name: CheckName
    passed: bool | None
    detail: str


@dataclass(frozen=True)
class ConformanceResult:
    """What the conformance check found for one candidate. No part of a study: the gate judges there."""

    candidate: str
    checks: tuple[ConformanceCheck, ...]

    @property
    def passed(self) -> bool:
        """True if every check was reached and passed."""
        return all(check.passed for check in self.checks)


def checks_of(candidate: str, *, tuned: bool) -> tuple[CheckName, ...]:
    """The checks that a candidate goes through, in order. The baseline has no weights that could be compared."""
    if candidate == "baseline":
        return ("starts", "data", "learning")
    return tuple(name for name in get_args(CheckName) if tuned or name != "tuned parity")
