"""Run the benchmarks and write ``results.json`` and ``RESULTS.md``.

python -m benchmarks                       all of them; plan for more than an hour, on an otherwise idle machine
python -m benchmarks calibration peers     only these; the others stay as they were
python -m benchmarks busy --workloads tabular --loads "none,one at 25%"
                                           studies beside planted loads, in parts, as each takes minutes
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date
from typing import Any

from advisor import __version__
from advisor.measuring.machine import contention
from advisor.measuring.machine.fingerprint import fingerprint
from benchmarks import (
    block_length,
    busy,
    calibration,
    deciding,
    epoch_ends,
    fidelity,
    idle_watch,
    neighbours,
    no_handicap,
    peers,
    rendering,
    simulated,
    startup,
    variance,
    watching,
)
from benchmarks.page import render
from benchmarks.planted_load import LOADS
from benchmarks.processes import HERE
from pilots.probe import versions

TABLES: dict[str, Callable[[int], dict[str, Any]]] = {
    "simulated": lambda threads: {"simulated": simulated.run()},
    "calibration": lambda threads: {"calibration": calibration.run(threads=threads)},
    "no_handicap": lambda threads: {"no_handicap": no_handicap.run(threads=threads)},
    "fidelity": lambda threads: dict(zip(("fidelity", "overhead"), fidelity.run(threads=threads), strict=True)),
    "busy": lambda threads: {"busy": list(busy.run(threads=threads))[-1]},
    "peers": lambda threads: {"peers": peers.run(threads=threads)},
    "block_length": lambda threads: {"block_length": block_length.run(threads=threads)},
    "neighbours": lambda threads: {"neighbours": neighbours.run(threads=threads)},
    "epoch_ends": lambda threads: {"epoch_ends": epoch_ends.run(threads=threads)},
    "idle_watch": lambda threads: {"idle_watch": idle_watch.run(threads=threads)},
    "deciding": lambda threads: {"deciding": deciding.run(threads=threads)},
    "rendering": lambda threads: {"rendering": rendering.run(threads=threads)},
    "watching": lambda threads: {"watching": watching.run(threads=threads)},
    "startup": lambda threads: {"startup": startup.run(threads=threads)},
    "variance": lambda threads: {"variance": variance.run(threads=threads)},
}


def main() -> int:
    """Run what was asked for, saving after each table. Exit code 1 if a table misses what it needs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=f"of {', '.join(TABLES)} (fidelity with overhead)")
    parser.add_argument("--workloads", default=",".join(busy.WORKLOADS), help="of the table busy")
    parser.add_argument("--loads", default=",".join(LOADS), help="of the table busy")
    options = parser.parse_args()
    unknown = set(options.tables) - set(TABLES)
    if unknown:
        parser.error(f"there is no table {', '.join(sorted(unknown))}; there are: {', '.join(TABLES)}")
    machine = fingerprint()
    path = HERE / "results.json"
    results: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {"tables": {}}
    for name in options.tables or TABLES:
        started, processor = time.monotonic(), contention.read([])
        print(f"{name} ...", file=sys.stderr, flush=True)
        for found in _parts(name, machine.usable_cores, options, results):
            others = contention.between(processor, contention.read([]))
            for table in found.values():
                # A table that is made in parts tells of each part what others took.
                table["others"] = None if others is None or name == "busy" else asdict(others)
                table["date"] = date.today().isoformat()
                table["took_s"] = time.monotonic() - started
                # In each table: they are measured on different days, and not always on one machine.
                table["advisor"], table["versions"] = __version__, versions()
                table["machine"] = {"cpu": machine.cpu, "cores": machine.usable_cores, "memory_mib": machine.memory_mib}
            results["tables"].update(found)
            path.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
            (HERE / "RESULTS.md").write_text(render(results), encoding="utf-8")
    failed = [name for name, table in results["tables"].items() if table.get("passed") is False]
    if failed:
        print(f"Not as good as needed: {', '.join(failed)}; see benchmarks/RESULTS.md", file=sys.stderr)
    return 1 if failed else 0


def _parts(
    name: str, threads: int, options: argparse.Namespace, results: dict[str, Any]
) -> Iterator[dict[str, dict[str, Any]]]:
    """The tables of a name; of one that is made in parts, what there is of it after each."""
    if name != "busy":
        yield TABLES[name](threads)
        return
    asked = {"workloads": options.workloads.split(","), "loads": options.loads.split(",")}
    for table in busy.run(threads=threads, before=results["tables"].get("busy"), **asked):
        yield {"busy": table}


if __name__ == "__main__":
    sys.exit(main())
