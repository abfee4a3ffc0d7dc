"""How long a report takes to be rendered, as Markdown and as HTML, how that grows with the trials in it, and how large
the HTML becomes."""

from __future__ import annotations

import hashlib
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from advisor.measuring.analysis.series import series
from advisor.reporting.document import build_document
from advisor.reporting.formats.render import render
from advisor.reporting.inputs import ReportInputs
from advisor.study import Study
from advisor.workflow.assess import assess
from advisor.workflow.pipeline import html_text
from advisor.workflow.snapshot import load_snapshot
from benchmarks.markdown import table_of
from benchmarks.processes import HERE

RECORDS = (2_000, 10_000, 50_000)
REPEATS = 3
#: The promise: a report of 10,000 trials, in seconds and, as HTML, in bytes.
NEEDED_S = 2.0
LARGEST_BYTES = 2_000_000
PROMISED = 10_000


def run(*, threads: int) -> dict[str, Any]:
    """Seconds from what was decided to the text of the report, by trials in it.

    Args:
        threads: not used; rendering is one thread.
    """
    markdown, html, sizes = {}, {}, {}
    for wanted in RECORDS:
        inputs = grown(example(), wanted)
        markdown[wanted], _ = _median_s(inputs, lambda afresh: render(build_document(afresh)))
        html[wanted], text = _median_s(inputs, html_text)
        sizes[wanted] = len(text.encode())
    slowest_s = max(markdown[PROMISED], html[PROMISED])
    return {
        "seconds_by_records": markdown,
        "html_seconds_by_records": html,
        "html_bytes_by_records": sizes,
        "needed_s": NEEDED_S,
        "largest_bytes": LARGEST_BYTES,
        "passed": slowest_s <= NEEDED_S and sizes[PROMISED] <= LARGEST_BYTES,
    }


def example() -> ReportInputs:
    """What the example study is reported from."""
    return assess(load_snapshot(Study(HERE.parent / "examples" / "study")), today=date(2026, 11, 26))


def grown(inputs: ReportInputs, wanted: int) -> ReportInputs:
    """The same study with as many trials as wanted: further launches of those that ran, with what follows from them."""
    records = list(inputs.records)
    highest = 1 + max(record.spec.launch for record in records)
    for number in range(wanted - len(records)):
        turn, place = divmod(number, len(inputs.records))
        record = inputs.records[place]
        spec = replace(record.spec, launch=record.spec.launch + highest * (turn + 1))
        key = hashlib.sha256(f"{number}".encode()).hexdigest()[: len(record.key)]
        records.append(replace(record, key=key, spec=spec))
    return replace(inputs, records=tuple(records), series=series(records))


def _median_s(inputs: ReportInputs, rendered: Callable[[ReportInputs], str]) -> tuple[float, str]:
    """Seconds, and what was rendered."""
    taken, text = [], ""
    for _ in range(REPEATS):
        afresh = replace(inputs)  # without what an earlier rendering kept
        started = time.perf_counter()
        text = rendered(afresh)
        taken.append(time.perf_counter() - started)
    return statistics.median(taken), text


def section(table: dict[str, Any]) -> tuple[str, list[str]]:
    """The table's heading and paragraphs on the page of results."""
    records = {int(n): seconds for n, seconds in table["seconds_by_records"].items()}
    first = min(records)
    sizes = {int(n): size for n, size in table["html_bytes_by_records"].items()}
    html = {int(n): seconds for n, seconds in table["html_seconds_by_records"].items()}
    rows = [
        (
            f"{n:,} trials",
            f"{seconds / records[first]:.2f} times {first:,}",
            f"{html[n] / html[first]:.2f} times {first:,}",
            f"{sizes[n] / 1e6:.2f} MB",
        )
        for n, seconds in records.items()
    ]
    note = (
        "From what was decided to report.md, without its figures, and to report.html with them and the panel. Needed "
        f"of 10,000 trials: both within {table['needed_s']:g} seconds, and no more than "
        f"{table['largest_bytes'] / 1e6:g} MB of HTML."
    )
    return "Rendering", [table_of(("a study of", "report.md takes", "report.html takes", "report.html"), rows), note]
