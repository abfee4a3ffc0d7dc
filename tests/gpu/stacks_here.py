"""What is found on this machine to run the tests of accelerators on."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pynvml

from advisor.catalog import CANDIDATES
from advisor.doctor.checks import run_probe
from advisor.measuring.running.supervisor import TrialProcess
from pilots.probe import Probe
from pilots.protocol import Opened

_PROBE_TIMEOUT_S = 300.0


@dataclass(frozen=True)
class Stack:
    """A candidate, and the device its tests run on: ``auto`` or ``cpu``."""

    candidate: str
    device: str

    @property
    def on_accelerator(self) -> bool:
        return self.device != "cpu"


@dataclass(frozen=True)
class OpenTrial:
    """A process, and what it answered when it was opened."""

    process: TrialProcess
    opened: Opened


OpenIt = Callable[..., OpenTrial]


def nvidia_gpus() -> int:
    """How many GPUs NVIDIA's driver knows; 0 without a driver."""
    try:
        pynvml.nvmlInit()
        return int(pynvml.nvmlDeviceGetCount())
    except pynvml.NVMLError:
        return 0


def signs_of_an_accelerator() -> bool:
    """Anything that makes it worth while to import every framework and ask."""
    apple = platform.system() == "Darwin" and platform.machine() == "arm64"
    return apple or nvidia_gpus() > 0 or any(Path(path).exists() for path in ("/dev/kfd", "/dev/dri", "/dev/accel0"))


@cache
def probe(candidate: str) -> Probe | None:
    """What the candidate finds here; None where it does not answer."""
    answer = run_probe(CANDIDATES[candidate], sys.executable, _PROBE_TIMEOUT_S)
    return answer if isinstance(answer, Probe) and answer.importable else None
