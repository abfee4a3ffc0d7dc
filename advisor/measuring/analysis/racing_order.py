"""The order in which launches raced, which is that in which they are looked at."""

from __future__ import annotations

from collections.abc import Iterable

from pilots.records import TrialRecord


def in_order_of_racing(records: Iterable[TrialRecord]) -> tuple[int, ...]:
    """The launches that raced on a workload, by when their last race began; launches of one moment by their number."""
    began: dict[int, str] = {}
    for record in records:
        if record.spec.experiment == "race":
            launch = record.spec.launch
            began[launch] = max(record.started_at, began.get(launch, ""))
    return tuple(sorted(began, key=lambda launch: (began[launch], launch)))
