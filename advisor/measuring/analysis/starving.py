"""Time in which others kept a trial from the processor and its own counters do not tell: that is not idle.

Linux counts how long threads stood ready and got no core, other systems do not; and what other machines on the same
host took stands in no such counter of a guest. What others took as a whole is known, and is the most that it can be.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

from advisor.measuring.analysis.crowding import contention_of, in_the_way
from advisor.method import method
from pilots.records import TrialRecord
from pilots.results import Contention, RaceResult, RaceRound


def starved_s(record: TrialRecord, *, over_s: float, delay_told: bool) -> float:
    """Seconds in which a trial may have been kept from the processor unseen.

    Args:
        record: of an experiment that ran alone.
        over_s: how long it took.
        delay_told: whether its counters tell how long its threads stood ready.

    Returns:
        Infinity where nobody knows what others took.
    """
    found = contention_of(record)
    if found is None:
        return 0.0 if delay_told else math.inf
    return _unseen_cores(found, delay_told=delay_told) * over_s


def starved_by_round_s(race: RaceResult) -> Mapping[int, float]:
    """The same for the blocks of a race, by round; empty for races from before rounds were looked at."""
    if race.contention is None:
        return {}
    told = {block.round: block.run_delay_s is not None for block in race.blocks}
    return {
        race_round.round: _of_round(race.contention, race_round, told.get(race_round.round, False))
        for race_round in race.rounds
    }


def _of_round(around: Contention, race_round: RaceRound, delay_told: bool) -> float:
    found = replace(around, others_share=race_round.others_share, stolen_share=race_round.stolen_share)
    return _unseen_cores(found, delay_told=delay_told) * race_round.covered_s


def _unseen_cores(found: Contention, *, delay_told: bool) -> float:
    cores = in_the_way(replace(found, others_share=0.0) if delay_told else found)
    return max(0.0, cores - method().quiet.unseen_cores)
