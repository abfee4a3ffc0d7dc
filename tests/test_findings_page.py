"""The scripts of docs/findings.md show what the page says, with the frameworks that are installed."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[1] / "docs" / "findings.md"
SCRIPTS = sorted((PAGE.parent / "findings").glob("*.py"))
MOST_LINES = 40


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_a_script_is_short_needs_no_advisor_and_is_on_the_page(script: Path) -> None:
    text = script.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert f"(findings/{script.name})" in PAGE.read_text(encoding="utf-8")
    imported = {
        name.partition(".")[0]
        for node in ast.walk(ast.parse(text))
        for name in [
            *([one.name for one in node.names] if isinstance(node, ast.Import) else []),
            *([node.module or ""] if isinstance(node, ast.ImportFrom) else []),
        ]
    }
    assert not imported & {"advisor", "pilots"}


def shown(script: str, **variables: str) -> str:
    """What a script prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, str(PAGE.parent / "findings" / script)],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", **variables},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def epochs(text: str) -> Iterator[list[str]]:
    """The lines of each training: a batch's rows in brackets."""
    for training in re.split(r"^\w+\n", text, flags=re.MULTILINE)[1:]:
        yield [line.strip() for line in training.splitlines() if line.strip().startswith("[[")]


def replays(text: str) -> list[bool]:
    """Whether all epochs of a training had one order, without and with a seed."""
    return [len(set(lines)) == 1 for lines in epochs(text) if len(lines) == 3]


@pytest.mark.long
@pytest.mark.parametrize("backend", ["tensorflow", "jax", "torch"])
def test_a_seed_makes_epochs_the_same_on_tensorflow_alone(backend: str) -> None:
    assert replays(shown("replayed_row_order.py", KERAS_BACKEND=backend)) == [False, backend == "tensorflow"]


def test_the_page_shows_what_the_script_prints() -> None:
    (block,) = (one for one in re.findall(r"```text\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL) if "[[" in one)
    assert replays(block) == [False, True]
