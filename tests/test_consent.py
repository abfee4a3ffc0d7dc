"""Code and files outside of a study: run and read where this user names them, and not because a study names them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command_line import NEEDS_TERMINAL, advisor_here, ended, refused, terminal

from advisor.commands.own_pilot import new_workload

TABLE = "a,b\n" + "".join(f"{number * 7 % 11}.5,{'xy'[number % 2]}\n" for number in range(60))


@pytest.fixture
def code(tmp_path: Path) -> Path:
    return new_workload("churn", tmp_path)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "table.csv"
    path.write_text(TABLE, encoding="utf-8")
    return path


def travelled(study: Path) -> Path:
    """The study as somebody else opens it: who made it had named everything, who opens it has named nothing."""
    return Path(shutil.copytree(study, study.with_name("from a stranger")))


def test_code_that_was_named_runs_on_until_it_changes(study: Path, code: Path) -> None:
    assert advisor_here("plan", study, "--workload", code).returncode == 0
    assert advisor_here("plan", study).returncode == 0
    (code / "data.py").write_text((code / "data.py").read_text("utf-8") + "\n# another\n", encoding="utf-8")
    refused(advisor_here("plan", study), 2, "no code runs because a study says so", str(code), "--workload")
    assert advisor_here("plan", study, "--workload", code).returncode == 0
    assert advisor_here("plan", study).returncode == 0


@pytest.mark.parametrize(
    "words", [("plan",), ("run", "--no-input"), ("run", "--no-input", "--dry-run"), ("pilot",), ("rehearse", "--study")]
)
def test_code_that_a_strangers_study_names_does_not_run(study: Path, code: Path, words: tuple[str, ...]) -> None:
    """Though the plan has the right hash of it, and it lies in the study itself."""
    inside = Path(shutil.copytree(code, study / "churn"))
    assert advisor_here("plan", study, "--workload", inside).returncode == 0
    other = travelled(study)
    plan = other / "plan.json"
    plan.write_text(plan.read_text("utf-8").replace(str(study), str(other)), encoding="utf-8")
    before = plan.read_bytes()
    refused(advisor_here(*words, other), 2, "no code runs because a study says so", str(other / "churn"))
    assert plan.read_bytes() == before
    assert not (other / "trials.jsonl").exists()


def test_data_that_a_strangers_study_names_are_not_read(study: Path, table: Path) -> None:
    """What it brings of them is, and nobody looks whether the original is there."""
    assert advisor_here("plan", study, "--data", table, "--target", "b").returncode == 0
    assert advisor_here("plan", study).returncode == 0
    other = travelled(study)
    table.write_text("nothing that could be read\n", encoding="utf-8")
    assert advisor_here("plan", other).returncode == 0
    shutil.rmtree(other / "data")
    done = advisor_here("plan", other)
    refused(done, 2, "none is read because a study says so", str(table), "--data", "--target b")
    assert not (other / "data").exists()


def test_a_damaged_memory_forgets(study: Path, code: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    place = tmp_path / "state" / "advisor" / "consent.json"
    assert advisor_here("plan", study, "--workload", code).returncode == 0
    for text in ("", "[1]", "{", "[" * 100_000, '{"x": 3}'):
        place.write_text(text, encoding="utf-8")
        refused(advisor_here("plan", study), 2, "no code runs because a study says so")
    assert advisor_here("plan", study, "--workload", code).returncode == 0
    assert advisor_here("plan", study).returncode == 0


@NEEDS_TERMINAL
@pytest.mark.parametrize(("answer", "runs"), [("y", True), ("n", False), ("", False)])
def test_somebody_at_a_terminal_is_asked(study: Path, code: Path, answer: str, runs: bool) -> None:
    assert advisor_here("plan", study, "--workload", code).returncode == 0
    other = travelled(study)
    child = terminal("plan", other)
    child.expect_exact("Run it?")
    child.sendline(answer)
    shown = ended(child)
    assert (child.exitstatus == 0) is runs
    assert ("no code runs because a study says so" in " ".join(shown.split())) is not runs
    if runs:
        assert advisor_here("plan", other).returncode == 0
