"""How soon the command answers: ``advisor --help`` and the first question, against a bare program made with typer."""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pexpect

from advisor.interview.questions import load_questions
from benchmarks.markdown import table_of

ROUNDS = 15
_LIMIT_S = 60.0

#: As little as a program with commands can be made of.
BARE = """
import typer

app = typer.Typer(rich_markup_mode=None)


@app.command()
def first() -> None:
    \"\"\"Do one thing.\"\"\"


@app.command()
def second() -> None:
    \"\"\"Do another.\"\"\"


app()
"""


def run(*, threads: int, rounds: int = ROUNDS) -> dict[str, Any]:
    """Time to the help and to the first question, each round of all programs in an order of its own.

    Args:
        threads: not used; starting is one thread.
        rounds: how often each program is started.
    """
    with TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE, encoding="utf-8")
        programs = {
            "bare": ([str(bare), "--help"], "--help"),
            "the help": (["-m", "advisor", "--help"], "--help"),
            "the first question": (["-m", "advisor", "ask", str(Path(folder) / "study")], _first_question()),
        }
        seconds: dict[str, list[float]] = {name: [] for name in programs}
        rng = random.Random(0)
        for _ in range(rounds + 1):
            for name in rng.sample(list(programs), len(programs)):
                seconds[name].append(time_to(*programs[name]))
    # The first round reads from the disk what the others find in memory.
    by_round = {name: taken[1:] for name, taken in seconds.items()}
    return {"rounds": rounds, "rows": [_row(name, by_round) for name in programs if name != "bare"]}


def time_to(arguments: list[str], shown: str) -> float:
    """Seconds from starting Python with these arguments in a terminal until this text is on it.

    Raises:
        pexpect.ExceptionPexpect: it ended, or took too long, without showing it.
    """
    started = time.perf_counter()
    child = pexpect.spawn(
        sys.executable,
        arguments,
        env={**os.environ, "TERM": "xterm"},
        dimensions=(50, 200),
        encoding="utf-8",
        timeout=_LIMIT_S,
    )
    try:
        child.expect_exact(shown)
        return time.perf_counter() - started
    finally:
        child.close(force=True)


def _first_question() -> str:
    """Its beginning: a long one may be folded."""
    return " ".join(load_questions()[0].prompt.split()[:3])


def _row(name: str, seconds: dict[str, list[float]]) -> dict[str, Any]:
    ratios = [own / bare for own, bare in zip(seconds[name], seconds["bare"], strict=True)]
    return {"what": name, "by_bare_program": statistics.median(ratios), "by_round": ratios}


def section(table: dict[str, Any]) -> tuple[str, list[str]]:
    """The table's heading and paragraphs on the page of results."""
    rows = [
        (
            row["what"],
            f"{row['by_bare_program']:.2f}",
            ", ".join(f"{ratio:.2f}" for ratio in row["by_round"]),
        )
        for row in table["rows"]
    ]
    header = ("From the shell to", "Bare program = 1", "By round")
    return "Start: advisor against a bare program made with typer", [table_of(header, rows)]
