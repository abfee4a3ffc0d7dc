"""What the supervisor and a trial process say to each other: one JSON object per line, over a pipe.

The supervisor sends commands and waits for one reply to each; ``EpochEnded`` may come before a reply, and is answered
by ``GoOn``. ``type`` names the message. Reading replies is the supervisor's business, which validates them.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from pilots.conformance_records import ConformanceCheck
from pilots.epoch_protocol import EpochsTrained, TrainEpochs
from pilots.figures import Measure, Measured
from pilots.pipeline_protocol import Load, PipelinesTimed
from pilots.records import DataSource, Environment, RouteChoice, TrialSpec, WorkloadFolder
from pilots.rehearsal_protocol import (
    ArtifactLoaded,
    Export,
    Exported,
    ExportModel,
    FiguresTaken,
    KeepModel,
    LoadArtifact,
    LookAtModel,
    ModelSeen,
    RunArtifact,
    ServingCommand,
    ServingReply,
    TakeFigures,
    TimeArtifact,
)
from pilots.results import Compilation, InferResult, LearnEpoch, LearnResult, ParityResult


@dataclass(frozen=True)
class Open:
    """Import the framework, read the data, build the model. Answered by :class:`Opened`."""

    spec: TrialSpec
    type: Literal["open"] = "open"


@dataclass(frozen=True)
class CheckParity:
    """Capture what the model computes, keep it in ``save_to``, compare it with ``reference_file``; None: with itself.

    ``loop_known``: that the loop of this candidate and lane feeds right was seen with another pilot.
    """

    reference: str
    save_to: str
    reference_file: str | None
    loop_known: bool = False
    type: Literal["check_parity"] = "check_parity"


@dataclass(frozen=True)
class StartRace:
    """Enter the training loop and warm up until steady. Answered by :class:`WarmedUp`; then blocks may run."""

    window_steps: int
    windows: int
    limit_s: float
    type: Literal["start_race"] = "start_race"


@dataclass(frozen=True)
class RunBlock:
    """Train for ``steps`` steps. Answered by :class:`BlockDone`."""

    steps: int
    type: Literal["run_block"] = "run_block"


@dataclass(frozen=True)
class EndRace:
    """Leave the training loop. Answered by :class:`RaceEnded`."""

    type: Literal["end_race"] = "end_race"


@dataclass(frozen=True)
class Learn:
    """Train a new model by the workload's recipe. Answered by :class:`Learned`."""

    type: Literal["learn"] = "learn"


@dataclass(frozen=True)
class GoOn:
    """Train the next epoch: whoever shows the last epoch to people has finished. Has no reply of its own."""

    type: Literal["go_on"] = "go_on"


@dataclass(frozen=True)
class Infer:
    """Time ``calls`` predictions at each batch size. Answered by :class:`Inferred`."""

    calls: int
    type: Literal["infer"] = "infer"


@dataclass(frozen=True)
class Predict:
    """Predict without timing, while the supervisor watches the memory. Answered by :class:`Done`."""

    calls: int
    type: Literal["predict"] = "predict"


@dataclass(frozen=True)
class Train:
    """Train without timing, while the supervisor watches the memory. Answered by :class:`Done`."""

    steps: int
    type: Literal["train"] = "train"


@dataclass(frozen=True)
class CheckConformance:
    """Make the first check of those that the candidate goes through. Answered by :class:`CheckEnded`.

    In ``folder`` the candidates leave each other what they compare; the first has no ``reference`` and becomes it.
    ``least_learned`` is the share of the way from always guessing to perfect that a training has to get.
    """

    folder: str
    reference: str | None
    least_learned: float
    tuned: bool = False
    type: Literal["check_conformance"] = "check_conformance"


@dataclass(frozen=True)
class NextCheck:
    """Make the check after that. Answered by :class:`CheckEnded`."""

    type: Literal["next_check"] = "next_check"


Command = (
    Open
    | Measure
    | CheckParity
    | StartRace
    | RunBlock
    | EndRace
    | Learn
    | GoOn
    | TrainEpochs
    | Infer
    | Load
    | Predict
    | Train
    | CheckConformance
    | NextCheck
    | KeepModel
    | Export
    | LoadArtifact
    | RunArtifact
    | TakeFigures
    | LookAtModel
    | ExportModel
    | TimeArtifact
    | ServingCommand
)
_COMMANDS: dict[str, type[Any]] = {message.type: message for message in get_args(Command)}


@dataclass(frozen=True)
class Opened:
    """Ready. Times in seconds; ``environment`` was read back from the framework."""

    environment: Environment
    import_s: float
    build_s: float
    type: Literal["opened"] = "opened"


@dataclass(frozen=True)
class ParityChecked:
    """The gate's result."""

    result: ParityResult
    type: Literal["parity_checked"] = "parity_checked"


@dataclass(frozen=True)
class WarmedUp:
    """The training loop is waiting. ``step_s`` is the median of the last window, each step synchronised."""

    first_step_s: float
    steps: int
    seconds: float
    steady: bool
    step_s: float
    batch_size: int
    type: Literal["warmed_up"] = "warmed_up"


@dataclass(frozen=True)
class BlockDone:
    """A block of training steps took this long, up to the device having finished; the rest as ``RaceBlock`` has it."""

    steps: int
    seconds: float
    cpu_seconds: float
    run_delay_s: float | None = None
    voluntary_switches: int | None = None
    involuntary_switches: int | None = None
    type: Literal["block_done"] = "block_done"


@dataclass(frozen=True)
class RaceEnded:
    """The training loop is left. What the compiler did is known only now."""

    compilation: Compilation
    type: Literal["race_ended"] = "race_ended"


@dataclass(frozen=True)
class EpochEnded:
    """Progress of :class:`Learn`, whose clock stands still until :class:`GoOn`."""

    epoch: LearnEpoch
    of_epochs: int
    type: Literal["epoch_ended"] = "epoch_ended"


@dataclass(frozen=True)
class CheckEnded:
    """What one check found; a check that was not reached has found nothing."""

    check: ConformanceCheck
    type: Literal["check_ended"] = "check_ended"


@dataclass(frozen=True)
class Learned:
    """The finished training run."""

    result: LearnResult
    type: Literal["learned"] = "learned"


@dataclass(frozen=True)
class Inferred:
    """The timed predictions."""

    result: InferResult
    type: Literal["inferred"] = "inferred"


@dataclass(frozen=True)
class Done:
    """The command was carried out and has nothing to tell."""

    type: Literal["done"] = "done"


@dataclass(frozen=True)
class Failed:
    """The command raised; ``kind`` tells what this machine lacks and its limits from other errors."""

    kind: Literal["unavailable", "out_of_memory", "timed_out", "failed"]
    error: str
    type: Literal["failed"] = "failed"


Reply = (
    Opened
    | ParityChecked
    | WarmedUp
    | BlockDone
    | RaceEnded
    | EpochEnded
    | CheckEnded
    | Learned
    | EpochsTrained
    | Inferred
    | Measured
    | PipelinesTimed
    | Exported
    | ArtifactLoaded
    | FiguresTaken
    | ModelSeen
    | ServingReply
    | Done
    | Failed
)


def encode(message: Command | Reply) -> str:
    """One line of JSON, ended by a newline."""
    return json.dumps(asdict(message)) + "\n"


def decode_command(line: str) -> Command:
    """The command in a line of JSON.

    Raises:
        ValueError, KeyError, TypeError: the line is not a command; the supervisor sends nothing else.
    """
    fields = json.loads(line)
    message = _COMMANDS[fields["type"]]
    if fields.get("spec"):
        fields["spec"] = _spec(fields["spec"])
    command: Command = message(**fields)
    return command


def _spec(fields: dict[str, Any]) -> TrialSpec:
    data = DataSource(**fields["data"]) if fields["data"] else None
    folder = WorkloadFolder(**fields["folder"]) if fields["folder"] else None
    route = fields["route"]
    choice = RouteChoice(route["name"], tuple(route["packages"])) if route else None
    return TrialSpec(**{**fields, "data": data, "folder": folder, "route": choice})
