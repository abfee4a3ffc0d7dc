"""Does a quick run say what a run ten times as long says, and where does the time of a quick run go?"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

import psutil

from advisor.interview.answers import Answers
from advisor.measuring.analysis.comparison import Comparison, compare
from advisor.measuring.machine.interpreters import find_interpreters
from advisor.measuring.running.events import ignore
from advisor.measuring.running.local_host import LocalHost
from advisor.measuring.running.schedule import Run, run_plan
from advisor.measuring.running.supervisor import TrialLimits
from advisor.method import Method, method
from advisor.planning.plan import Plan, Settings, make_plan
from advisor.study import Study
from benchmarks.markdown import ratio_text, table_of
from pilots import workload as workloads
from pilots.records import TrialRecord

TIMES_LONGER = 10
ANSWERS = Path(__file__).parents[1] / "examples" / "answers.toml"


def quick_run(folder: Path, workload: str, *options: str) -> tuple[Study, dict[str, float]]:
    """A real ``advisor run --quick``, watched from outside: seconds of wall time and of the parent's own CPU."""
    study = Study(folder / "study")
    command = [sys.executable, "-m", "advisor", "run", str(study.folder), "--quick", "--no-input"]
    command += ["--answers", str(ANSWERS), "--set", f"project.problem={workload}", *options]
    log = folder / "log.txt"
    started = time.monotonic()
    with log.open("wb") as output:
        process = psutil.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        cpu_s = 0.0
        while process.poll() is None:
            try:
                times = process.cpu_times()
                cpu_s = times.user + times.system
            except psutil.Error:
                break
            time.sleep(0.2)
    if process.wait() != 0:
        raise RuntimeError(f"advisor run ended with {process.returncode}: {log.read_text('utf-8')[-2000:]}")
    return study, {"wall_s": time.monotonic() - started, "parent_cpu_s": cpu_s}


def long_run(folder: Path, workload: str, threads: int) -> tuple[Plan, tuple[TrialRecord, ...], Method]:
    """Races alone, with ten times the rounds of a quick run, spread over its launches and as many again."""
    quick = method().sizes["quick"]
    launches = 2 * quick.launches
    rounds = TIMES_LONGER * quick.race_rounds * quick.launches // launches
    longer = quick.model_copy(update={"launches": 1, "race_launches": launches, "race_rounds": rounds})
    # Every launch is wanted, resolved or not.
    measuring = method().measuring.model_copy(update={"minimum_launches": launches})
    changed = method().model_copy(update={"sizes": {"quick": longer}, "measuring": measuring})
    interpreters = find_interpreters(Settings().candidates, {})
    plan = make_plan(
        Answers({"project.problem": workload}),
        Settings(size="quick", seed=1000),
        changed,
        unavailable=interpreters.unavailable,
        workloads=(workloads.load(workload),),
        threads=threads,
    )
    wanted = tuple(launch for launch in plan.launches if launch.stage in ("gate", "pilots"))
    races = tuple(
        type(launch)(
            **{**vars(launch), "trials": tuple(t for t in launch.trials if t.experiment in ("parity", "race"))}
        )
        for launch in wanted
    )
    plan = type(plan)(**{**vars(plan), "launches": races})
    study = Study(folder / "long")
    study.create()
    python = {candidate: found.python for candidate, found in interpreters.found.items()}
    limits = TrialLimits(changed.measuring.trial_timeout_s, 1e6)
    run = Run(LocalHost(python, limits, "benchmark", interpreters.versions), changed)
    run_plan(plan, run, (), study.append_trials, ignore)
    return plan, study.trials(), changed


def run(*, workload: str = "vision", threads: int = 2) -> tuple[dict[str, object], dict[str, object]]:
    """Tables of fidelity and of overhead: the same quick run serves both."""
    random.seed(0)
    with tempfile.TemporaryDirectory(prefix="advisor-bench-") as name:
        folder = Path(name)
        study, spent = quick_run(folder, workload)
        quick_records = study.trials()
        _, long_records, changed = long_run(folder, workload, threads)
    quick = _pairs(compare(quick_records, method().measuring, method().sizes["quick"].race_launches))
    launches = changed.sizes["quick"].race_launches
    long = _pairs(compare(long_records, changed.measuring, launches))
    return _fidelity(workload, quick, long), _overhead(workload, quick_records, spent)


def _pairs(found: tuple[Comparison, ...]) -> dict[tuple[str, str], Comparison]:
    return {(pair.first, pair.second): pair for pair in found if pair.between == "candidates"}


def _fidelity(
    workload: str, quick: dict[tuple[str, str], Comparison], long: dict[tuple[str, str], Comparison]
) -> dict[str, object]:
    rows = []
    for names, pair in quick.items():
        other = long[names]
        rows.append(
            {
                "first": names[0],
                "second": names[1],
                "quick": pair.ratio.ratio if pair.ratio else None,
                "quick_word": pair.word,
                "long": other.ratio.ratio if other.ratio else None,
                "long_word": other.word,
                "changed_sides": {pair.word, other.word} == {"faster", "slower"},
            }
        )
    return {
        "needed": "no resolved pair changes sides",
        "passed": not any(row["changed_sides"] for row in rows),
        "workload": workload,
        "times_longer": TIMES_LONGER,
        "rows": rows,
    }


def _overhead(workload: str, records: tuple[TrialRecord, ...], spent: dict[str, float]) -> dict[str, object]:
    parts: dict[str, float] = defaultdict(float)
    for record in records:
        for part, seconds in _parts(record).items():
            parts[part] += seconds
    measured = sum(parts[name] for name in ("race blocks", "training to quality", "predictions"))
    accounted = sum(parts.values())
    share = spent["parent_cpu_s"] / spent["wall_s"]
    return {
        "needed": "the parent's own CPU below 2 % of the wall time",
        "passed": share < 0.02,
        "workload": workload,
        **spent,
        "parent_cpu_share": share,
        "measured_s": measured,
        "wall_over_measured": spent["wall_s"] / measured,
        "parts_s": {**dict(parts), "everything else": spent["wall_s"] - accounted},
    }


def _parts(record: TrialRecord) -> dict[str, float]:
    """Where a trial's seconds went. Processes of the gate and of the memory pass run two at a time."""
    result: Any = record.result
    match record.spec.experiment:
        case "race":
            return {
                "importing frameworks": result.import_s,
                "building models": result.build_s,
                "warming up": result.warmup_s,
                "race blocks": sum(block.seconds for block in result.blocks),
            }
        case "learn":
            return {"training to quality": result.epochs[-1].seconds} if result.epochs else {}
        case "infer":
            return {"predictions": sum(sum(batch.calls_ms) + batch.first_call_ms for batch in result.batches) / 1000}
        case "epochs":
            return {"ends of epochs": record.wall_s}
        case "load":
            return {"data pipelines": record.wall_s}
        case "footprint":
            return {"memory pass, two at a time": record.wall_s / 2}
        case _:
            return {}


def section(table: dict[str, Any]) -> tuple[str, list[str]]:
    """The table's heading and paragraphs on the page of results."""
    rows = [
        (
            f"{row['first']} / {row['second']}",
            ratio_text(row["quick"]),
            row["quick_word"],
            ratio_text(row["long"]),
            row["long_word"],
        )
        for row in table["rows"]
    ]
    return f"Fidelity: a quick run against one {table['times_longer']} times as long ({table['workload']})", [
        table_of(("Pair", "Quick: step time ratio", "Finding", "Long: step time ratio", "Finding"), rows),
        f"Needed: {table['needed']}.",
    ]


def overhead_section(table: dict[str, Any]) -> tuple[str, list[str]]:
    """The table's heading and paragraphs on the page of results."""
    wall = table["wall_s"]
    rows = [
        (name, f"{seconds / wall:.0%}") for name, seconds in sorted(table["parts_s"].items(), key=lambda part: -part[1])
    ]
    return "Overhead: where the time of a quick run goes", [
        table_of(("Part", "Share of the wall time"), rows),
        f"Wall time divided by measured phases: {table['wall_over_measured']:.1f}. advisor's own process used "
        f"{table['parent_cpu_share']:.1%} of a core (needed: below 2%).",
    ]


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
