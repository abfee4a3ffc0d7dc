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
    """The ends of epochs on one workload, all candidates and lanes; ``findings``: a sentence on each that idled."""

    table: Table
    meaning: str
    findings: tuple[str, ...]


def build_epoch_ends(inputs: ReportInputs, workload: str) -> EpochEndsShown | None:
    """The ends of epochs of a workload; None where none was timed."""
    found = sorted(
        (
            timed_ends
            for timed_ends in epoch_ends(inputs.records, inputs.method.measuring)
            if timed_ends.workload == workload
        ),
        key=lambda timed_ends: (timed_ends.lane, catalog_order(timed_ends.candidate), timed_ends.wanted_s),
    )
    if not found:
        return None
    return EpochEndsShown(Table(_HEADER, tuple(map(_row, found))), _meaning(inputs, workload), _idle_ends(found))


def build_idling(inputs: ReportInputs, workload: str) -> tuple[str, ...]:
    """Where the processor idled for more of a training than is usual, with the place; and in which blocks of races."""
    return (
        *(_idled(idling) for idling in much_idling(inputs) if idling.workload == workload),
        *_blocks(inputs, workload),
    )


def much_idling(inputs: ReportInputs) -> tuple[Idling, ...]:
    """Trainings in which the processor idled for more than the share that is a finding of its own."""
    limit = inputs.method.measuring.idle_warned_share
    return tuple(idling for idling in idlings(inputs.records) if idling.share > limit)


def _row(timed_ends: EpochEnds) -> tuple[str, ...]:
    return (
        entrant_title(timed_ends.candidate, timed_ends.lane),
        quantity(timed_ends.epoch_s, "s"),
        str(timed_ends.ends),
        _seconds(timed_ends.end_s),
        _seconds(timed_ends.longest_s),
        percent(max(0.0, timed_ends.share)),
        f"{timed_ends.idle}, {quantity(timed_ends.idle_s, 's')} in all" if timed_ends.idle else "none",
    )


def _seconds(seconds: float) -> str:
    """Below a millisecond it is the noise of the steps around it."""
    return "under 1 ms" if seconds < 0.001 else quantity(seconds, "s")


def _meaning(inputs: ReportInputs, workload: str) -> str:
    counts = any(
        (series.workload, series.measure, series.lane) == (workload, "epochs.step_ms", "default")
        for series in inputs.series
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
    for name in dict.fromkeys((timed_ends.candidate, timed_ends.lane) for timed_ends in found):
        candidate, lane = name
        mine = [timed_ends for timed_ends in found if (timed_ends.candidate, timed_ends.lane) == name]
        idle, ends = sum(timed_ends.idle for timed_ends in mine), sum(timed_ends.ends for timed_ends in mine)
        if not idle:
            continue
        idle_s = quantity(sum(timed_ends.idle_s for timed_ends in mine), "s")
        text = (
            f"{entrant_title(candidate, lane)} stands still between epochs: at {idle} of {counted(ends, 'end')} the "
            f"processor idled, for {idle_s} in all."
        )
        tuned = [timed_ends for timed_ends in found if (timed_ends.candidate, timed_ends.lane) == (candidate, "tuned")]
        remedy = CANDIDATES[candidate].idle_ends_remedy if candidate in CANDIDATES else ""
        if lane == "default" and remedy:
            text += f" {remedy}"
            if tuned:
                still, of = sum(timed_ends.idle for timed_ends in tuned), sum(timed_ends.ends for timed_ends in tuned)
                text += f" There it idled at {still or 'none'} of {counted(of, 'end')}."
        texts.append(text)
    return tuple(texts)


def _idled(idling: Idling) -> str:
    what = experiments()[idling.experiment].training or words(idling.experiment)
    text = (
        f"In {what} of {entrant_title(idling.candidate, idling.lane)} the processor idled for {percent(idling.share)} "
        f"of the time, {quantity(idling.idle_s, 's')} of {quantity(idling.wall_s, 's')}."
    )
    if idling.places:
        first = idling.places[0]
        text += f" For {quantity(first.seconds, 's')} of them it waited here, innermost first: {place(first)}."
    return text


def place(wait: Wait) -> str:
    """The innermost lines of a stack."""
    return " in ".join(wait.stack[:_SHOWN_FRAMES])


def _blocks(inputs: ReportInputs, workload: str) -> tuple[str, ...]:
    """Blocks of races that the medians leave out."""
    measuring = inputs.method.measuring
    return tuple(
        _in_blocks(idle)
        for idle in idle_blocks(inputs.records, measuring.idle_block)
        if idle.workload == workload and max(idle.seconds) > measuring.idle_end_s
    )


def _in_blocks(idle: IdleBlocks) -> str:
    longest, together = quantity(max(idle.seconds), "s"), quantity(sum(idle.seconds), "s")
    return (
        f"In {len(idle.seconds)} of {counted(idle.blocks, 'block')} of the races of "
        f"{entrant_title(idle.candidate, idle.lane)} the processor idled, for up to {longest} and {together} in all. "
        "The time of a step is a median, which leaves them out."
    )
