"""What the ends of epochs take of a training, and where in a training the processor idles."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from advisor.measuring.analysis.crowding import counted_blocks, on_busy_machine
from advisor.measuring.analysis.starving import starved_by_round_s, starved_s
from advisor.method import Measuring
from pilots.epoch_records import EpochEnd, EpochsOfLength, EpochsResult, Wait
from pilots.records import ExperimentName, Lane, TrialRecord
from pilots.results import LearnResult, RaceBlock, RaceResult

#: Measure, workload, candidate and lane.
Cell = tuple[str, str, str, str]
#: By launch, the value and its trial.
ByLaunch = dict[int, tuple[float, TrialRecord]]


@dataclass(frozen=True)
class EpochEnds:
    """Ends of epochs that were made about ``wanted_s`` long, over all launches of a candidate in a lane.

    ``epoch_s`` is what the steps of such an epoch take. Its end takes ``end_s`` on average and ``longest_s`` at most;
    ends take ``share`` of such a training. In ``idle`` of the ``ends`` the processor idled, for ``idle_s`` in all.
    """

    workload: str
    candidate: str
    lane: Lane
    wanted_s: float
    epoch_s: float
    ends: int
    end_s: float
    longest_s: float
    share: float
    idle: int
    idle_s: float


@dataclass(frozen=True)
class Idling:
    """Trainings of a candidate in which the processor idled: ``idle_s`` of ``wall_s``, in one kind of trial.

    ``places`` are where the main thread was meanwhile, most first, over all launches.
    """

    workload: str
    candidate: str
    lane: Lane
    experiment: ExperimentName
    wall_s: float
    idle_s: float
    places: tuple[Wait, ...]

    @property
    def share(self) -> float:
        """Of the time, in which the processor idled."""
        return self.idle_s / self.wall_s if self.wall_s > 0 else 0.0


@dataclass(frozen=True)
class IdleBlocks:
    """Blocks of a race in which the processor idled: ``seconds`` beyond the median block each, of ``blocks`` in all."""

    workload: str
    candidate: str
    lane: Lane
    blocks: int
    seconds: tuple[float, ...]


def share_of_ends(lengths: Sequence[EpochsOfLength]) -> float:
    """The share of a training that the ends of its epochs take. There must be ends."""
    ends_s = sum(end.seconds for length in lengths for end in length.ends)
    steps_s = sum(length.steps * length.step_s * len(length.ends) for length in lengths)
    return ends_s / (steps_s + ends_s)


def steps_with_ends(cells: Mapping[Cell, ByLaunch]) -> dict[Cell, ByLaunch]:
    """The time of a step in a race with its share of an epoch's end, for the epochs that were looked at.

    A launch whose own ends were not timed, or on a busy machine, takes the mean share of the others. Nobody's ends
    count on a workload and in a lane where not everybody's were timed who raced: or whoever was not reached would look
    faster.
    """
    found: dict[Cell, ByLaunch] = {}
    raced = {name[1:]: steps for name, steps in cells.items() if name[0] == "race.step_ms"}
    shares = {name[1:]: share for name, share in cells.items() if name[0] == "epochs.end_share"}
    for (workload, candidate, lane), steps in raced.items():
        beside = [other for other in raced if (other[0], other[2]) == (workload, lane)]
        if any(other not in shares for other in beside):
            continue
        timed = shares[workload, candidate, lane]
        quiet = {launch: share for launch, (share, trial) in timed.items() if not on_busy_machine(trial)}
        own = quiet or {launch: share for launch, (share, _) in timed.items()}
        usual = sum(own.values()) / len(own)
        found["epochs.step_ms", workload, candidate, lane] = {
            launch: (step_ms / (1 - own.get(launch, usual)), trial) for launch, (step_ms, trial) in steps.items()
        }
    return found


def ends_all_busy(cells: Mapping[Cell, ByLaunch], cell: Cell) -> bool:
    """Whether what a cell's steps have as their share of an end was timed on a busy machine in every launch."""
    ends = cells["epochs.end_share", *cell[1:]]
    return all(on_busy_machine(trial) for _, trial in ends.values())


def idle_s(end: EpochEnd, measuring: Measuring) -> float:
    """Seconds of an end in which the processor idled: none where it is short, or threads worked or stood ready for a
    share of it."""
    busy_s = max(0.0, end.processor_s) + (end.run_delay_s or 0.0)
    if end.seconds < measuring.idle_end_s or busy_s >= measuring.idle_below * end.seconds:
        return 0.0
    return end.seconds - busy_s


def epoch_ends(records: Iterable[TrialRecord], measuring: Measuring) -> tuple[EpochEnds, ...]:
    """All that finished, by workload, candidate, lane and length, in the order in which they are met."""
    found: dict[tuple[str, str, Lane, float], list[tuple[TrialRecord, EpochsOfLength]]] = defaultdict(list)
    for record in records:
        if record.outcome == "ok" and isinstance(record.result, EpochsResult):
            spec = record.spec
            for length in record.result.lengths:
                if length.ends:
                    found[spec.workload, spec.candidate, spec.lane, length.wanted_s].append((record, length))
    return tuple(_ends(*name, timed, measuring) for name, timed in found.items())


def _ends(
    workload: str,
    candidate: str,
    lane: Lane,
    wanted_s: float,
    timed: Sequence[tuple[TrialRecord, EpochsOfLength]],
    measuring: Measuring,
) -> EpochEnds:
    lengths = [length for _, length in timed]
    ends = [end for length in lengths for end in length.ends]
    idle = [seconds for record, length in timed for seconds in _idle_ends(record, length, measuring)]
    return EpochEnds(
        workload=workload,
        candidate=candidate,
        lane=lane,
        wanted_s=wanted_s,
        epoch_s=median(length.steps * length.step_s for length in lengths),
        ends=len(ends),
        end_s=sum(end.seconds for end in ends) / len(ends),
        longest_s=max(end.seconds for end in ends),
        share=share_of_ends(lengths),
        idle=len(idle),
        idle_s=sum(idle),
    )


def _idle_ends(record: TrialRecord, length: EpochsOfLength, measuring: Measuring) -> list[float]:
    """Seconds of each idle end; none where others may have kept the trial from the processor for as long in all."""
    idle = [seconds for end in length.ends if (seconds := idle_s(end, measuring)) > 0]
    delay_told = all(end.run_delay_s is not None for end in length.ends)
    return idle if sum(idle) > starved_s(record, over_s=record.wall_s, delay_told=delay_told) else []


def idlings(records: Iterable[TrialRecord]) -> tuple[Idling, ...]:
    """Every training in which somebody looked whether the processor idled, its launches together.

    Time in which others may have kept it from the processor unseen is taken off.
    """
    found: dict[tuple[str, str, Lane, ExperimentName], list[tuple[float, float, tuple[Wait, ...]]]] = defaultdict(list)
    for record in records:
        result = record.result
        if record.outcome == "ok" and isinstance(result, LearnResult | EpochsResult) and result.time is not None:
            if result.time.idle_s is None:
                continue
            time, spec = result.time, record.spec
            starved = starved_s(record, over_s=time.wall_s, delay_told=time.run_delay_s is not None)
            name = (spec.workload, spec.candidate, spec.lane, spec.experiment)
            if starved < math.inf:
                found[name].append((time.wall_s, max(0.0, result.time.idle_s - starved), time.waits))
    return tuple(
        Idling(
            *name,
            wall_s=sum(wall_s for wall_s, _, _ in of_name),
            idle_s=sum(idle for _, idle, _ in of_name),
            places=_together(wait for _, _, waits in of_name for wait in waits),
        )
        for name, of_name in found.items()
    )


def idle_blocks(records: Iterable[TrialRecord], share: float) -> tuple[IdleBlocks, ...]:
    """Candidates some of whose blocks were idle, their races together; second copies are left out.

    A block is idle if, per second, its threads worked or stood ready for a core for less than ``share`` of what they do
    in the median block of that race, and if it is longer by more than others may have kept it from the processor
    unseen.
    """
    blocks: dict[tuple[str, str, Lane], int] = defaultdict(int)
    idle: dict[tuple[str, str, Lane], list[float]] = defaultdict(list)
    for record in records:
        if record.outcome != "ok" or record.spec.control or not isinstance(record.result, RaceResult):
            continue
        raced = [block for block in counted_blocks(record.result) if block.seconds > 0]
        if not raced:
            continue
        name = (record.spec.workload, record.spec.candidate, record.spec.lane)
        usual, usual_step_s = median(map(_busy, raced)), median(block.step_s for block in raced)
        blocks[name] += len(raced)
        starved = starved_by_round_s(record.result)
        idle[name] += [
            beyond_s
            for block in raced
            if _busy(block) < share * usual
            and (beyond_s := block.seconds - block.steps * usual_step_s) > starved.get(block.round, -math.inf)
        ]
    return tuple(IdleBlocks(*name, blocks[name], tuple(seconds)) for name, seconds in idle.items() if seconds)


def _busy(block: RaceBlock) -> float:
    """Threads that worked or stood ready, on average."""
    return (block.cpu_seconds + (block.run_delay_s or 0.0)) / block.seconds


def _together(waits: Iterable[Wait]) -> tuple[Wait, ...]:
    """Waits summed by place, longest first."""
    places: dict[tuple[str, ...], list[Wait]] = defaultdict(list)
    for wait in waits:
        places[wait.stack].append(wait)
    found = [
        Wait(sum(wait.seconds for wait in at), sum(wait.times for wait in at), stack) for stack, at in places.items()
    ]
    return tuple(sorted(found, key=lambda wait: -wait.seconds))
