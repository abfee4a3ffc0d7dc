"""The processes that belong to a trial: its own, their children, and those that hid from both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from contextlib import suppress

import psutil


def tree(pid: int) -> list[psutil.Process]:
    """A process and all its children, the process first; empty when it has ended."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


def trees(pids: Collection[int], *, one_by_one: bool = psutil.WINDOWS) -> list[psutil.Process]:
    """The same of several processes, for which the table of all is read once.

    On Windows, which reads that table anew to tell the parent of any process, it is read once for each of ``pids``.
    """
    if not pids:
        return []
    if one_by_one:
        return list(dict.fromkeys(process for pid in pids for process in tree(pid)))
    children: dict[int, list[psutil.Process]] = defaultdict(list)
    found: list[psutil.Process] = []
    for process in psutil.process_iter(["ppid"]):
        children[process.info["ppid"]].append(process)
        if process.pid in pids:
            found.append(process)
    for process in found:  # which grows meanwhile
        found += [child for child in children[process.pid] if child.pid not in pids]
    return found


def resident_mib(processes: Iterable[psutil.Process]) -> float:
    """Resident memory of these processes, in MiB; ended processes count nothing."""
    total_bytes = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            total_bytes += process.memory_info().rss
    return total_bytes / 2**20


def started_with(variable: str, value: str) -> list[psutil.Process]:
    """Processes in whose environment ``variable`` has this value.

    A daemon leaves its parent, its group and its session; the environment it was started with stays.
    """
    found = []
    for process in psutil.process_iter():
        # Ended meanwhile, or another user's.
        with suppress(psutil.Error, OSError):
            if process.environ().get(variable) == value:
                found.append(process)
    return found


def kill(processes: Iterable[psutil.Process]) -> None:
    """Kill those that are still there."""
    for process in processes:
        with suppress(psutil.Error):
            process.kill()
