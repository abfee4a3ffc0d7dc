"""How long should a block of a race be? Two equal copies, blocks of several lengths in one race."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.markdown import table_of
from benchmarks.processes import warm_trial
from pilots.protocol import BlockDone, RunBlock

LENGTHS_S = (0.02, 0.05, 0.15, 0.4)
CASES = (("pytorch", "vision"), ("tensorflow", "tabular"))
#: Each length gets this many seconds of blocks in each pair of processes.
SECONDS = 3.2


@dataclass(frozen=True)
class Round:
    """One block of each copy; times in seconds per step."""

    pair: int
    length_s: float
    first: float
    second: float


def race_pair(candidate: str, workload: str, pair: int, threads: int, rng: random.Random) -> list[Round]:
    """Blocks of all lengths in random order, in one pair of processes."""
    trials = [warm_trial(candidate, workload, threads) for _ in range(2)]
    lengths = [length for length in LENGTHS_S for _ in range(round(SECONDS / (2 * length)))]
    rng.shuffle(lengths)
    rounds = []
    try:
        for length in lengths:
            steps = max(1, round(length / trials[0][1].step_s))
            step_s = [0.0, 0.0]
            for copy in rng.sample(range(2), 2):
                process = trials[copy][0]
                with process.awake():
                    step_s[copy] = process.request(RunBlock(steps), BlockDone).seconds / steps
            rounds.append(Round(pair, length, *step_s))
    finally:
        for process, _ in trials:
            process.close()
    return rounds


def summarise(candidate: str, workload: str, rounds: Sequence[Round]) -> list[dict[str, Any]]:
    """Per length: scatter of a round, and the standard error of the median over equal time, in per cent.

    The scatter is taken from the median absolute deviation, since an epoch's end makes some blocks much longer.
    """
    rows = []
    pairs = sorted({one.pair for one in rounds})
    for length in LENGTHS_S:
        own = [one for one in rounds if one.length_s == length]
        logs = [np.array([np.log(r.first / r.second) for r in own if r.pair == pair]) for pair in pairs]
        scatter = float(np.mean([1.4826 * np.median(np.abs(one - np.median(one))) for one in logs]))
        step_s = float(np.median([value for one in own for value in (one.first, one.second)]))
        rows.append(
            {
                "candidate": candidate,
                "workload": workload,
                "length_s": length,
                "rounds": len(logs[0]),
                "scatter_percent": 100 * scatter,
                "error_percent": 100 * 1.2533 * scatter / len(logs[0]) ** 0.5,
                "step_s": step_s,
            }
        )
    longest = {row["length_s"]: row["step_s"] for row in rows}[0.15]
    return [{**row, "step_relative": row["step_s"] / longest} for row in rows]


def run(*, pairs: int = 6, threads: int = 2) -> dict[str, Any]:
    """All cases."""
    rng = random.Random(0)
    rows = []
    for candidate, workload in CASES:
        found = [one for pair in range(pairs) for one in race_pair(candidate, workload, pair, threads, rng)]
        rows += summarise(candidate, workload, found)
    return {"pairs": pairs, "rows": rows}


def section(table: dict[str, Any]) -> tuple[str, list[str]]:
    """The table's heading and paragraphs on the page of results."""
    rows = [
        (
            f"{row['candidate']}, {row['workload']}",
            f"{row['length_s']:g} s",
            str(row["rounds"]),
            f"{row['scatter_percent']:.1f}%",
            f"{row['error_percent']:.1f}%",
            f"{row['step_relative']:.3f}",
        )
        for row in table["rows"]
    ]
    header = (
        "Copies of",
        "Block",
        "Rounds in equal time",
        "Scatter of a round",
        "Error of the median",
        "Step, 0.15 s = 1",
    )
    return "Block length: many short blocks say more in the same time than few long ones", [table_of(header, rows)]
