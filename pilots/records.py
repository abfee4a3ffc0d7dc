"""Trial specifications and records: the contract between ``advisor`` and the trial processes.

A specification says what to run, a record says what came of it. Both are written as JSON, one record per
line of ``trials.jsonl``. The dataclasses hold only JSON types, so ``dataclasses.asdict`` is the encoder.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pilots.epoch_records import EpochsResult, TimeUse
from pilots.experiment import experiments
from pilots.figures import FiguresResult

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
Outcome = Literal["ok", "not_comparable", "unavailable", "failed", "crashed", "timed_out", "out_of_memory"]


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
    """A route out of the framework by name, and ``NAME==VERSION`` of what it needs: another version, another trial."""

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


@dataclass(frozen=True)
class ParityResult:
    """The gate: is this the same model as the reference candidate's?

    ``checks`` come in the order they were made. The reference itself passes against its own numbers. ``reached`` is
    what ran of the files of model and training while the model was built, trained for an epoch and asked; empty where
    nobody looked.
    """

    kind: Literal["parity"]
    reference: str
    parameters: int
    passed: bool
    checks: tuple[ParityCheck, ...]
    reached: tuple[ReachedFile, ...] = ()


@dataclass(frozen=True)
class ReachedFile:
    """Numbers of the lines that ran of a file, which is named with its folder, and the start of its SHA-256."""

    file: str
    sha256: str
    lines: tuple[int, ...]


@dataclass(frozen=True)
class ParityCheck:
    """One comparison with the reference. ``worst`` is the largest error in units of its tolerance: passed if <= 1.

    Tolerated were ``atol``, ``rtol`` times the value, and ``rounding``: what rounding alone changes in the reference.
    ``feeding`` is compared with nothing but what every training has to do, and is 0 or 2; gates of revision 1 lack it.
    """

    name: Literal["data", "shapes", "forward", "gradients", "steps", "feeding"]
    passed: bool
    worst: float
    rtol: float
    atol: float
    detail: str
    rounding: float = 0.0


@dataclass(frozen=True)
class RaceBlock:
    """``steps`` training steps that took ``seconds`` of wall time and ``cpu_seconds`` of the process.

    ``run_delay_s`` and the switches are those of :class:`pilots.processor_use.ProcessorUse`: how long threads were
    ready to run and did not get a core, and how often a thread gave its core up or lost it. None where it is not known.
    """

    round: int
    steps: int
    seconds: float
    cpu_seconds: float
    run_delay_s: float | None = None
    voluntary_switches: int | None = None
    involuntary_switches: int | None = None

    @property
    def step_s(self) -> float:
        """Seconds of wall time of one step."""
        return self.seconds / self.steps


@dataclass(frozen=True)
class Compilation:
    """What a framework's compiler did with the training step.

    ``compiler`` names it, or is ``none``; ``graphs`` it made while warming up, and ``graphs_late`` after that, which
    then sit inside a measured block; both None where the framework does not tell. ``fall_backs`` say where it silently
    went back to running code as it stands, each with how often; empty where it did not.
    """

    compiler: str
    graphs: int | None
    graphs_late: int | None
    fall_backs: tuple[str, ...]


@dataclass(frozen=True)
class Contention:
    """Shares of the time of all cores that others took during a trial: programs of this system, and other machines on
    the same host; the latter is None where the system does not count it. The cores are those that trials may run on.

    ``busy`` says that by the rule in force then, what was timed counts as measured on a busy machine; trials from
    before there was a rule do not tell. ``waited_s`` was spent on looking and waiting for quiet, before and meanwhile.
    ``cores`` is how many cores the shares are of, None where that is not known. Trials had no threads for
    ``spare_cores`` of them: what others took of those slowed nobody.
    """

    others_share: float
    stolen_share: float | None
    busy: bool = False
    waited_s: float = 0.0
    cores: int | None = None
    spare_cores: int = 0


@dataclass(frozen=True)
class RaceRound:
    """What went on around a round of a race: the shares are as those of :class:`Contention`.

    They were read over ``covered_s`` seconds: those of this round, or of several where a round is too short for
    the system's counters; ``others_share`` may lie a little below zero, as some counters are finer than others. In a
    ``crowded`` round others took more than the rule in force then allows; it counts for nobody. ``clock_mhz`` is that
    of the fastest core right after the round, when all trials stand still: that of a processor that has just worked, or
    begins to rest. None where the system does not tell.
    """

    round: int
    others_share: float
    stolen_share: float | None
    covered_s: float
    crowded: bool
    clock_mhz: float | None = None


@dataclass(frozen=True)
class RaceResult:
    """Training steps in blocks, interleaved with the other candidates of the same ``session``.

    Only blocks of one session share rounds, so ratios are taken within a session alone. ``order`` is the place
    in which this candidate ran in each round. ``contention`` is that of the session as a whole, ``rounds`` what it was
    round by round; empty in races from before that was told.
    """

    kind: Literal["race"]
    session: str
    batch_size: int
    import_s: float
    build_s: float
    first_step_s: float
    warmup_steps: int
    warmup_s: float
    steady: bool
    blocks: tuple[RaceBlock, ...]
    order: tuple[int, ...]
    compilation: Compilation | None = None
    contention: Contention | None = None
    rounds: tuple[RaceRound, ...] = ()


@dataclass(frozen=True)
class LearnEpoch:
    """State after an epoch: steps and training seconds so far (evaluation excluded), scores on the test rows.

    ``valid_metric`` is the metric on the validation rows; None where there are none.
    """

    epoch: int
    steps: int
    seconds: float
    metric: float
    macro_f1: float | None
    valid_metric: float | None = None


@dataclass(frozen=True)
class LearnResult:
    """A training run. ``metric_name`` is ``accuracy`` or ``r2`` (higher is better); ``dummy_metric`` is what
    always predicting the most frequent class, or the mean, scores. The baseline has one epoch without steps, and may
    name models that are simpler still, each with its metric.

    ``chosen_epoch`` is the number of the epoch whose scores count: the first with the best metric on the validation
    rows, of which there were ``valid_rows``; the last where there were none. Records of revision 1 do not tell; then
    the last epoch counts, and nobody knows how many rows there were.

    ``row_losses`` tell where the metric of that epoch comes from: one minus their mean is the metric (see
    :mod:`pilots.row_losses`). Each stands for ``rows_per_loss`` neighbouring rows of the ``test_rows``; of very many,
    an evenly spread sample is kept. None where they are not known.
    """

    kind: Literal["learn"]
    metric_name: str
    dummy_metric: float
    epochs: tuple[LearnEpoch, ...]
    model: str
    simpler: tuple[tuple[str, float], ...] = ()
    chosen_epoch: int | None = None
    valid_rows: int | None = None
    test_rows: int | None = None
    row_losses: tuple[float, ...] | None = None
    rows_per_loss: int = 1
    time: TimeUse | None = None

    @property
    def chosen(self) -> LearnEpoch:
        """The epoch whose scores count.

        Raises:
            IndexError: there was none.
        """
        return self.epochs[-1 if self.chosen_epoch is None else self.chosen_epoch - 1]


@dataclass(frozen=True)
class InferBatch:
    """Latencies of single calls with ``batch_size`` rows, in milliseconds, and the first call apart."""

    batch_size: int
    first_call_ms: float
    calls_ms: tuple[float, ...]


@dataclass(frozen=True)
class InferResult:
    """Predictions of the trained model in its own framework, from numpy in to numpy out."""

    kind: Literal["infer"]
    batches: tuple[InferBatch, ...]
    time: TimeUse | None = None


@dataclass(frozen=True)
class PipelineLoad:
    """One setting of a framework's data pipeline; seconds by round, each for the same number of batches.

    ``setting`` is what its users write and what it means; ``workers`` were asked for, 0 being the framework's default.
    ``alone_s`` is the pipeline by itself, ``fed_s`` the training that it feeds. Both are empty where the pipeline
    cannot run here, for the reason in ``error``.
    """

    workers: int
    setting: str
    alone_s: tuple[float, ...]
    fed_s: tuple[float, ...]
    error: str | None = None


@dataclass(frozen=True)
class LoadResult:
    """How fast the framework's own data pipeline is, and how fast training is when fed by it.

    Each round took ``steps`` batches of ``batch_size`` rows from every source, in an order drawn anew; there are fewer
    rounds than asked for where time ran out. ``ready_s`` is training on batches that lay ready in memory.
    ``difference`` says what a pipeline does otherwise than the reference; then nothing was timed.
    """

    kind: Literal["load"]
    batch_size: int
    steps: int
    ready_s: tuple[float, ...]
    pipelines: tuple[PipelineLoad, ...]
    difference: str | None = None
    time: TimeUse | None = None


@dataclass(frozen=True)
class FootprintResult:
    """Peak resident memory of the process tree in MiB by phase, and of the accelerator if there is any.

    ``imported_mib`` is after importing framework and data; ``predict_peak_mib`` was taken before any training. The
    accelerator's are the driver's figures for the process, and None where it tells none.
    """

    kind: Literal["footprint"]
    imported_mib: float
    predict_peak_mib: float
    train_peak_mib: float
    train_steps: int
    predict_accelerator_peak_mib: float | None = None
    train_accelerator_peak_mib: float | None = None


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
        return (
            None if self.error is None else Failure("serve", _outcome_of(self.failed_outcome, self.error), self.error)
        )


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
        return Failure(self.failed_stage or "export", _outcome_of(self.failed_outcome, message), message)


def _outcome_of(stored: Outcome | None, message: str) -> Outcome:
    """How something ended; records that were made before this was stored tell it by how their message begins."""
    if stored is not None:
        return stored
    if message.startswith("no answer for"):
        return "timed_out"
    return "out_of_memory" if message.startswith(("used ", "ended with signal SIGKILL")) else "failed"


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
