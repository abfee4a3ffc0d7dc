"""The product as people use it: a whole run with every candidate, in processes of its own, with real trainings.

Runs that are interrupted, killed and resumed are in ``test_stopping.py``, runs on the user's own data in
``test_own_data_for_real.py``.
"""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from command_line import EXAMPLE_FOR_REAL, advisor

from advisor.catalog import BASELINE, CANDIDATES
from advisor.study import Study
from pilots.rehearsal_records import RehearseResult

# A whole run of two candidates is in test_planted.py.
pytestmark = pytest.mark.long


def run(study: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """For browsers, without what runs there: each framework's own format is all there is to rehearse."""
    target = ("--set", "deployment.targets=browser")
    return advisor(
        "run", study, *EXAMPLE_FOR_REAL, *target, *options, limit_s=2400, ADVISOR_WEB=str(study / "no packages")
    )


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    study = tmp_path_factory.mktemp("real") / "study"
    return study, run(study, "--smoke")


def test_every_candidate_was_really_trained(finished: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    study, done = finished
    assert done.returncode in (0, 5), done.stderr
    records = Study(study).trials()
    outcomes = Counter(
        (record.spec.candidate, record.spec.experiment, record.outcome)
        for record in records
        if record.spec.experiment != "rehearse"
    )
    copies = Counter(record.spec.candidate for record in records if record.spec.control)
    assert sorted(copies.values()) == [1, 1, 1]  # in each launch of another candidate
    for candidate in CANDIDATES:
        assert outcomes[candidate, "parity", "ok"] == 1
        for experiment in ("learn", "infer", "footprint"):
            assert outcomes[candidate, experiment, "ok"] == 3
        assert outcomes[candidate, "epochs", "ok"] == 1
        assert outcomes[candidate, "race", "ok"] == 3 + copies[candidate]
    assert outcomes[BASELINE, "learn", "ok"] == 3
    assert set(outcomes.values()) <= {1, 3, 4}
    left = {record.spec.candidate for record in records if isinstance(record.result, RehearseResult)}
    works = {r.spec.candidate for r in records if isinstance(r.result, RehearseResult) and r.result.works}
    assert left == works >= set(CANDIDATES) - {"tensorflow"}  # whose format others write too


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
    done = advisor("plan", study, "--candidates", "pytorch,tensorflow")
    assert done.returncode == 0, done.stderr
    plan = json.loads((study / "plan.json").read_text())
    assert plan["candidates"] == ["pytorch", "tensorflow"]
    assert plan["settings"]["size"] == "smoke"
