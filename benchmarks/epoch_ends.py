"""The ends of epochs: how long a training stands still between them, in every candidate and lane, at several lengths.

What is measured stays in ``epoch_ends.json`` process by process, so that an interrupted run goes on where it was; a
part of the table is asked for by ``ADVISOR_EPOCH_LENGTHS=0.3,3`` (seconds) and ``ADVISOR_EPOCH_WORKLOADS=tabular``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict
from typing import Any

from advisor.catalog import CANDIDATES
from advisor.measuring.analysis.epoch_ends import epoch_ends
from advisor.measuring.running.host import TrialError
from advisor.measuring.running.supervisor import TrialLimits, TrialProcess, trial_environment
from advisor.method import method
from benchmarks.markdown import NOT_RUN, table_of
from benchmarks.processes import HERE, altered
from pilots.epoch_protocol import EpochsTrained, TrainEpochs
from pilots.epoch_records import EpochsResult
from pilots.protocol import Open, Opened
from pilots.records import Lane, TrialRecord, TrialSpec

#: Ends that are timed of epochs of each length in seconds.
ENDS = {0.3: 12, 3.0: 4, 30.0: 2}
WORKLOADS = ("tabular", "text")
LANES: tuple[Lane, ...] = ("default", "tuned")
#: Where batches come out of tf.data.
_BY_DATASETS = ("keras-tensorflow", "tensorflow")
_PARTS = HERE / "epoch_ends.json"
_LIMITS = TrialLimits(timeout_s=1800, memory_mib=1_000_000)
_MOST_BYTES = 2**30

Arm = tuple[str, str, Lane, bool]


def run(*, threads: int, candidates: Sequence[str] = tuple(CANDIDATES)) -> dict[str, Any]:
    """One row for each workload, candidate, lane, with autotuning of ``tf.data`` and without, and length."""
    lengths = [float(text) for text in os.environ.get("ADVISOR_EPOCH_LENGTHS", "").split(",") if text] or list(ENDS)
    workloads = [name for name in os.environ.get("ADVISOR_EPOCH_WORKLOADS", "").split(",") if name] or WORKLOADS
    rows: list[dict[str, Any]] = json.loads(_PARTS.read_text("utf-8")) if _PARTS.exists() else []
    for workload in workloads:
        for arm in arms(workload, candidates):
            rows = [row for row in rows if _arm(row) != arm or "error" not in row]
            done = {row["wanted_s"] for row in rows if _arm(row) == arm}
            if missing := [length_s for length_s in lengths if length_s not in done]:
                print(*arm, *missing, file=sys.stderr, flush=True)
                rows += _measure(arm, missing, threads)
                _PARTS.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    return {"threads": threads, "rows": rows}


def arms(workload: str, candidates: Sequence[str]) -> list[Arm]:
    """Workload, candidate, lane, and whether the autotuning of ``tf.data`` is turned off in the default lane."""
    found: list[Arm] = [(workload, name, lane, False) for lane in LANES for name in candidates]
    return [*found, *((workload, name, "default", True) for name in candidates if name in _BY_DATASETS)]


def _arm(row: dict[str, Any]) -> Arm:
    return row["workload"], row["candidate"], row["lane"], row["untuned_data"]


def _measure(arm: Arm, lengths: Sequence[float], threads: int) -> list[dict[str, Any]]:
    """Rows of one process; where it fails, one that says so for each length."""
    workload, candidate, lane, untuned_data = arm
    name = {"workload": workload, "candidate": candidate, "lane": lane, "untuned_data": untuned_data}
    spec = TrialSpec("epochs", workload, "quick", candidate, lane, 0, 0, threads, device="cpu")
    command = TrainEpochs(tuple(lengths), tuple(ENDS.get(one, 4) for one in lengths), 1200.0, _MOST_BYTES)
    variables = trial_environment(threads) | ({"ADVISOR_NO_AUTOTUNE": "1"} if untuned_data else {})
    with ExitStack() as stack:
        process = stack.enter_context(closing(TrialProcess(stack.enter_context(altered()), variables, _LIMITS)))
        try:
            process.request(Open(spec), Opened)
            result = process.request(command, EpochsTrained).result
        except TrialError as error:
            return [name | {"wanted_s": length_s, "error": str(error).splitlines()[-1]} for length_s in lengths]
    return [name | row for row in rows_of(spec, result)]


def rows_of(spec: TrialSpec, result: EpochsResult) -> list[dict[str, Any]]:
    """A row for each length; the place where most was waited is that of all of them."""
    record = TrialRecord("", spec, "ok", "", 0.0, None, result)
    waits = result.time.waits if result.time is not None else ()
    return [
        {**asdict(one), "waited_at": waits[0].stack[0] if waits and one.idle else ""}
        for one in epoch_ends([record], method().measuring)
    ]


def section(table: dict[str, Any]) -> tuple[str, list[str]]:
    """One row for each workload, candidate, lane and remedy; one column for each length."""
    lengths = sorted({row["wanted_s"] for row in table["rows"]})
    arms: dict[tuple[str, str, str], dict[float, str]] = {}
    for row in table["rows"]:
        how = "default, tf.data not tuned" if row["untuned_data"] else row["lane"]
        arms.setdefault((row["workload"], row["candidate"], how), {})[row["wanted_s"]] = _epoch_end(row)
    rows = [(*arm, *(cells.get(length, NOT_RUN) for length in lengths)) for arm, cells in sorted(arms.items())]
    header = ("Pilot", "Candidate", "Lane", *(f"Epochs of about {length:g} s" for length in lengths))
    note = (
        "In each cell: the share of the training that the ends of epochs take; in how many of the ends the processor "
        "idled, and for how long in all; the longest end as a share of the epoch's steps. Where memory bounds rows, "
        "epochs are shorter than asked for, and their length stands there too."
    )
    return "The ends of epochs: from the last steps of one to the first of the next", [table_of(header, rows), note]


def _epoch_end(row: dict[str, Any]) -> str:
    if "error" in row:
        return str(row["error"])
    idle = f"{row['idle']} of {row['ends']} idle" + (f", {row['idle_s']:.1f} s" if row["idle"] else "")
    shorter = f", epochs of {row['epoch_s']:.1f} s" if row["epoch_s"] < 0.7 * row["wanted_s"] else ""
    return f"{max(0.0, row['share']):.1%}; {idle}; longest {row['longest_s'] / row['epoch_s']:.0%}{shorter}"


if __name__ == "__main__":
    print(json.dumps(run(threads=2), indent=1))
