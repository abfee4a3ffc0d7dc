"""How noisy this machine is: the same task, timed within a process and from process to process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from advisor.doctor.findings import Diagnosis
from advisor.errors import AdvisorError, ExitCode
from advisor.measuring.analysis import crowding
from advisor.measuring.analysis.statistics import percentile
from advisor.measuring.machine import contention
from advisor.measuring.running.supervisor import PILOTS_MAIN
from advisor.method import method
from pilots.results import Contention

_RUNS = 5
_RUN_TIMEOUT_S = 120.0
_QUIET_SPREAD = 0.10


@dataclass(frozen=True)
class NoiseTest:
    """One fixed task, repeated in several processes: the median milliseconds of each block, by process.

    ``others`` is what other programs and other machines on the same host took of the processor's time meanwhile.
    """

    block_ms_by_run: tuple[tuple[float, ...], ...]
    others: Contention | None

    @property
    def spread_within_runs(self) -> float:
        """How far the blocks of a run lie apart: see :func:`spread`, of the run in the middle."""
        return percentile([spread(blocks) for blocks in self.block_ms_by_run], 50)

    @property
    def spread_between_runs(self) -> float:
        """Distance between the fastest and the slowest run, divided by the median run."""
        medians = [percentile(blocks, 50) for blocks in self.block_ms_by_run]
        return (max(medians) - min(medians)) / percentile(medians, 50)


def noise_test() -> NoiseTest:
    """Run the task; some seconds.

    Raises:
        AdvisorError: this interpreter cannot run it.
    """
    before = contention.read([])
    runs = tuple(_run() for _ in range(_RUNS))
    return NoiseTest(runs, contention.between(before, contention.read([])))


def spread(values: Sequence[float]) -> float:
    """Distance between the 10th and the 90th percentile of positive values, divided by their median."""
    return (percentile(values, 90) - percentile(values, 10)) / percentile(values, 50)


def noise_finding(noise: NoiseTest) -> Diagnosis:
    """Whether the same task takes the same time here, and who else was at work meanwhile."""
    within, between = noise.spread_within_runs, noise.spread_between_runs
    what = f"The same task takes times that lie {within:.1%} apart within a run and {between:.1%} from run to run"
    quiet = max(within, between) <= _QUIET_SPREAD
    what += "." if quiet else ": small differences will stay unresolved."
    if noise.others is not None:
        what += f" Meanwhile {_taken(noise.others)}."
    if quiet and not _crowded(noise.others):
        return Diagnosis("noise", "ok", f"{what} A quiet machine.")
    action = "Close other programs, plug in the power supply, wait a minute and run advisor doctor again"
    return Diagnosis("noise", "warning", what, action)


def _run() -> tuple[float, ...]:
    """The blocks of one process."""
    command = [sys.executable, str(PILOTS_MAIN), "noise"]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_RUN_TIMEOUT_S, check=True, text=True
        )
        return tuple(json.loads(done.stdout))
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        raise AdvisorError(
            f"The noise of this machine cannot be measured: {error}.", where=sys.executable, exit_code=ExitCode.FAILURE
        ) from error


def _crowded(others: Contention | None) -> bool:
    return crowding.taken_by_others([others] if others else []) > method().measuring.contention_warned_share


def _taken(others: Contention) -> str:
    text = f"other programs took {others.others_share:.0%} of the processor's time"
    if others.stolen_share is None:
        return text
    return f"{text}, and other machines on the same host {others.stolen_share:.0%}"
