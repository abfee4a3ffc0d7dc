"""A candidate, an experiment, a measure and a criterion are added by adding files alone, and take part in everything.

The files stand in ``tests/planted``, each where it would stand; none that is there is changed.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import EXAMPLE, LIMIT_S, ROOT

pytestmark = pytest.mark.long

PLANTED = ROOT / "tests" / "planted"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program with the planted files in it."""
    folder = tmp_path_factory.mktemp("program")
    for name in ("advisor", "pilots", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (path for path in PLANTED.rglob("*") if path.is_file() and path.suffix in (".py", ".toml")):
        target = folder / file.relative_to(PLANTED)
        assert not target.exists() and target.parent.is_dir()
        shutil.copyfile(file, target)
    return folder


def advisor(program: Path, *words: str | Path, limit_s: float = LIMIT_S) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(program)}
    command = [sys.executable, "-m", "advisor", *map(str, words)]
    return subprocess.run(
        command, cwd=program, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=limit_s
    )


@pytest.fixture(scope="module")
def study(program: Path) -> Path:
    """A whole run of two candidates."""
    done = advisor(
        program,
        *("run", "study", "--smoke", "--candidates", "pytorch,planted", "--pilots", "tabular", "--no-tuned"),
        *("--answers", EXAMPLE, "--no-input", "--set", "deployment.targets=", "--set", "deployment.required="),
        limit_s=1200,
    )
    assert done.returncode in (0, 5), done.stdout + done.stderr
    return program / "study"


def test_the_planted_candidate_went_through_everything(study: Path) -> None:
    records = [json.loads(line) for line in (study / "trials.jsonl").read_text(encoding="utf-8").splitlines()]
    own = [record for record in records if record["spec"]["candidate"] == "planted"]
    assert {record["spec"]["experiment"] for record in own} == {
        *("parity", "race", "learn", "infer", "epochs", "footprint", "planted"),
    }
    assert {record["outcome"] for record in own} == {"ok"}
    decision = json.loads((study / "decision.json").read_text(encoding="utf-8"))
    assert {candidate["id"] for candidate in decision["candidates"]} == {"pytorch", "planted"}
    assert set(decision["family_probability"]) == {"pytorch", "planted"}


def test_the_planted_criterion_is_weighed_by_what_the_planted_experiment_measured(study: Path) -> None:
    decision = json.loads((study / "decision.json").read_text(encoding="utf-8"))
    for candidate in decision["candidates"]:
        assert candidate["criteria"]["patience"]["kind"] == "measured"
    assert decision["weights"]["patience"]["low"] > 0
    keys = [
        record["key"]
        for line in (study / "trials.jsonl").read_text(encoding="utf-8").splitlines()
        if (record := json.loads(line))["spec"]["experiment"] == "planted"
    ]
    report = (study / "report.md").read_text(encoding="utf-8")
    for words in ("The planted one", "Patience", "one new model", "how long a new model takes", keys[0][:8]):
        assert words in report
    assert "Planted stands for what is added later." in report


def test_every_command_that_reads_a_study_knows_them(program: Path, study: Path) -> None:
    for form in ("html", "adr", "brief", "json"):
        done = advisor(program, "report", "study", "--format", form, "-o", "-")
        assert done.returncode == 0, done.stderr
        assert "The planted one" in done.stdout or "planted" in done.stdout
    exported = advisor(program, "export", "study")
    rows = list(csv.DictReader(io.StringIO(exported.stdout, newline="")))
    assert {row["candidate"] for row in rows} >= {"pytorch", "planted"}, exported.stderr
    decided = advisor(program, "decide", "study", "--what-if", "project.stage=learning")
    assert json.loads(decided.stdout)["not_applicable"]["patience"] == "Who learns has time."
    planned = advisor(program, "plan", "study")
    assert "patience" in planned.stdout
