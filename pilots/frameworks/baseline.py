"""The baseline of a workload: scikit-learn on the same rows, beside every candidate."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import numpy as np

from pilots.pilot import Array, Data
from pilots.row_losses import row_losses
from pilots.scores import macro_f1, score
from pilots.workload import Workload
from pilots.workload import baseline as baseline_of


class BaselineFit(NamedTuple):
    """What the baseline reached: ``seconds`` for fitting alone, the metric and macro-F1 on the test rows.

    ``losses`` are those of the test rows (see :mod:`pilots.row_losses`). ``simpler`` names models that are simpler
    still, each with its metric, where there are any.
    """

    model: str
    seconds: float
    metric: float
    macro_f1: float | None
    losses: Array | None
    simpler: tuple[tuple[str, float], ...]


def fit_baseline(workload: Workload, data: Data, seed: int, threads: int) -> BaselineFit:
    """Fit the workload's baseline on the training rows (each row flattened) and score it on the test rows.

    These are the networks' training rows: those that choose an epoch for the networks are kept from it too.

    Raises:
        ValueError: the workload has no baseline.
    """
    from threadpoolctl import threadpool_limits

    module = baseline_of(workload)
    if module is None:
        raise ValueError(f"the workload {workload.name!r} has no baseline")
    # Boosted trees run on OpenMP and take every core unless told otherwise.
    with threadpool_limits(limits=threads):
        seconds, metric, f1, losses = _fit(module.build(data, seed), data)
        others: dict[str, Any] = module.simpler(data) if hasattr(module, "simpler") else {}
        simpler = tuple((title, _fit(estimator, data)[1]) for title, estimator in others.items())
    return BaselineFit(module.TITLE, seconds, metric, f1, losses, simpler)


def _fit(estimator: Any, data: Data) -> tuple[float, float, float | None, Array | None]:
    """Seconds for fitting, metric, macro-F1, losses of the test rows."""
    x_train, x_test = (x.reshape(len(x), -1) for x in (data.x_train, data.x_test))
    start = time.perf_counter()
    estimator.fit(x_train, data.y_train)
    seconds = time.perf_counter() - start
    predicted = np.asarray(estimator.predict(x_test))
    if data.task == "classification":
        wrong = predicted != data.y_test
        return seconds, 1 - float(wrong.mean()), macro_f1(data.y_test, predicted), wrong.astype(np.float64)
    outputs = predicted.reshape(len(predicted), -1)
    metric, _ = score(data.task, outputs, data.y_test)
    return seconds, metric, None, row_losses(data.task, outputs, data.y_test)
