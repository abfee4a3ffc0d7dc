"""Nothing is written through links that lie in a study: studies travel."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from command_line import advisor_here, refused

from advisor.errors import AdvisorError
from advisor.study import TRIALS, Study
from pilots.records import TrialRecord, TrialSpec

SPEC = TrialSpec("learn", "tabular", "smoke", "pytorch", "default", seed=3, launch=0, threads=2)

#: What is written in a study, and by which commands.
WRITTEN = [
    (".decision.json.part", ("decide",)),
    (".report.md.part", ("report",)),
    (".answers.toml.part", ("ask", "--set", "team.keras=1", "--no-input")),
    (".plan.json.part", ("plan",)),
    (".machine.json.part", ("plan",)),
    (".code.json.part", ("plan",)),
    ("report-assets/.evidence.svg.part", ("report",)),
]


@pytest.mark.parametrize(("name", "words"), WRITTEN)
def test_a_file_that_is_written_to_is_new_whatever_lies_there(
    study: Path, tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    """A study travels: a link in it must not lead what is written to a file outside."""
    outside = tmp_path / "outside"
    outside.write_text("mine", encoding="utf-8")
    (study / name).symlink_to(outside)
    done = advisor_here(words[0], study, *words[1:])
    assert done.returncode == 0, done.stderr
    assert outside.read_text("utf-8") == "mine"
    assert not (study / name).is_symlink()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("report-assets", ("report",)),
        ("people", ("ask", "--as", "ada", "--set", "team.keras=1", "--no-input")),
        ("data", ("plan", "--data", "table.csv", "--target", "b")),
        (".lock", ("decide",)),
    ],
)
def test_a_folder_or_lock_that_is_a_link_is_refused(
    study: Path, tmp_path: Path, name: str, words: tuple[str, ...]
) -> None:
    rows = "".join(f"{number * 7 % 11}.5,{'xy'[number % 2]}\n" for number in range(60))
    (tmp_path / "table.csv").write_text(f"a,b\n{rows}", encoding="utf-8")
    outside = tmp_path / "outside"
    if name == ".lock":
        outside.write_text("mine", encoding="utf-8")
    else:
        outside.mkdir()
    if (study / name).is_dir():
        shutil.rmtree(study / name)
    (study / name).unlink(missing_ok=True)
    (study / name).symlink_to(outside)
    done = advisor_here(words[0], study, *words[1:], cwd=tmp_path)
    refused(done, 1, "is a link", str(study / name), "rm ")
    assert outside.read_text("utf-8") == "mine" if name == ".lock" else not list(outside.iterdir())


def test_trials_are_not_appended_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("mine\n", encoding="utf-8")
    study = Study(tmp_path / "study")
    study.create()
    study.path(TRIALS).symlink_to(outside)
    with pytest.raises(AdvisorError, match="is a link"):
        study.append_trials(
            [TrialRecord("a" * 16, SPEC, "failed", "2026-01-01T00:00:00+00:00", 1.5, None, None, "it broke")]
        )
    study.path("workload").symlink_to(tmp_path)
    with pytest.raises(AdvisorError, match="is a link"):
        study.write_folder("workload", {"x.py": b""})
    assert outside.read_text("utf-8") == "mine\n"
