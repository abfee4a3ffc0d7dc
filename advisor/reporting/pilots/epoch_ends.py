"""What the ends of epochs take of a training, and where in a training the processor idled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.catalog import CANDIDATES
from advisor.measuring.analysis.epoch_ends import EpochEnds, IdleBlocks, Idling, epoch_ends, idle_blocks, idlings
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words.names import catalog_order, entrant_title, words
from advisor.reporting.words.numbers import counted, percent, quantity
from advisor.reporting.words.table import Table
from pilots.epoch_records import Wait
from pilots.experiment import experiments

_HEADER = (
    "Candidate",
    "Steps of an epoch take",
    "Ends timed",
    "One end takes",
    "The longest",
    "Share of such a training",
    "Ends with an idle processor",
)
_SHOWN_FRAMES = 4


@dataclass(frozen=True)
class EpochEndsShown:
    """The ends of epochs on one workload, all candidates and lanes; ``findings`` are sentences, one for each."""

    table: Table
    meaning: str
    findings: tuple[str, ...]


def build_epoch_ends(inputs: ReportInputs, workload: str) -> EpochEndsShown | None:
    """The ends of epochs of a workload; None where none was timed."""
    found = sorted(
        (one for one in epoch_ends(inputs.records, inputs.method.measuring) if one.workload == workload),
        key=lambda one: (one.lane, catalog_order(one.candidate), one.wanted_s),
    )
    if not found:
        return None
    return EpochEndsShown(Table(_HEADER, tuple(map(_row, found))), _meaning(inputs, workload), _idle_ends(found))


def build_idling(inputs: ReportInputs, workload: str) -> tuple[str, ...]:
    """Where the processor idled for more of a training than is usual, with the place; and in which blocks of races."""
    return (
        *(_idled(one) for one in much_idling(inputs) if one.workload == workload),
        *_blocks(inputs, workload),
    )


def much_idling(inputs: ReportInputs) -> tuple[Idling, ...]:
    """Trainings in which the processor idled for more than the share that is a finding of its own."""
    limit = inputs.method.measuring.idle_warned_share
    return tuple(one for one in idlings(inputs.records) if one.share > limit)


def _row(one: EpochEnds) -> tuple[str, ...]:
    return (
        entrant_title(one.candidate, one.lane),
        quantity(one.epoch_s, "s"),
        str(one.ends),
        _seconds(one.end_s),
        _seconds(one.longest_s),
        percent(max(0.0, one.share)),
        f"{one.idle}, {quantity(one.idle_s, 's')} in all" if one.idle else "none",
    )


def _seconds(seconds: float) -> str:
    """Below a millisecond it is the noise of the steps around it."""
    return "under 1 ms" if seconds < 0.001 else quantity(seconds, "s")


def _meaning(inputs: ReportInputs, workload: str) -> str:
    counts = any(
        (one.workload, one.measure, one.lane) == (workload, "epochs.step_ms", "default") for one in inputs.series
    )
    shortest = quantity(min(inputs.method.measuring.epoch_lengths_s), "s")
    if not counts:
        return "They do not count: the ends of some candidate that raced were not timed."
    return (
        f"Training speed is judged by the step with its share of an end, at epochs of about {shortest}; the pairs "
        "above compare steps alone."
    )


def _idle_ends(found: Sequence[EpochEnds]) -> tuple[str, ...]:
    """One sentence for each candidate and lane that stood still, with what helps, and whether it did here."""
    texts = []
    for name in dict.fromkeys((one.candidate, one.lane) for one in found):
        candidate, lane = name
        mine = [one for one in found if (one.candidate, one.lane) == name]
        idle, ends = sum(one.idle for one in mine), sum(one.ends for one in mine)
        if not idle:
            continue
        idle_s = quantity(sum(one.idle_s for one in mine), "s")
        text = (
            f"{entrant_title(candidate, lane)} stands still between epochs: at {idle} of {counted(ends, 'end')} the "
            f"processor idled, for {idle_s} in all."
        )
        tuned = [one for one in found if (one.candidate, one.lane) == (candidate, "tuned")]
        remedy = CANDIDATES[candidate].idle_ends_remedy if candidate in CANDIDATES else ""
        if lane == "default" and remedy:
            text += f" {remedy}"
            if tuned:
                still, of = sum(one.idle for one in tuned), sum(one.ends for one in tuned)
                text += f" There it idled at {still or 'none'} of {counted(of, 'end')}."
        texts.append(text)
    return tuple(texts)


def _idled(one: Idling) -> str:
    what = experiments()[one.experiment].training or words(one.experiment)
    text = (
        f"In {what} of {entrant_title(one.candidate, one.lane)} the processor idled for {percent(one.share)} of the "
        f"time, {quantity(one.idle_s, 's')} of {quantity(one.wall_s, 's')}."
    )
    if one.places:
        first = one.places[0]
        text += f" For {quantity(first.seconds, 's')} of them it waited here, innermost first: {place(first)}."
    return text


def place(wait: Wait) -> str:
    """The innermost lines of a stack."""
    return " in ".join(wait.stack[:_SHOWN_FRAMES])


def _blocks(inputs: ReportInputs, workload: str) -> tuple[str, ...]:
    """Blocks of races that the medians leave out."""
    measuring = inputs.method.measuring
    return tuple(
        _in_blocks(one)
        for one in idle_blocks(inputs.records, measuring.idle_block)
        if one.workload == workload and max(one.seconds) > measuring.idle_end_s
    )


def _in_blocks(one: IdleBlocks) -> str:
    longest, together = quantity(max(one.seconds), "s"), quantity(sum(one.seconds), "s")
    return (
        f"In {len(one.seconds)} of {counted(one.blocks, 'block')} of the races of "
        f"{entrant_title(one.candidate, one.lane)} the processor idled, for up to {longest} and {together} in all. The "
        "time of a step is a median, which leaves them out."
    )
