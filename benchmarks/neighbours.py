"""How much of the noise is time that other machines on the same host took?

Two equal copies of a pilot race for some minutes, and for each round the kernel's count of stolen time is read beside
the clock. Copies are equal, so whatever their ratio is, is noise. Only tells something on a virtual machine on Linux.
"""

from __future__ import annotations

import itertools
import math
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from advisor.measuring.machine import contention
from benchmarks.markdown import table_of
from benchmarks.processes import warm_trial
from pilots.protocol import BlockDone, RunBlock

CANDIDATE, WORKLOAD = "pytorch", "tabular"
BLOCK_S = 0.1
#: Bounds of the groups: shares of the processor's time that were stolen during a round.
BOUNDS = (0.0, 0.02, 0.1, 1.0)


@dataclass(frozen=True)
class Round:
    """Seconds per step of both copies, and what was stolen while they ran."""

    step_s: tuple[float, float]
    stolen_share: float


def race(minutes: float, threads: int, rng: random.Random) -> list[Round]:
    """Rounds of two copies until the time is over."""
    trials = [warm_trial(CANDIDATE, WORKLOAD, threads) for _ in range(2)]
    steps = max(1, round(BLOCK_S / trials[0][1].step_s))
    rounds = []
    end = time.monotonic() + 60 * minutes
    try:
        while time.monotonic() < end:
            step_s = [0.0, 0.0]
            start = contention.read([])
            for place in rng.sample(range(2), 2):
                with trials[place][0].awake():
                    done = trials[place][0].request(RunBlock(steps), BlockDone)
                step_s[place] = done.seconds / done.steps
            taken = contention.between(start, contention.read([]))
            if taken is not None and taken.stolen_share is not None:
                rounds.append(Round((step_s[0], step_s[1]), taken.stolen_share))
    finally:
        for process, _ in trials:
            process.close()
    return rounds


def summarise(rounds: Sequence[Round]) -> list[dict[str, float]]:
    """Rounds in groups by what was stolen: the first had nothing stolen; groups of less than two are left out."""
    groups = [[one for one in rounds if one.stolen_share == 0]]
    for low, high in itertools.pairwise(BOUNDS):
        groups.append([one for one in rounds if low < one.stolen_share <= high])
    rows = []
    for group, upper in zip(groups, BOUNDS, strict=True):
        if len(group) < 2:
            continue
        steps = np.log([one.step_s for one in group])
        rows.append(
            {
                "stolen_up_to": upper,
                "rounds": len(group),
                "step_s": math.exp(float(np.median(steps))),
                "scatter_percent": 100 * float(np.std(steps[:, 0] - steps[:, 1], ddof=1)),
            }
        )
    return rows


def run(*, minutes: float = 5.0, threads: int = 2) -> dict[str, object]:
    """A race of some minutes; how much is stolen in it is not ours to choose."""
    rows = summarise(race(minutes, threads, random.Random(0)))
    return {"candidate": CANDIDATE, "workload": WORKLOAD, "block_s": BLOCK_S, "minutes": minutes, "rows": rows}


def section(table: dict[str, Any]) -> tuple[str, list[str]]:
    """The table's heading and paragraphs on the page of results."""
    quiet_s = table["rows"][0]["step_s"]
    rows = [
        (
            "none" if row["stolen_up_to"] == 0 else f"up to {row['stolen_up_to']:.0%}",
            str(row["rounds"]),
            f"{row['step_s'] / quiet_s:.3f}",
            f"{row['scatter_percent']:.1f}%",
        )
        for row in table["rows"]
    ]
    header = ("Stolen from the round", "Rounds", "Step, first row = 1", "Scatter of a round")
    return "Neighbours: what other machines on the same host do to a race of two equal copies", [table_of(header, rows)]
