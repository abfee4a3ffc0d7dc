"""Every workload in every stack, trained for real. Run as a script, this file is one candidate's trial process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from pilots import parity, scores
from pilots import workload as workloads
from pilots.frameworks import load_framework
from pilots.lanes import DEFAULT, Compiler, Tuning
from pilots.pilot import Data, Framework, Pilot, StopTraining

CANDIDATES = ("pytorch", "keras-torch", "keras-tensorflow", "keras-jax", "tensorflow")
CASES = (*workloads.names(), "regression")
# TensorFlow (its converter) and Keras (a callback) import JAX themselves where it is installed.
FOREIGN = {
    "pytorch": {"tensorflow", "keras", "jax"},
    "keras-torch": {"tensorflow"},
    "keras-tensorflow": {"torch"},
    "keras-jax": {"torch", "tensorflow"},
    "tensorflow": {"torch"},
}
#: Workloads of the tuned lane here: each where it is cheap, since torch.compile takes 10 to 30 seconds for each.
TUNED = {
    "pytorch": ("vision",),
    "keras-torch": ("tabular",),
    "keras-tensorflow": workloads.names(),
    "keras-jax": workloads.names(),
    "tensorflow": workloads.names(),
}


@dataclass(frozen=True)
class Trained:
    """What one workload showed in a trial process."""

    steps: int
    epochs: int
    metric: float
    dummy: float
    repeat_difference: float
    seed_difference: float
    stopped_after: int
    weights_come_back: bool
    refusals: list[str]
    rows_out: list[list[int]]
    compiler: str
    graphs: int | None
    fall_backs: list[str]


class CountingPace:
    """Counts what the loop reports, stops it after ``limit`` steps, and does ``between`` after each epoch."""

    def __init__(self, limit: int | None = None, between: Callable[[], object] = lambda: None) -> None:
        self.steps = 0
        self.epochs = 0
        self._limit = limit
        self._between = between

    def before_step(self) -> None:
        if self.steps == self._limit:
            raise StopTraining
        self.steps += 1

    def after_epoch(self) -> None:
        self.epochs += 1
        self._between()


def data_of(case: str) -> Data:
    """A workload's own data, or values to predict with the table model."""
    if case != "regression":
        return workloads.read_data(workloads.load(case), None)
    generator = np.random.default_rng(3)
    x = generator.normal(size=(250, 5)).astype(np.float32)
    y = x @ np.array([1.0, -2.0, 0.5, 0.0, 1.5]) + 0.1 * generator.normal(size=250)
    y = ((y - y.mean()) / y.std()).astype(np.float32)
    return Data("regression", x[:200], y[:200], x[200:], y[200:], outputs=1)


def train(framework: Framework, case: str, captures: Path) -> Trained:
    """Build, capture for the parity gate, train three times, try what must be refused."""
    workload = workloads.load("tabular" if case == "regression" else case)
    data = data_of(case)
    recipe = workload.recipe("quick", len(data.x_train))
    pilot = framework.build(workload, data, recipe, DEFAULT)
    parity.save(parity.capture(pilot, data, recipe), captures / f"{case}.npz")
    start = workloads.initial_weights(workload, data, seed=7)

    def fit(seed: int, pace: CountingPace) -> CountingPace:
        pilot.set_weights(start)
        pilot.fit(data.x_train, data.y_train, epochs=recipe.epochs, seed=seed, pace=pace)
        pilot.sync()
        return pace

    fit(1, CountingPace())
    other_seed = pilot.predict(data.x_test)
    fit(0, CountingPace())
    first = pilot.predict(data.x_test)
    # Predicting between epochs must leave no trace in training.
    pace = fit(0, CountingPace(between=lambda: pilot.predict(data.x_test)))
    second = pilot.predict(data.x_test)
    stopped_after = -1
    try:
        fit(0, CountingPace(limit=5))
    except StopTraining:
        stopped_after = 5
    compiler = pilot.compiler()
    pilot.set_weights(start)
    back = pilot.weights()
    return Trained(
        steps=pace.steps,
        epochs=pace.epochs,
        metric=scores.score(data.task, second, data.y_test)[0],
        dummy=scores.dummy_metric(data),
        repeat_difference=float(np.abs(first - second).max()),
        seed_difference=float(np.abs(first - other_seed).max()),
        stopped_after=stopped_after,
        weights_come_back=back.keys() == start.keys() and all((back[name] == start[name]).all() for name in start),
        refusals=refusals(framework, pilot, data),
        rows_out=[list(pilot.predict(data.x_test[:rows]).shape) for rows in (1, 3)],
        compiler=compiler.name,
        graphs=compiler.graphs,
        fall_backs=list(compiler.fall_backs),
    )


def tune(framework: Framework, case: str, captures: Path) -> Compiler:
    """Capture the tuned lane for the parity gate."""
    workload = workloads.load(case)
    data = data_of(case)
    recipe = workload.recipe("smoke", len(data.x_train))
    pilot = framework.build(workload, data, recipe, Tuning(compiled=True, precision="float32"))
    parity.save(parity.capture(pilot, data, recipe), captures / f"{case}-tuned.npz")
    return pilot.compiler()


def refusals(framework: Framework, pilot: Pilot, data: Data) -> list[str]:
    """Messages of the mistakes that must not pass silently."""
    weights = pilot.weights()
    name = next(iter(weights))
    attempts = (
        lambda: pilot.set_weights({key: value for key, value in weights.items() if key != name}),
        lambda: pilot.set_weights({**weights, name: weights[name].T[:1]}),
        lambda: pilot.fit(data.x_train[:3], data.y_train[:3], epochs=1, seed=0, pace=CountingPace()),
    )
    messages = []
    for attempt in attempts:
        try:
            attempt()
        except ValueError as error:
            messages.append(str(error))
    return messages


def main(candidate: str, captures: Path) -> None:
    """Write ``report.json`` beside the captures."""
    framework = load_framework(candidate)
    framework.configure(threads=1, device="cpu")
    trained = {case: asdict(train(framework, case, captures)) for case in CASES}
    if candidate.startswith("keras"):
        # StopTraining and this are what `fit` owes to the callback.
        from pilots.frameworks.keras import PaceCallback

        assert "on_train_batch_end" not in vars(PaceCallback)
    settings = framework.settings()
    report = {
        "trained": trained,
        "tuned": {case: asdict(tune(framework, case, captures)) for case in TUNED[candidate]},
        "device": framework.device(),
        "settings": settings,
        "modules": sorted({name.partition(".")[0] for name in sys.modules}),
    }
    (captures / "report.json").write_text(json.dumps(report))


@dataclass(frozen=True)
class Report:
    """What a trial process wrote."""

    trained: dict[str, Trained]
    tuned: dict[str, Compiler]
    device: str
    settings: dict[str, str]
    modules: frozenset[str]
    folder: Path


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory):
    """The report of a candidate; its process runs once."""

    @cache
    def report(candidate: str) -> Report:
        folder = tmp_path_factory.mktemp(candidate)
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [sys.executable, __file__, candidate, str(folder)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        written = json.loads((folder / "report.json").read_text())
        return Report(
            trained={case: Trained(**values) for case, values in written["trained"].items()},
            tuned={case: Compiler(**values) for case, values in written["tuned"].items()},
            device=written["device"],
            settings=written["settings"],
            modules=frozenset(written["modules"]),
            folder=folder,
        )

    return report


@pytest.fixture(params=CANDIDATES)
def candidate(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_is_the_same_model_as_in_pytorch(reports, candidate: str, case: str) -> None:
    own = parity.load(reports(candidate).folder / f"{case}.npz")
    reference = parity.load(reports("pytorch").folder / f"{case}.npz")
    result = parity.compare(own, reference, "pytorch")
    assert result.passed, result
    assert [check.name for check in result.checks] == ["data", "shapes", "forward", "gradients", "steps"]


def test_learns(reports, candidate: str, case: str) -> None:
    trained = reports(candidate).trained[case]
    assert trained.metric > trained.dummy + 0.3
    # What is set as the first target is reached by `standard`; `quick` comes near it.
    workload = workloads.load("tabular" if case == "regression" else case)
    assert trained.metric > workload.targets[0] - 0.05


def test_trains_full_batches_only_and_tells_the_pace(reports, candidate: str, case: str) -> None:
    trained = reports(candidate).trained[case]
    rows = len(data_of(case).x_train)
    recipe = workloads.load("tabular" if case == "regression" else case).recipe("quick", rows)
    assert trained.epochs == recipe.epochs
    assert trained.steps == recipe.epochs * (rows // recipe.batch_size)
    assert trained.stopped_after == 5


def test_one_seed_gives_one_model(reports, candidate: str, case: str) -> None:
    trained = reports(candidate).trained[case]
    assert trained.repeat_difference < 1e-4
    assert trained.seed_difference > 1e-3


def test_takes_weights_and_batches_as_promised(reports, candidate: str, case: str) -> None:
    trained = reports(candidate).trained[case]
    outputs = data_of(case).outputs
    assert trained.weights_come_back
    assert trained.rows_out == [[1, outputs], [3, outputs]]


def test_refuses_mistakes(reports, candidate: str, case: str) -> None:
    without, reshaped, few_rows = reports(candidate).trained[case].refusals
    assert "given nothing" in without
    assert reshaped.startswith("weight ")
    assert "do not fill one batch" in few_rows


def test_settings_are_read_back(reports, candidate: str) -> None:
    report = reports(candidate)
    assert report.device == "cpu"
    assert report.settings["threads"] == "1"
    # XLA has one pool for both.
    assert report.settings.get("threads_between_operations") == (None if candidate == "keras-jax" else "1")
    assert report.settings["precision"] == "float32"
    if candidate.startswith("keras"):
        assert report.settings["jit_compile"] in ("True", "False")


def test_the_tuned_lane_is_the_same_model(reports, candidate: str) -> None:
    for case in TUNED[candidate]:
        own = parity.load(reports(candidate).folder / f"{case}-tuned.npz")
        result = parity.compare(own, parity.load(reports("pytorch").folder / f"{case}.npz"), "pytorch")
        assert result.passed, result


def test_the_compiler_says_what_it_did(reports, candidate: str, case: str) -> None:
    trained = reports(candidate).trained[case]
    name = {"tensorflow": "tf.function", "keras-tensorflow": "tf.function", "keras-jax": "XLA"}.get(candidate, "none")
    assert (trained.compiler, trained.fall_backs) == (name, [])
    if name == "none":
        assert trained.graphs == 0
    elif candidate == "keras-tensorflow":
        assert trained.graphs is None
    else:
        assert trained.graphs >= 1


def test_the_compiler_of_the_tuned_lane_says_what_it_did(reports, candidate: str) -> None:
    for compiler in reports(candidate).tuned.values():
        assert compiler.name == ("torch.compile" if candidate in ("pytorch", "keras-torch") else "XLA")
        assert compiler.graphs is None if candidate == "keras-tensorflow" else compiler.graphs >= 1
        # Keras's training step on PyTorch runs its backward pass outside of the compiled graphs.
        assert bool(compiler.fall_backs) == (candidate == "keras-torch")


def test_imports_no_other_framework(reports, candidate: str) -> None:
    assert not reports(candidate).modules & FOREIGN[candidate]


def test_an_unknown_candidate_is_refused() -> None:
    with pytest.raises(ValueError, match="'mxnet'"):
        load_framework("mxnet")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
