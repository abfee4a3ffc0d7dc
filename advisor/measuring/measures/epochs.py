"""Of the ends of epochs: those of the shortest epochs that were looked at, of which every launch has as many."""

from __future__ import annotations

from advisor.measuring.analysis.epoch_ends import share_of_ends
from advisor.measuring.measures import Counts, Measure
from pilots.epoch_records import EpochsOfLength, EpochsResult

RESULT = EpochsResult
ORDER = 3


def _shortest(epochs: EpochsResult) -> EpochsOfLength | None:
    shortest = min(epochs.lengths, key=lambda length: length.wanted_s, default=None)
    return shortest if shortest is not None and shortest.ends else None


def _end_s(epochs: EpochsResult) -> float | None:
    shortest = _shortest(epochs)
    return sum(end.seconds for end in shortest.ends) / len(shortest.ends) if shortest else None


def _end_share(epochs: EpochsResult) -> float | None:
    """Of a training in such epochs; below zero where noise makes it so."""
    shortest = _shortest(epochs)
    return share_of_ends([shortest]) if shortest else None


MEASURES = (
    Measure("epochs.end_s", "s", "the end of an epoch", _end_s),
    Measure(
        "epochs.end_share",
        "",
        "the share of a training that the ends of epochs take",
        _end_share,
        slowed_by_others=True,
    ),
    # That of the race with its share of an end: see :func:`advisor.measuring.analysis.epoch_ends.steps_with_ends`.
    Measure(
        "epochs.step_ms",
        "ms",
        "the time of a training step with its share of an epoch's end",
        counts=Counts(
            "training_speed",
            "one training step with its share of an epoch's end",
            also="epochs.end_share",
            place=1,
        ),
    ),
)
