"""A trial's record as samples: single numbers, each with what it measures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

from pilots.epoch_records import EpochsResult, TimeUse
from pilots.figures import FiguresResult
from pilots.records import Result, TrialRecord
from pilots.rehearsal_records import RehearseResult, ServedResult
from pilots.results import InferBatch, InferResult, LearnResult, LoadResult, ParityResult, RaceResult

#: By how the name of a measure ends.
_UNITS = {"_ms": "ms", "_s": "s", "_mib": "MiB", "_share": "share"}


@dataclass(frozen=True)
class Measurement:
    """One number that a trial measured.

    ``measure`` ends in its unit, if any. ``of`` tells samples of one measure apart: the metric, the parity
    check, the setting of a data pipeline, the route. ``sample`` is the round of a race, the epoch of a training
    (from 1), or counts from 0. ``steps`` are the training steps of a block, or those so far; ``train_s`` the training
    seconds so far, evaluation excluded.
    """

    measure: str
    value: float
    sample: int = 0
    of: str = ""
    batch_rows: int | None = None
    steps: int | None = None
    train_s: float | None = None

    @property
    def unit(self) -> str:
        """``ms``, ``s``, ``MiB`` or ``share``; empty for what has none."""
        return next((unit for ending, unit in _UNITS.items() if self.measure.endswith(ending)), "")


def samples(record: TrialRecord) -> Iterator[Measurement]:
    """Everything that the trial measured, single numbers first; nothing where it has no result."""
    result = record.result
    if result is None:
        return
    yield from _single(result)
    if (time := getattr(result, "time", None)) is not None:
        yield from _time(result.kind, time)
    match result:
        case RehearseResult():
            yield from _batches("rehearse", result.batches, result.route)
            if result.served is not None:
                yield from _served(result.served, result.route)
        case ParityResult():
            for number, check in enumerate(result.checks):
                yield Measurement("parity.error_over_tolerance", check.worst, number, check.name)
        case RaceResult():
            yield from _race(result)
        case LearnResult():
            yield from _learn(result)
        case EpochsResult():
            yield from _epochs(result)
        case InferResult():
            yield from _batches("infer", result.batches)
        case LoadResult():
            yield from _load(result)
        case FiguresResult():
            for name, values in result.figures.items():
                for number, value in enumerate(values):
                    yield Measurement(f"{record.spec.experiment}.{name}", value, number)


def _single(result: Result) -> Iterator[Measurement]:
    """Numbers that a result has once, whatever kind it is of; yes and no count as 1 and 0."""
    of = result.route if isinstance(result, RehearseResult) else ""
    for field in fields(result):
        value = getattr(result, field.name)
        if isinstance(value, (int, float)):
            yield Measurement(f"{result.kind}.{field.name}", float(value), of=of)
    if isinstance(result, RehearseResult):
        for name, figure in vars(result.figures).items():
            if figure is not None:
                yield Measurement(f"{result.kind}.{name}", float(figure), of=of)


def _batches(kind: str, batches: Sequence[InferBatch], of: str = "") -> Iterator[Measurement]:
    for batch in batches:
        yield Measurement(f"{kind}.first_call_ms", batch.first_call_ms, of=of, batch_rows=batch.batch_size)
        for number, call_ms in enumerate(batch.calls_ms):
            yield Measurement(f"{kind}.call_ms", call_ms, number, of, batch_rows=batch.batch_size)


def _served(served: ServedResult, route: str) -> Iterator[Measurement]:
    """One row a request; the series is named after the route and the number of clients."""
    if served.start_s is not None:
        yield Measurement("served.start_s", served.start_s, of=route)
    if served.stopped_cleanly is not None:
        yield Measurement("served.stopped_cleanly", float(served.stopped_cleanly), of=route)
    for load in served.loads:
        of = f"{route}, {load.clients} at once"
        yield Measurement("served.load_s", load.seconds, of=of)
        yield Measurement("served.failed", float(load.failed), of=of)
        for number, call_ms in enumerate(load.calls_ms):
            yield Measurement("served.call_ms", call_ms, number, of, batch_rows=1)


def _race(race: RaceResult) -> Iterator[Measurement]:
    if race.contention is not None:
        yield Measurement("race.others_share", race.contention.others_share)
        if race.contention.stolen_share is not None:
            yield Measurement("race.stolen_share", race.contention.stolen_share)
    for block in race.blocks:
        for measure, seconds in (("race.step_ms", block.seconds), ("race.step_cpu_ms", block.cpu_seconds)):
            per_step_ms = 1000 * seconds / block.steps
            yield Measurement(measure, per_step_ms, block.round, batch_rows=race.batch_size, steps=block.steps)


def _learn(learn: LearnResult) -> Iterator[Measurement]:
    for model, metric in learn.simpler:
        yield Measurement("learn.simpler_model", metric, of=f"{learn.metric_name} of {model}")
    for epoch in learn.epochs:
        validation = f"{learn.metric_name} on validation rows"
        scores = {learn.metric_name: epoch.metric, "macro_f1": epoch.macro_f1, validation: epoch.valid_metric}
        for name, score in scores.items():
            if score is not None:
                yield Measurement("learn.score", score, epoch.epoch, name, steps=epoch.steps, train_s=epoch.seconds)


def _epochs(epochs: EpochsResult) -> Iterator[Measurement]:
    """Told apart by the length that was asked for."""
    for length in epochs.lengths:
        of, rows = f"epochs of {length.wanted_s:g} s", epochs.batch_size
        yield Measurement("epochs.inner_step_ms", 1000 * length.step_s, of=of, batch_rows=rows, steps=length.steps)
        for number, seconds in enumerate(length.epochs_s):
            yield Measurement("epochs.epoch_s", seconds, number, of, batch_rows=rows, steps=length.steps)
        for number, end in enumerate(length.ends):
            yield Measurement("epochs.end_s", end.seconds, number, of, batch_rows=rows, steps=length.steps)
            yield Measurement(
                "epochs.end_processor_s", end.processor_s, number, of, batch_rows=rows, steps=length.steps
            )


def _time(kind: str, time: TimeUse) -> Iterator[Measurement]:
    """What became of the time; waits by the line that waited."""
    for field in fields(time):
        value = getattr(time, field.name)
        if isinstance(value, (int, float)):
            yield Measurement(f"{kind}.{field.name}", float(value), of="all that was timed")
    for number, wait in enumerate(time.waits):
        yield Measurement(f"{kind}.waited_s", wait.seconds, number, of=wait.stack[0] if wait.stack else "")


def _load(load: LoadResult) -> Iterator[Measurement]:
    rounds = {("load.ready_s", ""): load.ready_s}
    for pipeline in load.pipelines:
        rounds |= {
            ("load.alone_s", pipeline.setting): pipeline.alone_s,
            ("load.fed_s", pipeline.setting): pipeline.fed_s,
        }
    for (measure, setting), seconds in rounds.items():
        for number, taken_s in enumerate(seconds):
            yield Measurement(measure, taken_s, number, setting, batch_rows=load.batch_size, steps=load.steps)
