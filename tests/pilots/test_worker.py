"""The trial process, each candidate for real: every command it takes, and what must not reach the protocol."""

from __future__ import annotations

import ast
import errno
import json
import math
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from advisor.measuring.running.host import TrialError
from advisor.measuring.running.supervisor import PILOTS_MAIN, TrialLimits, TrialProcess, trial_environment
from pilots import workload as workloads
from pilots.epoch_protocol import EpochsTrained, TrainEpochs
from pilots.failures import Unavailable
from pilots.pipeline_protocol import Load
from pilots.protocol import (
    BlockDone,
    CheckParity,
    Done,
    EndRace,
    EpochEnded,
    Failed,
    GoOn,
    Infer,
    Inferred,
    Learn,
    Learned,
    Open,
    Opened,
    ParityChecked,
    Predict,
    RaceEnded,
    RunBlock,
    StartRace,
    Train,
    WarmedUp,
    decode_command,
    encode,
)
from pilots.records import DataSource, TrialSpec
from pilots.results import LearnResult
from pilots.worker import describe_failure

CASES = {
    "pytorch": "tabular",
    "keras-tensorflow": "tabular",
    "keras-torch": "vision",
    "tensorflow": "vision",
}
#: The others are opened in the long tests.
EACH_TIME = ("pytorch",)
BLOCK = 20

#: Loaded by every Python that finds it: makes an import talk on standard output, or fail.
CHATTER = """
import os, sys
class Chatty:
    def find_spec(self, name, path=None, target=None):
        if name in ("torch", "tensorflow", "sklearn"):
            print("chatter from", name, flush=True)
            os.write(1, b'{"type": "done"} is chatter from C\\n')
            os.system("echo chatter from a child")
sys.meta_path.insert(0, Chatty())
"""
BLOCKER = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name in ("torch", "tensorflow", "keras"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocker())
"""


def spec_of(candidate: str, workload: str = "tabular", seed: int = 3) -> TrialSpec:
    return TrialSpec("race", workload, "smoke", candidate, "default", seed=seed, launch=0, threads=1)


def path_with(folder: Path, sitecustomize: str) -> dict[str, str]:
    (folder / "sitecustomize.py").write_text(sitecustomize, encoding="utf-8")
    return {"PYTHONPATH": str(folder)}


@dataclass(frozen=True)
class Replies:
    """What one candidate answered to every command."""

    spec: TrialSpec
    opened: Opened
    parity: ParityChecked
    warmed_up: WarmedUp
    blocks: tuple[BlockDone, ...]
    race_ended: RaceEnded
    learned: Learned
    epochs: tuple[EpochEnded, ...]
    trained: EpochsTrained
    inferred: Inferred
    refusal: TrialError


@pytest.fixture(
    scope="module", params=[pytest.param(name, marks=[] if name in EACH_TIME else [pytest.mark.long]) for name in CASES]
)
def replies(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Replies:
    """One process per candidate, in which the libraries talk on standard output."""
    spec = spec_of(request.param, CASES[request.param])
    environment = trial_environment(1) | path_with(tmp_path_factory.mktemp("chatter"), CHATTER)
    epochs: list[EpochEnded] = []
    with closing(TrialProcess(sys.executable, environment, TrialLimits(300, 100_000))) as trial:
        opened = trial.request(Open(spec), Opened)
        capture = tmp_path_factory.mktemp("parity") / "capture.npz"
        parity = trial.request(CheckParity(request.param, str(capture), None), ParityChecked)
        warmed_up = trial.request(StartRace(window_steps=8, windows=2, limit_s=5), WarmedUp)
        blocks = tuple(trial.request(RunBlock(steps), BlockDone) for steps in (BLOCK, 2 * BLOCK))
        race_ended = trial.request(EndRace(), RaceEnded)
        learned = trial.request(Learn(), Learned, epochs.append)
        trained = trial.request(TrainEpochs((0.05,), (2,), limit_s=20), EpochsTrained)
        inferred = trial.request(Infer(calls=5), Inferred)
        trial.request(Predict(calls=2), Done)
        trial.request(Train(steps=5), Done)
        with pytest.raises(TrialError) as caught:
            trial.request(RunBlock(1), BlockDone)
    return Replies(
        spec, opened, parity, warmed_up, blocks, race_ended, learned, tuple(epochs), trained, inferred, caught.value
    )


def test_open(replies):
    opened = replies.opened
    assert opened.import_s > 0
    assert opened.build_s > 0
    assert opened.environment.device
    assert opened.environment.python == ".".join(map(str, sys.version_info[:3]))
    assert {"numpy", "scikit-learn"} <= set(opened.environment.versions)
    threads = {name: value for name, value in opened.environment.settings.items() if "threads" in name}
    assert threads
    assert set(threads.values()) == {"1"}  # asked for, and read back
    assert opened.environment.settings["precision"] == "float32"


def test_parity(replies):
    assert replies.parity.result.passed
    assert replies.parity.result.reference == replies.spec.candidate
    assert replies.parity.result.parameters > 1000


def test_the_gate_tells_what_ran_of_model_and_training(replies):
    reached = {one.file: set(one.lines) for one in replies.parity.result.reached}
    files = workloads.training_files(replies.spec.candidate)
    training = next(file for file in files if file.name.endswith("_training.py"))
    (fit,) = (
        node
        for node in ast.parse(training.read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef) and node.name == "fit"
    )
    assert fit.body[-1].lineno in reached[f"frameworks/{training.name}"]
    assert all(lines for name, lines in reached.items() if "/in_" in name)


def test_race(replies):
    warm = replies.warmed_up
    recipe = workloads.load(replies.spec.workload)
    assert warm.batch_size == recipe.batch_size
    assert warm.steps > 16 if warm.steady else warm.seconds > 5
    assert min(warm.first_step_s, warm.step_s, warm.seconds) > 0
    assert warm.seconds >= warm.first_step_s
    assert [block.steps for block in replies.blocks] == [BLOCK, 2 * BLOCK]
    assert all(block.seconds > 0 and block.cpu_seconds > 0 for block in replies.blocks)
    if sys.platform == "linux":
        assert all(block.run_delay_s is not None and block.run_delay_s >= 0 for block in replies.blocks)
        assert all(min(block.voluntary_switches, block.involuntary_switches) >= 0 for block in replies.blocks)
    assert replies.race_ended.compilation.graphs_late in (0, None)


def test_learn(replies):
    learned = replies.learned.result
    workload = workloads.load(replies.spec.workload)
    data = workloads.read_data(workload, None)
    per_epoch = math.ceil(len(data.x_train) / workload.batch_size)
    assert [event.epoch for event in replies.epochs] == list(learned.epochs)
    assert {event.of_epochs for event in replies.epochs} == {len(learned.epochs)} == {workload.epochs["smoke"]}
    assert [epoch.epoch for epoch in learned.epochs] == list(range(1, len(learned.epochs) + 1))
    assert [epoch.steps for epoch in learned.epochs] == [per_epoch * epoch.epoch for epoch in learned.epochs]
    seconds = [epoch.seconds for epoch in learned.epochs]
    assert seconds[0] > 0
    assert seconds == sorted(seconds)
    assert learned.metric_name == "accuracy"
    assert learned.model == workload.network
    assert learned.dummy_metric < learned.epochs[-1].metric <= 1
    assert 0 < (learned.epochs[-1].macro_f1 or 0) <= 1
    validated = [epoch.valid_metric or 0 for epoch in learned.epochs]
    assert learned.chosen_epoch == 1 + validated.index(max(validated)) and max(validated) > 0
    assert (learned.valid_rows, learned.test_rows) == (len(data.x_valid), len(data.x_test))
    assert 1 - sum(learned.row_losses) / len(learned.row_losses) == pytest.approx(learned.chosen.metric)


def test_epochs(replies):
    found = replies.trained.result
    assert found.batch_size == workloads.load(replies.spec.workload).batch_size
    (length,) = found.lengths
    assert length.wanted_s == 0.05
    assert length.steps >= 3
    assert length.step_s > 0
    assert (len(length.ends), len(length.epochs_s)) == (2, 2)
    assert found.time is not None
    assert found.time.wall_s >= sum(length.epochs_s)
    assert found.time.processor_s > 0
    assert found.time.idle_s is not None


def test_infer(replies):
    batches = replies.inferred.result.batches
    assert [batch.batch_size for batch in batches] == [1, 256]
    assert all(len(batch.calls_ms) == 5 and min(*batch.calls_ms, batch.first_call_ms) > 0 for batch in batches)


def test_a_command_out_of_place_is_refused(replies):
    assert replies.refusal.outcome == "failed"
    assert replies.refusal.error.endswith("ValueError: unexpected command run_block")


def converse(*lines: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """The worker with these lines on its standard input, which then ends."""
    return subprocess.run(
        [sys.executable, str(PILOTS_MAIN), "worker"],
        input="".join(lines),
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_what_a_library_prints_does_not_reach_the_protocol(tmp_path):
    done = converse(encode(Open(spec_of("baseline"))), encode(Learn()), environment=path_with(tmp_path, CHATTER))
    assert done.returncode == 0
    assert [json.loads(line)["type"] for line in done.stdout.splitlines()] == ["opened", "learned"]
    for chatter in ("chatter from sklearn", '{"type": "done"} is chatter from C', "chatter from a child"):
        assert chatter in done.stderr


def test_the_baseline_learns():
    done = converse(encode(Open(spec_of("baseline"))), encode(Learn()), encode(Learn()))
    first, second = (json.loads(line)["result"] for line in done.stdout.splitlines()[1:])
    result = LearnResult(**first)
    (epoch,) = first["epochs"]
    assert result.metric_name == "accuracy"
    assert result.dummy_metric < epoch["metric"] <= 1
    assert (epoch["steps"], epoch["epoch"]) == (0, 1)
    assert epoch["metric"] == second["epochs"][0]["metric"]
    assert result.chosen_epoch == 1 and result.test_rows == len(result.row_losses)
    assert 1 - sum(result.row_losses) / len(result.row_losses) == pytest.approx(epoch["metric"])


@pytest.mark.parametrize("candidate", CASES)
def test_a_framework_that_is_not_there_is_unavailable(candidate, tmp_path):
    done = converse(encode(Open(spec_of(candidate))), environment=path_with(tmp_path, BLOCKER))
    (reply,) = map(json.loads, done.stdout.splitlines())
    assert (reply["type"], reply["kind"]) == ("failed", "unavailable")
    assert "ModuleNotFoundError: No module named" in reply["error"].splitlines()[-1]
    assert done.returncode == 1


@pytest.mark.parametrize("candidate", ["pytorch", pytest.param("keras-torch", marks=pytest.mark.long)])
def test_without_a_compiler_the_tuned_lane_is_unavailable_and_says_what_to_install(candidate, tmp_path):
    error = tuned_failure(candidate, {"CXX": str(tmp_path / "g++"), "PATH": str(tmp_path)})
    assert error.outcome == "unavailable"
    assert error.error.splitlines()[0] == (
        "torch.compile found no C++ compiler: install one such as g++ or clang, or set CXX to its name"
    )
    assert "InvalidCxxCompiler" in error.error


@pytest.mark.skipif(shutil.which("g++") is None, reason="needs the compiler g++")
@pytest.mark.long
def test_without_headers_of_python_the_tuned_lane_is_unavailable(tmp_path):
    """A compiler that is not told where they are."""
    compiler = tmp_path / "g++"
    headers = sysconfig.get_path("include")
    compiler.write_text(
        '#!/bin/bash\nfor one in "$@"; do shift; '
        f'[ "$one" = {shlex.quote("-I" + headers)} ] || set -- "$@" "$one"; done\nexec {shutil.which("g++")} "$@"\n',
        encoding="utf-8",
    )
    compiler.chmod(0o755)
    error = tuned_failure("pytorch", {"CXX": str(compiler)})
    assert error.outcome == "unavailable"
    assert error.error.splitlines()[0].startswith("torch.compile found no headers of this Python")
    assert "Python.h" in error.error


def tuned_failure(candidate: str, environment: dict[str, str]) -> TrialError:
    """What a tuned trial ends with in this environment."""
    spec = replace(spec_of(candidate), lane="tuned")
    process = TrialProcess(sys.executable, trial_environment(1) | environment, TrialLimits(300, 100_000))
    with closing(process) as trial, pytest.raises(TrialError) as caught:
        trial.request(Open(spec), Opened)
        trial.request(StartRace(window_steps=2, windows=1, limit_s=1), WarmedUp)
    return caught.value


def test_the_baseline_needs_no_framework(tmp_path):
    done = converse(encode(Open(spec_of("baseline"))), encode(Learn()), environment=path_with(tmp_path, BLOCKER))
    assert [json.loads(line)["type"] for line in done.stdout.splitlines()] == ["opened", "learned"]


@pytest.mark.parametrize("spec", [spec_of("theano"), spec_of("baseline", "nothing")])
def test_what_does_not_exist_has_failed(spec):
    done = converse(encode(Open(spec)))
    (reply,) = map(json.loads, done.stdout.splitlines())
    assert (reply["type"], reply["kind"]) == ("failed", "failed")
    assert "there is no" in reply["error"]


def test_a_table_that_is_gone_is_told_readably(tmp_path):
    path = tmp_path / "gone.npz"
    done = converse(encode(Open(replace(spec_of("baseline"), data=DataSource("table", str(path), "hash")))))
    (reply,) = map(json.loads, done.stdout.splitlines())
    assert (reply["type"], reply["kind"]) == ("failed", "failed")
    assert str(path) in reply["error"]


@pytest.mark.parametrize("lines", [(), (encode(Learn()),)])
def test_without_something_to_open_the_worker_ends(lines):
    done = converse(*lines)
    assert (done.returncode, done.stdout) == (1, "")


def test_files_beside_the_worker_hide_no_library(tmp_path):
    """Neither the current folder nor that of the pilots is searched for imports."""
    for name in ("sklearn", "numpy"):
        (tmp_path / f"{name}.py").write_text("raise RuntimeError('the wrong one')", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(PILOTS_MAIN), "worker"],
        input=encode(Open(spec_of("baseline"))),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert [json.loads(line)["type"] for line in done.stdout.splitlines()] == ["opened"]


@pytest.mark.parametrize(
    "command",
    [
        Open(spec_of("pytorch")),
        StartRace(8, 2, 1.5),
        RunBlock(3),
        EndRace(),
        Learn(),
        GoOn(),
        Infer(4),
        Load(20, 2, 8, 60.0),
        Predict(2),
        Train(9),
    ],
    ids=lambda command: command.type,
)
def test_commands_survive_the_pipe(command):
    line = encode(command)
    assert line.count("\n") == 1
    assert decode_command(line) == command
    assert json.loads(line) == asdict(command)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ModuleNotFoundError("No module named 'torch'"), "unavailable"),
        (ImportError("libcudart.so: cannot open shared object file"), "unavailable"),
        (OSError("libopenvino.so: cannot open shared object file: No such file or directory"), "unavailable"),
        (RuntimeError("/opt/x.so: undefined symbol: _ZN3foo"), "unavailable"),
        (Unavailable("cc: no such header"), "unavailable"),
        (OSError(errno.ENOSPC, "No space left on device"), "unavailable"),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), "out_of_memory"),
        (subprocess.TimeoutExpired("cc", 300), "timed_out"),
        (MemoryError(), "out_of_memory"),
        (RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB"), "out_of_memory"),
        (RuntimeError("Failed to find C compiler. Please specify via CC environment variable."), "unavailable"),
        (FileNotFoundError(2, "No such file or directory", "openssl"), "unavailable"),
        (FileNotFoundError(2, "No such file or directory", "table.csv"), "failed"),
        (RuntimeError("RESOURCE_EXHAUSTED: failed to allocate memory"), "out_of_memory"),
        (ValueError("shapes differ"), "failed"),
        (np.linalg.LinAlgError("singular"), "failed"),
    ],
)
def test_errors_are_told_apart(error, kind):
    described = describe_failure(error)
    assert isinstance(described, Failed)
    assert described.kind == kind
    assert described.error.splitlines()[-1].endswith(str(error) or "MemoryError")


def test_of_a_long_traceback_the_end_is_kept():
    described = describe_failure(ValueError("\n".join(f"line {number}" for number in range(100))))
    assert described.error.splitlines() == [f"line {number}" for number in range(70, 100)]
