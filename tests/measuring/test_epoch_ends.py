"""What ends of epochs, idle trainings and idle blocks add up to, by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.measuring.analysis.epoch_ends import epoch_ends, idle_blocks, idle_s, idlings
from advisor.method import method
from pilots.epoch_records import EpochEnd, EpochsOfLength, EpochsResult, TimeUse, Wait
from pilots.records import Result, TrialRecord, TrialSpec
from pilots.results import Contention, LearnResult, RaceBlock, RaceResult, RaceRound

MEASURING = method().measuring


def record(result: Result, *, launch: int = 0, control: bool = False) -> TrialRecord:
    kind = result.kind
    spec = TrialSpec(kind, "tabular", "quick", "pytorch", "default", 0, launch, threads=2, control=control)
    return TrialRecord(f"{kind}{launch}", spec, "ok", "2026-12-01T00:00:00+00:00", 1.0, None, result)


@pytest.mark.parametrize(
    ("seconds", "processor_s", "idle"),
    [
        (1.0, 0.0, 1.0),
        (1.0, 0.1, 0.9),
        (1.0, -0.1, 1.0),  # less than a typical step: nothing that was worked in addition
        (1.0, 0.2, 0.0),  # it works for a fifth of it
        (1.0, 2.0, 0.0),
        (0.01, 0.0, 0.0),  # as short as noise
        (-0.5, -1.0, 0.0),
    ],
)
def test_an_end_is_idle_if_it_is_long_and_nothing_works(seconds: float, processor_s: float, idle: float) -> None:
    assert idle_s(EpochEnd(seconds, processor_s), MEASURING) == pytest.approx(idle)


def test_an_end_in_which_threads_wait_for_a_core_is_a_busy_machine() -> None:
    assert idle_s(EpochEnd(1.0, 0.0, 0.5), MEASURING) == 0
    assert idle_s(EpochEnd(1.0, 0.0, 0.1), MEASURING) == pytest.approx(0.9)


def epochs(wanted_s: float, *ends: EpochEnd, time: TimeUse | None = None) -> EpochsResult:
    return EpochsResult("epochs", 32, (EpochsOfLength(wanted_s, 100, 8, wanted_s / 100, 0.0, (), ends),), time)


def test_launches_add_up_by_length() -> None:
    records = [
        record(epochs(0.5, EpochEnd(0.5, 0.0, 0.0), EpochEnd(0.0, 0.0, 0.0))),
        record(epochs(0.5, EpochEnd(0.25, 0.25, 0.0)), launch=1),
        record(epochs(4.0), launch=2),  # time ran out before an end
    ]
    (found,) = epoch_ends(records, MEASURING)
    assert (found.wanted_s, found.epoch_s, found.ends, found.idle) == (0.5, 0.5, 3, 1)
    assert (found.end_s, found.longest_s, found.idle_s) == (0.25, 0.5, 0.5)
    assert found.share == pytest.approx(0.75 / 2.25)


def test_waits_at_one_place_add_up_over_launches() -> None:
    use = TimeUse(10.0, 5.0, 0.0, idle_s=3.0, waits=(Wait(2.0, 1, ("a", "b")), Wait(1.0, 1, ("c",))))
    more = TimeUse(10.0, 5.0, 0.0, idle_s=4.0, waits=(Wait(4.0, 2, ("c",)),))
    (found,) = idlings([record(epochs(0.5, time=use)), record(epochs(0.5, time=more), launch=1)])
    assert (found.wall_s, found.idle_s, found.share) == (20.0, 7.0, pytest.approx(0.35))
    assert found.places == (Wait(5.0, 3, ("c",)), Wait(2.0, 1, ("a", "b")))


def test_nobody_idles_where_nobody_looked() -> None:
    learned = LearnResult("learn", "accuracy", 0.5, (), "model")
    assert idlings([record(learned), record(epochs(0.5, time=TimeUse(10.0, 0.1)))]) == ()


def race(*blocks: tuple[float, float, float | None]) -> RaceResult:
    """Blocks of ten steps, by seconds, processor seconds and run-queue delay."""
    raced = tuple(RaceBlock(n, 10, wall, cpu, delay) for n, (wall, cpu, delay) in enumerate(blocks))
    return RaceResult("race", "s", 32, 1.5, 0.2, 0.7, 32, 2.5, True, raced, tuple(range(len(raced))))


USUAL = [(0.1, 0.2, None)] * 5


def test_a_block_that_stands_still_is_idle() -> None:
    raced = race(*USUAL, (1.3, 0.2, None))
    (found,) = idle_blocks([record(raced), record(race(*USUAL), launch=1)], MEASURING.idle_block)
    assert (found.blocks, found.seconds) == (11, (pytest.approx(1.2),))


@pytest.mark.parametrize(
    "block",
    [
        (0.15, 0.2, None),  # slower, and works for more than half as much
        (1.3, 0.2, 2.3),  # two threads that stood ready and did not get a core: a busy machine, not an idle one
        (0.5, 1.0, None),
    ],
)
def test_a_block_that_works_or_waits_for_a_core_is_not(block: tuple[float, float, float | None]) -> None:
    assert idle_blocks([record(race(*USUAL, block))], MEASURING.idle_block) == ()


def test_the_copy_of_a_candidate_does_not_count() -> None:
    assert idle_blocks([record(race(*USUAL, (1.3, 0.2, None)), control=True)], MEASURING.idle_block) == ()


NOBODY = Contention(0.0, 0.0, cores=2)
PROGRAMS = Contention(0.3, 0.0, cores=2)
MACHINES = Contention(0.0, 0.3, cores=2)


@pytest.mark.parametrize(
    ("around", "delay_s", "idle_s"),
    [
        (None, None, 0.0),  # nobody knows whether it idled or was kept from the processor
        (None, 0.0, 5.0),
        (NOBODY, None, 5.0),
        (PROGRAMS, None, 0.0),
        (PROGRAMS, 0.0, 5.0),  # and its threads did not stand ready meanwhile
        (MACHINES, None, 0.0),
        (MACHINES, 0.0, 0.0),  # which no counter of a guest's threads tells
    ],
)
def test_who_may_have_been_kept_from_the_processor_is_not_called_idle(around, delay_s, idle_s) -> None:
    use = TimeUse(10.0, 1.0, delay_s, idle_s=5.0, waits=(Wait(5.0, 1, ("a",)),))
    trained = replace(record(epochs(0.5, EpochEnd(5.0, 0.0, delay_s), time=use)), contention=around, wall_s=10.0)
    assert sum(one.idle_s for one in idlings([trained])) == pytest.approx(idle_s, abs=0.3)
    (ends,) = epoch_ends([trained], MEASURING)
    assert ends.idle_s == idle_s


@pytest.mark.parametrize(
    ("around", "delay_s", "idle"),
    [(NOBODY, None, 1), (PROGRAMS, None, 0), (PROGRAMS, 0.0, 1), (MACHINES, 0.0, 0)],
)
def test_a_block_that_others_may_have_held_up_is_not_called_idle(around, delay_s, idle) -> None:
    raced = race(*((wall, cpu, delay_s) for wall, cpu, _ in USUAL), (0.5, 0.0, delay_s))
    rounds = tuple(RaceRound(n, around.others_share, around.stolen_share, 1.0, False) for n in range(6))
    found = idle_blocks([record(replace(raced, contention=around, rounds=rounds))], MEASURING.idle_block)
    assert sum(len(one.seconds) for one in found) == idle
