"""The columns of an exported table, and what each means: part of the public interface."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from advisor.exporting.samples import Measurement, samples
from pilots.records import TrialRecord

Kind = Literal["text", "integer", "number", "yes_or_no", "time"]
#: A cell; None where there is nothing to say.
Value = str | int | float | bool | None


@dataclass(frozen=True)
class Column:
    """A column of the table; its name ends in its unit, if any."""

    name: str
    kind: Kind
    meaning: str


@dataclass(frozen=True)
class Exported:
    """A trial, and whether the study's decision rests on it."""

    record: TrialRecord
    in_plan: bool


COLUMNS = (
    Column("trial", "text", "Key of the trial: a hash of its specification, versions and machine."),
    Column(
        "in_plan", "yes_or_no", "Whether the decision rests on it; older plans, versions and machines do not count."
    ),
    Column(
        "experiment", "text", "What kind of measurement: parity, race, learn, infer, epochs, load, footprint, rehearse."
    ),
    Column("workload", "text", "The pilot: tabular, vision, text or another."),
    Column("size", "text", "How thorough: smoke, quick or standard."),
    Column("candidate", "text", "The framework stack, or baseline."),
    Column("lane", "text", "default (as the quick-start guide has it) or tuned (compiled)."),
    Column("control", "yes_or_no", "Whether it is the second copy of a candidate that races itself."),
    Column("seed", "integer", "Seed of data order and weights."),
    Column("launch", "integer", "Number of the process; only launches are independent of one another."),
    Column("threads", "integer", "Threads that the framework was given."),
    Column("device", "text", "Device that was in force, as the framework told it."),
    Column("python", "text", "Version of Python."),
    Column("versions", "text", "Versions of the packages, in one text."),
    Column("data_sha256", "text", "Hash of the user's own data, if they were used."),
    Column("outcome", "text", "ok, not_comparable, unavailable, failed, crashed, timed_out or out_of_memory."),
    Column("error", "text", "The error of a trial that did not end well."),
    Column("started_at", "time", "When the trial began (UTC)."),
    Column("wall_s", "number", "How long the trial took altogether, in seconds."),
    Column(
        "measure", "text", "What the value is of; ends in its unit. A trial without a result has one row without one."
    ),
    Column(
        "of",
        "text",
        "Which metric (learn.score), check (parity), data pipeline's setting (load), length of the epochs, line that "
        "waited, or route, with the number of clients where it was served (rehearse).",
    ),
    Column("batch_rows", "integer", "Rows in a batch, of a training step or a prediction."),
    Column("sample", "integer", "Round of a race, epoch of a training, call or round, counted within measure and of."),
    Column("steps", "integer", "Training steps: of the race's block, of the load's round, or so far (learn)."),
    Column("train_s", "number", "Training seconds so far, evaluation excluded (learn)."),
    Column("value", "number", "The value."),
    Column("unit", "text", "Its unit: ms, s, MiB, share (0 to 1); empty for scores and counts."),
)


def rows(trials: Iterable[Exported]) -> Iterator[tuple[Value, ...]]:
    """The cells of each row, in the order of :data:`COLUMNS`: one row per trial and sample."""
    for trial in trials:
        told = _trial(trial)
        empty = True
        for sample in samples(trial.record):
            empty = False
            yield (*told, *_sample(sample))
        if empty:
            yield (*told, *_NOTHING)


def versions_of(record: TrialRecord) -> str:
    """The versions in one text, such as ``jax 0.10.2, keras 3.15.1``; empty where the trial did not get that far."""
    found = record.environment.versions if record.environment else {}
    return ", ".join(f"{name} {version}" for name, version in sorted(found.items()) if name != "python")


def _trial(trial: Exported) -> tuple[Value, ...]:
    record, spec = trial.record, trial.record.spec
    environment = record.environment
    return (
        record.key,
        trial.in_plan,
        spec.experiment,
        spec.workload,
        spec.size,
        spec.candidate,
        spec.lane,
        spec.control,
        spec.seed,
        spec.launch,
        spec.threads,
        environment.device if environment else None,
        environment.python if environment else None,
        versions_of(record) or None,
        spec.data.sha256 if spec.data else None,
        record.outcome,
        record.error,
        record.started_at,
        record.wall_s,
    )


def _sample(sample: Measurement) -> tuple[Value, ...]:
    return (
        sample.measure,
        sample.of or None,
        sample.batch_rows,
        sample.sample,
        sample.steps,
        sample.train_s,
        sample.value,
        sample.unit or None,
    )


_NOTHING: tuple[None, ...] = (None,) * 8
