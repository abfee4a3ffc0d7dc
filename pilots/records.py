"""Trial specifications and records: the contract between ``advisor`` and the trial processes.

A specification says what to run, a record says what came of it. Both are written as JSON, one record per
line of ``trials.jsonl``. The dataclasses hold only JSON types, so ``dataclasses.asdict`` is the encoder.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pilots.epoch_records import EpochsResult
from pilots.experiment import experiments
from pilots.figures import FiguresResult
from pilots.outcomes import Outcome
from pilots.rehearsal_records import RehearseResult
from pilots.results import (
    Contention,
    FootprintResult,
    InferResult,
    LearnResult,
    LoadResult,
    ParityResult,
    RaceResult,
)

SCHEMA = 1
#: Revision of how trials are made. A change after which a trial's numbers must not stand beside its earlier numbers
#: raises it: a study then goes on with new trials, and its old trials can still be read. Since 2, every row of Keras on
#: TensorFlow is shuffled anew in each epoch, no row is left over for ever, and validation rows choose the epoch.
REVISION = 2

if TYPE_CHECKING:
    ExperimentName = str
else:  # by which what is read from disk is validated
    ExperimentName = Literal[tuple(experiments())]
Size = Literal["smoke", "quick", "standard"]
Lane = Literal["default", "tuned"]
DataKind = Literal["table", "images", "text", "series"]


@dataclass(frozen=True)
class DataSource:
    """The user's own data, as ``prepared`` reads them. ``path`` is absolute; another ``sha256`` makes another trial."""

    kind: DataKind
    path: str
    sha256: str


@dataclass(frozen=True)
class WorkloadFolder:
    """A workload of the user's own. ``path`` is absolute; ``sha256`` over its files tells a changed workload apart."""

    path: str
    sha256: str


@dataclass(frozen=True)
class RouteChoice:
    """An export route by name, and ``NAME==VERSION`` of what it needs: another version, another trial."""

    name: str
    packages: tuple[str, ...] = ()


class Entrant(NamedTuple):
    """Who has a process of its own in a launch: a candidate in a lane, or its second copy for the A/A control."""

    candidate: str
    lane: Lane
    control: bool = False

    def __str__(self) -> str:
        """As people read it: the control, and a lane other than the default lane, are told in brackets."""
        remarks = ([] if self.lane == "default" else [self.lane]) + (["control"] if self.control else [])
        return f"{self.candidate} ({', '.join(remarks)})" if remarks else self.candidate


@dataclass(frozen=True)
class TrialSpec:
    """One experiment x workload x candidate x lane x seed x launch.

    ``candidate`` is an id of the catalog or ``baseline``. ``control`` marks the second copy of a candidate that
    races itself (the A/A control). ``data`` replaces the workload's own data by the user's. ``folder`` holds the
    workload where it is the user's own. ``route`` is the export route that is rehearsed. ``revision`` is the
    :data:`REVISION` by which it was planned; plans that do not tell are of the first.
    """

    experiment: ExperimentName
    workload: str
    size: Size
    candidate: str
    lane: Lane
    seed: int
    launch: int
    threads: int
    device: str = "auto"
    control: bool = False
    data: DataSource | None = None
    folder: WorkloadFolder | None = None
    route: RouteChoice | None = None
    revision: int = 1

    @property
    def entrant(self) -> Entrant:
        """Who runs."""
        return Entrant(self.candidate, self.lane, self.control)

    def key(self, versions: dict[str, str], machine_id: str) -> str:
        """What identifies the trial across runs: a hash of specification, versions and machine.

        The path of data and of a workload does not count, their content does: a study can be moved.
        """
        spec: dict[str, Any] = dict(vars(self))  # a study has a thousand of them, and asdict copies deeply
        if self.data is not None:
            spec["data"] = {"kind": self.data.kind, "sha256": self.data.sha256}
        if self.folder is None:
            del spec["folder"]  # as the keys of studies have it that were made before there were any
        else:
            spec["folder"] = self.folder.sha256
        if self.route is None:
            del spec["route"]  # likewise
        else:
            spec["route"] = asdict(self.route)
        if self.revision == 1:
            del spec["revision"]  # likewise
        text = json.dumps([SCHEMA, spec, sorted(versions.items()), machine_id], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


Result = (
    ParityResult
    | RaceResult
    | LearnResult
    | EpochsResult
    | InferResult
    | LoadResult
    | FootprintResult
    | RehearseResult
    | FiguresResult
)


@dataclass(frozen=True)
class Environment:
    """What was in force inside the trial process, read back from the framework and not assumed."""

    python: str
    versions: dict[str, str]
    device: str
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class TrialRecord:
    """One line of ``trials.jsonl``. ``result`` is missing unless the outcome is ``ok`` or ``not_comparable``.

    ``contention`` is what others took while the trial had the machine to itself; a race has its own, in its result.
    """

    key: str
    spec: TrialSpec
    outcome: Outcome
    started_at: str
    wall_s: float
    environment: Environment | None
    result: Result | None
    error: str | None = None
    schema: int = SCHEMA
    contention: Contention | None = None
