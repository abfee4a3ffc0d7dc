"""Does it change what is measured that somebody watches?

A trial process runs one block right after the live screen was drawn into a pseudo-terminal, and one right after nothing
was drawn, in random order, many times over. A terminal reads what is drawn, as one does on a user's desk. The screen
shows the race of all candidates and is drawn before every block, which is far more often than in a run.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from itertools import count
from typing import Any

import numpy as np
from rich.console import Console

from advisor.catalog import CANDIDATES
from advisor.measuring.analysis.statistics import t_interval
from advisor.measuring.running.events import BlockRaced, EpochLearned, LaunchStarted, RunStarted
from advisor.watching.screen import LiveScreen
from benchmarks.markdown import table_of
from benchmarks.processes import warm_trial
from pilots.protocol import BlockDone, RunBlock

WORKLOAD = "tabular"
BLOCK_S = 0.1
#: Step time after drawing divided by that without: more than this would be a disturbance.
NEEDED = 1.02


@dataclass(frozen=True)
class Disturbance:
    """Step time of blocks after a drawing divided by that of blocks without; 95 % interval over launches and rounds."""

    candidate: str
    step_ratio: float
    low: float
    high: float
    by_launch: tuple[float, ...]
    rounds: int


@contextmanager
def screen_in_a_terminal() -> Iterator[LiveScreen]:
    """The live screen on a pseudo-terminal whose other end reads all the time."""
    parent, child = os.openpty()

    def read() -> None:
        with suppress(OSError):  # the other end was closed
            while os.read(parent, 65536):
                pass

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    ticks = count()
    try:
        with os.fdopen(child, "w", encoding="utf-8") as file:
            console = Console(file=file, force_terminal=True, width=140, height=40, highlight=False, emoji=False)
            with LiveScreen(console, lambda: float(next(ticks))) as screen:  # drawn at every event
                yield screen
    finally:
        reader.join()
        os.close(parent)


def fill(screen: LiveScreen) -> None:
    """As it looks in the middle of a run."""
    screen(RunStarted(300, 120, 900))
    screen(LaunchStarted(f"{WORKLOAD}, launch 2: race, learn, infer", WORKLOAD, 1, 800))
    for place, candidate in enumerate(CANDIDATES):
        for epoch in range(1, 21):
            screen(EpochLearned(candidate, epoch, 20, 1 - 0.9**epoch))
        screen(BlockRaced(candidate, 0, 60, 2.0 + place, 32_000 / (2.0 + place)))


def race(candidate: str, screen: LiveScreen, *, rounds: int, threads: int, rng: random.Random) -> np.ndarray:
    """Log of step time after drawing by step time without, shape (rounds,)."""
    trial, warmed_up = warm_trial(candidate, WORKLOAD, threads)
    steps = max(1, round(BLOCK_S / warmed_up.step_s))
    logs = []
    try:
        for number in range(rounds):
            seconds = {}
            for drawn in rng.sample((True, False), 2):
                if drawn:
                    screen(BlockRaced(candidate, number, rounds, 2.0, 16_000))
                with trial.awake():
                    seconds[drawn] = trial.request(RunBlock(steps), BlockDone).seconds
            logs.append(np.log(seconds[True] / seconds[False]))
    finally:
        trial.close()
    return np.array(logs)


def measure(candidate: str, *, launches: int, rounds: int, threads: int, rng: random.Random) -> Disturbance:
    """New processes for each launch, one screen for all."""
    with screen_in_a_terminal() as screen:
        fill(screen)
        logs = [race(candidate, screen, rounds=rounds, threads=threads, rng=rng) for _ in range(launches)]
    found = t_interval([float(np.median(launch)) for launch in logs], 0.95)
    ratio, low, high = (float(np.exp(value)) for value in (found.centre, found.low, found.high))
    by_launch = tuple(float(np.exp(np.median(launch))) for launch in logs)
    return Disturbance(candidate, ratio, low, high, by_launch, launches * rounds)


def run(*, launches: int = 3, rounds: int = 120, threads: int = 2) -> dict[str, object]:
    """Every candidate."""
    rng = random.Random(0)
    found = [measure(one, launches=launches, rounds=rounds, threads=threads, rng=rng) for one in CANDIDATES]
    return {
        "workload": WORKLOAD,
        "needed": NEEDED,
        "passed": all(one.step_ratio <= NEEDED for one in found),
        "rows": [asdict(one) for one in found],
    }


def section(table: dict[str, Any]) -> tuple[str, list[str]]:
    """The table's heading and paragraphs on the page of results."""
    rows = [
        (
            row["candidate"],
            f"{row['step_ratio']:.3f}",
            f"{row['low']:.3f} to {row['high']:.3f}",
            ", ".join(f"{ratio:.3f}" for ratio in row["by_launch"]),
        )
        for row in table["rows"]
    ]
    return f"Watching: step time after the live screen was drawn divided by that without ({table['workload']})", [
        table_of(("Candidate", "Ratio", "95% interval", "By launch"), rows),
        f"Needed: at most {table['needed']}. The screen was drawn into a pseudo-terminal before every block, and never "
        "while one ran.",
    ]
