"""Does it change what is measured that a thread of the trial looks for an idle processor?

A trial process runs its blocks in pairs, the first without the thread, the second with it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from advisor.catalog import CANDIDATES
from advisor.measuring.analysis.statistics import t_interval
from benchmarks.markdown import table_of
from benchmarks.processes import altered, warm_trial
from pilots.protocol import BlockDone, RunBlock

WORKLOAD = "tabular"
BLOCK_S = 0.1
#: Step time with the thread divided by that without: more than this would be a disturbance.
NEEDED = 1.01


@dataclass(frozen=True)
class Disturbance:
    """Step time of blocks with the thread divided by that of blocks without; 95 % interval over launches."""

    candidate: str
    step_ratio: float
    low: float
    high: float
    rounds: int


def run(
    *, threads: int, rounds: int = 80, launches: int = 5, candidates: Sequence[str] = tuple(CANDIDATES)
) -> dict[str, object]:
    """Every candidate; ``passed`` if no interval lies above what is needed."""
    rows = []
    for candidate in candidates:
        logs = [_logs(candidate, rounds, threads) for _ in range(launches)]
        interval = t_interval([float(np.median(rounds_of_launch)) for rounds_of_launch in logs], confidence=0.95)
        ratio, low, high = (float(np.exp(value)) for value in (interval.centre, interval.low, interval.high))
        rows.append(asdict(Disturbance(candidate, ratio, low, high, rounds * launches)))
    passed = all(row["low"] <= NEEDED for row in rows)
    return {"needed": NEEDED, "passed": passed, "workload": WORKLOAD, "rows": rows}


def _logs(candidate: str, rounds: int, threads: int) -> np.ndarray:
    """Log of step time with the thread by step time without, shape (rounds,)."""
    with altered() as python:
        process, warm = warm_trial(candidate, WORKLOAD, threads, python=python, variables={"ADVISOR_WATCH_IDLING": "1"})
        steps = max(1, round(BLOCK_S / warm.step_s))
        with closing(process):
            process.resume()
            seconds = [process.request(RunBlock(steps), BlockDone).seconds for _ in range(2 * rounds)]
    return np.log(seconds[1::2]) - np.log(seconds[0::2])


def section(table: dict[str, Any]) -> tuple[str, list[str]]:
    """The table's heading and paragraphs on the page of results."""
    rows = [
        (row["candidate"], f"{row['step_ratio']:.3f}", f"{row['low']:.3f} to {row['high']:.3f}", str(row["rounds"]))
        for row in table["rows"]
    ]
    return f"Looking for an idle processor: step time with that thread divided by that without ({table['workload']})", [
        table_of(("Candidate", "Ratio", "95% interval", "Pairs of blocks"), rows),
        f"Needed: no interval above {table['needed']}.",
    ]


if __name__ == "__main__":
    print(json.dumps(run(threads=2), indent=1))
