"""Where do launches of one and the same model get their different speeds from?

Two copies of one candidate race each other under one condition at a time: other allocator settings, no address
randomisation, one thread, a parent that has imported and forks. Each pair of processes builds its model several times.
Copies are equal, so whatever their ratio is, is noise; the table says how much of it belongs to processes, to models
rebuilt within a process, and to rounds. Linux only.
"""

from __future__ import annotations

import math
import random
import shutil
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from advisor.measuring.running.supervisor import TrialProcess, trial_environment
from benchmarks.markdown import table_of
from benchmarks.processes import HERE, LIMITS, launcher
from pilots.protocol import BlockDone, EndRace, Open, Opened, RaceEnded, RunBlock, StartRace, WarmedUp
from pilots.records import TrialSpec

CANDIDATE, WORKLOAD = "pytorch", "vision"
BLOCK_S = 0.1


@dataclass(frozen=True)
class Condition:
    """How the processes of a pair are started."""

    title: str
    command: tuple[str, ...] = (sys.executable,)
    variables: dict[str, str] = field(default_factory=dict)
    one_thread: bool = False


@dataclass(frozen=True)
class Block:
    """One block of one copy; times in milliseconds per step."""

    rebuild: int
    round: int
    copy: int
    wall_ms: float
    cpu_ms: float


def conditions() -> tuple[Condition, ...]:
    """Those that this machine has the tools for."""
    found = [
        Condition("as advisor starts them"),
        Condition("imported first, then forked", (sys.executable, str(HERE / "forked_trial.py"))),
        Condition("large blocks from the heap, never given back", variables={"MALLOC_MMAP_MAX_": "0"}),
        Condition("huge pages for the heap", variables={"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}),
        Condition("one thread", one_thread=True),
    ]
    if shutil.which("setarch"):
        found.append(Condition("address randomisation off", ("setarch", "-R", sys.executable)))
    if shutil.which("taskset"):
        found.append(Condition("one thread, pinned to one core", ("taskset", "-c", "1", sys.executable), {}, True))
    return tuple(found)


def race_pair(
    python: str, condition: Condition, threads: int, rebuilds: int, rounds: int, rng: random.Random
) -> list[Block]:
    """One pair of processes, each of which builds its model ``rebuilds`` times."""
    threads = 1 if condition.one_thread else threads
    spec = TrialSpec("race", WORKLOAD, "quick", CANDIDATE, "default", 0, 0, threads, device="cpu")
    blocks = []
    with ExitStack() as stack:
        processes = []
        for _ in range(2):
            process = TrialProcess(python, {**trial_environment(threads), **condition.variables}, LIMITS)
            stack.callback(process.close)
            process.request(Open(spec), Opened)
            process.pause()
            processes.append(process)
        for rebuild in range(rebuilds):
            for process in processes:
                with process.awake():
                    warm = process.request(StartRace(window_steps=16, windows=2, limit_s=20.0), WarmedUp)
            steps = max(1, round(BLOCK_S / warm.step_s))
            for number in range(rounds):
                for copy in rng.sample(range(2), 2):
                    with processes[copy].awake():
                        done = processes[copy].request(RunBlock(steps), BlockDone)
                    wall_ms, cpu_ms = (1000 * seconds / steps for seconds in (done.seconds, done.cpu_seconds))
                    blocks.append(Block(rebuild, number, copy, wall_ms, cpu_ms))
            for process in processes:
                with process.awake():
                    process.request(EndRace(), RaceEnded)
    return blocks


def components(pairs: Sequence[Sequence[Block]], what: str) -> dict[str, float]:
    """Standard deviations of the log ratio in per cent: of pairs of processes, rebuilds in them, rounds in those.

    Nested analysis of variance, with the median over rounds standing for a rebuild, as in advisor's comparisons.
    """
    medians, within = [], []
    for blocks in pairs:
        own = []
        for rebuild in sorted({block.rebuild for block in blocks}):
            copies = [
                [
                    getattr(b, what)
                    for b in sorted(blocks, key=lambda b: b.round)
                    if (b.rebuild, b.copy) == (rebuild, copy)
                ]
                for copy in (0, 1)
            ]
            logs = np.log(np.array(copies[0]) / np.array(copies[1]))
            own.append(float(np.median(logs)))
            within.append(float(logs.var(ddof=1)))
        medians.append(own)
    table = np.array(medians)
    rebuilds = float(table.var(axis=1, ddof=1).mean())
    processes = max(0.0, float(table.mean(axis=1).var(ddof=1)) - rebuilds / table.shape[1])
    parts = {"processes": processes, "rebuilds": rebuilds, "rounds": float(np.mean(within))}
    return {name: 100 * math.sqrt(variance) for name, variance in parts.items()}


def run(*, pairs: int = 6, rebuilds: int = 3, rounds: int = 16, threads: int = 2) -> dict[str, object]:
    """All conditions in turn, so that a bad minute is nobody's alone."""
    rng = random.Random(0)
    chosen = conditions()
    found: dict[str, list[list[Block]]] = {condition.title: [] for condition in chosen}
    with ExitStack() as stack:
        pythons = {one.title: stack.enter_context(launcher(one.command)) for one in chosen}
        for _ in range(pairs):
            for one in rng.sample(chosen, len(chosen)):
                found[one.title].append(race_pair(pythons[one.title], one, threads, rebuilds, rounds, rng))
    rows = [
        {"title": title, "pairs": pairs, "wall": components(raced, "wall_ms"), "cpu": components(raced, "cpu_ms")}
        for title, raced in found.items()
    ]
    return {"rebuilds": rebuilds, "rounds": rounds, "rows": rows}


def section(table: dict[str, Any]) -> tuple[str, list[str]]:
    """The table's heading and paragraphs on the page of results."""
    rows = [
        (
            row["title"],
            str(row["pairs"]),
            *(f"{row['wall'][part]:.1f}% ({row['cpu'][part]:.1f}%)" for part in ("processes", "rebuilds", "rounds")),
        )
        for row in table["rows"]
    ]
    return "Variance: what scatters between two copies of one model", [
        table_of(("Condition", "Pairs", "Processes", "Models rebuilt in a process", "Rounds"), rows),
        "Standard deviations of the log ratio of two copies' step times; in brackets the same for CPU time. "
        "What it means stands in [docs/measuring.md](../docs/measuring.md).",
    ]
