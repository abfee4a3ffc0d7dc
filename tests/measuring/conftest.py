"""Interpreters that misbehave."""

from __future__ import annotations

import shlex
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from scheduled_study import Ran, plan_of, run_in, shortened

from advisor.measuring.analysis import allowances
from advisor.study import Study

SCRIPTED_TRIAL = Path(__file__).with_name("scripted_trial.py")


def executable(path: Path, *command: str) -> str:
    """A program at ``path`` that replaces itself by ``command``, so that signals and exit codes are the command's."""
    path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def python_that(tmp_path: Path) -> Callable[[str], str]:
    """An interpreter that runs this code, whatever it is asked to run."""

    def make(code: str) -> str:
        number = len(list(tmp_path.iterdir()))
        script = tmp_path / f"behaviour_{number}.py"
        script.write_text(textwrap.dedent(code), encoding="utf-8")
        return executable(tmp_path / f"python_{number}", sys.executable, "-u", str(script))

    return make


@pytest.fixture
def scripted(tmp_path: Path) -> Callable[..., str]:
    """An interpreter that answers every command at once, with the faults of ``scripted_trial.py``."""

    def make(**faults: str) -> str:
        number = len(list(tmp_path.iterdir()))
        arguments = [f"{name.replace('__', ':')}={fault}" for name, fault in faults.items()]
        return executable(tmp_path / f"scripted_{number}", sys.executable, str(SCRIPTED_TRIAL), *arguments)

    return make


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ran]:
    """An empty study and the interpreters to run it in; what else runs beside the tests decides nothing in it."""
    monkeypatch.setattr(allowances, "possible_slowdown", lambda race, unseen_cores: 1.0)

    def make(python: Mapping[str, str], launches: int = 1, minimum: int = 1) -> Ran:
        study = Study(tmp_path / "study")
        if not study.folder.exists():
            study.create()
        return Ran(study, plan_of(shortened(launches)), run_in(python, launches, minimum))

    return make
