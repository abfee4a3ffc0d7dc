"""What the trials ran on. Read only: nothing here changes the user's machine."""

from __future__ import annotations

import hashlib
import json
import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from advisor.measuring.machine.processors import CoreKind, allowed_cores, kinds_here, trial_cores
from advisor.measuring.machine.sources import (
    CgroupLimits,
    Processor,
    accelerators_from_nvidia_smi,
    cgroup_limits,
    power_saving_policy,
    processor_from_cpuinfo,
    processor_from_sysctl,
    read_text,
    relevant_environment,
    run_text,
)

_MIB = 2**20

#: A race keeps one process per candidate alive, and TensorFlow alone takes some 600 MiB once imported.
_MEMORY_FOR_A_RACE_MIB = 3072

_NVIDIA_SMI = ("nvidia-smi", "--query-gpu=name,memory.total,driver_version", "--format=csv,noheader")


@dataclass(frozen=True)
class MachineWarning:
    """Something about the machine that makes its numbers less trustworthy, ending in an action."""

    id: str
    message: str
    action: str


@dataclass(frozen=True)
class Machine:
    """Fingerprint of the hardware and the system.

    ``id`` hashes the parts that do not change between two runs. ``usable_cores`` are those that this process
    may run on, within its quota: at least one. ``core_kinds`` is empty where all cores are alike or nobody knows;
    ``pinned_cores`` are those that trials keep to, None where that is all of them.
    """

    id: str
    system: str
    cpu: str
    cpu_flags: tuple[str, ...]
    physical_cores: int
    usable_cores: int
    memory_mib: int
    accelerators: tuple[str, ...]
    python: str
    on_battery: bool | None
    load_1min: float | None
    cpu_quota_cores: float | None
    memory_limit_mib: int | None
    environment: dict[str, str]
    warnings: tuple[MachineWarning, ...]
    core_kinds: tuple[CoreKind, ...] = ()
    pinned_cores: int | None = None


@dataclass(frozen=True)
class Surroundings:
    """What matters for a warning and says nothing about the machine itself."""

    allowed_cores: int
    available_mib: int
    power_saving: str | None


def fingerprint() -> Machine:
    """The machine as this process sees it now; what the system does not tell is None or empty."""
    logical_cores = psutil.cpu_count(logical=True) or 1
    allowed, kinds = allowed_cores(), kinds_here()
    limits = _limits()
    processor = _processor()
    memory = psutil.virtual_memory()
    machine = Machine(
        id="",
        system=" ".join((platform.system(), platform.release(), platform.machine())),
        cpu=processor.name,
        cpu_flags=processor.flags,
        physical_cores=psutil.cpu_count(logical=False) or logical_cores,
        usable_cores=usable_cores(len(trial_cores()), limits.cpu_cores),
        memory_mib=memory.total // _MIB,
        accelerators=_accelerators(processor),
        python=platform.python_version(),
        on_battery=_on_battery(),
        load_1min=os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        cpu_quota_cores=limits.cpu_cores,
        memory_limit_mib=limits.memory_mib,
        environment=relevant_environment(os.environ, str(Path.home())),
        warnings=(),
        core_kinds=kinds,
        pinned_cores=len(trial_cores()) if trial_cores() < allowed else None,
    )
    surroundings = Surroundings(
        allowed_cores=len(allowed),
        available_mib=memory.available // _MIB,
        power_saving=power_saving_policy(Path("/sys/devices/system/cpu/cpu0/cpufreq")),
    )
    return replace(machine, id=identity(machine), warnings=warnings_about(machine, surroundings))


def identity(machine: Machine) -> str:
    """Twelve hexadecimal digits that change when results could: other hardware, driver or limits.

    Load, battery, environment, Python and the kernel's release are left out, and memory is rounded to whole
    GiB, because a kernel keeps a little more or less of it for itself.
    """
    lasting = {
        "system": machine.system.split()[:1] + machine.system.split()[-1:],
        "cpu": machine.cpu,
        "cpu_flags": machine.cpu_flags,
        "cores": (machine.physical_cores, machine.usable_cores, machine.cpu_quota_cores),
        "memory_gib": round(machine.memory_mib / 1024),
        "memory_limit_mib": machine.memory_limit_mib,
        "accelerators": machine.accelerators,
    }
    return hashlib.sha256(json.dumps(lasting, sort_keys=True).encode()).hexdigest()[:12]


def usable_cores(allowed_cores: int, quota_cores: float | None) -> int:
    """Whole cores that can be kept busy: those allowed, or fewer where a quota gives less time than that."""
    return allowed_cores if quota_cores is None else max(1, min(allowed_cores, int(quota_cores)))


def warnings_about(machine: Machine, surroundings: Surroundings) -> tuple[MachineWarning, ...]:
    """Everything that makes the numbers of this machine less trustworthy, most disturbing first."""
    return (*_about_speed(machine, surroundings), *_about_shortage(machine, surroundings), *_about_environment(machine))


def _about_speed(machine: Machine, surroundings: Surroundings) -> Iterator[MachineWarning]:
    """What changes the speed of the processor from one moment to the next."""
    mixed = ", ".join(f"{kind.count} {kind.name} cores" for kind in machine.core_kinds)
    if mixed and machine.pinned_cores is not None:
        yield MachineWarning(
            "mixed_cores",
            f"The processor has {mixed}: trials keep to the fast ones, as many as this program may run on.",
            "Count on other times where your training spreads over all of them.",
        )
    elif mixed:
        yield MachineWarning(
            "mixed_cores_not_pinned",
            f"The processor has {mixed}, and trials are not kept to one kind here: on which they run may change.",
            "Plug in the power supply, keep the terminal in front, and trust only large differences.",
        )
    if machine.on_battery:
        yield MachineWarning("on_battery", "The machine runs on its battery, which lowers its clock.", "Plug it in.")
    if surroundings.power_saving is not None:
        yield MachineWarning(
            "power_saving",
            f"The processor saves power (policy '{surroundings.power_saving}').",
            "Choose the performance profile of your system for the time of the run.",
        )


def _about_shortage(machine: Machine, surroundings: Surroundings) -> Iterator[MachineWarning]:
    """Cores and memory that are too few, or shared with others."""
    quota = machine.cpu_quota_cores
    if quota is not None and quota < surroundings.allowed_cores:
        yield MachineWarning(
            "cpu_quota",
            f"A quota of {quota:g} cores is shared out over {surroundings.allowed_cores}: processes are "
            "stopped for moments whenever it is used up.",
            "Start the container with whole cores of its own (docker run --cpuset-cpus).",
        )
    if machine.usable_cores == 1:
        yield MachineWarning(
            "single_core",
            "Only one core can be used: everything else that runs disturbs the trials.",
            "Give the process two cores or more, or trust only large differences.",
        )
    free_mib = min(surroundings.available_mib, machine.memory_limit_mib or surroundings.available_mib)
    if free_mib < _MEMORY_FOR_A_RACE_MIB:
        yield MachineWarning(
            "memory_low",
            f"Only {free_mib} MiB of memory are free; racing all candidates takes about {_MEMORY_FOR_A_RACE_MIB} MiB.",
            "Close other programs, raise the memory limit, or race fewer candidates with --candidates.",
        )


def _about_environment(machine: Machine) -> Iterator[MachineWarning]:
    """Variables that change what trials run on, or what is loaded into them."""
    if machine.accelerators and machine.environment.get("CUDA_VISIBLE_DEVICES") in ("", "-1"):
        yield MachineWarning(
            "accelerator_hidden",
            "CUDA_VISIBLE_DEVICES hides the accelerator: all trials run on the processor.",
            "Unset CUDA_VISIBLE_DEVICES if the model will be trained on the accelerator.",
        )
    if "LD_PRELOAD" in machine.environment:
        yield MachineWarning(
            "preload",
            "LD_PRELOAD puts a library under every process, often another memory allocator.",
            "Unset LD_PRELOAD, unless it is also set where the model will run.",
        )


def _limits() -> CgroupLimits:
    membership = read_text(Path("/proc/self/cgroup"))
    if membership is None:
        return CgroupLimits(None, None)
    return cgroup_limits(Path("/sys/fs/cgroup"), membership)


def _processor() -> Processor:
    found = None
    if platform.system() == "Darwin":
        found = processor_from_sysctl(run_text(("sysctl", "machdep.cpu", "hw.optional")) or "")
    elif (cpuinfo := read_text(Path("/proc/cpuinfo"))) is not None:
        found = processor_from_cpuinfo(cpuinfo)
    return found or Processor(platform.processor() or platform.machine(), ())


def _accelerators(processor: Processor) -> tuple[str, ...]:
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return (f"{processor.name} GPU",)
    return accelerators_from_nvidia_smi(run_text(_NVIDIA_SMI) or "")


def _on_battery() -> bool | None:
    # psutil leaves the function out on systems without batteries, and fails where their folder is missing.
    if not hasattr(psutil, "sensors_battery"):
        return None
    try:
        battery = psutil.sensors_battery()
    except OSError:
        return None
    if battery is None or battery.power_plugged is None:
        return None
    return not battery.power_plugged
