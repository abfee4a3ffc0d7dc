"""The trial process itself: every command in every candidate, and what goes wrong, told readably."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pilots
from advisor.catalog import CANDIDATES
from advisor.measuring.supervisor import Limits, TrialError, TrialProcess, trial_environment
from pilots.experiments.race import is_steady, repeat_rows
from pilots.protocol import (
    BlockDone,
    CheckParity,
    Done,
    EndRace,
    EpochEnded,
    Infer,
    Inferred,
    Learn,
    Learned,
    Open,
    Opened,
    ParityChecked,
    Predict,
    RunBlock,
    StartRace,
    Train,
    WarmedUp,
)
from pilots.records import DataSource, TrialSpec
from pilots.worker import describe_failure

LIMITS = Limits(timeout_s=180, memory_mib=1e6)


def spec(candidate: str, workload: str = "vision", data: DataSource | None = None) -> TrialSpec:
    return TrialSpec("race", workload, "smoke", candidate, "default", seed=3, launch=0, threads=1, data=data)


@dataclass(frozen=True)
class Answers:
    """What one process answered to every command in turn."""

    opened: Opened
    parity: ParityChecked
    warm: WarmedUp
    blocks: tuple[BlockDone, ...]
    epochs: tuple[EpochEnded, ...]
    learned: Learned
    inferred: Inferred


@pytest.fixture(scope="module", params=CANDIDATES)
def answers(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answers]:
    process = TrialProcess(sys.executable, trial_environment(1), LIMITS)
    epochs: list[EpochEnded] = []
    try:
        opened = process.request(Open(spec(request.param)), Opened)
        capture = tmp_path_factory.mktemp("parity") / "capture.npz"
        parity = process.request(CheckParity(request.param, str(capture), None), ParityChecked)
        warm = process.request(StartRace(window_steps=5, windows=2, limit_s=10), WarmedUp)
        blocks = tuple(process.request(RunBlock(steps), BlockDone) for steps in (4, 8))
        process.request(EndRace(), Done)
        learned = process.request(Learn(), Learned, epochs.append)
        inferred = process.request(Infer(calls=5), Inferred)
        process.request(Predict(calls=2), Done)
        process.request(Train(steps=3), Done)
        yield Answers(opened, parity, warm, blocks, tuple(epochs), learned, inferred)
    finally:
        process.close()


def test_says_what_is_in_force(answers: Answers) -> None:
    environment = answers.opened.environment
    assert environment.settings["threads"] == "1"
    assert environment.settings["precision"] == "float32"
    assert environment.device
    assert answers.opened.import_s > 0 and answers.opened.build_s > 0


def test_agrees_with_itself(answers: Answers) -> None:
    assert answers.parity.result.passed
    assert answers.parity.result.parameters > 1000


def test_races_in_blocks(answers: Answers) -> None:
    assert answers.warm.steps >= 1 and answers.warm.first_step_s > 0
    assert [block.steps for block in answers.blocks] == [4, 8]
    assert all(block.seconds > 0 and block.cpu_seconds >= 0 for block in answers.blocks)


def test_learns_and_reports_every_epoch(answers: Answers) -> None:
    result = answers.learned.result
    assert tuple(event.epoch for event in answers.epochs) == result.epochs
    assert [epoch.epoch for epoch in result.epochs] == [1, 2]
    assert result.epochs[-1].metric > result.dummy_metric + 0.3
    assert result.epochs[1].steps == 2 * result.epochs[0].steps
    assert result.epochs[1].seconds > result.epochs[0].seconds > 0


def test_predicts_at_two_sizes(answers: Answers) -> None:
    assert [batch.batch_size for batch in answers.inferred.result.batches] == [1, 256]
    for batch in answers.inferred.result.batches:
        assert len(batch.calls_ms) == 5
        assert min(batch.calls_ms) > 0 and batch.first_call_ms > 0


def failure(candidate: str, environment: dict[str, str], data: DataSource | None = None) -> TrialError:
    process = TrialProcess(sys.executable, trial_environment(1) | environment, LIMITS)
    try:
        with pytest.raises(TrialError) as caught:
            process.request(Open(spec(candidate, "tabular", data)), Opened)
        return caught.value
    finally:
        process.close()


def test_a_missing_framework_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text("raise ModuleNotFoundError(\"No module named 'torch'\", name='torch')\n")
    error = failure("pytorch", {"PYTHONPATH": str(tmp_path)})
    assert error.outcome == "unavailable"
    assert "No module named 'torch'" in error.error


def test_what_a_library_prints_does_not_reach_the_pipe(tmp_path: Path) -> None:
    (tmp_path / "torch.py").write_text(
        "import os\nprint('hello')\nos.write(1, b'{\"type\": \"done\"}\\n')\nraise MemoryError('out of memory')\n"
    )
    error = failure("pytorch", {"PYTHONPATH": str(tmp_path)})
    assert error.outcome == "out_of_memory"


def test_a_table_that_changed_is_told_readably(tmp_path: Path) -> None:
    path = tmp_path / "gone.csv"
    error = failure("pytorch", {}, DataSource(str(path), "y", "hash"))
    assert error.outcome == "failed"
    assert "gone.csv" in error.error


def test_files_beside_the_user_hide_no_framework(tmp_path: Path) -> None:
    """The worker is started in a folder that holds a keras.py of the user's."""
    (tmp_path / "numpy.py").write_text("raise SystemExit('the wrong numpy')")
    done = subprocess.run(
        [sys.executable, str(Path(pilots.__file__).parent / "__main__.py"), "versions"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert '"numpy"' in done.stdout


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ImportError("no module"), "unavailable"),
        (MemoryError(), "out_of_memory"),
        (RuntimeError("CUDA out of memory. Tried to allocate"), "out_of_memory"),
        (RuntimeError("ResourceExhaustedError: OOM"), "out_of_memory"),
        (ValueError("anything else"), "failed"),
    ],
)
def test_errors_are_sorted(error: Exception, kind: str) -> None:
    assert describe_failure(error).kind == kind


@pytest.mark.parametrize(
    ("times_s", "steady"),
    [
        ([1.0] * 10, True),
        ([1.0] * 9, False),
        ([2.0] * 5 + [1.0] * 5, False),
        ([9.0, 5.0, *[1.0, 1.1, 0.9, 1.0, 1.0] * 2], True),
        ([1.0, 1.1, 0.9, 1.0, 1.0, 1.5, 1.6, 1.4, 1.5, 1.5], False),
    ],
)
def test_steady_means_two_windows_agree(times_s: list[float], steady: bool) -> None:
    assert is_steady(times_s, 5, 2) is steady


@given(st.integers(1, 5000), st.integers(1, 64))
def test_rows_are_repeated_whole(rows: int, batch_size: int) -> None:
    x, y = np.arange(rows, dtype=np.float32)[:, None], np.arange(rows)
    more_x, more_y = repeat_rows(x, y, batch_size)
    assert len(more_x) == len(more_y) and len(more_x) % rows == 0
    assert len(more_x) >= 1000 * batch_size
    assert np.array_equal(more_x[:, 0].astype(np.int64), more_y)
