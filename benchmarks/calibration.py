"""How often does advisor find a difference where there is none, and how often one of five per cent?

Launches of three copies of one candidate are recorded: two as they are, one whose every training step is made to
take 5 % longer. A hundred whole comparisons take hours; so each comparison draws its launches, with replacement, from
those that were recorded, and judges them as a study does: after each launch, at the levels of the looks. Comparisons
that share launches are not independent, so the rates are less certain than 100 separate runs would be.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, replace

from advisor.measuring.comparison import compare
from advisor.method import method
from benchmarks.processes import altered, warm_trial
from pilots.protocol import BlockDone, RunBlock
from pilots.records import ParityCheck, ParityResult, RaceBlock, RaceResult, TrialRecord, TrialSpec

CANDIDATE = "pytorch"
SLOWDOWN = 0.05
COPIES = ("original", "copy", "slowed")
COMPARISONS = 100


@dataclass(frozen=True)
class Launch:
    """Blocks of all copies by name, and the seconds the launch took."""

    blocks: dict[str, tuple[RaceBlock, ...]]
    seconds: float


def record_launch(workload: str, rounds: int, threads: int, rng: random.Random) -> Launch:
    """One launch of the three copies, raced as ``advisor.measuring.race`` does."""
    started = time.monotonic()
    block_s = method().measuring.block_s
    with ExitStack() as stack:
        python = stack.enter_context(altered())
        racers = {}
        for name in rng.sample(COPIES, len(COPIES)):
            slowdown = str(SLOWDOWN if name == "slowed" else 0.0)
            process, warm = warm_trial(
                CANDIDATE, workload, threads, python=python, variables={"ADVISOR_PLANTED_SLOWDOWN": slowdown}
            )
            stack.callback(process.close)
            racers[name] = (process, max(1, round(block_s / warm.step_s)))
        blocks: dict[str, list[RaceBlock]] = {name: [] for name in COPIES}
        for number in range(rounds):
            for name in rng.sample(COPIES, len(COPIES)):
                process, steps = racers[name]
                with process.awake():
                    done = process.request(RunBlock(steps), BlockDone)
                blocks[name].append(RaceBlock(number, done.steps, done.seconds, done.cpu_seconds))
    return Launch({name: tuple(found) for name, found in blocks.items()}, time.monotonic() - started)


def run(*, recorded: int = 20, workload: str = "vision", size: str = "standard", threads: int = 2) -> dict[str, object]:
    """Record launches, then compare."""
    rng = random.Random(0)
    settings = method().sizes[size]  # type: ignore[index]
    launches = [record_launch(workload, settings.race_rounds, threads, rng) for _ in range(recorded)]
    words: dict[str, Counter[str]] = {"copy": Counter(), "slowed": Counter()}
    used: dict[str, list[int]] = {"copy": [], "slowed": []}
    ratios: dict[str, list[float]] = {"copy": [], "slowed": []}
    for _ in range(COMPARISONS):
        drawn = rng.choices(launches, k=settings.race_launches)
        # Which of two equal copies is called the original is arbitrary; drawn anew, neither is faster on average.
        either = [swapped(launch) if rng.random() < 0.5 else launch for launch in drawn]
        for other, judged in (("copy", either), ("slowed", drawn)):
            word, launches_used, ratio = judge(judged, other, workload, settings.race_launches)
            words[other][word] += 1
            used[other].append(launches_used)
            ratios[other].append(ratio)
    different = sum(words["copy"][word] for word in ("faster", "slower"))
    found = words["slowed"]["faster"]
    launch_s = sum(launch.seconds for launch in launches) / len(launches)
    return {
        "needed": {"different_at_most": 5, "found_at_least": 90},
        "passed": different <= 5 and found >= 90,
        "workload": workload,
        "size": size,
        "recorded_launches": recorded,
        "comparisons": COMPARISONS,
        "equals_called_different": different,
        "slowdown": SLOWDOWN,
        "slowdown_found": found,
        "slowdown_called_the_wrong_way": words["slowed"]["slower"],
        "words_between_equals": dict(words["copy"]),
        "words_about_the_slowed": dict(words["slowed"]),
        "mean_launches_between_equals": sum(used["copy"]) / COMPARISONS,
        "mean_launches_about_the_slowed": sum(used["slowed"]) / COMPARISONS,
        "launch_s": launch_s,
        "launch_ratios": {other: [_launch_ratio(launch, other) for launch in launches] for other in ("copy", "slowed")},
    }


def swapped(launch: Launch) -> Launch:
    """The same launch with the names of the two equal copies exchanged."""
    original, copy = launch.blocks["original"], launch.blocks["copy"]
    return replace(launch, blocks={**launch.blocks, "original": copy, "copy": original})


def judge(launches: list[Launch], other: str, workload: str, planned: int) -> tuple[str, int, float]:
    """The word for the original against another copy, the launches it took, and the ratio.

    The other copy goes under another candidate's name, since a candidate against itself would be the control. The
    slowed copy is judged with the control of the same launches, as in a study; the equal one without, which is
    stricter: the control could only make a difference less believable.
    """
    records = [_parity(name, workload) for name in (CANDIDATE, "tensorflow")]
    for number, launch in enumerate(launches):
        records.append(_race(CANDIDATE, workload, number, launch.blocks["original"]))
        records.append(_race("tensorflow", workload, number, launch.blocks[other]))
        if other == "slowed":
            control = _race(CANDIDATE, workload, number, launch.blocks["copy"])
            records.append(replace(control, spec=replace(control.spec, control=True)))
    pair = compare(records, method().measuring, planned, seed=0)[0]
    assert pair.ratio is not None
    return pair.word, pair.ratio.launches, pair.ratio.ratio


def _launch_ratio(launch: Launch, other: str) -> float:
    import numpy as np

    pairs = zip(launch.blocks["original"], launch.blocks[other], strict=True)
    return float(np.exp(np.median([np.log((a.seconds / a.steps) / (b.seconds / b.steps)) for a, b in pairs])))


def _race(candidate: str, workload: str, launch: int, blocks: tuple[RaceBlock, ...]) -> TrialRecord:
    result = RaceResult("race", f"session {launch}", 1, 0, 0, 0, 0, 0, True, blocks, ())
    spec = TrialSpec("race", workload, "standard", candidate, "default", launch, launch, 0)
    return TrialRecord(f"{candidate} {launch}", spec, "ok", "", 0, None, result)


def _parity(candidate: str, workload: str) -> TrialRecord:
    check = ParityCheck("forward", True, 0, 0, 0, "the same code")
    spec = TrialSpec("parity", workload, "standard", candidate, "default", 0, 0, 0)
    return TrialRecord(candidate, spec, "ok", "", 0, None, ParityResult("parity", CANDIDATE, 0, True, (check,)))
