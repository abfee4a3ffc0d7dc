"""What others at work may have done to a comparison: by how much its interval has to allow for it, and what is left."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from advisor.measuring.crowding import on_busy_machine, possible_slowdown
from advisor.method import method
from pilots.records import RaceResult, TrialRecord


def possible_factor(records: Sequence[TrialRecord], candidates: Collection[str], launches: int) -> float:
    """By which factor others may have moved a ratio of these candidates in their first ``launches`` launches.

    One of the two may have lost as much as anybody can, the other nothing: see
    :func:`advisor.measuring.crowding.possible_slowdown`. A mean of logarithms moves by the mean of what each may.
    """
    slowdowns: dict[int, float] = {}
    for record in records:
        if (
            isinstance(record.result, RaceResult)
            and record.spec.candidate in candidates
            and not on_busy_machine(record)
        ):
            slowdowns[record.spec.launch] = possible_slowdown(record.result, method().quiet.unseen_cores)
    used = [math.log(slowdowns[launch]) for launch in sorted(slowdowns)[:launches]]
    return math.exp(sum(used) / len(used)) if used else 1.0


def still_holds(word: str, low: float, high: float, margin: float) -> bool:
    """Whether an interval of the ratio still supports a word about the pair."""
    if word == "faster":
        return high < 1
    if word == "slower":
        return low > 1
    return 1 / (1 + margin) <= low and high <= 1 + margin


def busy_launches(records: Sequence[TrialRecord]) -> str:
    """How many launches raced on a busy machine, as a reason why others are too few; empty where none did."""
    raced = {record.spec.launch for record in records if isinstance(record.result, RaceResult)}
    busy = {one.spec.launch for one in records if isinstance(one.result, RaceResult) and on_busy_machine(one)}
    return (
        f"{len(busy)} of {len(raced)} were measured on a busy machine, and nothing is resolved by those" if busy else ""
    )
