"""A trial process that follows a script: it answers as a pilot would, at once, and fails where the script says so.

    scripted_trial.py COMMAND=FAULT ...  worker

``run_block:2=die`` is the fault ``die`` at the second ``run_block``. A fault that is none of those below is Python.
It stands in for a framework where a fault is wanted that no framework can be asked for.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections import Counter

ENVIRONMENT = {"python": "3.11.0", "versions": {}, "device": "cpu", "settings": {"threads": "1"}}
CHECK = {"name": "forward", "passed": True, "worst": 0.5, "rtol": 1e-4, "atol": 1e-5, "detail": ""}
PARITY = {"kind": "parity", "parameters": 10, "passed": True}
EPOCH = {"epoch": 1, "steps": 4, "seconds": 0.5, "metric": 0.75, "macro_f1": 0.5}
LEARN = {"kind": "learn", "metric_name": "accuracy", "dummy_metric": 0.5, "epochs": [EPOCH], "model": "scripted"}
INFER = {"kind": "infer", "batches": [{"batch_size": 1, "first_call_ms": 9.0, "calls_ms": [1.0, 2.0]}]}
END = {"seconds": 0.25, "processor_s": 0.01}
EPOCHS = {"steps": 100, "edge_steps": 8, "step_s": 0.01, "step_processor_s": 0.01, "epochs_s": []}
WARM = {"first_step_s": 1.0, "steps": 9, "seconds": 2.0, "steady": True, "step_s": 0.1, "batch_size": 32}

PIPELINE = {"setting": "scripted", "alone_s": [0.1], "fed_s": [0.4], "error": None}
LOAD = {"kind": "load", "batch_size": 64, "ready_s": [0.2], "difference": None}
COMPILATION = {"compiler": "none", "graphs": 0, "graphs_late": 0, "fall_backs": []}
BASELINE = "baseline"
specs: list[dict] = []


def answer(command: dict) -> list[dict]:
    match command["type"]:
        case "open":
            specs.append(command["spec"])
            return [{"type": "opened", "environment": ENVIRONMENT, "import_s": 1.0, "build_s": 0.5}]
        case "check_parity":
            fed = CHECK | {"name": "feeding", "detail": "known" if command["loop_known"] else "looked at"}
            result = PARITY | {"reference": command["reference"], "checks": [CHECK, fed]}
            return [{"type": "parity_checked", "result": result}]
        case "start_race":
            return [{"type": "warmed_up", **WARM}]
        case "run_block":
            steps = command["steps"]
            return [{"type": "block_done", "steps": steps, "seconds": steps * 0.1, "cpu_seconds": steps * 0.1}]
        case "end_race":
            return [{"type": "race_ended", "compilation": COMPILATION}]
        case "learn":
            learned = [{"type": "learned", "result": LEARN}]
            return (
                learned
                if BASELINE in [spec["candidate"] for spec in specs]
                else [{"type": "epoch_ended", "epoch": EPOCH, "of_epochs": 1}, *learned]
            )
        case "go_on":
            return []
        case "infer":
            return [{"type": "inferred", "result": INFER}]
        case "train_epochs":
            wanted = zip(command["lengths_s"], command["ends"], strict=False)
            lengths = [EPOCHS | {"wanted_s": length_s, "ends": [END] * ends} for length_s, ends in wanted]
            return [{"type": "epochs_trained", "result": {"kind": "epochs", "batch_size": 32, "lengths": lengths}}]
        case "load":
            pipelines = [PIPELINE | {"workers": workers} for workers in (0, command["workers"])]
            return [{"type": "loaded", "result": LOAD | {"steps": command["steps"], "pipelines": pipelines}}]
        case _:
            return [{"type": "done"}]


def commit(fault: str, command: dict) -> list[dict]:
    match fault:
        case "die":
            print("the last words", file=sys.stderr)
            sys.exit(3)
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hang":
            time.sleep(600)
        case "garbage":
            return [{"type": "nonsense"}]
        case "unavailable":
            return [{"type": "failed", "kind": "unavailable", "error": "ModuleNotFoundError: No module named 'x'"}]
        case "uneven":
            # Who is slow in a launch is fast in the next, so that no number of them resolves a pair.
            slow = (specs[-1]["launch"] + (specs[-1]["candidate"] == "pytorch")) % 2
            return [answer(command)[0] | {"seconds": command["steps"] * (0.2 if slow else 0.05)}]
        case "differ":
            wrong = PARITY | {"reference": command["reference"], "passed": False, "checks": [CHECK]}
            return [{"type": "parity_checked", "result": wrong}]
        case "augment_otherwise":
            wrong = LOAD | {"steps": command["steps"], "ready_s": [], "pipelines": [], "difference": "other labels"}
            return [{"type": "loaded", "result": wrong}]
        case _:
            exec(fault, globals() | {"command": command})
    return answer(command)


def main() -> None:
    faults = dict(argument.split("=", 1) for argument in sys.argv[1:] if "=" in argument)
    seen: Counter[str] = Counter()
    for line in sys.stdin:
        command = json.loads(line)
        kind = command["type"]
        seen[kind] += 1
        fault = faults.get(f"{kind}:{seen[kind]}", faults.get(kind))
        for reply in commit(fault, command) if fault else answer(command):
            print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
