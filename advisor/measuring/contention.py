"""What else used the processor while candidates raced: other programs, and other machines on the same host.

Interleaving shares a bad minute fairly among the candidates, but it does not bring back the steps that were lost: on a
crowded machine fewer differences are resolved. A virtual machine cannot see its neighbours; its kernel counts the time
it was ready to run and did not get ("steal" in proc_stat(5)).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import psutil

from advisor.measuring.process_tree import tree
from pilots.records import Contention, RaceResult, TrialRecord

#: Not to be counted twice: the kernel of a host adds the time of its guests to the time of its programs as well.
_WITHIN_OTHERS = ("guest", "guest_nice", "interrupt", "dpc")


@dataclass(frozen=True)
class ProcessorTime:
    """Seconds of all cores since the system started, and those of this program with its trials among them."""

    total_s: float
    idle_s: float
    stolen_s: float | None
    ours_s: float


def read(trials: Collection[int]) -> ProcessorTime:
    """The counters now; ``trials`` are the numbers of the trial processes."""
    counters = psutil.cpu_times()._asdict()
    return ProcessorTime(
        total_s=sum(seconds for name, seconds in counters.items() if name not in _WITHIN_OTHERS),
        idle_s=counters["idle"] + counters.get("iowait", 0.0),
        stolen_s=counters.get("steal"),
        # A trial that has ended is in the time of this process's children.
        ours_s=_seconds([psutil.Process(), *(process for pid in trials for process in tree(pid))]),
    )


def between(start: ProcessorTime, end: ProcessorTime) -> Contention | None:
    """What others took between two readings; None where no time has passed."""
    total_s = end.total_s - start.total_s
    if total_s <= 0:
        return None
    stolen_s = None if start.stolen_s is None or end.stolen_s is None else max(0.0, end.stolen_s - start.stolen_s)
    busy_s = total_s - (end.idle_s - start.idle_s) - (stolen_s or 0.0)
    # The counters of single processes are finer than those of the system, so the difference can fall below zero.
    others_s = max(0.0, busy_s - (end.ours_s - start.ours_s))
    return Contention(
        others_share=min(1.0, others_s / total_s),
        stolen_share=None if stolen_s is None else min(1.0, stolen_s / total_s),
    )


def of_races(records: Iterable[TrialRecord]) -> tuple[Contention, ...]:
    """What others took during each race: one per session, though every trial of a session tells it."""
    found: dict[str, Contention] = {}
    for record in records:
        if isinstance(record.result, RaceResult) and record.result.contention is not None:
            found[record.result.session] = record.result.contention
    return tuple(found.values())


def taken_by_others(races: Sequence[Contention]) -> float:
    """Mean share of the processor's time that others took, programs and machines together; 0 where nothing is known."""
    return sum(one.others_share + (one.stolen_share or 0.0) for one in races) / max(1, len(races))


def _seconds(processes: Iterable[psutil.Process]) -> float:
    """Processor time of these processes and of their children that have ended."""
    total_s = 0.0
    for process in processes:
        with suppress(psutil.Error):
            times = process.cpu_times()
            total_s += times.user + times.system + times.children_user + times.children_system
    return total_s
