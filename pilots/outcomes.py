"""How a trial can end, and what is told of one that did not end well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["ok", "not_comparable", "unavailable", "failed", "crashed", "timed_out", "out_of_memory"]
RehearsalStage = Literal["export", "load", "run", "compare"]
#: Ends that are the model's or the route's own doing; all others are those of a limit or of this machine.
_OF_THE_ROUTE = frozenset[Outcome](("failed", "crashed", "not_comparable"))


@dataclass(frozen=True)
class Failure:
    """What went wrong: at which stage of a rehearsal, the kind of end, and the line of the error that names it."""

    stage: RehearsalStage | Literal["serve"]
    outcome: Outcome
    message: str

    @property
    def is_of_the_route(self) -> bool:
        """Whether more time, more memory or another machine would not have helped."""
        return self.outcome in _OF_THE_ROUTE


def outcome_of(stored: Outcome | None, message: str) -> Outcome:
    """How something ended; records that were made before this was stored tell it by how their message begins."""
    if stored is not None:
        return stored
    if message.startswith("no answer for"):
        return "timed_out"
    return "out_of_memory" if message.startswith(("used ", "ended with signal SIGKILL")) else "failed"
