"""What a report says of other programs and of the clock, and first: what was measured on a busy machine."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.measuring.analysis import crowding
from advisor.measuring.machine.devices import devices_by_candidate
from advisor.measuring.machine.processors import clock_drift
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words.commands import with_study
from advisor.reporting.words.names import joined
from advisor.reporting.words.numbers import counted, percent
from advisor.reporting.words.sentences import NextStep
from pilots.experiment import experiments
from pilots.records import TrialRecord
from pilots.results import RaceResult


def busy_caveat(inputs: ReportInputs) -> str:
    """What was measured on a busy machine, and what follows from it; empty where nothing was."""
    races = crowding.sessions(inputs.records)
    counting = crowding.sessions(record for record in inputs.records if _is_wanted(record, inputs))
    busy = [race.contention for race in counting if race.contention is not None and race.contention.busy]
    alone = [
        record.spec.experiment for record in inputs.records if record.contention is not None and record.contention.busy
    ]
    parts = []
    if busy:
        share = percent(crowding.taken_by_others(busy))
        parts.append(f"{len(busy)} of {counted(len(races), 'race')}, while others took {share} of the processor's time")
    parts += [
        _counted(alone.count(experiment.name), experiment.timed)
        for experiment in experiments().values()
        if experiment.name in alone
    ]
    if not parts:
        return ""
    return (
        f"Measured on a busy machine: {joined(parts)}. Such times are shown, but call no pair faster or slower, and "
        "where too few others are left they count no more than times of other hardware."
    )


def _counted(number: int, what: str) -> str:
    """``2 timings of whole epochs``."""
    noun, of, rest = what.partition(" of ")
    return f"{counted(number, noun)}{of}{rest}"


def _is_wanted(record: TrialRecord, inputs: ReportInputs) -> bool:
    """Whether a run would race this again for quiet: not where later launches have settled all that it was for."""
    if record.spec.launch < inputs.method.measuring.minimum_launches:
        return True
    pairs = [pair for pair in inputs.comparisons if pair.workload == record.spec.workload and pair.between != "control"]
    return not all(pair.settled or pair.word == "not comparable" for pair in pairs)


def quieter(inputs: ReportInputs) -> NextStep | None:
    """What helps where something was measured on a busy machine; else None."""
    if not busy_caveat(inputs):
        return None
    return NextStep(
        "Close other programs and run it again: what was measured on a busy machine is measured anew:",
        with_study("advisor run", inputs.study),
    )


def surroundings(inputs: ReportInputs, workload: str) -> str:
    """What others took during the races on a workload, what was done about it, and how the clock went."""
    races = crowding.sessions(record for record in inputs.records if record.spec.workload == workload)
    known = [race.contention for race in races if race.contention is not None]
    if not known:
        return ""
    programs = _shares([contention.others_share for contention in known])
    neighbours = _shares([contention.stolen_share for contention in known if contention.stolen_share is not None])
    text = f"During these races other programs took {programs} of the processor's time"
    sentences = [f"{text}, other machines on the same host {neighbours}." if neighbours else f"{text}."]
    rounds = sum(len(race.rounds) for race in races)
    if left_out := sum(len(crowding.crowded_rounds(race)) for race in races):
        limit = inputs.method.quiet.crowded_cores
        sentences.append(
            f"In {left_out} of {rounds} rounds they took more than {percent(limit)} of one core; by the rule that was "
            "fixed before, these count for no candidate."
        )
    sentences += _unseen(inputs, workload)
    sentences += _cost(inputs, workload, sum(contention.waited_s for contention in known))
    return " ".join([*sentences, *_drift(races, inputs.method.quiet.clock_drift_warned)])


def _unseen(inputs: ReportInputs, workload: str) -> list[str]:
    """One sentence where trials ran on a device whose other users nobody looks at."""
    devices = devices_by_candidate(record for record in inputs.records if record.spec.workload == workload)
    if all(kind == "cpu" for kinds in devices.values() for kind in kinds):
        return []
    return ["What others did on the accelerator was not looked at: whether somebody else used it, this does not tell."]


def _cost(inputs: ReportInputs, workload: str, races_waited_s: float) -> list[str]:
    """What care for quiet took in time, if that is worth a word."""
    records = [record for record in inputs.records if record.spec.workload == workload]
    waited_s = races_waited_s + sum(record.contention.waited_s for record in records if record.contention is not None)
    left_out_s = sum(
        block.seconds
        for record in records
        if isinstance(record.result, RaceResult)
        for crowded in [{around.round for around in crowding.crowded_rounds(record.result)}]
        for block in record.result.blocks
        if block.round in crowded
    )
    if waited_s + left_out_s < 1:
        return []
    return [f"Looking and waiting for quiet took {waited_s:.0f} s, rounds that were left out {left_out_s:.0f} s."]


def _drift(races: Sequence[RaceResult], warned: float) -> list[str]:
    """A sentence if the clock fell by more than the share ``warned`` in the course of a race."""
    drifts = [
        drift
        for race in races
        if (drift := clock_drift(race_round.clock_mhz for race_round in race.rounds)) is not None
    ]
    if not drifts or max(drifts) <= warned:
        return []
    return [
        f"In the course of a race the processor's clock fell by up to {percent(max(drifts))}, as by heat or to save "
        "power: plug in the power supply, let it cool down, and choose a profile for performance."
    ]


def _shares(shares: Sequence[float]) -> str:
    """The mean, and the ends where launches differ."""
    if not shares:
        return ""
    if max(shares) < 0.01:
        return "under 1%"
    mean, low, high = (percent(share) for share in (sum(shares) / len(shares), min(shares), max(shares)))
    return mean if low == high else f"{mean} ({low} to {high} by launch)"
