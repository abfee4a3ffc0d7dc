"""Every workload in every stack, trained for real. Run as a script, this file is a trial process of a candidate.

A table is trained on each time in three candidates, all else in the long tests.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import re
import subprocess
import sys
from dataclasses import asdict, dataclass
from functools import cache
from itertools import islice, product
from pathlib import Path

import numpy as np
import pytest
from _pytest.mark import ParameterSet
from filelock import FileLock
from pydantic import TypeAdapter

from pilots import parity
from pilots import workload as workloads
from pilots.conformance.checks import checks
from pilots.conformance.subject import CountingHook
from pilots.conformance_records import ConformanceCheck, checks_of
from pilots.framework import Framework
from pilots.frameworks import load_framework
from pilots.lanes import DEFAULT, Compiler, Tuning
from pilots.pilot import Data, Pilot, Recipe
from pilots.prepared import PreparedTable, save
from pilots.protocol import CheckConformance
from pilots.records import DataSource, TrialSpec

CANDIDATES = ("pytorch", "keras-torch", "keras-tensorflow", "keras-jax", "tensorflow")
CASES = (*workloads.names(), "regression")
#: All else is trained on in the long tests, in processes of their own.
EACH_TIME = (("pytorch", "tabular"), ("keras-tensorflow", "tabular"), ("tensorflow", "tabular"))
# TensorFlow (its converter) and Keras (a callback) import JAX themselves where it is installed.
FOREIGN = {
    "pytorch": {"tensorflow", "keras", "jax"},
    "keras-torch": {"tensorflow"},
    "keras-tensorflow": {"torch"},
    "keras-jax": {"torch", "tensorflow"},
    "tensorflow": {"torch"},
}
#: Workloads whose network is of the same kind as another's. Those who follow PyTorch are only asked whether theirs is
#: the same model; what comes of a training is then the same too, and how `fit` keeps its seed and its pace is known
#: from the others.
LIKE_OTHERS = ("audio", "categories", "measured_series")
WHOLE = [(name, case) for name in CANDIDATES for case in CASES if name == "pytorch" or case not in LIKE_OTHERS]
#: Workloads of the tuned lane here: each kind of network somewhere, since compiling takes 10 to 30 seconds. On a CPU
#: both lanes of Keras on JAX are the same.
TUNED = {
    "pytorch": ("vision",),
    "keras-torch": ("tabular",),
    "keras-tensorflow": ("vision", "text"),
    "keras-jax": ("vision", "generative"),
    "tensorflow": ("generative", "time_series"),
}
#: Its table of settings says what each process has to report.
TABLE = Path(__file__).parents[2] / "docs" / "measuring.md"
UP_TO_PARITY = ("data", "parameters", "weights", "outputs", "parity")
#: Those of which it is asked what the compiler of the default lane did: with and without a training step of their own.
COMPILED = ("tabular", "generative", "time_series")


@dataclass(frozen=True)
class Tuned:
    """What the gate and the compiler say of a tuned model."""

    passed: bool
    result: str
    compiler: Compiler


def spec_of(candidate: str, case: str, shared: Path) -> TrialSpec:
    """A workload on its own data, or the table model on values to predict."""
    workload = "tabular" if case == "regression" else case
    source = regression_table(shared / f"values_for_{candidate}.npz") if case == "regression" else None
    return TrialSpec("conformance", workload, "quick", candidate, "default", 0, 0, threads=1, device="cpu", data=source)


def regression_table(path: Path) -> DataSource:
    """Five columns and a value that depends on them; in a file of each stack's own, as they run at the same time."""
    generator = np.random.default_rng(3)
    x = generator.normal(size=(250, 5))
    y = x @ np.array([1.0, -2.0, 0.5, 0.0, 1.5]) + 0.1 * generator.normal(size=250)
    with path.open("wb") as file:
        save(file, PreparedTable(x, np.empty((len(x), 0), np.int32), (), y, classes=0))
    return DataSource("table", str(path), hashlib.sha256(path.read_bytes()).hexdigest())


def conform(framework: Framework, candidate: str, case: str, shared: Path) -> list[ConformanceCheck]:
    """The conformance check; PyTorch leaves the others what they compare."""
    folder = shared / case
    folder.mkdir(exist_ok=True)
    reference = None if candidate == "pytorch" else "pytorch"
    command = CheckConformance(str(folder), reference, least_learned=0.5)
    found = checks(spec_of(candidate, case, shared), framework, command)
    return list(found if (candidate, case) in WHOLE else islice(found, len(UP_TO_PARITY)))


def compile_once(framework: Framework, candidate: str, case: str, shared: Path) -> Compiler:
    """What the compiler of the default lane did for one step."""
    pilot, data, recipe = built(framework, spec_of(candidate, case, shared), DEFAULT)
    batch = slice(recipe.batch_size)
    pilot.fit(data.x_train[batch], data.y_train[batch], epochs=1, seed=0, pace=CountingHook())
    return pilot.compiler()


def tune(framework: Framework, candidate: str, case: str, shared: Path) -> Tuned:
    """The tuned lane: the gate, and what its compiler did."""
    pilot, data, recipe = built(framework, spec_of(candidate, case, shared), Tuning(compiled=True, precision="float32"))
    captured = parity.capture(pilot, data, recipe)
    result = parity.compare(captured, parity.load(shared / case / "reference.npz"), "pytorch")
    return Tuned(result.passed, repr(result), pilot.compiler())


def built(framework: Framework, spec: TrialSpec, tuning: Tuning) -> tuple[Pilot, Data, Recipe]:
    workload = workloads.of_trial(spec)
    data = workloads.read_data(workload, spec.data)
    recipe = workload.recipe(spec.size, len(data.x_train))
    return framework.build(workload, data, recipe, tuning), data, recipe


def part_of(candidate: str, case: str) -> str:
    return "each_time" if (candidate, case) in EACH_TIME else "long"


def marked(candidate: str, case: str) -> ParameterSet:
    return pytest.param(candidate, case, marks=[] if (candidate, case) in EACH_TIME else [pytest.mark.long])


def cases_of(candidate: str, part: str) -> list[str]:
    return [case for case in CASES if part_of(candidate, case) == part]


def main(candidate: str, part: str, folder: Path, shared: Path) -> None:
    """Write ``report.json`` into the folder."""
    cases = cases_of(candidate, part)
    framework = load_framework(candidate)
    framework.configure(threads=1, device="cpu")
    conformance = {case: [asdict(check) for check in conform(framework, candidate, case, shared)] for case in cases}
    if candidate.startswith("keras"):
        # StopTraining and this are what `fit` owes to the callback.
        from pilots.frameworks.keras import PaceCallback

        assert "on_train_batch_end" not in vars(PaceCallback)
    compilers = {case: asdict(compile_once(framework, candidate, case, shared)) for case in COMPILED if case in cases}
    settings = framework.settings()
    by_lane = {}
    for lane in ("default", "tuned"):
        pilot, _, _ = built(framework, spec_of(candidate, "tabular", shared), Tuning.of(lane, fast_bfloat16=False))
        by_lane[lane] = {**framework.settings(), **pilot.settings()}
    report = {
        "conformance": conformance,
        "compilers": compilers,
        "tuned": {case: asdict(tune(framework, candidate, case, shared)) for case in TUNED[candidate] if case in cases},
        "device": framework.device(),
        "settings": settings,
        "settings_by_lane": by_lane,
        "modules": sorted({name.partition(".")[0] for name in sys.modules}),
    }
    (folder / "report.json").write_text(json.dumps(report))


@dataclass(frozen=True)
class Report:
    """What a trial process wrote."""

    conformance: dict[str, list[ConformanceCheck]]
    compilers: dict[str, Compiler]
    tuned: dict[str, Tuned]
    device: str
    settings: dict[str, str]
    settings_by_lane: dict[str, dict[str, str]]
    modules: frozenset[str]


_REPORT = TypeAdapter(Report)


@pytest.fixture(scope="module")
def reports(of_all_workers: Path):
    """The report of a candidate on a case; a process tells of all cases of a part, after that of the reference."""
    shared = of_all_workers / "stacks"
    shared.mkdir(exist_ok=True)

    @cache
    def of_part(candidate: str, part: str) -> Report:
        written = shared / part / candidate / "report.json"
        written.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(written.with_suffix(".lock")):
            if not written.exists():
                if candidate != "pytorch":
                    for other in {part_of("pytorch", case) for case in cases_of(candidate, part)}:
                        of_part("pytorch", other)
                run_script(candidate, part, written.parent, shared)
        return _REPORT.validate_json(written.read_bytes())

    return lambda candidate, case="tabular": of_part(candidate, part_of(candidate, case))


def run_script(candidate: str, part: str, folder: Path, shared: Path) -> None:
    """This file as the trial process of a candidate."""
    done = subprocess.run(
        [sys.executable, __file__, candidate, part, str(folder), str(shared)],
        # Each check builds the model anew; what JAX compiled for the first is what it needs for the others.
        env={
            **os.environ,
            "TF_CPP_MIN_LOG_LEVEL": "3",
            "OMP_NUM_THREADS": "1",
            "JAX_COMPILATION_CACHE_DIR": str(folder / "compiled"),
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        },
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert done.returncode == 0, done.stderr[-3000:]


IN_ALL = pytest.mark.parametrize(("candidate", "case"), [marked(*pair) for pair in product(CANDIDATES, CASES)])
#: What is told in the same process as a case, but not of it.
BESIDE_TABULAR = pytest.mark.parametrize(("candidate", "case"), [marked(name, "tabular") for name in CANDIDATES])


@IN_ALL
def test_passes_the_conformance_check(reports, candidate: str, case: str) -> None:
    found = reports(candidate, case).conformance[case]
    all_of_them = checks_of(candidate, tuned=False)[1:]
    assert [check.name for check in found] == list(all_of_them if (candidate, case) in WHOLE else UP_TO_PARITY)
    assert not [check for check in found if not check.passed]
    assert all(check.detail for check in found)


@IN_ALL
def test_is_compared_with_pytorch(reports, candidate: str, case: str) -> None:
    details = {check.name: check.detail for check in reports(candidate, case).conformance[case]}
    assert details["parity"].startswith(
        "the reference" if candidate == "pytorch" else "the same model as in pytorch: weights, outputs, gradients"
    )


@pytest.mark.parametrize(("candidate", "case"), [marked(*pair) for pair in WHOLE])
def test_quick_comes_near_the_first_target(reports, candidate: str, case: str, tmp_path: Path) -> None:
    details = {check.name: check.detail for check in reports(candidate, case).conformance[case]}
    found = re.match(r"(accuracy|R2) (\d\.\d+) on held-out rows", details["learning"])
    # `standard` reaches it.
    assert found and float(found[2]) > workloads.of_trial(spec_of(candidate, case, tmp_path)).targets[0] - 0.05


@pytest.mark.parametrize(("candidate", "case"), [marked(*pair) for pair in WHOLE])
def test_trains_on_every_row_and_tells_the_pace(reports, candidate: str, case: str, tmp_path: Path) -> None:
    workload = workloads.of_trial(spec_of(candidate, case, tmp_path))
    rows = training_rows(case, tmp_path)
    recipe = workload.recipe("quick", rows)
    details = {check.name: check.detail for check in reports(candidate, case).conformance[case]}
    steps = recipe.epochs * math.ceil(rows / recipe.batch_size)
    assert details["loop"].startswith(f"tells all {steps} steps and {recipe.epochs} epochs")


_ROWS: dict[str, int] = {}


def training_rows(case: str, folder: Path) -> int:
    """How many there are, whatever the candidate; some data take seconds to read."""
    if case not in _ROWS:
        spec = spec_of("pytorch", case, folder)
        _ROWS[case] = len(workloads.read_data(workloads.of_trial(spec), spec.data).x_train)
    return _ROWS[case]


@BESIDE_TABULAR
def test_settings_are_read_back(reports, candidate: str, case: str) -> None:
    report = reports(candidate, case)
    assert report.device == "cpu"
    assert report.settings["threads"] == "1"
    # XLA has one pool for both.
    assert report.settings.get("threads_between_operations") == (None if candidate == "keras-jax" else "1")
    assert report.settings["precision"] == "float32"
    if candidate.startswith("keras"):
        assert report.settings["jit_compile"] in ("True", "False")


@BESIDE_TABULAR
def test_settings_are_those_of_the_table(reports, candidate: str, case: str) -> None:
    found = reports(candidate, case).settings_by_lane
    lines = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.endswith("` |")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.count("|") == 8]
    about = [row for row in rows if f"`{candidate}`" in row[0]]
    assert {"feeding", "row_order", "last_batch", "precision"} <= {row[-1].strip("`") for row in about}
    told = {
        (row[-1].strip("`"), lane): row[place].strip("`")
        for row in about
        for place, lane in ((4, "default"), (5, "tuned"))
    }
    assert {(name, lane): found[lane].get(name) for name, lane in told} == told


TUNED_PAIRS = [marked(name, case) for name, cases in TUNED.items() for case in cases]


@pytest.mark.parametrize(("candidate", "case"), TUNED_PAIRS)
def test_the_tuned_lane_is_the_same_model(reports, candidate: str, case: str) -> None:
    tuned = reports(candidate, case).tuned[case]
    assert tuned.passed, tuned.result


@pytest.mark.parametrize(("candidate", "case"), [marked(*pair) for pair in product(CANDIDATES, COMPILED)])
def test_the_compiler_says_what_it_did(reports, candidate: str, case: str) -> None:
    compiler = reports(candidate, case).compilers[case]
    name = {"tensorflow": "tf.function", "keras-tensorflow": "tf.function", "keras-jax": "XLA"}.get(candidate, "none")
    assert (compiler.name, compiler.fall_backs) == (name, ())
    if name == "none":
        assert compiler.graphs == 0
    elif candidate == "keras-tensorflow":
        assert compiler.graphs is None
    else:
        assert compiler.graphs >= 1


@pytest.mark.parametrize(("candidate", "case"), TUNED_PAIRS)
def test_the_compiler_of_the_tuned_lane_says_what_it_did(reports, candidate: str, case: str) -> None:
    compiler = reports(candidate, case).tuned[case].compiler
    assert compiler.name == ("torch.compile" if candidate in ("pytorch", "keras-torch") else "XLA")
    assert compiler.graphs is None if candidate == "keras-tensorflow" else compiler.graphs >= 1
    # Keras's training step on PyTorch runs its backward pass outside of the compiled graphs.
    assert bool(compiler.fall_backs) == (candidate == "keras-torch")


@BESIDE_TABULAR
def test_imports_no_other_framework(reports, candidate: str, case: str) -> None:
    assert not reports(candidate, case).modules & FOREIGN[candidate]


def test_an_unknown_candidate_is_refused() -> None:
    with pytest.raises(ValueError, match="'mxnet'"):
        load_framework("mxnet")


if __name__ == "__main__":
    main(*sys.argv[1:3], *map(Path, sys.argv[3:]))
