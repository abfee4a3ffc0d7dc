"""What else used the processor while trials ran: other programs, and other machines on the same host.

What is done about it is decided in :mod:`advisor.measuring.running.quiet`. A virtual machine cannot see its neighbours;
its kernel counts the time it was ready to run and did not get ("steal" in proc_stat(5)).
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from advisor.measuring.machine.process_tree import trees
from advisor.measuring.machine.processors import trial_cores
from advisor.measuring.machine.sources import read_text
from pilots.results import Contention

#: Not to be counted twice: the kernel of a host adds the time of its guests to the time of its programs as well.
_WITHIN_OTHERS = ("guest", "guest_nice", "interrupt", "dpc")
_FIELDS = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal", "guest", "guest_nice")


@dataclass(frozen=True)
class ProcessorTime:
    """Seconds of the cores that trials run on since the system started, and those of this program with its trials among
    them. The counters of most systems tick a hundred times a second.

    ``processes`` are those of this program, by number and start. ``ended_told``: the time of those that have ended is
    in ``ours_s``.
    """

    total_s: float
    idle_s: float
    stolen_s: float | None
    ours_s: float
    cores: int = 1
    processes: frozenset[tuple[int, float]] = frozenset()
    ended_told: bool = True


def read(trials: Collection[int], *, ended_told: bool = not (psutil.MACOS or psutil.WINDOWS)) -> ProcessorTime:
    """The counters now.

    Args:
        trials: the numbers of the trial processes.
        ended_told: the system adds the time of a process that has ended to that of whoever started it.
    """
    counters = _counters()
    processes, ours_s = _ours([psutil.Process(), *trees(trials)], ended_told)
    stolen = [core["steal"] for core in counters if "steal" in core]
    return ProcessorTime(
        total_s=sum(seconds for core in counters for name, seconds in core.items() if name not in _WITHIN_OTHERS),
        idle_s=sum(core["idle"] + core.get("iowait", 0.0) for core in counters),
        stolen_s=sum(stolen) if stolen else None,
        ours_s=ours_s,
        cores=len(counters),
        processes=processes,
        ended_told=ended_told,
    )


def between(start: ProcessorTime, end: ProcessorTime, *, least: float = 0.0) -> Contention | None:
    """What others took between two readings; None where no time has passed, or where a process of ours has ended and
    its time with it, which would be counted as that of others.

    Args:
        start: the first.
        end: the second.
        least: of the share of programs. The counters of single processes are finer than those of the system, so that
            the difference may fall below zero. Who takes means of it must not cut that off, or they come out too high.
    """
    total_s = end.total_s - start.total_s
    if total_s <= 0 or (not end.ended_told and start.processes - end.processes):
        return None
    stolen_s = None if start.stolen_s is None or end.stolen_s is None else max(0.0, end.stolen_s - start.stolen_s)
    busy_s = total_s - (end.idle_s - start.idle_s) - (stolen_s or 0.0)
    others_s = busy_s - (end.ours_s - start.ours_s)
    return Contention(
        others_share=min(1.0, max(least, others_s / total_s)),
        stolen_share=None if stolen_s is None else min(1.0, stolen_s / total_s),
        cores=end.cores,
    )


def times_by_core(stat: str, ticks_per_s: float) -> dict[int, dict[str, float]]:
    """Seconds of each core that is online, by its number, from ``/proc/stat``, see proc_stat(5)."""
    found = {}
    for name, *ticks in filter(None, map(str.split, stat.splitlines())):
        number = name.removeprefix("cpu")
        if name != number and number.isdigit():
            found[int(number)] = {field: int(tick) / ticks_per_s for field, tick in zip(_FIELDS, ticks, strict=False)}
    return found


def _counters() -> list[Mapping[str, float]]:
    """Of each core that trials run on; of all, where the system numbers them otherwise or does not tell."""
    stat = read_text(Path("/proc/stat"))
    if stat is None:
        return [core._asdict() for core in psutil.cpu_times(percpu=True)]
    by_core = times_by_core(stat, os.sysconf("SC_CLK_TCK"))
    return [by_core[core] for core in sorted(trial_cores()) if core in by_core] or list(by_core.values())


def _ours(processes: Iterable[psutil.Process], ended_told: bool) -> tuple[frozenset[tuple[int, float]], float]:
    """Which of these processes are there, and their processor time; where it is told, with children that have ended."""
    found: set[tuple[int, float]] = set()
    total_s = 0.0
    for process in processes:
        with suppress(psutil.Error):
            times, began = process.cpu_times(), process.create_time()
            total_s += times.user + times.system
            if ended_told:
                total_s += times.children_user + times.children_system
            found.add((process.pid, began))
    return frozenset(found), total_s
