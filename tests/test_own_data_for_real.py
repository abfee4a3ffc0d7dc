"""The user's own data, from the file to the report: whole runs in processes of their own, with real trainings."""

from __future__ import annotations

import math
import shutil
import subprocess
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from command_line import EXAMPLE_FOR_REAL, advisor
from PIL import Image

from advisor.catalog import BASELINE
from advisor.study import Study
from pilots.results import LearnResult


def run(study: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return advisor("run", study, *EXAMPLE_FOR_REAL, *options, limit_s=1200)


def write_images(folder: Path) -> tuple[str, ...]:
    """Two classes of small photographs in colour; so few that a batch has half its usual size, which is quicker."""
    generator = np.random.default_rng(5)
    for name, colour in (("| *crimson* |", (220, 40, 40)), ("=azure()", (40, 40, 220))):
        (folder / "photos" / name).mkdir(parents=True)
        for number in range(20):
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
            ["| Images | 40 |", "30 pixels", "32 x 32 pixels, in colour"],
            ["crimson", "azure"],
        ),
        (
            write_series,
            "time_series",
            "tensorflow",
            ["| Values | 398 |", "| Interval | 1 hour |", "interpolated | 2 |"],
            ["2026-03-0"],
        ),
    ],
    ids=["images", "series"],
)
@pytest.mark.long
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
    reported = advisor("report", study, "-o", "-")
    assert said[0] in reported.stdout, reported.stderr
