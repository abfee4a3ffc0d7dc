"""The part of :mod:`pilots.protocol` about exporting a trained model and running what comes of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pilots.model_files import Format
from pilots.records import TrialSpec
from pilots.rehearsal_records import Figures, ServedLoad


@dataclass(frozen=True)
class KeepModel:
    """Train a new model by the workload's recipe and leave its weights and a sample of its predictions in ``folder``.

    Answered by :class:`Done`; nothing is timed.
    """

    folder: str
    type: Literal["keep_model"] = "keep_model"


@dataclass(frozen=True)
class Export:
    """Export the model kept in ``folder`` by a route into the empty folder ``artifact``. Answered by :class:`Exported`.

    The first and only command of its process: an exporter may take the process down with it.
    """

    spec: TrialSpec
    route: str
    folder: str
    artifact: str
    type: Literal["export"] = "export"


@dataclass(frozen=True)
class LookAtModel:
    """Load a model of the user's by the route that adopts its format, and leave rows and its outputs for them in
    ``folder``. Answered by :class:`ModelSeen`.

    The first and only command of its process. ``artifact`` is the folder that holds a copy of the file; ``sample`` a
    file with rows, or None to make some up. Unless ``trusted``, what could run code is refused before it is loaded.
    """

    route: str
    format: Format
    artifact: str
    sample: str | None
    folder: str
    threads: int
    trusted: bool
    type: Literal["look_at_model"] = "look_at_model"


@dataclass(frozen=True)
class ExportModel:
    """Export a model of the user's, of which ``source`` is a copy, by a route into the empty folder ``artifact``.

    Answered by :class:`Exported`. The first and only command of its process. ``folder`` holds the sample.
    """

    route: str
    format: Format
    source: str
    folder: str
    artifact: str
    trusted: bool
    type: Literal["export_model"] = "export_model"


@dataclass(frozen=True)
class LoadArtifact:
    """Load an artifact in its runtime. Answered by :class:`ArtifactLoaded`.

    The first command of its process, which never holds more than the runtime. ``spec`` is None where the model is none
    of ours.
    """

    spec: TrialSpec | None
    candidate: str
    route: str
    artifact: str
    threads: int
    trusted: bool = False
    type: Literal["load_artifact"] = "load_artifact"


@dataclass(frozen=True)
class RunArtifact:
    """Predict for the sample in ``folder`` and leave the outputs in the file ``outputs``. Answered by :class:`Done`."""

    folder: str
    outputs: str
    type: Literal["run_artifact"] = "run_artifact"


@dataclass(frozen=True)
class TimeArtifact:
    """Time ``calls`` predictions of the loaded artifact at each batch size. Answered by :class:`Inferred`."""

    calls: int
    type: Literal["time_artifact"] = "time_artifact"


@dataclass(frozen=True)
class TakeFigures:
    """Tell what only this route can tell of the loaded artifact. Answered by :class:`FiguresTaken`."""

    type: Literal["take_figures"] = "take_figures"


@dataclass(frozen=True)
class ServeArtifact:
    """Put an artifact behind a server and be its client. Answered by :class:`Serving`.

    The first command of its process; then :class:`RunArtifact`, :class:`LoadServer` and :class:`StopServer`. ``folder``
    holds the sample whose rows are asked for. The other fields are those of :class:`LoadArtifact`.
    """

    spec: TrialSpec | None
    candidate: str
    route: str
    artifact: str
    threads: int
    trusted: bool
    folder: str
    start_limit_s: float
    type: Literal["serve_artifact"] = "serve_artifact"


@dataclass(frozen=True)
class LoadServer:
    """Send ``requests`` requests by so many clients at once. Answered by :class:`ServerLoaded`."""

    clients: int
    requests: int
    type: Literal["load_server"] = "load_server"


@dataclass(frozen=True)
class StopServer:
    """Ask the server to stop. Answered by :class:`ServerStopped`."""

    limit_s: float
    type: Literal["stop_server"] = "stop_server"


@dataclass(frozen=True)
class Exported:
    """The artifact is written; ``worked_around`` tells what had to be done otherwise."""

    seconds: float
    worked_around: tuple[str, ...]
    type: Literal["exported"] = "exported"


@dataclass(frozen=True)
class ArtifactLoaded:
    """The artifact is loaded, which took so long, the import of its runtime included.

    ``installed_bytes`` is what the runtime takes on disk with all that it requires; None where no target ships it so.
    """

    seconds: float
    installed_bytes: int | None
    type: Literal["artifact_loaded"] = "artifact_loaded"


@dataclass(frozen=True)
class FiguresTaken:
    """The figures of the loaded artifact."""

    figures: Figures
    type: Literal["figures_taken"] = "figures_taken"


@dataclass(frozen=True)
class ModelSeen:
    """The model runs on ``rows`` rows of one ``shape`` and ``kind``, which were ``made_up`` or brought.

    Or it was not loaded: ``distrusted`` says why it might run code, ``unfit`` why it cannot be rehearsed.
    """

    rows: int = 0
    shape: tuple[int, ...] = ()
    kind: str = ""
    made_up: bool = False
    distrusted: str = ""
    unfit: str = ""
    type: Literal["model_seen"] = "model_seen"


@dataclass(frozen=True)
class Serving:
    """The server answers, which took so many seconds from its start, the artifact's loading included."""

    seconds: float
    type: Literal["serving"] = "serving"


@dataclass(frozen=True)
class ServerLoaded:
    """What came of the requests."""

    load: ServedLoad
    type: Literal["server_loaded"] = "server_loaded"


@dataclass(frozen=True)
class ServerStopped:
    """Did the server end by itself, with every process and its port?"""

    cleanly: bool
    type: Literal["server_stopped"] = "server_stopped"


#: What is said about an artifact behind a server.
ServingCommand = ServeArtifact | LoadServer | StopServer
ServingReply = Serving | ServerLoaded | ServerStopped
