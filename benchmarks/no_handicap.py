"""Does a training step take longer inside advisor than in a plain hand-written loop?"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from advisor.catalog import CANDIDATES
from advisor.measuring.analysis.statistics import t_interval
from benchmarks.markdown import table_of
from benchmarks.processes import PlainLoop, altered, warm_trial
from pilots.protocol import BlockDone, RunBlock

#: Long enough for about a tenth of a second in the fastest stack; both loops then end an epoch in every block.
STEPS = {"tabular": 200, "vision": 48}
NEEDED = 0.97


@dataclass(frozen=True)
class Handicap:
    """Throughput inside advisor divided by that of the hand-written loop; 95 % interval over launches.

    ``by_launch`` has the same ratio for each pair of processes.
    """

    workload: str
    candidate: str
    throughput_ratio: float
    low: float
    high: float
    by_launch: tuple[float, ...]
    rounds: int


def measure(candidate: str, workload: str, *, launches: int, rounds: int, threads: int, rng: random.Random) -> Handicap:
    """Both loops in turn, in random order within each round; new processes for each launch."""
    logs = [race(candidate, workload, rounds=rounds, threads=threads, rng=rng) for _ in range(launches)]
    found = t_interval([float(np.median(launch)) for launch in logs], 0.95)
    ratio, low, high = (float(np.exp(value)) for value in (found.centre, found.low, found.high))
    by_launch = tuple(float(np.exp(np.median(launch))) for launch in logs)
    return Handicap(workload, candidate, ratio, low, high, by_launch, launches * rounds)


def race(candidate: str, workload: str, *, rounds: int, threads: int, rng: random.Random) -> np.ndarray:
    """Log of throughput inside by throughput of the plain loop, shape (rounds,)."""
    steps = STEPS[workload]
    with altered() as python:
        trial, _ = warm_trial(
            candidate, workload, threads, python=python, variables={"ADVISOR_EPOCH_STEPS": str(steps)}
        )
    plain = PlainLoop(candidate, workload, steps, threads)

    def inside() -> float:
        with trial.awake():
            return trial.request(RunBlock(steps), BlockDone).seconds

    try:
        for _ in range(3):
            plain.epoch()
            inside()
        logs = []
        for _ in range(rounds):
            seconds = {}
            for name in rng.sample(("inside", "plain"), 2):
                seconds[name] = inside() if name == "inside" else plain.epoch()
            logs.append(np.log(seconds["plain"] / seconds["inside"]))
    finally:
        plain.close()
        trial.close()
    return np.array(logs)


def run(*, launches: int = 3, rounds: int = 12, threads: int = 2) -> dict[str, object]:
    """Every workload and candidate."""
    rng = random.Random(0)
    found = [
        measure(candidate, workload, launches=launches, rounds=rounds, threads=threads, rng=rng)
        for workload in STEPS
        for candidate in CANDIDATES
    ]
    return {
        "needed": NEEDED,
        "passed": all(one.throughput_ratio >= NEEDED for one in found),
        "rows": [asdict(one) for one in found],
    }


def section(table: dict[str, Any]) -> tuple[str, list[str]]:
    """The table's heading and paragraphs on the page of results."""
    rows = [
        (
            row["workload"],
            row["candidate"],
            f"{row['throughput_ratio']:.3f}",
            f"{row['low']:.3f} to {row['high']:.3f}",
            ", ".join(f"{ratio:.3f}" for ratio in row["by_launch"]),
        )
        for row in table["rows"]
    ]
    return "No handicap: throughput inside advisor divided by that of a hand-written loop", [
        table_of(("Pilot", "Candidate", "Ratio", "95% interval", "By launch"), rows),
        f"Needed: at least {table['needed']}.",
    ]
