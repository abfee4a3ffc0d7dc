"""What a run tells whoever watches it. Stages emit these; only the command line knows how to draw them.

Candidates are named as :class:`pilots.records.Entrant` has them, lane and control copy included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from advisor.measuring.analysis.race_state import RaceState
from advisor.measuring.running.trial_queue import LeftOut
from pilots.records import TrialRecord, TrialSpec


@dataclass(frozen=True)
class RunStarted:
    """``trials`` are to run in all, as far as the budget goes; ``finished`` of them are on disk already."""

    trials: int
    finished: int
    seconds_left: float


@dataclass(frozen=True)
class LaunchStarted:
    """The next processes are being started: those of ``launch``, counted from 0, of a workload."""

    title: str
    workload: str
    launch: int
    seconds_left: float


@dataclass(frozen=True)
class Activity:
    """A candidate began something: ``starting``, ``checking parity``, ``warming up``. ``control``: its second copy."""

    candidate: str
    what: str
    control: bool = False

    @classmethod
    def of(cls, spec: TrialSpec, what: str) -> Activity:
        """That of whoever runs a trial."""
        return cls(str(spec.entrant), what, spec.control)


@dataclass(frozen=True)
class WaitingForQuiet:
    """Others take ``others_share`` of the processor: everything stands still until they do not, or for at most so
    many seconds."""

    others_share: float
    at_most_s: float


@dataclass(frozen=True)
class QuietAwaited:
    """Waiting ended after ``waited_s`` seconds; ``quiet`` unless in vain."""

    waited_s: float
    quiet: bool


@dataclass(frozen=True)
class BlockRaced:
    """A candidate ran its block of a round, counted from 0, of the ``rounds`` of a race, as many as it will have by the
    look of it now. ``control``: it is a second copy."""

    candidate: str
    round: int
    rounds: int
    step_ms: float
    examples_per_s: float
    control: bool = False


@dataclass(frozen=True)
class EpochLearned:
    """A training run has come to the end of an epoch, counted from 1; ``metric`` is accuracy or R2 on test rows."""

    candidate: str
    epoch: int
    of_epochs: int
    metric: float


@dataclass(frozen=True)
class TrialsFinished:
    """These trials are on disk; ``finished`` in all so far, of ``trials``."""

    records: tuple[TrialRecord, ...]
    finished: int
    trials: int
    seconds_left: float


@dataclass(frozen=True)
class RaceJudged:
    """What the races on a workload say by now: told after each race, and for those on disk when a run starts."""

    standing: RaceState


@dataclass(frozen=True)
class Stopping:
    """Somebody wants the run to stop: the trials that are running are finished, and no others begin."""


@dataclass(frozen=True)
class RunEnded:
    """Nothing is left to run, or nothing that fits into the budget: ``left_out`` trials, of which ``what`` tells.

    ``stopped`` tells a run that ended because somebody wanted it to.
    """

    finished: int
    failed: int
    left_out: int
    what: tuple[LeftOut, ...] = ()
    stopped: bool = False


Event = (
    RunStarted
    | LaunchStarted
    | Activity
    | WaitingForQuiet
    | QuietAwaited
    | BlockRaced
    | EpochLearned
    | TrialsFinished
    | RaceJudged
    | Stopping
    | RunEnded
)


class Watcher(Protocol):
    """Receives events between measurements, never during them; only :class:`Stopping` comes at any time."""

    def __call__(self, event: Event) -> None:
        """Handle one event; must return quickly."""


def ignore(event: Event) -> None:
    """A watcher for runs that nobody watches."""
