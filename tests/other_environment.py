"""Environments of Python beside that of the tests."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest


def environment_with(folder: Path, *arguments: str) -> Path:
    """The interpreter of a new environment that holds what ``pip install ARGUMENTS`` brings, and nothing else.

    The test is skipped where pip can install nothing.
    """
    venv.create(folder, with_pip=False)
    (python,) = folder.glob("Scripts/python.exe" if os.name == "nt" else "bin/python")
    # The environment that the Makefile sets up has no pip of its own.
    for with_pip in dict.fromkeys((sys.executable, sys._base_executable)):
        command = [with_pip, "-m", "pip", "--python", str(python), "install", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
        if done.returncode == 0:
            return python
    pytest.skip(f"pip cannot install {' '.join(arguments)}: {done.stderr.strip().splitlines()[-1]}")
