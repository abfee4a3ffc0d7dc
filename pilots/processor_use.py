"""What this process used of the processor, and how long it stood ready without getting any."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

_TASKS = "/proc/self/task"


@dataclass(frozen=True)
class ProcessorUse:
    """Between two readings: seconds of all threads together, so that both may exceed the time on the clock.

    ``run_delay_s`` is how long threads were ready to run and waited for a core, and None where the system does not
    tell; a thread that ended in between takes its share along. ``voluntary_switches`` are those in which a thread gave
    up its core to wait for something, ``involuntary_switches`` those in which another thread took it.
    """

    processor_s: float
    run_delay_s: float | None
    voluntary_switches: int | None
    involuntary_switches: int | None


@dataclass(frozen=True)
class Reading:
    """Counters of this process at a moment; ``run_delays_ns`` by number of the thread."""

    processor_s: float
    run_delays_ns: Mapping[str, int] | None
    switches: tuple[int, int] | None

    def until(self, end: Reading) -> ProcessorUse:
        """What was used between this reading and a later reading."""
        voluntary, involuntary = _switches(self, end)
        return ProcessorUse(end.processor_s - self.processor_s, _run_delay_s(self, end), voluntary, involuntary)


def read() -> Reading:
    """The counters now. It takes some ten microseconds and three more for each thread: not while anything is timed.

    Source: schedstat of each thread (Documentation/scheduler/sched-stats.rst of Linux), of which that of the process
    tells about its first thread alone; getrusage(2).
    """
    if resource is None:
        switches = None
    else:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        switches = (usage.ru_nvcsw, usage.ru_nivcsw)
    return Reading(time.process_time(), _run_delays_ns(), switches)


def _run_delays_ns() -> dict[str, int] | None:
    try:
        with os.scandir(_TASKS) as tasks:
            threads = [task.name for task in tasks]
    except OSError:
        return None
    delays: dict[str, int] = {}
    for thread in threads:
        with suppress(OSError, ValueError, IndexError):  # it has just ended, or the kernel keeps no such figures
            file = os.open(f"{_TASKS}/{thread}/schedstat", os.O_RDONLY)
            try:
                delays[thread] = int(os.read(file, 128).split()[1])
            finally:
                os.close(file)
    return delays or None


def _run_delay_s(start: Reading, end: Reading) -> float | None:
    if start.run_delays_ns is None or end.run_delays_ns is None:
        return None
    before = start.run_delays_ns
    # A new thread, which begins at 0, may be given the number of a thread that has ended.
    return sum(max(0, now - before.get(thread, 0)) for thread, now in end.run_delays_ns.items()) / 1e9


def _switches(start: Reading, end: Reading) -> tuple[int, int] | tuple[None, None]:
    if start.switches is None or end.switches is None:
        return None, None
    return end.switches[0] - start.switches[0], end.switches[1] - start.switches[1]
