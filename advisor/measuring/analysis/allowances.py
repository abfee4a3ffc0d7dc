"""What others at work may have done to a comparison: by how much its interval has to allow for it, and what is left."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence

from advisor.measuring.analysis.crowding import on_busy_machine, possible_slowdown, possible_slowdown_alone
from advisor.method import method
from pilots.records import TrialRecord
from pilots.results import RaceResult


def possible_shifts(records: Sequence[TrialRecord], candidates: Collection[str]) -> dict[int, float]:
    """By launch, how far others may have moved the logarithm of a ratio of these candidates, to either side.

    One of the two may have lost as much as anybody can, the other nothing: see
    :func:`advisor.measuring.analysis.crowding.possible_slowdown`. A mean of logarithms moves by the mean of what each
    may.
    """
    return {
        record.spec.launch: _log_slowdown(record)
        for record in records
        if isinstance(record.result, RaceResult) and record.spec.candidate in candidates and not on_busy_machine(record)
    }


def possible_factor(records: Iterable[TrialRecord]) -> float:
    """By which factor others may have slowed these trials at most, in the mean of logarithms; those on a busy machine
    do not count in it."""
    logs = [_log_slowdown(record) for record in records if not on_busy_machine(record)]
    return math.exp(sum(logs) / len(logs)) if logs else 1.0


def _log_slowdown(record: TrialRecord) -> float:
    unseen_cores = method().quiet.unseen_cores
    if isinstance(record.result, RaceResult):
        return math.log(possible_slowdown(record.result, unseen_cores))
    return math.log(possible_slowdown_alone(record.contention, unseen_cores))


def busy_launches(records: Sequence[TrialRecord]) -> str:
    """How many launches raced on a busy machine, as a reason why others are too few; empty where none did."""
    raced = {record.spec.launch for record in records if isinstance(record.result, RaceResult)}
    busy = {
        record.spec.launch for record in records if isinstance(record.result, RaceResult) and on_busy_machine(record)
    }
    return (
        f"{len(busy)} of {len(raced)} were measured on a busy machine, and nothing is resolved by those" if busy else ""
    )
