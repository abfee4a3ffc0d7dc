"""How fast the frameworks' own data pipelines are, and how long a training step waits for them; shown, not scored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.measuring.analysis.series import Series
from advisor.measuring.analysis.statistics import Interval, t_interval
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.pilots.measured import centre
from advisor.reporting.words.names import candidate_title, catalog_order, joined, sentence
from advisor.reporting.words.numbers import counted, percent
from advisor.reporting.words.table import Table
from pilots.results import LoadResult

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
class _Timed:
    """One setting of one candidate's pipeline: samples per second, and the share of a training step that waits."""

    candidate: str
    workers: str
    setting: str
    alone: Series
    waiting: Interval

    @property
    def title(self) -> str:
        return f"{candidate_title(self.candidate)} ({self.workers})"


def build_load(inputs: ReportInputs, workload: str) -> Load | None:
    """The data pipelines of a workload; None where they were not looked at."""
    results = [
        (record.spec.candidate, record.result)
        for record in inputs.records
        if isinstance(record.result, LoadResult) and record.spec.workload == workload
    ]
    results.sort(key=lambda pair: catalog_order(pair[0]))
    if not results:
        return None
    timed = _timed(inputs, workload, results)
    rows = tuple(_row(inputs, pipeline) for pipeline in timed)
    return Load(
        table=Table(_HEADER, rows) if rows else None,
        meaning=_meaning(timed, inputs.method.measuring.waiting_warned_share) if rows else "",
        left_out=_left_out(results),
    )


def _timed(inputs: ReportInputs, workload: str, results: Sequence[tuple[str, LoadResult]]) -> list[_Timed]:
    found = {
        (series.candidate, series.measure): series
        for series in inputs.series
        if (series.workload, series.lane) == (workload, "default") and series.values
    }
    settings = {
        (candidate, pipeline.workers): pipeline.setting
        for candidate, result in results
        for pipeline in result.pipelines
    }
    timed = []
    for (candidate, workers), setting in settings.items():
        name = "load.workers" if workers else "load"
        alone, waiting = (found.get((candidate, f"{name}.{what}")) for what in ("samples_per_s", "waiting_share"))
        if alone is not None and waiting is not None:
            share = _interval(waiting.values, inputs.method.measuring.confidence)
            asked = counted(workers, "worker") if workers else "as by default"
            timed.append(_Timed(candidate, asked, setting, alone, share))
    return timed


def _interval(shares: Sequence[float], confidence: float) -> Interval:
    """Over launches; a single launch says nothing about the next."""
    return t_interval(shares, confidence) if len(shares) > 1 else Interval(shares[0], 0.0, 1.0)


def _row(inputs: ReportInputs, pipeline: _Timed) -> tuple[str, ...]:
    mean, low, high = (
        _percent(share) for share in (pipeline.waiting.centre, pipeline.waiting.low, pipeline.waiting.high)
    )
    return (
        candidate_title(pipeline.candidate),
        pipeline.workers,
        pipeline.setting,
        centre(pipeline.alone, inputs),
        f"{mean} ({low} to {high})",
        str(len(pipeline.alone.values)),
    )


def _percent(share: float) -> str:
    """What lies below zero is noise, and an interval may reach beyond either end."""
    return percent(min(max(share, 0.0), 1.0))


def _meaning(timed: Sequence[_Timed], warned_share: float) -> str:
    limit = percent(warned_share)
    waiting = [pipeline.title for pipeline in timed if pipeline.waiting.low > warned_share]
    unclear = [pipeline.title for pipeline in timed if pipeline.waiting.low <= warned_share < pipeline.waiting.high]
    if not waiting and not unclear:
        return (
            f"No training step spends more than {limit} of its time waiting for data: what decides here is the time of "
            "the step itself."
        )
    texts = []
    if waiting:
        texts.append(
            f"More than {limit} of a training step goes into waiting for data with {joined(waiting)}. There the data "
            "pipeline is what to make faster, and the time of the step itself says less than it seems to."
        )
    if unclear:
        texts.append(f"Whether waiting takes more than {limit} of a step is not resolved with {joined(unclear)}.")
    return " ".join(texts)


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
