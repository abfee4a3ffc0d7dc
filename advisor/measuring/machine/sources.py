"""Where facts about the machine are read from, system by system.

Every reader takes the text or the folder it reads, and returns None where its source does not exist.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_MIB = 2**20
_COMMAND_TIMEOUT_S = 10.0

#: Instruction sets that numeric libraries choose their kernels by, as Linux and macOS spell them.
_FLAGS_THAT_MATTER = re.compile(
    r"(sse4[_.]2|avx|avx1\.0|avx2|avx512\w*|avx_vnni|amx\w*|fma|f16c|asimd\w*|sve2?|bf16|i8mm|dotprod)"
)

#: Environment variables that change what is measured: whole names, or beginnings ending in an underscore.
_VARIABLES_THAT_MATTER = (
    "OMP_",
    "MKL_",
    "OPENBLAS_",
    "TF_",
    "TORCH_",
    "PYTORCH_",
    "MALLOC_",
    "XLA_FLAGS",
    "KERAS_BACKEND",
    "CUDA_VISIBLE_DEVICES",
    "NVIDIA_TF32_OVERRIDE",
    "LD_PRELOAD",
)
#: Another tool's, whose variables begin like TensorFlow's and hold its passwords.
_TERRAFORM = ("TF_VAR_", "TF_TOKEN_", "TF_CLI_")
_LOOKS_SECRET = re.compile(r"TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|API_?KEY", re.IGNORECASE)


@dataclass(frozen=True)
class Processor:
    """Name of the processor and those of its instruction sets that matter, sorted."""

    name: str
    flags: tuple[str, ...]


@dataclass(frozen=True)
class CgroupLimits:
    """What a container may use, None where not limited; ``cpu_cores`` is a share of time such as 1.5."""

    cpu_cores: float | None
    memory_mib: int | None


def run_text(command: Sequence[str]) -> str | None:
    """Standard output of a command; None where it does not exist, fails or hangs."""
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            timeout=_COMMAND_TIMEOUT_S,
            check=True,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def read_text(path: Path) -> str | None:
    """Contents of a file of the kernel without surrounding blanks; None where it cannot be read."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None


def processor_from_cpuinfo(text: str) -> Processor | None:
    """From Linux ``/proc/cpuinfo``, where ARM processors have no name but an implementer and a part."""
    fields: dict[str, str] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    name = fields.get("model name", "")
    if not name and "cpu part" in fields:
        board = fields.get("model", "ARM")
        name = f"{board} (implementer {fields.get('cpu implementer', '?')}, part {fields['cpu part']})"
    flags = fields.get("flags") or fields.get("features") or ""
    return Processor(name, _flags(flags.split())) if name else None


def processor_from_sysctl(text: str) -> Processor | None:
    """From what macOS answers to ``sysctl machdep.cpu hw.optional``."""
    fields = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
    name = fields.get("machdep.cpu.brand_string")
    if name is None:
        return None
    words = f"{fields.get('machdep.cpu.features', '')} {fields.get('machdep.cpu.leaf7_features', '')}".split()
    arm = "hw.optional.arm.FEAT_"
    words += [key.removeprefix(arm) for key, value in fields.items() if key.startswith(arm) and value == "1"]
    return Processor(name, _flags(words))


def accelerators_from_nvidia_smi(text: str) -> tuple[str, ...]:
    """A GPU per line of ``--query-gpu=name,memory.total,driver_version --format=csv,noheader``."""
    found = []
    for line in text.splitlines():
        fields = [field.strip() for field in line.split(",")]
        if len(fields) == 3:
            name, memory, driver = fields
            found.append(f"{name}, {memory}, driver {driver}")
    return tuple(found)


def cgroup_limits(root: Path, membership: str) -> CgroupLimits:
    """The tightest limits of a process's control groups and of all groups above them, version 1 or 2.

    Args:
        root: where the hierarchies are mounted, usually ``/sys/fs/cgroup``.
        membership: contents of ``/proc/self/cgroup``. Inside a container its paths are often the host's and
            do not exist; the limits then stand in the root.
    """
    cores: list[float] = []
    memory: list[int] = []
    for line in membership.splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if number == "0":
            for group in _with_parents(root, path):
                cores += _share(*(read_text(group / "cpu.max") or "max").split())
                memory += _bytes(read_text(group / "memory.max"))
            continue
        names = controllers.split(",")
        if "cpu" in names:
            for group in _with_parents(_mounted(root, controllers, "cpu"), path):
                quota = read_text(group / "cpu.cfs_quota_us") or "-1"
                cores += _share(quota, read_text(group / "cpu.cfs_period_us") or "100000")
        if "memory" in names:
            for group in _with_parents(_mounted(root, controllers, "memory"), path):
                memory += _bytes(read_text(group / "memory.limit_in_bytes"))
    return CgroupLimits(min(cores, default=None), min(memory) // _MIB if memory else None)


def power_saving_policy(cpufreq: Path) -> str | None:
    """Name of the clock policy if it saves power at the cost of speed, else None.

    The drivers ``intel_pstate`` and ``amd-pstate-epp`` call their ordinary policy ``powersave`` too; for
    them the energy preference tells.

    Args:
        cpufreq: usually ``/sys/devices/system/cpu/cpu0/cpufreq``.
    """
    governor = read_text(cpufreq / "scaling_governor")
    preference = read_text(cpufreq / "energy_performance_preference")
    if preference is not None:
        return preference if preference in ("power", "balance_power") else None
    saves = governor == "powersave" and read_text(cpufreq / "scaling_driver") != "intel_pstate"
    return governor if saves else None


def clock_policy(cpufreq: Path) -> str | None:
    """What governs the processor's clock, such as ``the governor performance (driver intel_pstate)``.

    Args:
        cpufreq: usually ``/sys/devices/system/cpu/cpu0/cpufreq``.
    """
    governor = read_text(cpufreq / "scaling_governor")
    if governor is None:
        return None
    named = {"driver": "scaling_driver", "preference": "energy_performance_preference"}
    found = {word: read_text(cpufreq / name) for word, name in named.items()}
    told = ", ".join(f"{word} {text}" for word, text in found.items() if text)
    return f"the governor {governor}" + (f" ({told})" if told else "")


def relevant_environment(environment: Mapping[str, str], home: str) -> dict[str, str]:
    """Variables that change what is measured, sorted, with the home folder shortened to ``~``.

    Only ``set`` is told of ``LD_PRELOAD`` and of whatever may hold a secret: a telling name, or a web address.
    """
    found = {}
    for name in sorted(environment):
        if not _matters(name):
            continue
        value = environment[name]
        hidden = name == "LD_PRELOAD" or _LOOKS_SECRET.search(name) or "://" in value
        shown = value.replace(home, "~") if len(home) > 1 else value
        found[name] = "set" if hidden else shown
    return found


def _matters(name: str) -> bool:
    if name.startswith(_TERRAFORM):
        return False
    return any(name.startswith(known) if known.endswith("_") else name == known for known in _VARIABLES_THAT_MATTER)


def _flags(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({word.lower() for word in words if _FLAGS_THAT_MATTER.fullmatch(word.lower())}))


def _mounted(root: Path, controllers: str, controller: str) -> Path:
    together = root / controllers
    return together if together.is_dir() else root / controller


def _with_parents(root: Path, path: str) -> list[Path]:
    """The group's folder and all folders above it up to the root of the hierarchy."""
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    return [root.joinpath(*parts[:length]) for length in range(len(parts), -1, -1)]


def _share(quota: str, period: str = "100000") -> list[float]:
    return [int(quota) / int(period)] if quota.isdigit() and int(quota) > 0 and int(period) > 0 else []


def _bytes(text: str | None) -> list[int]:
    # Version 1 writes "no limit" as the largest number of pages.
    return [int(text)] if text is not None and text.isdigit() and int(text) < 2**60 else []
