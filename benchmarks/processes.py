"""Processes that benchmarks race: trial processes, altered ones, and plain scripts that train an epoch per line."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from advisor.measuring.running.supervisor import TrialLimits, TrialProcess, trial_environment
from pilots.protocol import Open, Opened, StartRace, WarmedUp
from pilots.records import Lane, TrialSpec

HERE = Path(__file__).parent
LIMITS = TrialLimits(timeout_s=600, memory_mib=1_000_000)


@contextmanager
def launcher(command: Sequence[str]) -> Iterator[str]:
    """An executable to be used as an interpreter, which runs ``command`` with what it is given."""
    with tempfile.TemporaryDirectory(prefix="advisor-bench-") as folder:
        path = Path(folder) / "python"
        path.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n', encoding="utf-8")
        path.chmod(0o755)
        yield str(path)


@contextmanager
def altered() -> Iterator[str]:
    """The interpreter of :mod:`benchmarks.altered_trial`."""
    with launcher([sys.executable, str(HERE / "altered_trial.py")]) as python:
        yield python


def warm_trial(
    candidate: str,
    workload: str,
    threads: int,
    *,
    python: str = sys.executable,
    lane: Lane = "default",
    variables: Mapping[str, str] | None = None,
) -> tuple[TrialProcess, WarmedUp]:
    """A trial process that waits, stopped, for blocks of its race."""
    spec = TrialSpec("race", workload, "quick", candidate, lane, 0, 0, threads, device="cpu")
    process = TrialProcess(python, {**trial_environment(threads), **(variables or {})}, LIMITS)
    process.request(Open(spec), Opened)
    warmed_up = process.request(StartRace(window_steps=16, windows=2, limit_s=20.0), WarmedUp)
    process.pause()
    return process, warmed_up


class PlainLoop:
    """A hand-written loop in a process of its own, stopped between its epochs."""

    def __init__(self, candidate: str, workload: str, steps: int, threads: int) -> None:
        command = [sys.executable, str(HERE / "hand_written.py"), candidate, workload, str(steps)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, **trial_environment(threads)},
        )

    def epoch(self) -> float:
        """Train one epoch; its seconds."""
        assert self._process.stdin and self._process.stdout
        self._process.send_signal(signal.SIGCONT)
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        self._process.send_signal(signal.SIGSTOP)
        return float(line)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                pipe.close()
