"""Does a training step take longer inside advisor than in a plain hand-written loop?"""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass

import numpy as np

from advisor.catalog import CANDIDATES
from advisor.measuring.statistics import bootstrap_interval
from benchmarks.processes import PlainLoop, altered, warm_trial
from pilots.protocol import BlockDone, RunBlock

#: Long enough for about a tenth of a second in the fastest stack; both loops then end an epoch in every block.
STEPS = {"tabular": 200, "vision": 48}
NEEDED = 0.97


@dataclass(frozen=True)
class Handicap:
    """Throughput inside advisor divided by that of the hand-written loop; 95 % interval over rounds."""

    workload: str
    candidate: str
    throughput_ratio: float
    low: float
    high: float
    rounds: int


def measure(candidate: str, workload: str, *, rounds: int, threads: int, rng: random.Random) -> Handicap:
    """Both loops in turn, in random order within each round."""
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
    # One launch: the question is about one loop beside the other, not about launches in general.
    found = bootstrap_interval([np.array(logs)], confidence=0.95, resamples=2000, seed=0)
    ratio, low, high = (float(np.exp(value)) for value in (found.centre, found.low, found.high))
    return Handicap(workload, candidate, ratio, low, high, rounds)


def run(*, rounds: int = 60, threads: int = 2) -> dict[str, object]:
    """Every workload and candidate."""
    rng = random.Random(0)
    found = [
        measure(candidate, workload, rounds=rounds, threads=threads, rng=rng)
        for workload in STEPS
        for candidate in CANDIDATES
    ]
    return {
        "needed": NEEDED,
        "passed": all(one.throughput_ratio >= NEEDED for one in found),
        "rows": [asdict(one) for one in found],
    }
