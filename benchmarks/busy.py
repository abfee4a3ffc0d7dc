"""Does a busy machine make advisor say something else than a quiet one?

Quick studies of all candidates run while programs of known size take part of the processor, and are held against one
that ran without. Each study takes minutes; what is asked for is measured anew, the others stay as they were, so that
the table can be made in parts: ``python -m benchmarks busy --workloads tabular --loads "none,one at 25%"``.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from advisor.catalog import CANDIDATES
from advisor.measuring.analysis.crowding import crowded_rounds, sessions, taken_by_others
from advisor.measuring.machine import contention
from advisor.method import method
from advisor.study import DECISION, Study
from benchmarks.markdown import table_of
from benchmarks.planted_load import LOADS, planted
from benchmarks.processes import warm_trial
from pilots import processor_use

ANSWERS = Path(__file__).parents[1] / "examples" / "answers.toml"
WORKLOADS = ("tabular", "vision")
QUIET = "none"
#: A load at which the tool must still be of use, and what that means.
USEFUL_AT, USEFUL_SHARE, TIMES_AS_LONG = "one at 25%", 0.5, 2.0
HOLDS_NEEDED = 0.95
READING_NEEDED = 0.01
_RESOLVED = ("faster", "slower")
#: The words for a verdict, the weakest first.
_STRENGTH = ("insufficient", "none_feasible", "too_close", "conditional", "lean", "clear")
_READINGS = 200


def study_beside(load: str, workload: str, folder: Path, options: Sequence[str] = ("--quick",)) -> dict[str, Any]:
    """A real run of one pilot beside a load, as what is kept of it.

    Raises:
        RuntimeError: the run ended otherwise than with a report.
    """
    study = Study(folder / "study")
    command = [sys.executable, "-m", "advisor", "run", str(study.folder), *options, "--no-input", "--json"]
    command += ["--answers", str(ANSWERS), "--set", f"project.problem={workload}", "--pilots", workload]
    # Without targets nothing is rehearsed, which would take longer than all that is compared here.
    command += ["--set", "deployment.required=", "--set", "deployment.targets="]
    with planted(load):
        started = time.monotonic()
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        wall_s = time.monotonic() - started
    if not study.path(DECISION).exists():
        raise RuntimeError(f"advisor run ended with {done.returncode}: {done.stderr[-2000:]}")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    judged = [event for event in told if event["event"] == "race_judged"]
    races = sessions(study.trials())
    known = [race.contention for race in races if race.contention is not None]
    decision = json.loads(study.path(DECISION).read_text("utf-8"))
    return {
        "pairs": [_pair(one) for one in judged[-1]["comparisons"] if one["between"] == "candidates"] if judged else [],
        "verdict": decision["verdict"],
        "recommended": decision["recommended"],
        "wall_s": wall_s,
        "waited_s": sum(event["waited_s"] for event in told if event["event"] == "quiet_awaited"),
        "launches": len(races),
        "busy_launches": sum(one.busy for one in known),
        "rounds": sum(len(race.rounds) for race in races),
        "crowded_rounds": sum(len(crowded_rounds(race)) for race in races),
        "others_share": taken_by_others(known),
    }


def held_against(quiet: Mapping[str, Any], busy: Mapping[str, Any]) -> dict[str, Any]:
    """What a study beside a load says, against one that ran alone."""
    before = {(one["first"], one["second"]): one for one in quiet["pairs"]}
    resolved = [one for one in busy["pairs"] if one["word"] in _RESOLVED]
    both = [(before[one["first"], one["second"]], one) for one in resolved if (one["first"], one["second"]) in before]
    held = [one["low"] <= was["ratio"] <= one["high"] for was, one in both if was["ratio"] is not None]
    return {
        "pairs": len(before),
        "resolved_when_quiet": sum(one["word"] in _RESOLVED for one in before.values()),
        "resolved": len(resolved),
        "resolved_in_both": sum(was["word"] in _RESOLVED for was, _ in both),
        "other_sign": sum({was["word"], one["word"]} == set(_RESOLVED) for was, one in both),
        "held": sum(held),
        "could_hold": len(held),
        "verdict_no_stronger": _no_stronger(quiet, busy),
        "times_as_long": busy["wall_s"] / quiet["wall_s"],
        "waited_share": busy["waited_s"] / busy["wall_s"],
        **{name: busy[name] for name in ("verdict", "recommended", "launches", "busy_launches", "others_share")},
        **{name: busy[name] for name in ("rounds", "crowded_rounds")},
    }


def summarise(studies: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> tuple[list[dict[str, Any]], bool]:
    """A row for each workload and load beside which its quiet study is known, and whether all is as needed.

    Where nothing was resolved when quiet, nothing is shown of how useful it is, and that is not enough.

    Args:
        studies: by workload, then by load.
    """
    rows = [
        {"workload": workload, "load": load, **held_against(by_load[QUIET], by_load[load])}
        for workload, by_load in studies.items()
        if QUIET in by_load
        for load in LOADS
        if load in by_load and load != QUIET
    ]
    could = sum(row["could_hold"] for row in rows)
    useful = [
        row["resolved_in_both"] >= USEFUL_SHARE * row["resolved_when_quiet"] and row["times_as_long"] <= TIMES_AS_LONG
        for row in rows
        if row["load"] == USEFUL_AT and row["resolved_when_quiet"] > 0
    ]
    met = (
        not any(row["other_sign"] for row in rows)
        and sum(row["held"] for row in rows) >= HOLDS_NEEDED * could
        and all(row["verdict_no_stronger"] for row in rows)
        and bool(useful)
        and all(useful)
    )
    return rows, met


def not_run(studies: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The workloads and loads of which there is no study yet."""
    return [(workload, load) for workload in WORKLOADS for load in LOADS if load not in studies.get(workload, {})]


def reading_costs(threads: int) -> list[dict[str, Any]]:
    """What reading a process's use of the processor takes, before and after a block, as a share of the block.

    A reading takes as long as the process has threads, so it is timed here among as many as each candidate has.
    """
    rows = []
    for candidate in CANDIDATES:
        trial, _ = warm_trial(candidate, WORKLOADS[0], threads)
        try:
            count = psutil.Process(trial.pid).num_threads()
            outside_s = _median_s(lambda pid=trial.pid: contention.read([pid]))
        finally:
            trial.close()
        with _idle_threads(count - threading.active_count()):
            inside_s = _median_s(processor_use.read)
        share = 2 * inside_s / method().measuring.block_s
        rows.append({"candidate": candidate, "threads": count, "share": share, "counters_ms": 1000 * outside_s})
    return rows


def run(
    *,
    threads: int = 2,
    workloads: Sequence[str] = WORKLOADS,
    loads: Sequence[str] = tuple(LOADS),
    before: Mapping[str, Any] | None = None,
    options: Sequence[str] = ("--quick",),
) -> Iterable[dict[str, Any]]:
    """The table after each study that is added to it, so that nothing is lost when it is ended."""
    kept = before or {}
    studies: dict[str, dict[str, Any]] = {name: dict(found) for name, found in kept.get("studies", {}).items()}
    reading = kept.get("reading")
    if not reading:
        reading = reading_costs(threads)
        yield _table(studies, reading)
    for workload in workloads:
        for load in loads:
            with tempfile.TemporaryDirectory(prefix="advisor-bench-") as folder:
                studies.setdefault(workload, {})[load] = study_beside(load, workload, Path(folder), options)
            yield _table(studies, reading)


def _table(studies: Mapping[str, Any], reading: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    rows, met = summarise(studies)
    cheap = all(row["share"] < READING_NEEDED for row in reading)
    left = not_run(studies)
    return {
        # Nothing is met by halves; what fails fails, whatever else will be measured.
        "passed": None if met and cheap and left else met and cheap,
        "not_run": left,
        "rows": rows,
        "reading": list(reading),
        "studies": studies,
    }


def _pair(comparison: Mapping[str, Any]) -> dict[str, Any]:
    ratio = comparison["ratio"] or {}
    names = {name: comparison[name] for name in ("first", "second", "word")}
    return names | {name: ratio.get(name) for name in ("ratio", "low", "high")}


def _no_stronger(quiet: Mapping[str, Any], busy: Mapping[str, Any]) -> bool:
    """The same choice in the same or a weaker word, or no choice at all."""
    strength = _STRENGTH.index(busy["verdict"])
    if strength <= _STRENGTH.index("too_close"):
        return True
    same = quiet["recommended"] == busy["recommended"]
    return bool(same) and strength <= _STRENGTH.index(quiet["verdict"])


def _median_s(action: Any) -> float:
    times_s = []
    for _ in range(_READINGS):
        started = time.perf_counter()
        action()
        times_s.append(time.perf_counter() - started)
    return statistics.median(times_s)


@contextmanager
def _idle_threads(count: int) -> Any:
    end = threading.Event()
    waiting = [threading.Thread(target=end.wait, daemon=True) for _ in range(max(0, count))]
    for one in waiting:
        one.start()
    try:
        yield
    finally:
        end.set()
        for one in waiting:
            one.join()


def section(table: dict[str, Any]) -> tuple[str, list[str]]:
    """The table's heading and paragraphs on the page of results."""
    rows = [
        (
            row["workload"],
            row["load"],
            f"{row['others_share']:.0%}",
            f"{row['resolved']} of {row['resolved_when_quiet']}",
            str(row["other_sign"]),
            f"{row['held']} of {row['could_hold']}",
            row["verdict"].replace("_", " ") + ("" if row["verdict_no_stronger"] else " (**another, or stronger**)"),
            f"{row['busy_launches']} of {row['launches']}",
            f"{row['times_as_long']:.2f}",
            f"{row['waited_share']:.0%}",
        )
        for row in table["rows"]
    ]
    header = (
        "Pilot",
        "Others",
        "took",
        "Pairs resolved, of those when quiet",
        "Other sign",
        "Quiet ratio in the interval",
        "Verdict",
        "Busy launches",
        "Time, quiet = 1",
        "Waiting",
    )
    reading = [
        (row["candidate"], str(row["threads"]), f"{row['share']:.2%}", f"{row['counters_ms']:.1f} ms")
        for row in table["reading"]
    ]
    return "Busy: a quick study beside planted loads, held against the same on a quiet machine", [
        table_of(header, rows) if rows else "No study was held against a quiet one yet.",
        "Loads are shares of one core that a process wants. Needed: no resolved pair with another sign than when "
        "quiet; the quiet ratio in the interval of at least 95% of the pairs that are resolved; the verdict the quiet "
        "one or weaker; beside one process at 25% at least half of the pairs that are resolved when quiet, within "
        "twice the time. Waiting is the share of the run that was spent on it."
        + "".join(
            f" Others took {by_load[QUIET]['others_share']:.1%} in the quiet study of {name}."
            for name, by_load in table["studies"].items()
            if QUIET in by_load
        ),
        table_of(
            ("Candidate", "Threads", "Two readings of a process, share of a block", "The system's counters, a round"),
            reading,
        ),
        "Needed: less than 1% of a block. It is read outside the time that is measured.",
        *(
            ["Not run yet: " + ", ".join(f"{name} {load}" for name, load in table["not_run"]) + "."]
            if table["not_run"]
            else []
        ),
    ]
