"""What a run tells whoever watches it. Stages emit these; only the command line knows how to draw them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pilots.records import TrialRecord


@dataclass(frozen=True)
class RunStarted:
    """``trials`` are to run in all, as far as the budget goes; ``finished`` of them are on disk already."""

    trials: int
    finished: int
    seconds_left: float


@dataclass(frozen=True)
class LaunchStarted:
    """The next processes are being started."""

    title: str
    seconds_left: float


@dataclass(frozen=True)
class Activity:
    """A candidate began something: ``starting``, ``checking parity``, ``warming up`` ..."""

    candidate: str
    what: str


@dataclass(frozen=True)
class Reading:
    """A number as it comes in."""

    candidate: str
    measure: str
    value: float
    unit: str


@dataclass(frozen=True)
class TrialsFinished:
    """These trials are on disk; ``finished`` in all so far, of ``trials``."""

    records: tuple[TrialRecord, ...]
    finished: int
    trials: int
    seconds_left: float


@dataclass(frozen=True)
class RunEnded:
    """Nothing is left to run, or nothing that fits into the budget: ``left_out`` trials, which ``what`` names."""

    finished: int
    failed: int
    left_out: int
    what: tuple[str, ...] = ()


Event = RunStarted | LaunchStarted | Activity | Reading | TrialsFinished | RunEnded


class Watcher(Protocol):
    """Receives events between measurements, never during one."""

    def __call__(self, event: Event) -> None:
        """Handle one event; must return quickly."""


def ignore(event: Event) -> None:
    """A watcher for runs that nobody watches."""
