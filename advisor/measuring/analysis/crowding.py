"""Which times count, and how far others may have moved them: by the marks that the measuring left.

A round in which others took more of the processor than the rule allows counts for nobody; where too few rounds of a
race are left, or a trial ran alone beside others, its launch counts as measured on a busy machine. The rule stands in
:mod:`advisor.measuring.running.quiet`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from pilots.records import TrialRecord
from pilots.results import Contention, RaceBlock, RaceResult, RaceRound

#: Of one core's time: rounds that count under the rule lie far below, and the factor has to stay a number.
_MOST_SHARE = 0.95


def counted_blocks(race: RaceResult) -> tuple[RaceBlock, ...]:
    """The blocks of rounds that count: those that were not crowded; on a busy machine all, for there are no better."""
    if race.contention is not None and race.contention.busy:
        return race.blocks
    crowded = {race_round.round for race_round in race.rounds if race_round.crowded}
    return tuple(block for block in race.blocks if block.round not in crowded)


def others_cores(race: RaceResult) -> float | None:
    """How much of one core's time others took from trials in the rounds that count, in the mean; None where nobody
    knows."""
    found = race.contention
    if found is None or found.cores is None:
        return None
    counted = {block.round for block in counted_blocks(race)}
    met = [
        _beyond_spare(replace(found, others_share=race_round.others_share, stolen_share=race_round.stolen_share))
        for race_round in race.rounds
        if race_round.round in counted
    ]
    return max(0.0, sum(met) / len(met)) if met else None


def possible_slowdown(race: RaceResult, unseen_cores: float) -> float:
    """The factor by which others may have slowed one racer at most, and another not at all.

    A racer with others on a core for a share s of the time loses nothing, if there is another core or its threads do
    not need each other, up to all of that time, if its threads wait for one another at barriers: a factor of
    1 / (1 - s). Measured, spinning threads lose nearly all and sleeping threads nearly nothing: docs/measuring.md.

    Args:
        race: where others took a whole core, as where nobody asked for quiet, s counts as nearly 1: a racer may have
            been slowed by any factor, and twenty resolves as little.
        unseen_cores: what the counters show where nobody else is there; that slows nobody.
    """
    return _slowdown(others_cores(race), unseen_cores)


def possible_slowdown_alone(found: Contention | None, unseen_cores: float) -> float:
    """The same for a trial that ran alone, from what others took meanwhile; 1 where nobody knows."""
    return _slowdown(None if found is None or found.cores is None else in_the_way(found), unseen_cores)


def _slowdown(cores: float | None, unseen_cores: float) -> float:
    share = 0.0 if cores is None else min(max(0.0, cores - unseen_cores), _MOST_SHARE)
    return 1 / (1 - share)


def contention_of(record: TrialRecord) -> Contention | None:
    """What others took while the trial was timed; None where nobody looked."""
    return record.result.contention if isinstance(record.result, RaceResult) else record.contention


def on_busy_machine(record: TrialRecord) -> bool:
    """Whether what was timed counts as measured on a busy machine."""
    found = contention_of(record)
    return found is not None and found.busy


def of_races(records: Iterable[TrialRecord]) -> tuple[Contention, ...]:
    """What others took during each race: once per session, though each of its trials tells it."""
    return tuple(race.contention for race in sessions(records) if race.contention is not None)


def sessions(records: Iterable[TrialRecord]) -> tuple[RaceResult, ...]:
    """Each race, as one of its trials tells it."""
    return tuple(
        {record.result.session: record.result for record in records if isinstance(record.result, RaceResult)}.values()
    )


def crowded_rounds(race: RaceResult) -> tuple[RaceRound, ...]:
    """Those in which others took more than the rule allows."""
    return tuple(race_round for race_round in race.rounds if race_round.crowded)


def taken_by_others(races: Sequence[Contention]) -> float:
    """Mean share of the processor's time that others took, programs and machines together; 0 where nothing is known."""
    return sum(map(taken, races)) / max(1, len(races))


def in_the_way(contention: Contention) -> float:
    """What others took of the cores that trials need, in cores; of one core, where their number is not known.

    Cores that trials leave idle are free for others: in a container with a quota of two cores on a large host, trials
    have two threads, and whoever is at work on the other cores takes nothing from them.
    """
    return max(0.0, _beyond_spare(contention))


def _beyond_spare(contention: Contention) -> float:
    """The same, but what lies below zero stays there: it makes up for what another reading shows too much."""
    cores = taken(contention) * (contention.cores or 1)
    return cores - min(contention.spare_cores, max(0.0, cores))


def taken(contention: Contention) -> float:
    """Share of the processor's time that others took, programs and machines together."""
    return contention.others_share + (contention.stolen_share or 0.0)
