"""The product as people use it: whole runs in processes of their own, with real trainings, killed and resumed."""

from __future__ import annotations

import json
import math
import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from subprocess import PIPE

import numpy as np
import psutil
import pytest
from PIL import Image

from advisor.catalog import BASELINE, CANDIDATES
from advisor.study import Study
from pilots.records import LearnResult, RehearseResult

ROOT = Path(__file__).parents[1]
ANSWERS = ROOT / "examples" / "answers.toml"
#: In the environment of every process that a run here starts: other runs on this machine are none of our business.
MARK = {"ADVISOR_TEST_RUN": uuid.uuid4().hex}


def command(study: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "advisor", "run", str(study), "--answers", str(ANSWERS), "--no-input", *options]


def run(study: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(study, *options), env={**os.environ, **MARK}, capture_output=True, text=True, timeout=600, check=False
    )


def workers() -> list[psutil.Process]:
    """The trial processes of our runs, stopped ones and orphans too; what waits to be collected has ended."""
    found = []
    for process in psutil.process_iter():
        try:
            trial = any(part.endswith("pilots/__main__.py") for part in process.cmdline())
            if trial and process.environ().items() >= MARK.items() and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def workers_end() -> bool:
    """Wait for the state; the limit only keeps a failing test from hanging."""
    deadline = time.monotonic() + 20
    while (left := workers()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return not left


def stop_in_the_middle(study: Path, how: int, after_lines: int, *options: str) -> tuple[int, str]:
    """Start a run, send it a signal when so many trials are on disk; exit code and standard error."""
    with subprocess.Popen(
        command(study, *options),
        env={**os.environ, **MARK},
        stdout=PIPE,
        stderr=PIPE,
        text=True,
        # A shell starts what it puts into the background with SIGINT ignored, and that is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    ) as process:
        trials = study / "trials.jsonl"
        while process.poll() is None and not (
            trials.exists() and trials.read_bytes().count(b"\n") >= after_lines and workers()
        ):
            time.sleep(0.1)
        assert process.poll() is None, "it ended before it could be stopped"
        process.send_signal(how)
        _, errors = process.communicate(timeout=120)
    return process.returncode, errors


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, subprocess.CompletedProcess[str]]]:
    study = tmp_path_factory.mktemp("real") / "study"
    yield study, run(study, "--smoke")


def test_every_candidate_was_really_trained(finished: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    study, done = finished
    assert done.returncode in (0, 5), done.stderr
    records = Study(study).trials()
    outcomes = Counter(
        (record.spec.candidate, record.spec.experiment, record.outcome)
        for record in records
        if record.spec.experiment != "rehearse"
    )
    for candidate in CANDIDATES:
        assert outcomes[candidate, "parity", "ok"] == 1
        for experiment in ("learn", "infer", "footprint"):
            assert outcomes[candidate, experiment, "ok"] == 3
        control = 3 if candidate == "pytorch" else 0
        assert outcomes[candidate, "race", "ok"] == 3 + control
    assert outcomes[BASELINE, "learn", "ok"] == 3
    assert set(outcomes.values()) <= {1, 3, 6}
    left = {record.spec.candidate for record in records if isinstance(record.result, RehearseResult)}
    works = {r.spec.candidate for r in records if isinstance(r.result, RehearseResult) and r.result.works}
    assert left == works == set(CANDIDATES)


def test_the_files_of_the_study_are_there(finished: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    study, done = finished
    assert json.loads((study / "decision.json").read_text())["schema"] == "advisor.decision/1"
    for name in ("plan.json", "machine.json"):
        assert json.loads((study / name).read_text())["schema"] == 1
    assert (study / "report.md").read_text().count("\n# ") == 1
    assert str(study / "report.md") in done.stdout
    assert "Traceback" not in done.stderr


def test_a_second_run_repeats_nothing(finished: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    study, _ = finished
    before = (study / "trials.jsonl").read_bytes()
    assert run(study).returncode in (0, 5)
    assert (study / "trials.jsonl").read_bytes() == before


def test_a_candidate_may_be_left_out_afterwards(finished: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    study, _ = finished
    done = subprocess.run(
        [sys.executable, "-m", "advisor", "plan", str(study), "--candidates", "pytorch,tensorflow"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    plan = json.loads((study / "plan.json").read_text())
    assert plan["candidates"] == ["pytorch", "tensorflow"]
    assert plan["settings"]["size"] == "smoke"


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_killed_in_the_middle_it_goes_on(tmp_path: Path) -> None:
    study = tmp_path / "study"
    options = ("--smoke", "--candidates", "pytorch")
    stop_in_the_middle(study, signal.SIGKILL, 2, *options)  # baseline and gate are on disk, the race is running
    assert workers_end(), "a worker outlived its supervisor"
    before = (study / "trials.jsonl").read_bytes()
    whole_lines = before[: before.rfind(b"\n") + 1]
    finished_keys = {json.loads(line)["key"] for line in whole_lines.splitlines()}

    done = run(study, *options)
    assert done.returncode in (0, 5), done.stderr
    after = (study / "trials.jsonl").read_bytes()
    assert after.startswith(whole_lines)
    lines = [json.loads(line) for line in after.splitlines()]
    keys = [line["key"] for line in lines]
    assert len(keys) == len(set(keys))
    measured = [line for line in lines if line["spec"]["experiment"] != "rehearse"]
    assert len(measured) == 1 + 3 * (1 + 2 + 1 + 1 + 1)  # gate; baseline, race and control, learn ...
    assert finished_keys < set(keys)
    assert (study / "report.md").exists()


@pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
def test_interrupted_it_says_how_to_go_on(tmp_path: Path) -> None:
    study = tmp_path / "study"
    code, errors = stop_in_the_middle(study, signal.SIGINT, 1, "--smoke", "--candidates", "pytorch")
    assert code == 130
    assert f"advisor run {study}" in errors and "Traceback" not in errors
    assert workers_end()
    assert len(Study(study).trials()) >= 1


def write_images(folder: Path) -> tuple[str, ...]:
    """Two classes of small photographs in colour."""
    generator = np.random.default_rng(5)
    for name, colour in (("| *crimson* |", (220, 40, 40)), ("=azure()", (40, 40, 220))):
        (folder / "photos" / name).mkdir(parents=True)
        for number in range(40):
            noise = generator.integers(-40, 40, (24, 30, 3))
            pixels = np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / "photos" / name / f"{number}.png")
    return ("--images", str(folder / "photos"))


def write_series(folder: Path) -> tuple[str, ...]:
    """A value for every hour of some days, two of them missing."""
    start = datetime(2026, 3, 1)
    rows = [f"{start + timedelta(hours=n)},{10 + math.sin(n / 4):.4f}" for n in range(400) if n not in (50, 51)]
    (folder / "load.csv").write_text("\n".join(["hour,megawatts", *rows]) + "\n", encoding="utf-8")
    return ("--series", str(folder / "load.csv"), "--time", "hour", "--target", "megawatts")


@pytest.mark.parametrize(
    ("write", "workload", "candidates", "said", "unsaid"),
    [
        (
            write_images,
            "vision",
            "pytorch",
            ["| Images | 80 |", "30 pixels", "32 x 32 pixels, in colour"],
            ["crimson", "azure"],
        ),
        (
            write_series,
            "time_series",
            "pytorch,tensorflow",
            ["| Values | 398 |", "| Interval | 1 hour |", "interpolated | 2 |"],
            ["2026-03-0"],
        ),
    ],
    ids=["images", "series"],
)
def test_the_users_own_data_are_trained_on(
    tmp_path: Path,
    write: Callable[[Path], tuple[str, ...]],
    workload: str,
    candidates: str,
    said: list[str],
    unsaid: list[str],
) -> None:
    study = tmp_path / "study"
    options = (*write(tmp_path), "--smoke", "--candidates", candidates)
    done = run(study, *options)
    assert done.returncode in (0, 5), done.stderr
    trials = Study(study).trials()
    assert {(trial.spec.workload, trial.outcome) for trial in trials} == {(workload, "ok")}
    assert {trial.spec.data.path for trial in trials if trial.spec.data} == {str(study / "data" / "prepared.npz")}
    learned = [(trial.spec.candidate, trial.result) for trial in trials if isinstance(trial.result, LearnResult)]
    assert len(learned) == 3 * (1 + len(candidates.split(",")))
    for candidate, result in learned:  # the networks had a few steps only
        assert candidate != BASELINE or result.epochs[-1].metric > result.dummy_metric + 0.3
    report = (study / "report.md").read_text(encoding="utf-8")
    for part in said:
        assert part in report
    for part in unsaid:
        assert part not in report
    # The same command repeats nothing, and needs neither the original nor, to report, the copy.
    before = (study / "trials.jsonl").read_bytes()
    shutil.move(options[1], tmp_path / "elsewhere")
    again = run(study)
    assert again.returncode in (0, 5), again.stderr
    assert (study / "trials.jsonl").read_bytes() == before
    shutil.rmtree(study / "data")
    reported = subprocess.run(
        [sys.executable, "-m", "advisor", "report", str(study), "-o", "-"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert said[0] in reported.stdout, reported.stderr
