"""Completion in the shells that typer serves: commands, values of options, and folders of studies."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import LIMIT_S

from advisor.commands.common_options import study_folders

PROGRAM = Path(sys.executable).with_name("advisor")
pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="needs the installed command")


def printed(command: list[str], cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "PATH": f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}", **environment},
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=True,
    )
    return done.stdout


def completed_by(shell: str, words: str, cwd: Path) -> set[str]:
    """What pressing Tab after ``words`` would offer, by the interface that the shell's own script uses."""
    if shell == "bash":
        given = {"COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
        return set(printed([str(PROGRAM)], cwd, _ADVISOR_COMPLETE="complete_bash", **given).split())
    given = {"_TYPER_COMPLETE_ARGS": words}
    if shell == "zsh":
        text = printed([str(PROGRAM)], cwd, _ADVISOR_COMPLETE="complete_zsh", **given)
        return {line.split('"')[1] for line in text.replace("((", "((\n").splitlines() if line.startswith('"')}
    text = printed(
        [str(PROGRAM)], cwd, _ADVISOR_COMPLETE="complete_fish", _TYPER_COMPLETE_FISH_ACTION="get-args", **given
    )
    return {line.split("\t")[0] for line in text.splitlines()}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("place")
    for study in ("churn", "charts"):
        (folder / study).mkdir()
    (folder / "churn" / "answers.toml").touch()
    (folder / "notes").mkdir()
    (folder / "notes" / "deep").mkdir()
    (folder / "chapter.txt").touch()
    return folder


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("advisor re", {"report", "rehearse"}),
        ("advisor rehearse --target a", {"android"}),
        ("advisor d", {"decide", "doctor"}),
        ("advisor export --format ", {"csv", "parquet", "mlflow"}),
        ("advisor report --fl", {"--flavor"}),
        ("advisor report c", {"churn"}),
        ("advisor new ", {"workload"}),
    ],
)
def test_what_is_offered(shell: str, words: str, offered: set[str], place: Path) -> None:
    assert completed_by(shell, words, place) == offered


@pytest.mark.parametrize(
    ("typed", "folders"),
    [
        ("", ["churn"]),
        ("ch", ["churn"]),
        ("no", ["notes/"]),
        ("notes/", ["notes/deep/"]),
        ("./ch", ["./churn"]),
        ("x", []),
        ("nowhere/x", []),
    ],
)
def test_folders_of_studies(typed: str, folders: list[str], place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(place)
    assert study_folders(typed) == folders


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_gets_a_script(shell: str, place: Path) -> None:
    script = printed([str(PROGRAM)], place, _ADVISOR_COMPLETE=f"source_{shell}")
    assert "_ADVISOR_COMPLETE" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_itself_completes(place: Path) -> None:
    program = (
        'eval "$(_ADVISOR_COMPLETE=source_bash advisor)"; COMP_WORDS=(advisor report c); COMP_CWORD=2; '
        '_advisor_completion advisor; echo "${COMPREPLY[@]}"'
    )
    assert printed(["bash", "--norc", "-c", program], place).split() == ["churn"]
