"""What came of taking a trained model out of its framework and running it where nothing but a runtime is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pilots.outcomes import Failure, Outcome, RehearsalStage, outcome_of
from pilots.results import InferBatch


@dataclass(frozen=True)
class Figures:
    """What only some routes can tell of an artifact; None what this route cannot tell.

    ``download_bytes`` is what a browser fetches before it predicts: page, runtime and model. ``arena_bytes`` is an
    estimate of the working memory that a microcontroller has to set aside.
    """

    download_bytes: int | None = None
    arena_bytes: int | None = None


@dataclass(frozen=True)
class ServedLoad:
    """Requests of one row by so many ``clients`` at once, in ``seconds`` in all.

    ``calls_ms`` are the milliseconds of those that were answered, as their client saw them; ``failed`` were not.
    """

    clients: int
    seconds: float
    calls_ms: tuple[float, ...]
    failed: int


@dataclass(frozen=True)
class ServedResult:
    """An artifact behind a server on the loopback device, asked in JSON. ``error`` says why it was not, or not to the
    end, and ``failed_outcome`` what kind of end that was.

    ``start_s`` is the time until it answers; ``stopped_cleanly`` tells whether it ended with every process and its port
    when it was asked to, None where that was not reached.
    """

    server: str
    error: str | None = None
    start_s: float | None = None
    loads: tuple[ServedLoad, ...] = ()
    stopped_cleanly: bool | None = None
    failed_outcome: Outcome | None = None

    @property
    def failure(self) -> Failure | None:
        """What went wrong, if anything."""
        return None if self.error is None else Failure("serve", outcome_of(self.failed_outcome, self.error), self.error)


@dataclass(frozen=True)
class RehearseResult:
    """A trained model exported, then loaded and run by a fresh process with nothing but the runtime.

    ``works`` only if it loads, predicts finite numbers and the same as the trained model; else ``failed_stage``,
    ``failed_outcome`` and ``error`` say what went wrong. ``worst_error`` is the largest difference of an output as a
    share of the largest output; ``agreement`` the share of rows predicted alike; ``metric`` is that of the artifact,
    ``metric_before`` that of the trained model on the same ``rows``. ``worked_around`` tells what the export had to do
    otherwise. ``artifact_bytes`` is what has to be shipped and ``installed_bytes`` what its runtime takes on disk with
    all that it requires, Python itself apart; ``load_s`` includes importing the runtime, ``runtime_mib`` is the peak
    resident memory of its process while it loads and predicts. ``batches`` are timed from numpy in to numpy out, or,
    where another program predicts, by that program. ``figures`` are those that only some routes have; ``served`` is
    None where no server was tried.
    """

    kind: Literal["rehearse"]
    route: str
    works: bool
    failed_stage: RehearsalStage | None = None
    error: str | None = None
    worked_around: tuple[str, ...] = ()
    rows: int = 0
    worst_error: float | None = None
    agreement: float | None = None
    metric_before: float | None = None
    metric: float | None = None
    export_s: float | None = None
    artifact_bytes: int | None = None
    installed_bytes: int | None = None
    load_s: float | None = None
    runtime_mib: float | None = None
    batches: tuple[InferBatch, ...] = ()
    figures: Figures = Figures()
    served: ServedResult | None = None
    failed_outcome: Outcome | None = None

    @property
    def failure(self) -> Failure | None:
        """What went wrong, if anything."""
        if self.works:
            return None
        message = self.error or "no message"
        return Failure(self.failed_stage or "export", outcome_of(self.failed_outcome, message), message)
