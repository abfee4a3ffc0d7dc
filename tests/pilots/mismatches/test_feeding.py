"""Mistakes in how a training is fed, planted in every stack. Run as a script, this file is one candidate's process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MethodType
from typing import Any

import numpy as np
import pytest

from pilots import workload as workloads
from pilots.feeding.checking import find_in_draws, find_in_pipeline, find_in_training, slow
from pilots.feeding.telling import BATCH_SIZE, telling_data, telling_pilot
from pilots.framework import Framework
from pilots.frameworks import load_framework
from pilots.lanes import DEFAULT, Tuning
from pilots.pilot import Array, Pilot, StepHook, Weights

CANDIDATES = ("pytorch", "keras-torch", "keras-tensorflow", "keras-jax", "tensorflow")
TUNED = Tuning(compiled=True, precision="float32")
LANES = {"default": DEFAULT, "tuned": TUNED}

#: The rows of an epoch in their order, given the generator's seed, the epoch and the number of rows.
Order = Callable[[int, int, int], Array]
Finding = str | None


def shuffled(*seed: int, rows: int) -> Array:
    return np.random.default_rng(seed).permutation(rows)


def buffered(seed: int, epoch: int, rows: int, size: int = 4) -> Array:
    """The order of a shuffle whose buffer is too small."""
    generator, buffer, order = np.random.default_rng((seed, epoch)), [*range(size)], []
    for row in [*range(size, rows), *[None] * size]:
        order.append(buffer.pop(generator.integers(len(buffer))))
        buffer += [] if row is None else [row]
    return np.array(order)


def with_a_row_twice(seed: int, epoch: int, rows: int) -> Array:
    order = shuffled(seed, epoch, rows=rows)
    order[-1] = order[0]
    return order


def in_fixed_batches(seed: int, epoch: int, rows: int) -> Array:
    return np.concatenate(
        [np.arange(BATCH_SIZE) + BATCH_SIZE * n for n in shuffled(seed, epoch, rows=rows // BATCH_SIZE)]
    )


#: Each with what has to be found.
ORDERS: Mapping[str, tuple[Order, Finding]] = {
    "right": (lambda seed, epoch, rows: shuffled(seed, epoch, rows=rows), None),
    "replayed": (lambda seed, epoch, rows: shuffled(seed, rows=rows), "two epochs have the same order"),
    "not shuffled": (lambda seed, epoch, rows: np.arange(rows), "two epochs have the same order"),
    "batches shuffled": (in_fixed_batches, "two epochs have the same batches in another order"),
    "small buffer": (buffered, "rows are hardly shuffled"),
    "without the seed": (
        lambda seed, epoch, rows: np.random.default_rng().permutation(rows),
        "it differs between two trainings with one seed",
    ),
    "one for all seeds": (lambda seed, epoch, rows: shuffled(epoch, rows=rows), "does not change with the seed"),
    "a row twice": (with_a_row_twice, "1 of 32 rows come more than once"),
    "rows left out": (
        lambda seed, epoch, rows: shuffled(seed, epoch, rows=rows - BATCH_SIZE),
        "8 of 32 rows are left out of every epoch, always the same ones",
    ),
    "other rows left out": (
        lambda seed, epoch, rows: shuffled(seed, epoch, rows=rows)[:-BATCH_SIZE],
        "8 of 32 rows are left out of an epoch",
    ),
}
#: What draws in place of the model's dropout, and when.
MODELS: Mapping[str, str] = {
    "dropout in evaluation": "training-only behaviour is on in evaluation",
    "no dropout in training": "training-only behaviour is off in training: dropout drops nothing",
    "one mask": "dropout drops the same units",
    "statistics kept in training": "training-only behaviour is off in training",
}
OWN: Mapping[str, Mapping[str, str]] = {
    # What our pilots did up to revision 1.
    "keras-tensorflow": {"a global seed": "two epochs have the same order"},
    "pytorch": {"no train() after eval()": "training-only behaviour is off in training"},
}


class Ordered:
    """A pilot whose ``fit`` gives the rows in a planted order, by its own training step and with its own draws."""

    def __init__(self, pilot: Pilot, order: Order, *, draws_each_epoch: bool = False) -> None:
        self._pilot = pilot
        self._order = order
        self._draws_each_epoch = draws_each_epoch
        self.order_follows_seed = True

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pilot, name)

    def fit(self, x: Array, y: Array, *, epochs: int, seed: int, pace: StepHook) -> None:
        for epoch in range(epochs):
            if epoch == 0 or self._draws_each_epoch:
                seed_draws(self._pilot, seed)
            rows = self._order(seed, epoch, len(x))
            self._pilot.from_memory(x[rows], y[rows]).train(pace)


def seed_draws(pilot: Any, seed: int) -> None:
    """As the adapters do it."""
    if hasattr(pilot, "_seed_what_the_model_draws"):
        pilot._seed_what_the_model_draws(seed)
        # On PyTorch, Keras drops out by the global generator.
        pilot._backend.set_seed(seed)
    elif hasattr(pilot, "_generators"):
        for generator in pilot._generators():
            generator.reset_from_seed(seed)
    else:
        import torch

        torch.manual_seed(seed)


def plant_in_pytorch(pilot: Any, mistake: str) -> None:
    import torch
    from torch import nn

    class Dropout(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            if mistake == "no dropout in training" or (mistake == "one mask" and not self.training):
                return x
            if mistake == "one mask":
                mask = torch.rand(x.shape[1:], generator=torch.Generator().manual_seed(1)) < 0.5
                return x * mask * 2
            return nn.functional.dropout(x, 0.5, training=True)

    if mistake == "statistics kept in training":
        pilot.model.train = MethodType(
            lambda model, mode=True: model.eval() if mode else nn.Module.train(model, mode), pilot.model
        )
    elif mistake == "no train() after eval()":
        pilot.model.train = MethodType(
            lambda model, mode=True: model if mode else nn.Module.train(model, mode), pilot.model
        )
    else:
        pilot.model.dropout = Dropout()


def plant_in_keras(pilot: Any, mistake: str) -> None:
    import keras

    dropout = pilot.model.get_layer("dropout")
    if mistake == "a global seed":
        pilot._backend.set_seed = keras.utils.set_random_seed
    elif mistake == "statistics kept in training":
        # Keras's way to freeze a normalisation.
        for name in ("rows", "drawn"):
            pilot.model.get_layer(name).trainable = False
    elif mistake == "no dropout in training":
        dropout.rate = 0.0
    else:
        seed = 1 if mistake == "one mask" else dropout.seed_generator
        always = mistake == "dropout in evaluation"
        dropout.call = lambda x, training=False: keras.random.dropout(x, 0.5, seed=seed) if training or always else x


def plant_in_tensorflow(pilot: Any, mistake: str) -> None:
    import tensorflow as tf

    from pilots.frameworks.tensorflow_layers import BatchNorm

    class Kept(BatchNorm):
        def __call__(self, x: tf.Tensor, training: bool) -> tf.Tensor:
            return super().__call__(x, training=False)

    usual = pilot.model.dropout
    match mistake:
        case "statistics kept in training":
            pilot.model.rows.__class__ = pilot.model.drawn.__class__ = Kept
        case "no dropout in training":
            pilot.model.dropout = lambda x, training: x
        case "dropout in evaluation":
            pilot.model.dropout = lambda x, training: usual(x, True)
        case "one mask":
            pilot.model.dropout = lambda x, training: (
                tf.nn.experimental.stateless_dropout(x, 0.5, seed=[1, 2]) if training else x
            )


def plant(candidate: str, pilot: Pilot, mistake: str, start: Weights) -> Pilot:
    in_framework = {"pytorch": plant_in_pytorch, "tensorflow": plant_in_tensorflow}.get(candidate, plant_in_keras)
    in_framework(pilot, mistake)
    pilot.set_weights(start)
    return pilot


def found_in_orders(framework: Framework, tuning: Tuning) -> Iterator[tuple[str, Finding]]:
    """Full batches alone, since planted rows reach the training step by a list of them."""
    told = telling_data(TUNED)
    pilot = telling_pilot(framework, told, tuning)
    # Keras builds a model from a batch of its first epoch.
    yield "as it is", find_in_training(pilot, told, tuning)
    for name, (order, _) in ORDERS.items():
        yield name, find_in_training(Ordered(pilot, order), told, tuning)
    right, _ = ORDERS["right"]
    yield "draws each epoch", find_in_training(Ordered(pilot, right, draws_each_epoch=True), told, tuning)


def found_in_models(framework: Framework, candidate: str) -> Iterator[tuple[str, Finding]]:
    told = telling_data(DEFAULT)
    yield "pipeline", find_in_pipeline(trained_once(telling_pilot(framework, told, DEFAULT), told), told, DEFAULT)
    for mistake in (*MODELS, *OWN.get(candidate, ())):
        pilot = telling_pilot(framework, told, DEFAULT)
        yield mistake, find_in_training(plant(candidate, pilot, mistake, pilot.weights()), told, DEFAULT)


def trained_once(pilot: Pilot, told: Any) -> Pilot:
    class Nothing:
        def before_step(self) -> None: ...
        def after_epoch(self) -> None: ...

    pilot.fit(told.x_train, told.y_train, epochs=1, seed=0, pace=Nothing())
    return pilot


def found_in_noise(framework: Framework, candidate: str) -> Iterator[tuple[str, Finding]]:
    """The noise of the generative pilot: as it is, and the same at every step."""
    workload = workloads.load("generative")
    data = workloads.read_data(workload, None)
    recipe = slow(workload.recipe("smoke", len(data.x_train)))
    start = workloads.initial_weights(workload, data, 0)
    pilot: Any = framework.build(workload, data, recipe, DEFAULT)
    yield "noise", find_in_draws(pilot, data, start)
    usual = pilot.model.training_loss
    fixed = np.random.default_rng(0).normal(size=(recipe.batch_size, data.noise)).astype(np.float32)

    def repeated(x: Any, noise: Any = None) -> Any:
        return usual(x, as_tensor(candidate, fixed))

    if candidate.startswith("keras"):
        pilot.model.training_loss = repeated
    else:
        pilot._loss = repeated
    yield "one noise", find_in_draws(pilot, data, start)


def as_tensor(candidate: str, values: Array) -> Any:
    if candidate == "pytorch":
        import torch

        return torch.from_numpy(values)
    if candidate == "tensorflow":
        import tensorflow as tf

        return tf.constant(values)
    return values


def main(candidate: str, lane: str) -> None:
    """Print what was found for each planted mistake, as one line."""
    framework = load_framework(candidate)
    framework.configure(threads=1, device="cpu")
    found = dict(found_in_orders(framework, LANES[lane]))
    if lane == "default":
        found.update(found_in_models(framework, candidate))
        found.update(found_in_noise(framework, candidate))
    print(json.dumps(found))


@dataclass(frozen=True)
class Case:
    candidate: str
    lane: str


#: The others are long tests. Keras on TensorFlow repeated one order of rows once.
EACH_TIME = (Case("pytorch", "default"),)
#: On a CPU both lanes of Keras on JAX are the same.
CASES = [Case(one, lane) for one in CANDIDATES for lane in LANES if (one, lane) != ("keras-jax", "tuned")]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(
            case,
            id=f"{case.candidate}-{case.lane}",
            marks=[] if case in EACH_TIME else [pytest.mark.long],
        )
        for case in CASES
    ],
)
def found(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, dict[str, Finding]]:
    case: Case = request.param
    done = subprocess.run(
        [sys.executable, __file__, case.candidate, case.lane],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return case, json.loads(done.stdout.splitlines()[-1])


def test_every_mistake_is_found_and_nothing_else(found: tuple[Case, dict[str, Finding]]) -> None:
    case, findings = found
    expected: dict[str, Finding] = {"as it is": None, **{name: finding for name, (_, finding) in ORDERS.items()}}
    expected["draws each epoch"] = "drops the same units at several steps"
    if case.lane == "default":
        expected.update(MODELS, **OWN.get(case.candidate, {}), pipeline=None, noise=None)
        expected["one noise"] = "what is drawn does not differ from step to step: the same noise at every step"
    assert findings.keys() == expected.keys()
    wrong = {
        name: (findings[name], wanted)
        for name, wanted in expected.items()
        if (findings[name] is None) != (wanted is None) or (wanted or "") not in (findings[name] or "")
    }
    assert not wrong


if __name__ == "__main__":
    with suppress(BrokenPipeError):
        main(sys.argv[1], Path(sys.argv[2]).name)
