"""``--json``: a run as lines of JSON on standard output, one event each. The last line says how it ended.

Names, fields and units are public interface; ``docs/events.schema.json`` is their JSON Schema.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

from advisor.deciding.decision import Verdict
from advisor.errors import AdvisorError, ExitCode
from advisor.measuring.analysis.race_state import RaceState
from advisor.measuring.error_text import headline
from advisor.measuring.running.events import (
    Activity,
    BlockRaced,
    EpochLearned,
    Event,
    LaunchStarted,
    QuietAwaited,
    RaceJudged,
    RunEnded,
    RunStarted,
    Stopping,
    TrialsFinished,
    WaitingForQuiet,
)
from advisor.planning.plan import Plan
from advisor.study import TRIALS, Study
from advisor.watching.words import warnings
from pilots.outcomes import Outcome
from pilots.records import ExperimentName, Lane, TrialRecord

SCHEMA = "advisor.events/1"


@dataclass(frozen=True)
class Planned:
    """What is wanted of a study, what is stored of it included; ``estimated_s`` is a first estimate, in seconds.

    ``unavailable`` has candidates that cannot run here, with the reason.
    """

    study: str
    candidates: tuple[str, ...]
    unavailable: dict[str, str]
    workloads: tuple[str, ...]
    trials: int
    estimated_s: float
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Trial:
    """A trial that is on disk: its line in ``trials.jsonl`` has this ``key``. ``error`` is one line."""

    key: str
    experiment: ExperimentName
    workload: str
    candidate: str
    lane: Lane
    control: bool
    seed: int
    launch: int
    outcome: Outcome
    error: str | None


@dataclass(frozen=True)
class TrialsStored:
    """These trials are on disk; ``finished`` in all so far, of ``trials``."""

    records: tuple[Trial, ...]
    finished: int
    trials: int
    seconds_left: float


@dataclass(frozen=True)
class RunOver:
    """Nothing is left to run, or nothing that fits into the budget: ``left_out`` trials, which ``what`` names.

    ``stopped`` tells a run that ended because somebody wanted it to.
    """

    finished: int
    failed: int
    left_out: int
    what: tuple[str, ...] = ()
    stopped: bool = False


@dataclass(frozen=True)
class Warned:
    """Something that anybody who watches should know, in a sentence."""

    text: str


@dataclass(frozen=True)
class Finished:
    """The last line of a command that did what it was asked for.

    ``verdict`` and what belongs to it are null where nothing was decided, as by `advisor pilot`. ``next_command`` is
    what would help most to be surer, if anything.
    """

    exit_code: int
    verdict: Verdict | None = None
    recommended: str | None = None
    probability_best: float | None = None
    sentence: str | None = None
    report: str | None = None
    decision: str | None = None
    trials: str | None = None
    next_command: str | None = None


@dataclass(frozen=True)
class Interrupted:
    """The last line of a command that was stopped; ``resume`` goes on from there."""

    exit_code: int
    resume: str


@dataclass(frozen=True)
class Refused:
    """The last line of a command that met a mistake: what is wrong, where, what is allowed, what to do next."""

    exit_code: int
    error: str
    where: str
    allowed: str
    next_command: str


#: What is written of each, under which name.
NAMES: dict[type[Any], str] = {
    Planned: "planned",
    RunStarted: "run_started",
    LaunchStarted: "launch_started",
    Activity: "activity",
    WaitingForQuiet: "waiting_for_quiet",
    QuietAwaited: "quiet_awaited",
    BlockRaced: "block_raced",
    EpochLearned: "epoch_learned",
    TrialsStored: "trials_finished",
    RaceState: "race_judged",
    Warned: "warning",
    Stopping: "stopping",
    RunOver: "run_ended",
    Finished: "finished",
    Interrupted: "interrupted",
    Refused: "failed",
}


class Stream(AbstractContextManager["Stream"]):
    """Writes lines as things happen; without a file, nothing. Leaving the block writes the last line if none was.

    Args:
        file: standard output, or None.
        resume: the command that goes on after an interruption.
        now: of the clock.
    """

    def __init__(
        self, file: TextIO | None, resume: str = "", now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._file = file
        self._resume = resume
        self._now = now
        self._closed = False

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._closed or isinstance(error, BrokenPipeError):
            return
        if isinstance(error, KeyboardInterrupt) or (
            isinstance(error, SystemExit) and error.code == ExitCode.INTERRUPTED  # the terminal is gone
        ):
            self.finish(Interrupted(ExitCode.INTERRUPTED, self._resume))
        elif isinstance(error, AdvisorError):
            self.finish(Refused(error.exit_code, error.what, error.where, error.allowed, error.next_command))
        elif error is not None:
            self.finish(Refused(ExitCode.FAILURE, f"{type(error).__name__}: {error}", "", "", ""))
        else:
            self.finish(Finished(ExitCode.VERDICT))

    @property
    def is_on(self) -> bool:
        """True if somebody reads it."""
        return self._file is not None

    def warn(self, text: str) -> None:
        """Write something that anybody who watches should know."""
        self._write(Warned(text))

    def plan(self, study: Path, plan: Plan) -> None:
        """Write what is wanted."""
        self._write(
            Planned(
                study=str(study),
                candidates=plan.candidates,
                unavailable=dict(plan.unavailable),
                workloads=tuple(choice.name for choice in plan.workloads),
                trials=len(plan.trials),
                estimated_s=plan.estimated_s,
                notes=plan.notes,
            )
        )

    def __call__(self, event: Event) -> None:
        """Write an event of a run, and the warnings that it gives cause for."""
        if self._file is None:
            return
        match event:
            case TrialsFinished():
                records = tuple(map(_trial, event.records))
                self._write(TrialsStored(records, event.finished, event.trials, event.seconds_left))
                for text in warnings(event):
                    self.warn(text)
            case RaceJudged():
                self._write(event.standing)
            case RunEnded():
                what = tuple(map(str, event.what))
                self._write(RunOver(event.finished, event.failed, event.left_out, what, event.stopped))
            case _:
                self._write(event)

    def finish_with_trials(self, study: Study) -> None:
        """Write the last line of a command that measures and decides nothing."""
        self.finish(Finished(ExitCode.VERDICT, trials=str(study.path(TRIALS))))

    def finish(self, last: Finished | Interrupted | Refused) -> None:
        """Write the last line."""
        self._write(last)
        self._closed = True

    def _write(self, event: Any) -> None:
        if self._file is None:
            return
        head = {"schema": SCHEMA, "event": NAMES[type(event)], "at": self._now().isoformat(timespec="milliseconds")}
        self._file.write(json.dumps({**head, **asdict(event)}, allow_nan=False) + "\n")
        self._file.flush()


def events_schema() -> str:
    """The JSON Schema of a line, indented."""
    from pydantic import TypeAdapter

    lines: list[dict[str, Any]] = []
    shared: dict[str, Any] = {}
    for kind, name in NAMES.items():
        schema = TypeAdapter(kind).json_schema(mode="serialization", ref_template="#/$defs/{model}")
        shared |= schema.pop("$defs", {})
        schema["title"] = name
        fixed = {"schema": {"const": SCHEMA}, "event": {"const": name}}
        at = {"at": {"type": "string", "format": "date-time"}}
        schema["properties"] = {**fixed, **at, **schema.get("properties", {})}
        # Whoever reads may rely on every field: all are always written.
        schema["required"] = list(schema["properties"])
        lines.append(schema)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"one line of --json ({SCHEMA})"}
    return json.dumps({**head, "oneOf": lines, "$defs": shared}, indent=2) + "\n"


def _trial(record: TrialRecord) -> Trial:
    spec = record.spec
    return Trial(
        key=record.key,
        experiment=spec.experiment,
        workload=spec.workload,
        candidate=spec.candidate,
        lane=spec.lane,
        control=spec.control,
        seed=spec.seed,
        launch=spec.launch,
        outcome=record.outcome,
        error=headline(record.error) if record.error else None,
    )
