"""Stacks that have an accelerator here; the others' tests are skipped and say what was looked for.

``ADVISOR_TEST_DEVICE=cpu`` runs the same tests on the processor, which shows that they are not broken themselves.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack

import pytest
from stacks_here import OpenIt, OpenTrial, Stack, probe, signs_of_an_accelerator

from advisor.catalog import CANDIDATES
from advisor.measuring.machine.devices import device_kind
from advisor.measuring.running.supervisor import TrialLimits, TrialProcess, trial_environment
from pilots.protocol import Open, Opened
from pilots.records import TrialSpec

DEVICE = os.environ.get("ADVISOR_TEST_DEVICE", "auto")
_LIMITS = TrialLimits(timeout_s=600, memory_mib=1_000_000)


@pytest.fixture(params=CANDIDATES)
def stack(request: pytest.FixtureRequest) -> Stack:
    """Every stack that can run on the device asked for."""
    candidate = request.param
    if DEVICE not in ("auto", "cpu"):
        pytest.fail(f"ADVISOR_TEST_DEVICE must be auto or cpu, not {DEVICE!r}")
    if DEVICE == "auto" and not signs_of_an_accelerator():
        pytest.skip("no accelerator: looked for NVIDIA's driver (NVML), Apple silicon, /dev/kfd, /dev/dri, /dev/accel0")
    found = probe(candidate)
    if found is None:
        pytest.skip(f"{candidate} cannot be imported here")
    if DEVICE == "auto" and {device_kind(device) for device in found.devices} <= {"cpu"}:
        pytest.skip(f"no accelerator for {candidate}: it finds {', '.join(found.devices) or 'no device'}")
    return Stack(candidate, DEVICE)


@pytest.fixture
def open_trial() -> Iterator[OpenIt]:
    """Open a trial of a stack, on its own device unless another is named. All are closed at the end of the test."""
    with ExitStack() as started:

        def start(
            stack: Stack,
            workload: str = "tabular",
            *,
            device: str | None = None,
            python: str = sys.executable,
            environment: Mapping[str, str] | None = None,
        ) -> OpenTrial:
            spec = TrialSpec("race", workload, "smoke", stack.candidate, "default", 0, 0, 1, device or stack.device)
            process = TrialProcess(python, trial_environment(1) | dict(environment or {}), _LIMITS)
            started.callback(process.close)
            return OpenTrial(process, process.request(Open(spec), Opened))

        yield start
