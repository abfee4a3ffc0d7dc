"""The results as one page of Markdown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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

#: Without these the page is not complete.
NEEDED = ("calibration", "no_handicap", "fidelity", "overhead", "peers")
#: The tables of the page in their order; each comes as heading and paragraphs.
SECTIONS: dict[str, Callable[[dict[str, Any]], tuple[str, list[str]]]] = {
    "simulated": simulated.section,
    "calibration": calibration.section,
    "no_handicap": no_handicap.section,
    "epoch_ends": epoch_ends.section,
    "busy": busy.section,
    "idle_watch": idle_watch.section,
    "watching": watching.section,
    "fidelity": fidelity.section,
    "overhead": fidelity.overhead_section,
    "peers": peers.section,
    "neighbours": neighbours.section,
    "variance": variance.section,
    "block_length": block_length.section,
    "deciding": deciding.section,
    "rendering": rendering.section,
    "startup": startup.section,
}


def render(results: dict[str, Any]) -> str:
    """``RESULTS.md`` from ``results.json``."""
    parts = [
        "# Benchmarks of advisor itself",
        "Every number is a ratio or a share within one run; no accelerator was used. Below each table stands where and "
        "when it was measured. `make bench` makes this page anew.",
    ]
    for name, section in SECTIONS.items():
        if name in results["tables"]:
            table = results["tables"][name]
            heading, lines = section(table)
            parts += [f"## {heading}", *lines]
            verdict = {True: "Met. ", False: "**Not met**. ", None: ""}[table.get("passed")]
            parts.append(f"{verdict}{_measured(table)}")
            if "note" in table:
                parts.append(table["note"])
    missing = [name for name in NEEDED if name not in results["tables"]]
    if missing:
        parts += ["## Not measured yet", f"{', '.join(missing)}."]
    return "\n\n".join(parts) + "\n"


def _measured(table: dict[str, Any]) -> str:
    """When, on which machine, with which versions, and what else went on there."""
    machine, versions = table["machine"], table["versions"]
    stacks = "".join(
        f", {name} {versions[name]}" for name in ("torch", "tensorflow", "keras", "jax") if name in versions
    )
    return (
        f"Measured {table['date']} on {machine['cpu']}, {machine['cores']} cores, with advisor {table['advisor']}"
        f"{stacks}{_others(table.get('others'))}."
    )


def _others(taken: dict[str, Any] | None) -> str:
    if taken is None:
        return ""
    text = f", while other programs took {taken['others_share']:.1%} of the processor's time"
    if taken["stolen_share"] is None:
        return text
    return f"{text} and other machines on the same host {taken['stolen_share']:.1%}"
