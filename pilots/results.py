"""What came of a trial, by experiment; a :class:`pilots.records.TrialRecord` holds one of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pilots.epoch_records import TimeUse


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
