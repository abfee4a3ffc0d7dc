"""The same question put to pyperf and to advisor: how far do five repeated answers lie apart at equal wall time?

The question is how long a training step of the pilot's image model takes in PyTorch compared with TensorFlow. pyperf
answers it as its documentation says: one benchmark after the other, each in several processes, mean over their values;
the ratio of the two is its answer. advisor answers with a race of one launch. pyperf's script trains on one batch in
memory and advisor's race runs the frameworks' own data pipelines, so the two ratios differ; how far five answers of the
same tool lie apart is what is compared.
"""

from __future__ import annotations

import json
import math
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from advisor.measuring.running.supervisor import trial_environment
from benchmarks.markdown import table_of
from benchmarks.processes import HERE, warm_trial
from pilots.protocol import BlockDone, RunBlock

PAIR = ("pytorch", "tensorflow")


def ask_pyperf(workload: str, threads: int, processes: int) -> tuple[float, float]:
    """Ratio of mean step times, and the wall time it took in seconds."""
    import os

    started = time.monotonic()
    means = []
    for candidate in PAIR:
        with tempfile.TemporaryDirectory(prefix="advisor-bench-") as folder:
            output = Path(folder) / "result.json"
            command = [
                sys.executable,
                str(HERE / "pyperf_script.py"),
                *("--candidate", candidate, "--workload", workload),
                *("--processes", str(processes), "--values", "6", "--warmups", "1", "--output", str(output), "--quiet"),
                *("--inherit-environ", ",".join(trial_environment(threads))),
            ]
            environment = {**os.environ, **trial_environment(threads)}
            subprocess.run(command, check=True, env=environment, capture_output=True)
            means.append(_mean(output))
    return means[0] / means[1], time.monotonic() - started


def _mean(output: Path) -> float:
    found = json.loads(output.read_text("utf-8"))
    values = [value for one in found["benchmarks"][0]["runs"] for value in one.get("values", [])]
    return statistics.fmean(values)


def ask_advisor(workload: str, threads: int, seconds: float, block_s: float, rng: random.Random) -> tuple[float, float]:
    """Median ratio of a race of one launch that ends when ``seconds`` are over."""
    started = time.monotonic()
    trials = [warm_trial(candidate, workload, threads) for candidate in PAIR]
    steps = [max(1, round(block_s / warm.step_s)) for _, warm in trials]
    logs = []
    try:
        while time.monotonic() - started < seconds:
            step_s = [0.0, 0.0]
            for place in rng.sample(range(2), 2):
                process = trials[place][0]
                with process.awake():
                    done = process.request(RunBlock(steps[place]), BlockDone)
                step_s[place] = done.seconds / done.steps
            logs.append(math.log(step_s[0] / step_s[1]))
    finally:
        for process, _ in trials:
            process.close()
    return math.exp(float(np.median(logs))), time.monotonic() - started


def run(*, repetitions: int = 5, workload: str = "vision", threads: int = 2, processes: int = 3) -> dict[str, object]:
    """Both in turn, five times."""
    rng = random.Random(0)
    answers: dict[str, list[float]] = {"pyperf": [], "advisor": []}
    wall: dict[str, list[float]] = {"pyperf": [], "advisor": []}
    for _ in range(repetitions):
        ratio, seconds = ask_pyperf(workload, threads, processes)
        answers["pyperf"].append(ratio)
        wall["pyperf"].append(seconds)
        ratio, seconds = ask_advisor(workload, threads, seconds, 0.1, rng)
        answers["advisor"].append(ratio)
        wall["advisor"].append(seconds)
    spread = {name: 100 * statistics.stdev(map(math.log, found)) for name, found in answers.items()}
    return {
        "needed": "no more scatter than the peer at equal wall time",
        "passed": spread["advisor"] <= spread["pyperf"],
        "workload": workload,
        "pair": PAIR,
        "answers": answers,
        "wall_s": {name: statistics.fmean(seconds) for name, seconds in wall.items()},
        "scatter_percent": spread,
    }


def section(table: dict[str, Any]) -> tuple[str, list[str]]:
    """The table's heading and paragraphs on the page of results."""
    rows = [
        (
            name,
            ", ".join(f"{ratio:.3f}" for ratio in table["answers"][name]),
            f"{table['scatter_percent'][name]:.1f}%",
            f"{table['wall_s'][name] / table['wall_s']['pyperf']:.2f}",
        )
        for name in table["answers"]
    ]
    return f"Peers: five answers to the same question ({' / '.join(table['pair'])}, {table['workload']})", [
        table_of(("Tool", "Answers", "Standard deviation", "Wall time, pyperf = 1"), rows),
        "pyperf times a step on one batch in memory, advisor the frameworks' own loops with their data pipelines: the "
        "answers differ for that reason; their scatter is what is compared.",
    ]
