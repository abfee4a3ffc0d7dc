"""What came of artifacts behind a server: a row for each number of clients and for each server that failed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from advisor.measuring.analysis.statistics import percentile
from advisor.reporting.words.numbers import quantity
from advisor.reporting.words.table import Cell, Code, Table
from pilots.rehearsal_records import RehearseResult, ServedResult

#: What was measured, and what was not.
MEASURED = (
    "Served: what works was put behind LitServe, with one worker and one row a request, and asked in JSON by a client "
    "on this computer, which took its share of the processor; networks, batching and other servers were not tried. "
    "TensorFlow Serving and OpenVINO Model Server are not in package registries and are cited; Triton was not "
    "rehearsed."
)
_TOLD = (
    "Clients at once",
    "Requests per second",
    "One request: p50 / p95 / p99",
    "Failed",
    "Stopped cleanly",
    "Error",
)


def served_table(named: Sequence[tuple[tuple[str, ...], RehearseResult]], header: tuple[str, ...]) -> Table | None:
    """A table of those that were served; None where none was.

    Args:
        named: rehearsals, each with the cells that name it.
        header: over those cells.
    """
    rows = [(*names, *cells) for names, result in named if result.served is not None for cells in _rows(result.served)]
    return Table((*header, *_TOLD), tuple(rows)) if rows else None


def _rows(served: ServedResult) -> Iterator[tuple[Cell, ...]]:
    stopped = {None: "", True: "yes", False: "no"}[served.stopped_cleanly]
    for load in served.loads:
        times = " / ".join(quantity(percentile(load.calls_ms, p), "ms") for p in (50, 95, 99)) if load.calls_ms else ""
        rate = quantity(len(load.calls_ms) / load.seconds, "") if load.calls_ms else "0"
        yield (str(load.clients), rate, times, str(load.failed), stopped, "")
    if served.error is not None:
        yield ("", "", "", "", stopped, Code(served.error or "no message"))
