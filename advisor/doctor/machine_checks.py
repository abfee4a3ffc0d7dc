"""What trials are given of this machine: threads, the processor's clock, the limits of a container."""

from __future__ import annotations

import os
from pathlib import Path

from advisor.doctor.findings import Diagnosis
from advisor.measuring.machine.fingerprint import Machine
from advisor.measuring.machine.sources import clock_policy
from advisor.measuring.running.supervisor import trial_environment

_CPUFREQ = Path("/sys/devices/system/cpu/cpu0/cpufreq")


def thread_finding(machine: Machine) -> Diagnosis:
    """How many threads every candidate is given, and which variables of the user's do not reach them."""
    threads = machine.usable_cores
    what = f"Every candidate is given {threads} thread{'s' if threads != 1 else ''}, one for each usable core."
    own = trial_environment(threads)
    overruled = [
        name for name in sorted(own) if name.endswith("_THREADS") and os.environ.get(name, own[name]) != own[name]
    ]
    if overruled:
        what += f" Your {' and '.join(f'{name}={os.environ[name]}' for name in overruled)} counts for none of them."
    return Diagnosis("threads", "ok", what)


def clock_finding(cpufreq: Path = _CPUFREQ) -> Diagnosis:
    """What the processor's clock is governed by; a policy that saves power is a warning of the machine's."""
    policy = clock_policy(cpufreq)
    if policy is None:
        what = "The system does not tell what governs the processor's clock, as most virtual machines do not."
        return Diagnosis("clock", "ok", what)
    return Diagnosis("clock", "ok", f"The processor's clock is governed by {policy}.")


def container_finding(machine: Machine) -> Diagnosis:
    """The limits of control groups, which is what containers are limited by."""
    limits = []
    if machine.cpu_quota_cores is not None:
        limits.append(f"{machine.cpu_quota_cores:g} cores' worth of time")
    if machine.memory_limit_mib is not None:
        limits.append(f"{machine.memory_limit_mib / 1024:.1f} GiB of memory")
    if not limits:
        return Diagnosis("container", "ok", "No container limits processor time or memory.")
    return Diagnosis("container", "ok", f"A container limits this to {' and '.join(limits)}.")
