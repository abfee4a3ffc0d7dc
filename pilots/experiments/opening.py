"""Opening a trial: framework imported, settings in force, data read, model built."""

from __future__ import annotations

import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pilots import workload as workloads
from pilots.framework import Framework
from pilots.frameworks import load_framework
from pilots.lanes import Tuning
from pilots.pilot import Data, Pilot, Recipe, Weights
from pilots.probe import versions
from pilots.protocol import Opened
from pilots.records import Environment, TrialSpec
from pilots.workload import Workload

T = TypeVar("T")


@dataclass(frozen=True)
class OpenedTrial:
    """What the experiments of one process share. A new model costs a :meth:`new_pilot`."""

    spec: TrialSpec
    framework: Framework
    workload: Workload
    data: Data
    recipe: Recipe
    initial_weights: Weights
    tuning: Tuning

    def new_pilot(self) -> Pilot:
        """A model that starts from the seed's weights, the same in every candidate."""
        pilot = self.framework.build(self.workload, self.data, self.recipe, self.tuning)
        pilot.set_weights(self.initial_weights)
        return pilot


def open_trial(spec: TrialSpec) -> tuple[OpenedTrial, Opened]:
    """Import, configure, read and build, each timed apart.

    Raises:
        ImportError: the candidate's framework cannot be imported.
    """
    framework, import_s = timed(lambda: load_framework(spec.candidate))
    framework.configure(threads=spec.threads, device=spec.device)
    workload = workloads.of_trial(spec)
    data = workloads.read_data(workload, spec.data)
    trial = OpenedTrial(
        spec=spec,
        framework=framework,
        workload=workload,
        data=data,
        recipe=workload.recipe(spec.size, len(data.x_train)),
        initial_weights=workloads.initial_weights(workload, data, spec.seed),
        tuning=Tuning.of(spec.lane, fast_bfloat16=framework.fast_bfloat16()),
    )
    pilot, build_s = timed(trial.new_pilot)
    environment = Environment(
        python=platform.python_version(),
        versions=versions(),
        device=framework.device(),
        settings={**framework.settings(), **pilot.settings()},
    )
    return trial, Opened(environment=environment, import_s=import_s, build_s=build_s)


def timed(action: Callable[[], T]) -> tuple[T, float]:
    """The result of ``action`` and the seconds it took."""
    start = time.perf_counter()
    result = action()
    return result, time.perf_counter() - start
