"""Small real studies, one for each verdict: teams of ``examples`` without pilots, and a run that was cut off early."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from command_line import ROOT, advisor
from report_study import machine

from advisor.reporting.inputs import ReportInputs
from advisor.study import Study
from advisor.workflow.assess import assess
from advisor.workflow.snapshot import load_snapshot

_DAY = date(2026, 11, 26)
#: As in constraints.txt, so that what is installed elsewhere makes no other report.
_VERSIONS = {
    "pytorch": {"torch": "2.13.0", "python": "3.11.7"},
    "keras-tensorflow": {"keras": "3.15.1", "tensorflow": "2.21.0", "python": "3.11.7"},
    "keras-jax": {"keras": "3.15.1", "jax": "0.10.2", "jaxlib": "0.10.2", "python": "3.11.7"},
    "keras-torch": {"keras": "3.15.1", "torch": "2.13.0", "python": "3.11.7"},
    "tensorflow": {"tensorflow": "2.21.0", "python": "3.11.7"},
}


@dataclass(frozen=True)
class RealStudy:
    """A team of ``examples/teams`` and what it answers otherwise; without a team, the example as it was cut off."""

    verdict: str
    team: str
    answers: tuple[str, ...] = ()


REAL = (
    # Without pilots a verdict is clear only where what the team answered about itself carries half of the weight.
    RealStudy("clear", "vision-research", ("priorities.points={team_fit=100, flexibility=60}",)),
    RealStudy("lean", "android-browser"),
    RealStudy("too_close", "public-library"),
    RealStudy("conditional", "public-library", ("deployment.latency_ms=5",)),
    RealStudy("none_feasible", "first-model", ("training.python=3.9",)),
    RealStudy("insufficient", "", ("priorities.order=training_speed,inference_speed,memory,model_quality",)),
)


def run_study(one: RealStudy, folder: Path) -> ReportInputs:
    """The inputs of its report, as of a fixed day and without what is said of the machine the test runs on."""
    study = _cut_off(folder, one.answers) if not one.team else _team(one, folder)
    found = assess(load_snapshot(study), today=_DAY)
    warnings = tuple(text for text in found.warnings if not any(w.message in text for w in found.machine.warnings))
    return replace(
        found, study="STUDY", machine=replace(machine(), warnings=()), versions=_VERSIONS, warnings=warnings,
        inputs_sha256="ab" * 32,
    )  # fmt: skip


def _team(one: RealStudy, folder: Path) -> Study:
    settings = [word for answer in one.answers for word in ("--set", answer)]
    answers = ROOT / "examples" / "teams" / f"{one.team}.toml"
    done = advisor("run", folder, "--no-pilots", "--no-input", "--answers", answers, *settings, "-q")
    assert done.returncode == (4 if one.verdict == "none_feasible" else 0), done.stderr
    return Study(folder)


def _cut_off(folder: Path, answers: tuple[str, ...]) -> Study:
    """The example as it would be, had its run ended after the second launch of each pilot."""
    shutil.copytree(ROOT / "examples" / "study", folder, ignore=shutil.ignore_patterns("report*"))
    trials = folder / "trials.jsonl"
    lines = trials.read_text(encoding="utf-8").splitlines(keepends=True)
    trials.write_text("".join(line for line in lines if json.loads(line)["spec"]["launch"] < 2), encoding="utf-8")
    settings = [word for answer in answers for word in ("--set", answer)]
    done = advisor("ask", folder, "--defaults", "--no-input", *settings)
    assert done.returncode == 0, done.stderr
    return Study(folder)
