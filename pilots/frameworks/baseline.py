"""The baseline of a workload: scikit-learn on the same rows, beside every candidate."""

from __future__ import annotations

import time
from importlib import import_module
from typing import NamedTuple

import numpy as np

from pilots.pilot import Data
from pilots.scores import macro_f1
from pilots.workload import Workload


class BaselineFit(NamedTuple):
    """What the baseline reached: ``seconds`` for fitting alone, the metric and macro-F1 on held-out rows."""

    model: str
    seconds: float
    metric: float
    macro_f1: float | None


def fit_baseline(workload: Workload, data: Data, seed: int, threads: int) -> BaselineFit:
    """Fit the workload's baseline on the training rows (images as rows of pixels) and score it on the others."""
    from threadpoolctl import threadpool_limits

    module = import_module(f"pilots.workloads.{workload.name}.baseline")
    estimator = module.build(data, seed)
    x_train, x_test = (x.reshape(len(x), -1) for x in (data.x_train, data.x_test))
    # Boosted trees run on OpenMP and take every core unless told otherwise.
    with threadpool_limits(limits=threads):
        start = time.perf_counter()
        estimator.fit(x_train, data.y_train)
        seconds = time.perf_counter() - start
        # Both kinds of estimator call their own metric, accuracy or R2, "score".
        metric = float(estimator.score(x_test, data.y_test))
        predicted = np.asarray(estimator.predict(x_test))
    f1 = macro_f1(data.y_test, predicted) if data.task == "classification" else None
    return BaselineFit(model=module.TITLE, seconds=seconds, metric=metric, macro_f1=f1)
