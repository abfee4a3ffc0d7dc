"""How often does advisor find a difference where there is none, and how often one of 2, 5 or 10 per cent?

Copies of one stack race one another in real launches, in an order drawn anew for each as in a study, recorded for each
stack and size apart. Five copies are as they are; every training step of a sixth takes 5 % longer, which shows that
what is planted is what is measured. A hundred whole studies would take days: so each study draws its launches from
those of one recording, none twice, and which copy is which is drawn anew in each launch, since copies are equal.
Studies that share launches are not independent; so the rates are less certain than as many separate studies would make
them.

    python -m benchmarks.calibration [--minutes 9]    record for so long, or until all is recorded; then stop
    python -m benchmarks calibration                  record what is missing, and judge

Every launch is kept at once in ``benchmarks/recordings``, so that recording goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from advisor.measuring.analysis.family import DIFFERENT, ByLaunch, judge
from advisor.measuring.machine import contention
from advisor.measuring.machine.fingerprint import fingerprint
from advisor.method import method
from benchmarks.markdown import table_of
from benchmarks.processes import HERE, altered, warm_trial
from pilots.protocol import BlockDone, RunBlock
from pilots.records import Size

STACKS = (("pytorch", "tabular"), ("keras-jax", "vision"))
LAUNCHES: Mapping[Size, int] = {"quick": 12, "standard": 24}
COPIES = tuple(f"copy {number}" for number in range(1, 6))
SLOWED, SLOWDOWN = "slowed", 0.05
PLANTED = (0.02, 0.05, 0.10)
STUDIES = 400
FOLDER = HERE / "recordings"
#: Log step time apart: what nobody would take for equal.
_FAR = 0.7


@dataclass(frozen=True)
class Launch:
    """Milliseconds of a step by copy, in the order of rounds; the order in which the copies were opened.

    ``others_share`` is what other programs took of the processor's time; None where the system does not tell.
    """

    step_ms: Mapping[str, Sequence[float]]
    opened: Sequence[str]
    others_share: float | None
    seconds: float


def file_of(candidate: str, workload: str, size: Size) -> Path:
    """The recording of a stack at a size, a launch per line."""
    return FOLDER / f"{candidate}-{workload}-{size}.jsonl"


def recorded(candidate: str, workload: str, size: Size) -> tuple[Launch, ...]:
    """The launches recorded so far."""
    path = file_of(candidate, workload, size)
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return tuple(Launch(**json.loads(line)) for line in lines)


def record(threads: int, time_is_up: Callable[[], bool] = lambda: False) -> bool:
    """Record the launches that are missing, of all stacks in turn; False if time was up before the last one."""
    FOLDER.mkdir(exist_ok=True)
    rng = random.Random()
    parts = [(candidate, workload, size) for size in LAUNCHES for candidate, workload in STACKS]
    while missing := [part for part in parts if len(recorded(*part)) < LAUNCHES[part[2]]]:
        for candidate, workload, size in missing:
            if time_is_up():
                return False
            launch = record_launch(candidate, workload, method().sizes[size].race_rounds, threads, rng)
            with file_of(candidate, workload, size).open("a", encoding="utf-8") as file:
                file.write(json.dumps(asdict(launch)) + "\n")
            print(f"{candidate}, {workload}, {size}: {launch.seconds:.0f} s", file=sys.stderr, flush=True)
    return True


def record_launch(candidate: str, workload: str, rounds: int, threads: int, rng: random.Random) -> Launch:
    """One launch of all copies, raced as :mod:`advisor.measuring.running.race` does."""
    started, block_s = time.monotonic(), method().measuring.block_s
    opened = rng.sample((*COPIES, SLOWED), len(COPIES) + 1)
    with ExitStack() as stack:
        python = stack.enter_context(altered())
        racers = {}
        for name in opened:
            slowdown = str(SLOWDOWN if name == SLOWED else 0.0)
            variables = {"ADVISOR_PLANTED_SLOWDOWN": slowdown}
            process, warm = warm_trial(candidate, workload, threads, python=python, variables=variables)
            stack.callback(process.close)
            racers[name] = (process, max(1, round(block_s / warm.step_s)))
        before = contention.read([process.pid for process, _ in racers.values()])
        step_ms: dict[str, list[float]] = {name: [] for name in racers}
        for _ in range(rounds):
            for name in rng.sample(opened, len(opened)):
                process, steps = racers[name]
                with process.awake():
                    done = process.request(RunBlock(steps), BlockDone)
                step_ms[name].append(1000 * done.seconds / done.steps)
        found = contention.between(before, contention.read([process.pid for process, _ in racers.values()]))
    others_share = None if found is None else found.others_share
    return Launch(step_ms, opened, others_share, time.monotonic() - started)


def log_ratio(launch: Launch, first: str, second: str) -> float:
    """The median over rounds of the log ratio of two copies, as in a study."""
    return float(np.median(np.log(np.array(launch.step_ms[first]) / np.array(launch.step_ms[second]))))


def study(launches: Sequence[Launch], size: Size, rng: random.Random, apart: Sequence[float]) -> list[ByLaunch]:
    """The log ratios of all pairs of the copies in launches that are drawn, none twice while there are enough.

    Args:
        launches: of one recording.
        size: as many launches as it may take.
        rng: draws.
        apart: log step time that is planted into each copy.
    """
    wanted = method().sizes[size].race_launches
    drawn = rng.sample(launches, wanted) if len(launches) >= wanted else rng.choices(launches, k=wanted)
    pairs: list[dict[int, float]] = [{} for _ in combinations(COPIES, 2)]
    for number, launch in enumerate(drawn):
        # Which of several equal copies is which is arbitrary; drawn anew, none is faster on average.
        names = rng.sample(COPIES, len(COPIES))
        for pair, (a, b) in zip(pairs, combinations(range(len(COPIES)), 2), strict=True):
            pair[number] = log_ratio(launch, names[a], names[b]) + apart[a] - apart[b]
    return list(pairs)


def assess(launches: Sequence[Launch], size: Size, rng: random.Random, studies: int = STUDIES) -> dict[str, object]:
    """False alarms among equals, how often what is planted is found, and what it takes to be found."""
    planned = method().sizes[size].race_launches
    equal = [0.0] * len(COPIES)

    def judged(apart: Sequence[float]) -> list[tuple[str, ...]]:
        return [
            tuple(one.shown if one else "nothing" for one in judge(pairs, method().measuring, planned))
            for pairs in (study(launches, size, rng, apart) for _ in range(studies))
        ]

    alarms = sum(any(shown in DIFFERENT for shown in words) for words in judged(equal))
    found: dict[str, dict[str, float]] = {}
    for planted in PLANTED:
        slowed = math.log1p(planted)
        # The first pair is the one with the slowed copy and an equal one; the others are equal, or far apart.
        among_equals = judged([slowed, *equal[1:]])
        others_apart = judged([slowed, 0.0, *(_FAR * (number + 1) for number in range(len(COPIES) - 2))])
        found[f"{planted:g}"] = {
            "among_equals": sum(words[0] == "first more" for words in among_equals) / studies,
            "others_apart": sum(words[0] == "first more" for words in others_apart) / studies,
        }
    logs = np.array([[log_ratio(one, a, b) for a, b in combinations(COPIES, 2)] for one in launches])
    slowed_logs = [np.mean([log_ratio(one, SLOWED, name) for name in COPIES]) for one in launches]
    return {
        "false_alarms": alarms / studies,
        "found": found,
        "scatter": float(np.sqrt((logs**2).mean())),
        "really_slowed": float(math.expm1(np.mean(slowed_logs))),
        "first_opened": float(math.expm1(np.mean([_place_effect(one) for one in launches]))),
        "first_opened_error": float(np.std([_place_effect(one) for one in launches], ddof=1) / len(launches) ** 0.5),
        "launches": len(launches),
        "launch_s": float(np.mean([one.seconds for one in launches])),
        "others_share": max((one.others_share for one in launches if one.others_share is not None), default=None),
    }


def run(*, threads: int = 2) -> dict[str, object]:
    """Record what is missing, then judge."""
    record(threads)
    rng = random.Random(0)
    rows = [
        {"candidate": candidate, "workload": workload, "size": size}
        | assess(recorded(candidate, workload, size), size, rng)
        for size in LAUNCHES
        for candidate, workload in STACKS
    ]
    return {
        "needed": {"false_alarms_at_most": 0.05, "found_at_least": 0.9, "planted": 0.02, "scatter_at_most": 0.015},
        "passed": all(map(_as_needed, rows)),
        "studies": STUDIES,
        "slowdown": SLOWDOWN,
        "rows": rows,
    }


def _as_needed(row: Mapping[str, object]) -> bool:
    """At most 5 % false alarms, give or take what so few studies allow; 2 % found where launches scatter little."""
    alarms, scatter, found = row["false_alarms"], row["scatter"], row["found"]
    assert isinstance(alarms, float) and isinstance(scatter, float) and isinstance(found, dict)
    seldom = alarms <= 0.05 + 2 * math.sqrt(0.05 * 0.95 / STUDIES)
    return seldom and (row["size"] != "standard" or scatter > 0.015 or found["0.02"]["among_equals"] >= 0.9)


def _place_effect(launch: Launch) -> float:
    """By how much the copy that was opened first took longer than the one opened last, in log step time."""
    opened = [name for name in launch.opened if name != SLOWED]
    return log_ratio(launch, opened[0], opened[-1])


def main() -> int:
    """Record only. Exit code 1 if something is still missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop before the next launch after so long")
    options = parser.parse_args()
    until = time.monotonic() + 60 * options.minutes
    return 0 if record(fingerprint().usable_cores, lambda: time.monotonic() > until) else 1


def section(table: dict[str, Any]) -> tuple[str, list[str]]:
    """The table's heading and paragraphs on the page of results."""
    shares = list(table["rows"][0]["found"])
    rows = [
        (
            f"{row['candidate']}, {row['workload']}",
            row["size"],
            str(row["launches"]),
            f"{row['scatter']:.1%}",
            f"{row['false_alarms']:.1%}",
            *(f"{one['among_equals']:.0%} / {one['others_apart']:.0%}" for one in row["found"].values()),
        )
        for row in table["rows"]
    ]
    header = (
        "Five copies of",
        "Size",
        "Launches recorded",
        "Scatter of a launch",
        "False alarms",
        *(f"{float(share):.0%} found" for share in shares),
    )
    checks = "; ".join(
        f"{row['candidate']}, {row['size']}: {row['really_slowed']:.1%} in place of {table['slowdown']:.0%}, "
        f"opened first {row['first_opened']:+.1%} (standard error {row['first_opened_error']:.1%}), a launch of "
        f"{row['launch_s']:.0f} s"
        for row in table["rows"]
    )
    note = (
        f"Each rate is of {table['studies']} studies of five candidates, ten pairs, whose launches are drawn from "
        "those of one recording. False alarms: studies in which any pair of equals was called different. Found: a copy "
        "slowed by so much against an equal one, where the other three are equal to that one, and where they are far "
        "from both. Scatter: standard deviation of the log ratio of two copies in a launch. Needed: false alarms in at "
        "most 5% (give or take 2 standard errors), and in a standard run 2% found in 90% among equals, where launches "
        "scatter by at most 1.5%."
    )
    really = f"What a copy that really was slowed took more, and what was opened first than last: {checks}."
    heading = "Calibration: no difference where there is none, and one where there is"
    return heading, [table_of(header, rows), note, really]


if __name__ == "__main__":
    sys.exit(main())
