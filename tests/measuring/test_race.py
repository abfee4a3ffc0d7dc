"""The race itself, with scripted processes: who runs when, and what a racer that fails costs the others."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack

import psutil
import pytest

from advisor.measuring.analysis.crowding import counted_blocks
from advisor.measuring.machine.contention import ProcessorTime
from advisor.measuring.running.events import Activity, BlockRaced, Event, ignore
from advisor.measuring.running.host import TrialError
from advisor.measuring.running.local_host import LocalHost
from advisor.measuring.running.quiet import QuietGate
from advisor.measuring.running.race import Racer, race, result_of
from advisor.measuring.running.supervisor import TrialLimits, TrialProcess
from advisor.method import method
from pilots.protocol import Open, Opened
from pilots.records import Entrant, TrialSpec

MEASURING = method().measuring
NOBODY_ASKS = QuietGate(method().quiet, 0.0, read=LocalHost({}, TrialLimits(1, 1)).processor_time)


class Counters:
    """A machine of two cores whose time passes when it is told to, and who works there meanwhile."""

    def __init__(self) -> None:
        self.time_s = self.others_s = 0.0

    def now_s(self) -> float:
        return self.time_s

    def pass_by(self, seconds: float, others_cores: float = 0.0) -> None:
        self.time_s += seconds
        self.others_s += seconds * others_cores

    def read(self, _: Collection[int]) -> ProcessorTime:
        return ProcessorTime(2 * self.time_s, 2 * self.time_s - self.others_s, 0.0, 0.0, cores=2)


SPEC = TrialSpec("race", "tabular", "smoke", "pytorch", "default", seed=0, launch=0, threads=1)

Racers = Callable[..., list[Racer]]


@pytest.fixture
def racers() -> Iterator[Racers]:
    """Opened and paused processes, one per interpreter."""
    with ExitStack() as stack:

        def start(*pythons: str, timeout_s: float = 60) -> list[Racer]:
            lined_up = []
            for number, python in enumerate(pythons):
                process = TrialProcess(python, {}, TrialLimits(timeout_s, 100_000))
                stack.callback(process.close)
                lined_up.append(
                    Racer(Entrant(f"racer {number}", "default"), process, process.request(Open(SPEC), Opened))
                )
                process.pause()
            return lined_up

        yield start


def run(lined_up: list[Racer], rounds: int, seed: int = 0, watch: Callable[[Event], None] = ignore) -> None:
    race(
        lined_up,
        rounds=rounds,
        warmup_limit_s=20,
        measuring=MEASURING,
        gate=NOBODY_ASKS,
        rng=random.Random(seed),
        watch=watch,
    )


def test_every_racer_runs_once_in_every_round(racers, scripted):
    # Systems count processor time by hundredths of a second.
    lined_up = racers(scripted(run_block="time.sleep(0.02)"), scripted(), scripted())
    run(lined_up, rounds=6)
    results = [result_of(racer, "session") for racer in lined_up]
    assert all([block.round for block in result.blocks] == list(range(6)) for result in results)
    assert results[0].contention is not None
    assert len({result.contention for result in results}) == 1  # that of the session
    rounds = list(zip(*(result.order for result in results), strict=True))
    assert all(sorted(places) == [0, 1, 2] for places in rounds)
    assert len(set(rounds)) > 1  # the order is drawn anew


def test_the_order_belongs_to_the_seed(racers, scripted):
    orders = []
    for seed in (1, 1, 2):
        lined_up = racers(scripted(), scripted(), scripted())
        run(lined_up, rounds=6, seed=seed)
        orders.append([result_of(racer, "session").order for racer in lined_up])
    assert orders[0] == orders[1] != orders[2]


def test_the_order_of_warming_up_belongs_to_the_seed(racers, scripted):
    lined_up, orders = racers(scripted(), scripted(), scripted()), []
    for seed in (1, 1, 2, 3, 4, 5, 6, 7):
        told: list[Event] = []
        run(lined_up, rounds=0, seed=seed, watch=told.append)
        orders.append([event.candidate for event in told if isinstance(event, Activity)])
    assert orders[0] == orders[1]
    assert {order[0] for order in orders} == {"racer 0", "racer 1", "racer 2"}
    assert all(sorted(order) == ["racer 0", "racer 1", "racer 2"] for order in orders)


def test_the_length_of_a_block_comes_from_the_warm_step(racers, scripted):
    lined_up = racers(scripted(), scripted(start_race="WARM['step_s'] = 5.0"))
    run(lined_up, rounds=1)
    assert [block.steps for block in result_of(lined_up[1], "session").blocks] == [1]  # one step is the least
    first = result_of(lined_up[0], "session")
    assert [block.steps for block in first.blocks] == [round(MEASURING.block_s / 0.1)]
    assert (first.batch_size, first.first_step_s, first.warmup_steps, first.warmup_s) == (32, 1.0, 9, 2.0)
    assert (first.steady, first.import_s, first.build_s, first.session) == (True, 1.0, 0.5, "session")


def test_between_blocks_everybody_stands_still(racers, scripted):
    lined_up = racers(scripted(), scripted())
    seen: list[set[str]] = []

    def watch(event: Event) -> None:
        for process in psutil.Process().children():
            while process.status() == psutil.STATUS_RUNNING:
                pass  # a stop takes the kernel a moment
        seen.append({process.status() for process in psutil.Process().children()})

    run(lined_up, rounds=2, watch=watch)
    assert seen == [{psutil.STATUS_STOPPED}] * 6


def test_what_is_told(racers, scripted):
    told: list[Event] = []
    run(racers(scripted(), scripted()), rounds=2, watch=told.append)
    warming = [Activity("racer 0", "warming up"), Activity("racer 1", "warming up")]
    assert sorted(told[:2], key=str) == warming
    readings = [event for event in told if isinstance(event, BlockRaced)]
    assert told[2:] == readings
    assert sorted((event.candidate, event.round, event.rounds) for event in readings) == [
        (name, number, 2) for name in ("racer 0", "racer 1") for number in range(2)
    ]
    assert [event.step_ms for event in readings] == pytest.approx([100.0] * 4)
    assert [event.examples_per_s for event in readings] == pytest.approx([320.0] * 4)  # of batches of 32


@pytest.mark.parametrize(
    ("faults", "outcome", "blocks"),
    [
        ({"start_race": "die"}, "crashed", 0),
        ({"start_race": "unavailable"}, "unavailable", 0),
        ({"run_block__1": "kill"}, "out_of_memory", 0),
        ({"run_block__3": "garbage"}, "crashed", 2),
        ({"run_block__2": "hang"}, "timed_out", 1),
        ({"end_race": "die"}, "crashed", 4),
    ],
)
def test_a_racer_that_fails_drops_out_and_the_others_finish(racers, scripted, faults, outcome, blocks):
    lined_up = racers(scripted(), scripted(**faults), scripted(), timeout_s=2)
    run(lined_up, rounds=4)
    first, failing, last = lined_up
    assert failing.error is not None
    assert failing.error.outcome == outcome
    assert len(failing.blocks) == blocks
    with pytest.raises(TrialError) as caught:
        result_of(failing, "session")
    assert caught.value is failing.error
    for racer in (first, last):
        assert len(result_of(racer, "session").blocks) == 4
    places = list(zip(result_of(first, "s").order, result_of(last, "s").order, strict=True))
    assert all(sorted(pair) == [0, 1] for pair in places[blocks + 1 :])


def test_nobody_raced():
    run([], rounds=3)


@pytest.mark.parametrize(
    ("asked", "warm", "blocks"), [(0, 0, 0), (1, 1, 0), (2, 2, 0), (3, 2, 1), (4, 2, 2), (5, 2, 3)]
)
def test_time_that_is_up_ends_a_race_before_the_next_round(racers, scripted, asked, warm, blocks):
    """The question is asked before each warm-up and before each round."""
    lined_up = racers(scripted(), scripted())
    answers = iter([False] * asked + [True])
    finished = race(
        lined_up,
        rounds=3,
        warmup_limit_s=20,
        measuring=MEASURING,
        gate=NOBODY_ASKS,
        rng=random.Random(0),
        watch=ignore,
        time_is_up=lambda: next(answers),
    )
    assert finished is (asked == 5)
    assert sum(racer.warmed_up is not None for racer in lined_up) == warm
    assert [len(racer.blocks) for racer in lined_up] == [blocks] * 2


def test_a_crowded_round_is_raced_again_by_all_and_stays_in_the_record(racers, scripted):
    """Others take a whole core during the second round, and leave when everybody stands still."""
    lined_up = racers(scripted(), scripted(), scripted(run_block="uneven"))
    counters = Counters()
    gate = QuietGate(method().quiet, 30.0, read=counters.read, now_s=counters.now_s, sleep=counters.pass_by)

    def watch(event: Event) -> None:
        if isinstance(event, BlockRaced):
            counters.pass_by(0.3, others_cores=1.0 if event.round == 1 else 0.0)

    finished = race(
        lined_up, rounds=4, warmup_limit_s=20, measuring=MEASURING, gate=gate, rng=random.Random(0), watch=watch
    )
    assert finished
    for result in (result_of(racer, "session") for racer in lined_up):
        assert [block.round for block in result.blocks] == [0, 1, 2, 3, 4]
        assert [one.round for one in result.rounds if one.crowded] == [1]
        assert [block.round for block in counted_blocks(result)] == [0, 2, 3, 4]
        assert result.contention is not None
        assert not result.contention.busy


def test_time_that_is_up_while_crowded_rounds_are_raced_again_keeps_the_planned_ones(racers, scripted):
    lined_up = racers(scripted(), scripted())
    counters, seen = Counters(), [0]
    gate = QuietGate(
        method().quiet,
        30.0,
        is_over=lambda: seen[0] >= 4,
        read=counters.read,
        now_s=counters.now_s,
        sleep=counters.pass_by,
    )

    def watch(event: Event) -> None:
        if isinstance(event, BlockRaced):
            # The last planned round is too short for a reading of its own.
            counters.pass_by(0.3 if event.round < 3 else 0.05, others_cores=1.0 if event.round == 1 else 0.0)
            seen[0] = event.round + 1

    finished = race(
        lined_up,
        rounds=4,
        warmup_limit_s=20,
        measuring=MEASURING,
        gate=gate,
        rng=random.Random(0),
        watch=watch,
        time_is_up=lambda: seen[0] >= 4,
    )
    assert finished
    for result in (result_of(racer, "session") for racer in lined_up):
        assert [block.round for block in result.blocks] == [0, 1, 2, 3]
        assert [(one.round, one.crowded) for one in result.rounds] == [(0, False), (1, True), (2, False), (3, False)]
