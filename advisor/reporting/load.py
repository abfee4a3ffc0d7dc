"""How fast the frameworks' own data pipelines are, and how long a training step waits for them; shown, not scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.measuring.series import Series
from advisor.measuring.statistics import t_interval
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.measured import centre
from advisor.reporting.names import candidate_title, catalog_order, joined, sentence
from advisor.reporting.numbers import percent
from advisor.reporting.table import Table
from pilots.records import LoadResult, PipelineLoad

_HEADER = (
    "Candidate",
    "Workers",
    "Setting",
    "The pipeline alone",
    "Share of a training step spent waiting for it",
    "Launches",
)


@dataclass(frozen=True)
class Load:
    """The data pipelines of one workload.

    ``table`` has a row per candidate and setting, and is None where nothing was timed; ``meaning`` says what follows
    from it; ``left_out`` why something could not be timed.
    """

    table: Table | None
    meaning: str
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class _Setting:
    """One setting of one candidate's pipeline; a series is None where it could not be timed."""

    candidate: str
    pipeline: PipelineLoad
    alone: Series | None
    waiting: Series | None

    @property
    def workers(self) -> str:
        return str(self.pipeline.workers) if self.pipeline.workers else "as by default"

    @property
    def title(self) -> str:
        with_workers = f"with workers: {self.pipeline.workers}" if self.pipeline.workers else "as by default"
        return f"{candidate_title(self.candidate)} ({with_workers})"

    def waits(self, share: float) -> bool:
        """Whether a step waits longer than this share of its time, on average over launches."""
        return self.waiting is not None and sum(self.waiting.values) / len(self.waiting.values) > share


def build_load(inputs: ReportInputs, workload: str) -> Load | None:
    """The data pipelines of a workload; None where they were not looked at."""
    results = [
        (record.spec.candidate, record.result)
        for record in sorted(inputs.records, key=lambda record: catalog_order(record.spec.candidate))
        if record.spec.workload == workload and isinstance(record.result, LoadResult)
    ]
    if not results:
        return None
    settings = _settings(inputs, workload, results)
    timed = [one for one in settings if one.alone is not None]
    rows = tuple(_row(inputs, one) for one in timed)
    return Load(
        table=Table(_HEADER, rows) if rows else None,
        meaning=_meaning(timed, inputs.method.measuring.waiting_warned_share) if rows else "",
        left_out=_left_out(results),
    )


def _settings(inputs: ReportInputs, workload: str, results: Sequence[tuple[str, LoadResult]]) -> list[_Setting]:
    found = {
        (one.candidate, one.measure): one
        for one in inputs.series
        if (one.workload, one.lane) == (workload, "default") and one.values
    }
    pipelines = {
        (candidate, pipeline.workers): pipeline for candidate, result in results for pipeline in result.pipelines
    }
    settings = []
    for (candidate, workers), pipeline in pipelines.items():
        name = "load.workers" if workers else "load"
        alone, waiting = (found.get((candidate, f"{name}.{what}")) for what in ("samples_per_s", "waiting_share"))
        settings.append(_Setting(candidate, pipeline, alone, waiting))
    return settings


def _row(inputs: ReportInputs, one: _Setting) -> tuple[str, ...]:
    return (
        candidate_title(one.candidate),
        one.workers,
        one.pipeline.setting,
        centre(one.alone, inputs),
        _share(one.waiting, inputs.method.measuring.confidence),
        str(len(one.alone.values) if one.alone else 0),
    )


def _share(waiting: Series | None, confidence: float) -> str:
    """The mean over launches with its interval; what lies below zero is noise."""
    if waiting is None:
        return "not measured"
    if len(waiting.values) < 2:
        return _percent(waiting.values[0])
    mean = t_interval(waiting.values, confidence)
    return f"{_percent(mean.centre)} ({_percent(mean.low)} to {_percent(mean.high)})"


def _percent(share: float) -> str:
    return percent(min(max(share, 0.0), 1.0))


def _meaning(timed: Sequence[_Setting], warned_share: float) -> str:
    waiting = [one.title for one in timed if one.waits(warned_share)]
    if not waiting:
        return (
            f"No training step spends more than {percent(warned_share)} of its time waiting for data: what decides "
            "here is the time of the step itself."
        )
    return (
        f"More than {percent(warned_share)} of a training step goes into waiting for data with {joined(waiting)}. "
        "There the data pipeline is what to make faster, and the time of the step itself says less than it seems to."
    )


def _left_out(results: Sequence[tuple[str, LoadResult]]) -> tuple[str, ...]:
    """One reason for each candidate and setting, however many launches met it."""
    reasons: dict[str, str] = {}
    for candidate, result in results:
        title = candidate_title(candidate)
        if result.difference is not None:
            reasons[f"{title} is left out"] = result.difference
        for pipeline in result.pipelines:
            if pipeline.error is not None:
                reasons[f"{title} cannot run here with {pipeline.setting}"] = pipeline.error
    return tuple(sentence(f"{what}: {reason}") for what, reason in reasons.items())
