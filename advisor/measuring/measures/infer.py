"""Of predictions in the framework itself: of one row, and of a large batch."""

from __future__ import annotations

from functools import partial

from advisor.measuring.analysis.statistics import percentile
from advisor.measuring.measures import Counts, Measure
from pilots.results import InferBatch, InferResult

RESULT = InferResult
ORDER = 4


def _single(infer: InferResult) -> InferBatch | None:
    """Calls with one row; of several such batches the last."""
    found = [batch for batch in infer.batches if batch.calls_ms and batch.batch_size == 1]
    return found[-1] if found else None


def _percentile_ms(percent: int, infer: InferResult) -> float | None:
    single = _single(infer)
    return percentile(single.calls_ms, percent) if single else None


def _first_call_ms(infer: InferResult) -> float | None:
    single = _single(infer)
    return single.first_call_ms if single else None


def _large_rows_per_s(infer: InferResult) -> float | None:
    measured = [batch for batch in infer.batches if batch.calls_ms]
    large = max(measured, key=lambda batch: batch.batch_size, default=None)
    if large is None or large.batch_size == 1:
        return None
    return 1000 * large.batch_size / percentile(large.calls_ms, 50)


MEASURES = (
    Measure("infer.p50_ms", "ms", "the time of a prediction", partial(_percentile_ms, 50)),
    Measure(
        "infer.p95_ms",
        "ms",
        "the 95th percentile of a prediction's time",
        partial(_percentile_ms, 95),
        Counts("inference_speed", "one prediction, 95th percentile", needs_training=False),
    ),
    Measure("infer.p99_ms", "ms", "the 99th percentile of a prediction's time", partial(_percentile_ms, 99)),
    Measure("infer.first_call_ms", "ms", "the time of the first prediction", _first_call_ms),
    Measure("infer.large_rows_per_s", "rows/s", "the rows predicted per second", _large_rows_per_s),
)
