"""The events of a run as the schedule tells them, with races whose outcome is known."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from advisor.catalog import CANDIDATES, LANES
from advisor.measuring.analysis.comparison import compare
from advisor.measuring.analysis.race_state import RaceState, standing
from advisor.measuring.running.events import (
    Activity,
    BlockRaced,
    EpochLearned,
    Event,
    LaunchStarted,
    RaceJudged,
    RunEnded,
    RunStarted,
    TrialsFinished,
)
from advisor.method import method
from pilots.records import Lane, TrialRecord, TrialSpec
from pilots.results import Contention, ParityResult, RaceBlock, RaceResult

WORKLOAD, ROUNDS, BATCH = "vision", 12, 32
#: Milliseconds of a step; what is equal to another is so to half a per cent.
STEP_MS = {"pytorch": 2.0, "keras-tensorflow": 2.9, "keras-jax": 2.0, "keras-torch": 4.1, "tensorflow": 2.4}
#: A trial that failed, with an error full of what rich would take for markup.
SPEC = TrialSpec("race", "tabular", "smoke", "keras-torch", "default", 0, 0, 1)
FAILED = TrialRecord(
    "k", SPEC, "out_of_memory", "", 1.0, None, None, "killed in [/red] [bold]layer[0]\nits last words\n"
)
MEASURING = method().measuring


def gate(candidate: str, lane: Lane = "default", *, passed: bool = True) -> TrialRecord:
    spec = TrialSpec("parity", WORKLOAD, "quick", candidate, lane, 0, 0, 2)
    result = ParityResult("parity", "pytorch", 1000, passed, ())
    error = None if passed else "failed the parity gate"
    key = f"gate {spec.entrant}"
    return TrialRecord(key, spec, "ok" if passed else "not_comparable", "", 1.0, None, result, error)


def races(
    launches: int,
    *,
    lanes: Sequence[Lane] = ("default",),
    noise: float = 0.002,
    contention: Contention | None = None,
) -> list[TrialRecord]:
    """Races of every candidate in every lane, and of a copy of the first one; compiled, all are a third faster."""
    generator = np.random.default_rng(3)
    entered = [(candidate, lane, False) for lane in lanes for candidate in CANDIDATES]
    found = []
    for launch in range(launches):
        pace = np.exp(generator.uniform(0, 0.5, ROUNDS))
        for candidate, lane, control in (*entered, ("pytorch", "default", True)):
            factor = (2 / 3 if lane == "tuned" else 1.0) * float(np.exp(generator.normal(0, noise)))
            step_s = STEP_MS[candidate] / 1000 * factor * pace
            blocks = tuple(RaceBlock(number, 10, 10 * float(one), 0.0) for number, one in enumerate(step_s))
            order = tuple(range(ROUNDS))
            result = RaceResult(
                "race", f"s{launch}", BATCH, 1.0, 0.1, 0.1, 32, 1.0, True, blocks, order, None, contention
            )
            spec = TrialSpec("race", WORKLOAD, "quick", candidate, lane, launch, launch, 2, control=control)
            found.append(TrialRecord(f"{launch} {spec.entrant}", spec, "ok", "", 9.0, None, result))
    return found


def judged(records: Sequence[TrialRecord]) -> RaceState:
    return _judged(tuple(records))


@cache
def _judged(records: tuple[TrialRecord, ...]) -> RaceState:
    gated = [gate(candidate, lane) for candidate in CANDIDATES for lane in LANES]
    comparisons = compare([*gated, *records], MEASURING, 5)
    found = standing(WORKLOAD, records, comparisons, MEASURING)
    assert found is not None
    return found


def events(launches: int = 3, *, lanes: Sequence[Lane] = ("default",)) -> list[Event]:
    """A whole run, up to and with its end."""
    told: list[Event] = [RunStarted(trials=90, finished=0, seconds_left=900)]
    records = races(launches, lanes=lanes)
    for launch in range(launches):
        told.append(LaunchStarted(f"{WORKLOAD}, launch {launch + 1}: race, learn", WORKLOAD, launch, 700))
        mine = [one for one in records if one.spec.launch == launch]
        told += [Activity.of(one.spec, "warming up") for one in mine]
        for number in range(ROUNDS):
            for one in mine:
                assert isinstance(one.result, RaceResult)
                block = one.result.blocks[number]
                step_ms = 1000 * block.seconds / block.steps
                told.append(
                    BlockRaced(str(one.spec.entrant), number, ROUNDS, step_ms, 1000 * BATCH / step_ms, one.spec.control)
                )
        told.append(TrialsFinished(tuple(mine), 10 * (launch + 1), 90, 600))
        told.append(RaceJudged(judged([one for one in records if one.spec.launch <= launch])))
        for candidate in CANDIDATES:
            told.append(Activity(candidate, "training"))
            told += [EpochLearned(candidate, epoch, 20, 1 - 0.8**epoch) for epoch in range(1, 21)]
    return [*told, RunEnded(finished=90, failed=0, left_out=0)]
