"""Waiting for quiet and judging rounds: by a machine whose time passes as a test wants, and by this one kept busy."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count, cycle

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.measuring.analysis.crowding import counted_blocks, others_cores, possible_slowdown
from advisor.measuring.machine import contention
from advisor.measuring.machine.contention import ProcessorTime
from advisor.measuring.running.events import Event, QuietAwaited, WaitingForQuiet
from advisor.measuring.running.quiet import QuietGate, RaceSurroundings
from advisor.method import method
from pilots.results import Contention, RaceBlock, RaceResult, RaceRound

RULE = method().quiet
LIMIT_S = 30.0
CORES = 2
#: Of one core: what is surely too much, and what is surely not.
LOUD, CALM = 2 * RULE.crowded_cores, RULE.crowded_cores / 2


@dataclass
class Machine:
    """``others`` says how much of a core others take at a moment, in seconds since the start."""

    others: Callable[[float], float]
    time_s: float = 0.0
    others_s: float = 0.0
    told: list[Event] = field(default_factory=list)
    cores: int = CORES

    def now_s(self) -> float:
        return self.time_s

    def sleep(self, seconds: float) -> None:
        self.others_s += seconds * self.others(self.time_s)
        self.time_s += seconds

    def read(self, _: Collection[int]) -> ProcessorTime:
        total_s = self.cores * self.time_s
        return ProcessorTime(total_s, total_s - self.others_s, 0.0, 0.0, cores=self.cores)

    def gate(
        self, limit_s: float = LIMIT_S, is_over: Callable[[], bool] = lambda: False, spare_cores: int = 0
    ) -> QuietGate:
        return QuietGate(
            RULE,
            limit_s,
            self.told.append,
            is_over,
            spare_cores=spare_cores,
            read=self.read,
            now_s=self.now_s,
            sleep=self.sleep,
        )


def race_on(machine: Machine, gate: QuietGate, planned: int, round_s: float) -> tuple[RaceSurroundings, int]:
    """A race whose rounds take so long; how many there were."""
    surroundings = RaceSurroundings(gate, (), planned)
    number = 0
    while number < surroundings.expected:
        machine.sleep(round_s)
        surroundings.end_round(number)
        number += 1
    return surroundings, number


def test_where_it_is_quiet_a_look_is_all_and_nobody_is_told():
    machine = Machine(lambda _: CALM)
    assert machine.gate().begin_launch()
    assert machine.time_s == pytest.approx(RULE.window_s)
    assert machine.told == []


def test_waiting_ends_when_others_do():
    machine = Machine(lambda time_s: LOUD if time_s < 5 else 0.0)
    assert machine.gate().begin_launch()
    assert 5 <= machine.time_s <= 5 + 2 * RULE.window_s
    begun, ended = machine.told
    assert isinstance(begun, WaitingForQuiet)
    assert begun.others_share == pytest.approx(LOUD / CORES)
    assert isinstance(ended, QuietAwaited)
    assert ended.quiet


def test_a_machine_that_is_never_quiet_costs_twice_the_first_wait():
    machine = Machine(lambda _: LOUD)
    gate = machine.gate()
    launches = 50
    assert {gate.begin_launch() for _ in range(launches)} == {False}
    # A last look at each launch, which tells whether it has become quiet.
    assert machine.time_s <= 2 * LIMIT_S + launches * RULE.window_s + 1


def test_once_it_was_quiet_patience_is_back():
    machine = Machine(lambda time_s: LOUD if time_s < 40 else 0.0)
    gate = machine.gate()
    while not gate.begin_launch():
        pass
    machine.others = lambda _: LOUD
    began_s = machine.time_s
    gate.begin_launch()
    assert machine.time_s - began_s == pytest.approx(LIMIT_S, abs=2 * RULE.window_s)


def test_who_wants_to_stop_need_not_wait():
    machine = Machine(lambda _: LOUD)
    assert not machine.gate(is_over=lambda: machine.time_s > 2).begin_launch()
    assert machine.time_s < 3


def test_a_look_that_is_broken_off_has_not_seen_quiet():
    """Whoever stops, or has no time left, must not take what was measured beside others for measured in quiet."""
    machine = Machine(lambda _: 0.0)
    assert not machine.gate(is_over=lambda: True).begin_launch()
    assert not machine.gate(is_over=lambda: machine.time_s > RULE.window_s / 2).begin_launch()
    assert machine.gate(limit_s=0.0, is_over=lambda: True).begin_launch()


def test_where_nobody_asks_nobody_waits_and_nothing_is_crowded():
    machine = Machine(lambda _: LOUD)
    gate = machine.gate(limit_s=0.0)
    assert gate.begin_launch()
    surroundings, rounds = race_on(machine, gate, planned=6, round_s=0.6)
    assert rounds == 6
    assert machine.time_s == pytest.approx(6 * 0.6)
    assert not any(one.crowded for one in surroundings.rounds())
    assert [one.others_share for one in surroundings.rounds()] == pytest.approx([LOUD / CORES] * 6)
    assert surroundings.contention() == Contention(pytest.approx(LOUD / CORES), 0.0, busy=False, cores=CORES)


def test_crowded_rounds_are_raced_again_after_waiting():
    machine = Machine(lambda time_s: LOUD if 10 < time_s < 12 else 0.0)
    gate = machine.gate()
    gate.begin_launch()
    surroundings, rounds = race_on(machine, gate, planned=24, round_s=0.6)
    crowded = [one for one in surroundings.rounds() if one.crowded]
    assert crowded
    assert rounds == 24 + len(crowded)
    found = surroundings.contention()
    assert found is not None
    assert not found.busy
    assert found.waited_s > 0


def test_where_waiting_is_in_vain_no_further_round_is_raced_and_the_launch_is_busy():
    machine = Machine(lambda _: LOUD)
    gate = machine.gate()
    gate.begin_launch()
    began_s = machine.time_s
    surroundings, rounds = race_on(machine, gate, planned=24, round_s=0.6)
    assert rounds == 24
    found = surroundings.contention()
    assert found is not None
    assert found.busy
    racing_s = 24 * 0.6
    assert machine.time_s - began_s <= racing_s * (1 + RULE.waiting_share) + 1


@pytest.mark.parametrize(("others", "quiet"), [(40.0, True), (62 + CALM, True), (62 + LOUD, False)])
def test_who_keeps_to_cores_that_trials_leave_idle_disturbs_nobody(others: float, quiet: bool):
    """A container with a quota of two cores, on a host that has 64 and much to do."""
    machine = Machine(lambda _: others, cores=64)
    gate = machine.gate(spare_cores=62)
    assert gate.begin_launch() == quiet
    surroundings, rounds = race_on(machine, gate, planned=8, round_s=0.6)
    found = surroundings.contention()
    assert found is not None
    assert found.busy != quiet
    assert found.others_share == pytest.approx(others / 64)
    left = raced(tuple(map(block, range(rounds))), surroundings.rounds(), found)
    assert others_cores(left) == pytest.approx(max(0.0, others - 62))
    alone = gate.judged(ProcessorTime(0, 0, 0, 0, cores=64), ProcessorTime(64, 64 - others, 0, 0, cores=64))
    assert alone is not None
    assert alone.busy != quiet


def test_a_wait_between_trials_is_told_by_the_next_and_once():
    machine = Machine(lambda _: LOUD)
    gate = machine.gate()
    gate.begin_launch()
    waited_s = machine.time_s
    first, second = (gate.judged(machine.read(()), ProcessorTime(1e6, 1e6, 0, 0, cores=CORES)) for _ in range(2))
    assert first is not None and second is not None
    assert (first.waited_s, second.waited_s) == (pytest.approx(waited_s), 0.0)


def test_nothing_is_called_busy_of_which_nothing_is_known():
    """The workers of a trial have ended, and the system does not tell the time of those that have."""
    machine = Machine(lambda _: LOUD)
    moments = count()

    def read(_: Collection[int]) -> ProcessorTime:
        return replace(machine.read(()), ended_told=False, processes=frozenset({(next(moments), 0.0)}))

    gate = QuietGate(RULE, LIMIT_S, read=read, now_s=machine.now_s, sleep=machine.sleep)
    assert gate.begin_launch()
    surroundings, rounds = race_on(machine, gate, planned=6, round_s=0.6)
    assert (surroundings.contention(), surroundings.rounds(), rounds) == (None, (), 6)
    workers = replace(machine.read(()), ended_told=False)
    assert gate.judged(ProcessorTime(0, 0, 0, 0), workers) is not None
    assert gate.judged(ProcessorTime(0, 0, 0, 0), workers, starts_processes=True) is None


def test_many_cores_do_not_make_others_out_of_coarse_counters():
    """What one reading shows too much the next shows too little, and nobody else is there."""
    machine = Machine(lambda _: 0.0, cores=64)
    error_s = cycle((0.1, -0.1))

    def read(_: Collection[int]) -> ProcessorTime:
        return replace(machine.read(()), ours_s=next(error_s))

    gate = QuietGate(RULE, LIMIT_S, read=read, now_s=machine.now_s, sleep=machine.sleep)
    surroundings, rounds = race_on(machine, gate, planned=24, round_s=0.6)
    found = surroundings.contention()
    assert found is not None
    assert min(one.others_share for one in surroundings.rounds()) < 0 <= found.others_share
    assert not any(one.crowded for one in surroundings.rounds())
    left = raced(tuple(map(block, range(rounds))), surroundings.rounds(), found)
    assert others_cores(left) == pytest.approx(0.0, abs=1e-9)
    assert possible_slowdown(left, 0.0) == pytest.approx(1.0)


def test_short_rounds_share_a_reading():
    machine = Machine(lambda _: CALM)
    surroundings, rounds = race_on(machine, machine.gate(), planned=10, round_s=0.2)
    assert rounds == 10
    assert [one.round for one in surroundings.rounds()] == list(range(10))
    assert all(one.covered_s >= RULE.window_s - 1e-9 for one in surroundings.rounds()[:-1])


@given(
    bursts=st.lists(st.tuples(st.floats(0, 60), st.floats(0, 30), st.floats(0, CORES)), max_size=6),
    planned=st.integers(1, 30),
    round_s=st.floats(0.05, 2),
)
def test_whatever_others_do_it_ends_and_nobody_is_favoured(bursts, planned, round_s):
    machine = Machine(lambda t: min(CORES, sum(share for at, lasts, share in bursts if at <= t < at + lasts)))
    gate = machine.gate()
    gate.begin_launch()
    assert machine.time_s <= LIMIT_S + 2 * RULE.window_s
    began_s = machine.time_s
    surroundings, rounds = race_on(machine, gate, planned, round_s)
    assert planned <= rounds <= planned * (1 + RULE.extra_rounds_share)
    racing_s = rounds * round_s
    assert machine.time_s - began_s <= racing_s * (1 + RULE.waiting_share) + 2 * RULE.window_s
    found = surroundings.contention()
    quiet = sum(not one.crowded for one in surroundings.rounds())
    assert found is not None
    assert found.waited_s == pytest.approx(machine.time_s - racing_s)  # all of it, before the launch as well
    assert found.busy == (quiet < RULE.least_quiet_share * planned)
    # The same rounds are left out for whoever raced, whatever his blocks say.
    left = []
    for seed in (1, 2):
        pace = random.Random(seed)
        blocks = tuple(RaceBlock(number, 1, pace.uniform(0.1, 9), 0.0) for number in range(rounds))
        left.append([block.round for block in counted_blocks(raced(blocks, surroundings.rounds(), found))])
    assert left[0] == left[1]


def raced(blocks: tuple[RaceBlock, ...], rounds: tuple[RaceRound, ...], found: Contention | None) -> RaceResult:
    order = tuple(0 for _ in blocks)
    return RaceResult("race", "s", 32, 1.0, 0.1, 0.1, 16, 1.0, True, blocks, order, None, found, rounds)


def block(number: int) -> RaceBlock:
    return RaceBlock(number, 1, 1.0, 1.0)


def met(number: int, share: float, crowded: bool = False, stolen: float | None = None) -> RaceRound:
    return RaceRound(number, share, stolen, 0.6, crowded)


@pytest.mark.parametrize(
    ("rounds", "found", "factor"),
    [
        ((), None, 1.0),  # from before this was told
        ((met(0, 0.3),), Contention(0.3, None), 1.0),  # the number of cores is not known
        ((met(0, 0.0), met(1, 0.0)), Contention(0.0, 0.0, cores=4), 1.0),
        ((met(0, 0.005),), Contention(0.005, 0.0, cores=4), 1.0),  # what is there where nobody is
        ((met(0, 0.13), met(1, 0.13)), Contention(0.13, None, cores=2), 1 / (1 - 0.24)),
        ((met(0, 0.1, stolen=0.03),), Contention(0.1, 0.03, cores=2), 1 / (1 - 0.24)),
        ((met(0, 0.13), met(1, 0.9, crowded=True)), Contention(0.5, None, cores=2), 1 / (1 - 0.24)),
        ((met(0, 0.6, crowded=True),), Contention(0.6, None, busy=True, cores=2), 20.0),
        ((met(0, 0.9), met(1, 0.7)), Contention(0.8, None, cores=2), 20.0),  # nobody asked for quiet
    ],
)
def test_how_far_others_may_have_slowed_somebody(rounds, found, factor):
    blocks = tuple(map(block, range(max(1, len(rounds)))))
    assert possible_slowdown(raced(blocks, rounds, found), unseen_cores=0.02) == pytest.approx(factor)


def test_on_a_busy_machine_all_rounds_are_shown():
    rounds = (met(0, 0.6, crowded=True), met(1, 0.0))
    busy = raced((block(0), block(1)), rounds, Contention(0.3, None, busy=True, cores=2))
    assert counted_blocks(busy) == busy.blocks
    calm = raced((block(0), block(1)), rounds, Contention(0.3, None, cores=2))
    assert counted_blocks(calm) == (block(1),)


def test_somebody_who_really_works_is_waited_for():
    """A foreign process on this machine that takes a core until it is ended while we wait."""
    # Started by a shell that ends, so that its time does not come to this process as that of a child.
    script = f"{sys.executable} -c 'while True: pass' >/dev/null 2>&1 & echo $!"
    foreign = psutil.Process(int(subprocess.run(["sh", "-c", script], capture_output=True, text=True).stdout))
    told: list[Event] = []

    def listen(event: Event) -> None:
        told.append(event)
        with suppress(psutil.NoSuchProcess):
            foreign.kill()

    strict = RULE.model_copy(update={"crowded_cores": 0.3})
    try:
        QuietGate(strict, 5.0, listen, read=contention.read).begin_launch()
    finally:
        with suppress(psutil.NoSuchProcess):
            foreign.kill()
    assert isinstance(told[0], WaitingForQuiet)
    assert isinstance(told[1], QuietAwaited)
