"""The candidate under check, and what several checks need of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from pilots import workload as workloads
from pilots.framework import Framework
from pilots.lanes import DEFAULT
from pilots.pilot import Array, Data, Pilot, Recipe, StopTraining, Weights
from pilots.protocol import CheckConformance
from pilots.records import TrialSpec
from pilots.workload import Workload


class Nonconformity(Exception):
    """What a check has found, in a sentence for people."""


def require(condition: object, otherwise: str) -> None:
    """The check goes on if the condition holds.

    Raises:
        Nonconformity: it does not.
    """
    if not condition:
        raise Nonconformity(otherwise)


@dataclass(frozen=True)
class Training:
    """What a training told its pace, and the outputs on the test rows: at the end of its last epoch, and afterwards."""

    steps: int
    epochs: int
    at_last_epoch: Array | None
    outputs: Array


class CountingHook:
    """Counts what the loop tells, predicts after each epoch if asked to, ends the training after ``limit`` steps."""

    def __init__(self, limit: int | None = None, predict: Callable[[], Array] | None = None) -> None:
        self.steps = 0
        self.epochs = 0
        self.told_to_stop = 0
        self.predicted: Array | None = None
        self._limit = limit
        self._predict = predict

    def before_step(self) -> None:
        """Count the step, or leave the loop."""
        if self.steps == self._limit:
            self.told_to_stop += 1
            raise StopTraining
        self.steps += 1

    def after_epoch(self) -> None:
        """Count the epoch."""
        self.epochs += 1
        if self._predict is not None:
            self.predicted = self._predict()


class CandidateUnderCheck:
    """One candidate under check; what several checks need is made once, when the first of them asks for it."""

    def __init__(self, spec: TrialSpec, framework: Framework | None, command: CheckConformance) -> None:
        self.spec = spec
        self.command = command
        self.folder = Path(command.folder)
        self._framework = framework

    @property
    def framework(self) -> Framework:
        """That of the candidate; the checks of the baseline need none."""
        if self._framework is None:
            raise ValueError("the baseline has no framework")
        return self._framework

    @cached_property
    def workload(self) -> Workload:
        return workloads.of_trial(self.spec)

    @cached_property
    def given(self) -> Data:
        """What ``data.py`` reads."""
        return workloads.as_given(self.workload, self.spec.data)

    @cached_property
    def data(self) -> Data:
        """The same with validation rows held back, as the experiments get it."""
        return workloads.with_validation(self.workload, self.given)

    @cached_property
    def recipe(self) -> Recipe:
        return self.workload.recipe(self.spec.size, len(self.data.x_train))

    @cached_property
    def pilot(self) -> Pilot:
        return self.framework.build(self.workload, self.data, self.recipe, DEFAULT)

    @cached_property
    def start(self) -> Weights:
        return workloads.initial_weights(self.workload, self.data, self.spec.seed)

    @cached_property
    def watched(self) -> Training:
        """The training by the recipe, with predictions after each epoch."""
        return self.trained(self.spec.seed, self.recipe.epochs, watched=True)

    def trained_on_a_batch(self, epochs: int, *, watched: bool = False) -> Array:
        """Outputs on the test rows after so many steps on one batch; its rows are alike where they get noise."""
        pilot, data = self.pilot, self.data
        rows = np.arange(self.recipe.batch_size) * (0 if data.noise else 1)
        pilot.set_weights(self.start)
        pace = CountingHook(predict=(lambda: pilot.predict(data.x_test)) if watched else None)
        pilot.fit(data.x_train[rows], data.y_train[rows], epochs=epochs, seed=self.spec.seed, pace=pace)
        pilot.sync()
        return pilot.predict(data.x_test)

    def trained(self, seed: int, epochs: int, *, watched: bool = False) -> Training:
        """Train from the start for so many epochs; ``watched``: with predictions after each of them."""
        pilot, data = self.pilot, self.data
        pilot.set_weights(self.start)
        pace = CountingHook(predict=(lambda: pilot.predict(data.x_test)) if watched else None)
        pilot.fit(data.x_train, data.y_train, epochs=epochs, seed=seed, pace=pace)
        pilot.sync()
        return Training(pace.steps, pace.epochs, pace.predicted, pilot.predict(data.x_test))
