"""A race: the training loops of all candidates, alive together, run block by block in turn.

In each round every candidate trains for one block while all others stand still, in an order drawn anew for each
round, and ratios are taken within a round. That protects from a machine that gets slower for everybody, as by heat. It
does not protect from whoever takes a core: that slows candidates unalike. What is done about it is the business of
:mod:`advisor.measuring.running.quiet`.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Concatenate, ParamSpec

from advisor.measuring.analysis.race_state import examples_per_s
from advisor.measuring.running.events import Activity, BlockRaced, Watcher
from advisor.measuring.running.host import TrialError, TrialSession
from advisor.measuring.running.quiet import QuietGate, RaceSurroundings
from advisor.method import Measuring
from pilots.protocol import BlockDone, EndRace, Opened, RaceEnded, RunBlock, StartRace, WarmedUp
from pilots.records import Entrant
from pilots.results import Compilation, Contention, RaceBlock, RaceResult, RaceRound

P = ParamSpec("P")


@dataclass
class Racer:
    """One session of the race."""

    entrant: Entrant
    session: TrialSession
    opened: Opened
    warmed_up: WarmedUp | None = None
    block_steps: int = 1
    blocks: list[RaceBlock] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    compilation: Compilation | None = None
    contention: Contention | None = None
    rounds: tuple[RaceRound, ...] = ()
    error: TrialError | None = None


def race(
    racers: Sequence[Racer],
    *,
    rounds: int,
    warmup_limit_s: float,
    measuring: Measuring,
    gate: QuietGate,
    rng: random.Random,
    watch: Watcher,
    time_is_up: Callable[[], bool] = lambda: False,
) -> bool:
    """Warm up all racers in random order, then run ``rounds`` rounds, and further rounds in place of crowded rounds.

    See ``gate``. A racer that fails drops out with its ``error`` set.

    A warm-up ends at its limit even if the steps never became steady. False if time was up before the last of
    ``rounds``; then the race has no result. The further rounds end when time is up.

    Method: interleaved blocks in random order, as in randomised complete block designs (R. A. Fisher, The Design
    of Experiments, 1935): the round is the block, the candidates are the treatments.
    """
    for racer in rng.sample(racers, len(racers)):
        if time_is_up():
            return False
        watch(Activity(str(racer.entrant), "warming up", racer.entrant.control))
        _guarded(racer, _warm_up, measuring, warmup_limit_s)
    surroundings = RaceSurroundings(gate, [racer.session for racer in racers], rounds)
    number = 0
    while number < surroundings.expected:
        if time_is_up():
            if number < rounds:
                return False
            surroundings.end()
            break
        running = [racer for racer in racers if racer.error is None]
        rng.shuffle(running)
        for place, racer in enumerate(running):
            _guarded(racer, _run_block, number, place)
            if racer.error is None:
                watch(_told(racer, surroundings.expected))
        surroundings.end_round(number)
        number += 1
    for racer in racers:
        racer.contention, racer.rounds = surroundings.contention(), surroundings.rounds()
        _guarded(racer, _leave)
    return True


def result_of(racer: Racer, session: str) -> RaceResult:
    """The finished race of one racer.

    Raises:
        TrialError: it dropped out.
    """
    if racer.error is not None or racer.warmed_up is None:
        raise racer.error or TrialError("failed", "the race ended before this candidate was warm")
    warm = racer.warmed_up
    return RaceResult(
        kind="race",
        session=session,
        batch_size=warm.batch_size,
        import_s=racer.opened.import_s,
        build_s=racer.opened.build_s,
        first_step_s=warm.first_step_s,
        warmup_steps=warm.steps,
        warmup_s=warm.seconds,
        steady=warm.steady,
        blocks=tuple(racer.blocks),
        order=tuple(racer.places),
        compilation=racer.compilation,
        contention=racer.contention,
        rounds=racer.rounds,
    )


def _guarded(racer: Racer, action: Callable[Concatenate[Racer, P], None], *args: P.args, **kwargs: P.kwargs) -> None:
    if racer.error is not None:
        return
    try:
        action(racer, *args, **kwargs)
    except TrialError as error:
        racer.error = error


def _warm_up(racer: Racer, measuring: Measuring, limit_s: float) -> None:
    start = StartRace(measuring.steady_steps, measuring.warmup_windows, limit_s)
    with racer.session.awake():
        racer.warmed_up = racer.session.request(start, WarmedUp)
    racer.block_steps = max(1, round(measuring.block_s / racer.warmed_up.step_s))


def _run_block(racer: Racer, number: int, place: int) -> None:
    with racer.session.awake():
        done = racer.session.request(RunBlock(racer.block_steps), BlockDone)
    racer.blocks.append(
        RaceBlock(
            round=number,
            steps=done.steps,
            seconds=done.seconds,
            cpu_seconds=done.cpu_seconds,
            run_delay_s=done.run_delay_s,
            voluntary_switches=done.voluntary_switches,
            involuntary_switches=done.involuntary_switches,
        )
    )
    racer.places.append(place)


def _leave(racer: Racer) -> None:
    with racer.session.awake():
        racer.compilation = racer.session.request(EndRace(), RaceEnded).compilation


def _told(racer: Racer, rounds: int) -> BlockRaced:
    assert racer.warmed_up is not None
    block = racer.blocks[-1]
    step_ms = block.step_s * 1000
    per_s = examples_per_s(racer.warmed_up.batch_size, step_ms)
    return BlockRaced(str(racer.entrant), block.round, rounds, step_ms, per_s, racer.entrant.control)
