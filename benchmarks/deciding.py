"""How long deciding takes, and how that grows with draws and with stored trials."""

from __future__ import annotations

import hashlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory
from typing import Any

from advisor.deciding.decide import decide
from advisor.method import method
from advisor.study import TRIALS, Study
from advisor.workflow.assess import case_of
from advisor.workflow.snapshot import load_snapshot
from benchmarks.markdown import table_of
from benchmarks.processes import HERE

EXAMPLE = HERE.parent / "examples" / "study"
TODAY = date(2026, 11, 25)
DRAWS = (5_000, 10_000, 20_000, 40_000)
RECORDS = (1_000, 10_000, 100_000)
REPEATS = 5
#: Promises: 20,000 draws with everything that follows, a what-if from the shell, and 100,000 records, in seconds.
DECIDE_S, WHAT_IF_S, RECORDS_S = 1.0, 1.0, 3.0


def run(*, threads: int) -> dict[str, Any]:
    """Seconds of deciding the example study: by draws, by stored records, and as a command of its own.

    Args:
        threads: not used; deciding is one thread.
    """
    with TemporaryDirectory() as folder:
        study = Study(Path(copytree(EXAMPLE, Path(folder) / "study")))
        case = case_of(load_snapshot(study), today=TODAY)
        by_draws = {draws: _median_s(partial(decide, case, method(), draws=draws)) for draws in DRAWS}
        command = [sys.executable, "-m", "advisor", "decide", str(study.folder)]
        what_if = [*command, "--what-if", "priorities.points.deployment=100", "--json"]
        what_if_s = _median_s(lambda: subprocess.run(what_if, check=False, capture_output=True))
        bare_s = _median_s(lambda: subprocess.run([sys.executable, "-c", "import typer, rich"], check=True))
        by_records = {}
        for wanted in RECORDS:
            _grow(study, wanted)
            by_records[wanted] = _median_s(
                lambda: decide(case_of(load_snapshot(study), today=TODAY), method()), repeats=3
            )
    twenty = by_draws[20_000]
    return {
        "candidates": len(case.given.table.candidates),
        "criteria": len(case.given.table.criteria),
        "seconds_by_draws": by_draws,
        "seconds_by_records": by_records,
        "what_if_s": what_if_s,
        "what_if_by_bare_start": what_if_s / bare_s,
        "passed": twenty <= DECIDE_S and what_if_s <= WHAT_IF_S and by_records[100_000] <= RECORDS_S,
    }


def _median_s(action: Callable[[], object], repeats: int = REPEATS) -> float:
    taken = []
    for _ in range(repeats):
        started = time.perf_counter()
        action()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)


def _grow(study: Study, wanted: int) -> None:
    """Fill the study up with records of other launches, of which a study holds many that was run again and again."""
    path = study.path(TRIALS)
    lines = path.read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines[: min(len(lines), 100)]]
    grown = list(lines)
    for number in range(wanted - len(lines)):
        record = records[number % len(records)]
        key = hashlib.sha256(f"{number}".encode()).hexdigest()[:16]
        grown.append(json.dumps({**record, "key": key}))
    path.write_text("\n".join(grown) + "\n", encoding="utf-8")


def section(table: dict[str, Any]) -> tuple[str, list[str]]:
    """The table's heading and paragraphs on the page of results."""
    draws = {int(n): seconds for n, seconds in table["seconds_by_draws"].items()}
    records = {int(n): seconds for n, seconds in table["seconds_by_records"].items()}
    first_draws, first_records = min(draws), min(records)
    rows = [
        *(
            (f"{n:,} draws", f"{seconds / draws[first_draws]:.2f} times {first_draws:,}")
            for n, seconds in draws.items()
        ),
        *(
            (f"{n:,} records in the study", f"{seconds / records[first_records]:.2f} times {first_records:,}")
            for n, seconds in records.items()
        ),
    ]
    note = (
        f"{table['candidates']} candidates, {table['criteria']} criteria, with sensitivity, reasons and value of "
        "information. Needed: 20,000 draws within a second, 100,000 records loaded and decided within three, and "
        "`advisor decide --what-if` within one from the shell, which took "
        f"{table['what_if_by_bare_start']:.1f} times the start of Python with typer and rich."
    )
    return "Deciding", [table_of(("with", "takes"), rows), note]
