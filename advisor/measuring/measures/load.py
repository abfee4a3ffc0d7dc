"""Of data pipelines: how fast they are, and how long a training step waits for them. Shown, not scored.

A setting that could not run here has no values. Times of one round are compared with one another only.
"""

from __future__ import annotations

from functools import partial

from advisor.measuring.analysis.statistics import percentile
from advisor.measuring.measures import Measure
from pilots.results import LoadResult, PipelineLoad

RESULT = LoadResult
ORDER = 5


def _timed(load: LoadResult, with_workers: bool) -> PipelineLoad | None:
    """That of the framework's default, or that with workers; of several the last."""
    found = [
        pipeline
        for pipeline in load.pipelines
        if bool(pipeline.workers) is with_workers and pipeline.alone_s and pipeline.fed_s
    ]
    return found[-1] if found else None


def _samples_per_s(with_workers: bool, load: LoadResult) -> float | None:
    pipeline = _timed(load, with_workers)
    return load.batch_size * load.steps / percentile(pipeline.alone_s, 50) if pipeline else None


def _waiting_share(with_workers: bool, load: LoadResult) -> float | None:
    """Of a training step that it feeds; below zero where noise makes it so."""
    pipeline = _timed(load, with_workers)
    if pipeline is None:
        return None
    shares = [ready_s / fed_s for ready_s, fed_s in zip(load.ready_s, pipeline.fed_s, strict=True)]
    return 1 - percentile(shares, 50)


MEASURES = tuple(
    measure
    for name, with_workers, ending in (("load", False, ""), ("load.workers", True, " with workers"))
    for measure in (
        Measure(
            f"{name}.samples_per_s",
            "samples/s",
            f"the pace of the data pipeline{ending}",
            partial(_samples_per_s, with_workers),
        ),
        Measure(
            f"{name}.waiting_share",
            "",
            f"the share of a training step spent waiting for data{ending}",
            partial(_waiting_share, with_workers),
        ),
    )
)
