"""The cores of the processor: which kinds there are, which of them trials run on, and how fast their clock is.

Phones' processors, Apple's and Intel's of late have fast and saving cores. Threads that wait for one another at
barriers are as fast as the slowest of them. So trials keep to the fast cores where the system tells the kinds and
allows it, and where these cores can do at least half of what the processor can; where trials do not, as on macOS, the
report says so.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import psutil

from advisor.measuring.machine.sources import read_text, run_text

DEVICES = Path("/sys/devices")
#: Cores of one kind differ by a few per cent in their highest clock, those of two kinds by more than this.
_SAME_KIND = 0.8
#: Trials keep to the fast cores where these have at least this share of what all can do.
_LEAST_LEFT = 0.5


@dataclass(frozen=True)
class CoreKind:
    """Cores that are alike, by the numbers that the system gives them; none where it tells only how many there are."""

    name: Literal["fast", "saving"]
    count: int
    cores: tuple[int, ...] = ()
    max_mhz: float | None = None


def core_kinds(devices: Path) -> tuple[CoreKind, ...]:
    """The kinds of cores, fast cores first; empty where all are alike or the system does not tell.

    Linux tells Intel's kinds by name, ARM's by capacity, and others by their highest clock.

    Args:
        devices: usually ``/sys/devices``.
    """
    fast, saving = (_numbers(read_text(devices / name / "cpus") or "") for name in ("cpu_core", "cpu_atom"))
    clocks = _clocks(devices, "cpuinfo_max_freq")
    if not (fast and saving):
        fast, saving = _apart(core_speeds(devices))
    if not (fast and saving):
        return ()
    return (
        CoreKind("fast", len(fast), tuple(sorted(fast)), _highest(clocks, fast)),
        CoreKind("saving", len(saving), tuple(sorted(saving)), _highest(clocks, saving)),
    )


def core_kinds_from_sysctl(text: str) -> tuple[CoreKind, ...]:
    """The same from what macOS answers to ``sysctl hw.perflevel0 hw.perflevel1``; level 0 is fast."""
    fields = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
    counts = [fields.get(f"hw.perflevel{level}.logicalcpu", "") for level in (0, 1)]
    if not all(count.isdigit() and int(count) > 0 for count in counts):
        return ()
    return CoreKind("fast", int(counts[0])), CoreKind("saving", int(counts[1]))


def kinds_here() -> tuple[CoreKind, ...]:
    """The kinds of cores of this machine."""
    if platform.system() == "Darwin":
        return core_kinds_from_sysctl(run_text(("sysctl", "hw.perflevel0", "hw.perflevel1")) or "")
    return core_kinds(DEVICES)


def allowed_cores() -> frozenset[int]:
    """Those that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return frozenset(os.sched_getaffinity(0))
    return frozenset(range(psutil.cpu_count(logical=True) or 1))


def cores_to_run_on(
    allowed: Collection[int], kinds: Iterable[CoreKind], speeds: Mapping[int, float] | None = None
) -> frozenset[int]:
    """The fast cores among the allowed; all allowed cores where nobody knows which are fast, or where most of what the
    processor can do would be lost without the others: nobody trains on one core of eight.

    Args:
        allowed: their numbers.
        kinds: of all cores.
        speeds: how much each can do, in any unit; all the same where that is not known.
    """
    all_cores = frozenset(allowed)
    fast = all_cores & {core for kind in kinds if kind.name == "fast" for core in kind.cores}
    known = speeds if speeds and all_cores <= set(speeds) else dict.fromkeys(all_cores, 1.0)
    left = sum(known[core] for core in fast)
    return fast if fast and left >= _LEAST_LEFT * sum(known[core] for core in all_cores) else all_cores


def core_speeds(devices: Path) -> dict[int, float]:
    """How much each core can do, by its number: its capacity, or its highest clock; empty where neither is told."""
    return _by_core(devices, "cpu_capacity") or _clocks(devices, "cpuinfo_max_freq")


@cache
def trial_cores() -> frozenset[int]:
    """The cores that trials run on here."""
    kinds = kinds_here() if hasattr(os, "sched_setaffinity") else ()
    return cores_to_run_on(allowed_cores(), kinds, core_speeds(DEVICES))


def spare_cores(devices: Path, cores: Collection[int], threads: int) -> int:
    """How many of these cores are left to others by trials with so many threads.

    Two threads of one physical core count once, since whoever runs on either takes from both.
    """
    siblings = {
        read_text(devices / "system" / "cpu" / f"cpu{core}" / "topology/thread_siblings_list") for core in cores
    }
    # Some systems tell how many physical cores there are, and not which core is a thread of which.
    physical = len(siblings) if None not in siblings else min(len(cores), psutil.cpu_count(logical=False) or len(cores))
    return max(0, physical - threads)


def keep_to(process: int, cores: frozenset[int]) -> None:
    """Let a process, and the threads that it will start, run on these cores alone; nothing where that cannot be."""
    if hasattr(os, "sched_setaffinity") and cores < allowed_cores():
        with suppress(OSError):  # it has just ended, or the system forbids it
            os.sched_setaffinity(process, cores)


def clock_mhz(devices: Path, cores: Collection[int]) -> float | None:
    """The clock of the fastest of these cores now, in MHz; None where the system does not tell."""
    return _highest(_clocks(devices, "scaling_cur_freq"), cores)


def clock_drift(clocks_mhz: Iterable[float | None]) -> float | None:
    """By which share the clock was slower in the last third of the rounds than in the first, in means; below zero where
    it was faster. None with fewer than three readings."""
    known = [clock for clock in clocks_mhz if clock is not None]
    third = len(known) // 3
    if third == 0:
        return None
    first, last = sum(known[:third]) / third, sum(known[-third:]) / third
    return 1 - last / first if first > 0 else None


def _clocks(devices: Path, name: str) -> dict[int, float]:
    """In MHz, by core; the files of the kernel have kHz."""
    return {core: khz / 1000 for core, khz in _by_core(devices, f"cpufreq/{name}").items()}


def _by_core(devices: Path, name: str) -> dict[int, float]:
    found = {}
    for folder in (devices / "system" / "cpu").glob("cpu[0-9]*"):
        number, text = folder.name.removeprefix("cpu"), read_text(folder / name)
        if number.isdigit() and text is not None and text.isdigit():
            found[int(number)] = float(text)
    return found


def _apart(by_core: Mapping[int, float]) -> tuple[set[int], set[int]]:
    """The cores near the highest figure, and the others."""
    highest = max(by_core.values(), default=0.0)
    fast = {core for core, figure in by_core.items() if figure >= _SAME_KIND * highest}
    return fast, set(by_core) - fast


def _highest(by_core: Mapping[int, float], cores: Collection[int]) -> float | None:
    return max((by_core[core] for core in cores if core in by_core), default=None)


def _numbers(text: str) -> set[int]:
    """Of a list as the kernel writes it, such as ``0-3,8``."""
    found: set[int] = set()
    for part in text.split(","):
        low, _, high = part.partition("-")
        if low.strip().isdigit():
            found |= set(range(int(low), int(high or low) + 1))
    return found
