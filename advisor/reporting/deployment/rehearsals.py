"""What came of the rehearsed deployments: a table for each target, and the failures with their errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from advisor.measuring.analysis.statistics import percentile
from advisor.measuring.error_text import headline
from advisor.reporting.deployment.served import MEASURED, served_table
from advisor.reporting.words.names import candidate_title, catalog_order, target_title
from advisor.reporting.words.numbers import percent, quantity
from advisor.reporting.words.table import Cell, Code, Table
from pilots.records import TrialRecord
from pilots.rehearsal_records import RehearseResult
from pilots.routes import SERVED, ExportRoute, routes

_NAMES = ("Candidate", "Route", "Pilot")
_FAILURES = ("Candidate", "Route", "Pilot", "Failed at", "Error")
_HERE = "on this computer's processor, called from Python"
#: Where a target is not this computer: what stood in for it.
_STAND_INS = {
    "cpp_server": (
        f"Where nothing else is said, the runtimes ran {_HERE}: the same libraries as C++ programs link, not such a "
        "program."
    ),
    "android": f"The runtimes ran {_HERE}, as a stand-in for a phone: times and memory there will differ.",
    "ios": f"The runtimes ran {_HERE}, as a stand-in for a phone: times and memory there will differ.",
    "edge_linux": f"The runtimes ran {_HERE}, as a stand-in for the device: times and memory there will differ.",
    "microcontroller": (
        "The interpreter that firmware links ran on this computer's processor with its portable kernels, not on a "
        "chip: it shows whether the model can run and what it predicts; times and memory of the process say nothing "
        "of a chip. The arena is what the interpreter recorded here; a chip with narrower pointers needs less, "
        "kernels of its own may need more."
    ),
    "desktop": f"The runtimes ran {_HERE}; other systems and processors were not tried.",
    "browser": (
        "The runtimes ran in headless Chromium on this computer, compiled to WebAssembly, on its processor. The page "
        "itself timed the predictions; loading includes the start of the browser, memory is that of all its "
        "processes. The download is page, runtime and model, not compressed. Other browsers were not tried."
    ),
    "python_package": f"The runtimes ran {_HERE}; other systems and processors were not tried.",
}
_OWN_FORMAT = "Saved and loaded again"
_KILOBYTE, _MEGABYTE = 1e3, 1e6


@dataclass(frozen=True)
class TargetRehearsals:
    """One target: what stood in for it and what else to know (may be empty), a row for each rehearsal, those that
    failed, and what was served."""

    title: str
    stand_in: str
    table: Table
    failures: Table | None
    served: Table | None = None
    served_note: str = MEASURED


def build_rehearsals(records: Sequence[TrialRecord], targets: Sequence[str]) -> tuple[TargetRehearsals, ...]:
    """By target in the order given; last what leads to none of them, the frameworks' own formats."""
    rehearsed = in_order(records)
    groups = {target: [record for record in rehearsed if target in _targets(record)] for target in targets}
    others = [record for record in rehearsed if not set(_targets(record)) & set(targets)]
    found = [
        _rehearsals(target_title(target), _STAND_INS.get(target, ""), some, served=target == SERVED)
        for target, some in groups.items()
        if some
    ]
    return (*found, *([_rehearsals(_OWN_FORMAT, "", others)] if others else []))


def rehearsal_table(records: Sequence[TrialRecord], *, narrow: bool = False) -> tuple[Table, Table | None]:
    """The rehearsals, and the failed rehearsals with their errors; None where none failed.

    Args:
        records: in the order of the rows.
        narrow: only the columns that fit into a terminal.
    """
    failures = tuple(_failure(record) for record in records if _failed(record))
    results = [record.result if isinstance(record.result, RehearseResult) else None for record in records]
    table = _table(_NAMES, [_names(record) for record in records], results, narrow)
    return table, Table(_FAILURES, failures) if failures else None


def own_model_table(results: Sequence[RehearseResult], *, narrow: bool = False) -> tuple[Table, Table | None]:
    """The same of a model that is nobody's pilot."""
    titles = [routes()[result.route].title for result in results]
    failures = tuple(
        (title, result.failure.stage, Code(result.failure.message))
        for title, result in zip(titles, results, strict=True)
        if result.failure is not None
    )
    header = ("Route", "Failed at", "Error")
    table = _table(("Route",), [(title,) for title in titles], results, narrow)
    return table, Table(header, failures) if failures else None


def in_order(records: Sequence[TrialRecord]) -> tuple[TrialRecord, ...]:
    """The rehearsals among some trials, by candidate, pilot and route."""
    return tuple(
        sorted(
            (record for record in records if _route(record) is not None),
            key=lambda record: (catalog_order(record.spec.candidate), record.spec.workload, str(record.spec.route)),
        )
    )


def _route(record: TrialRecord) -> ExportRoute | None:
    """The rehearsed route; None for other trials, and for those of routes that there are no more."""
    return routes().get(record.spec.route.name) if record.spec.route else None


def _targets(record: TrialRecord) -> tuple[str, ...]:
    route = _route(record)
    return route.targets if route else ()


def _rehearsals(title: str, stand_in: str, records: Sequence[TrialRecord], *, served: bool = False) -> TargetRehearsals:
    table, failures = rehearsal_table(records)
    notes = dict.fromkeys(route.note for record in records if (route := _route(record)) and route.note)
    told = " ".join(filter(None, (stand_in, *notes)))
    named = [(_names(record), record.result) for record in records if isinstance(record.result, RehearseResult)]
    return TargetRehearsals(title, told, table, failures, served_table(named, _NAMES) if served else None)


def _names(record: TrialRecord) -> tuple[str, str, str]:
    route = _route(record)
    return candidate_title(record.spec.candidate), route.title if route else "", record.spec.workload


def _failed(record: TrialRecord) -> bool:
    return not isinstance(record.result, RehearseResult) or not record.result.works


def _table(
    header: tuple[str, ...],
    names: Sequence[tuple[Cell, ...]],
    results: Sequence[RehearseResult | None],
    narrow: bool,
) -> Table:
    """A row for each result, None where the model was not even trained, after its names."""
    known = [result for result in results if result is not None]
    shown = [
        column
        for column in _COLUMNS
        if (column.narrow or not narrow) and (column.always or any(column.cell(result) for result in known))
    ]
    rows = tuple(
        (*name, *(column.cell(result) for column in shown))
        if result is not None
        else (*name, "no", *("",) * (len(shown) - 1))
        for name, result in zip(names, results, strict=True)
    )
    return Table((*header, *(column.heading for column in shown)), rows)


@dataclass(frozen=True)
class _Column:
    """One column: ``narrow`` if a terminal has room for it, ``always`` there even where no route has such a figure."""

    heading: str
    cell: Callable[[RehearseResult], Cell]
    narrow: bool = True
    always: bool = True


def _works(result: RehearseResult) -> Cell:
    if not result.works:
        return "no"
    return f"yes; {'; '.join(result.worked_around)}" if result.worked_around else "yes"


def _one_prediction(result: RehearseResult) -> Cell:
    batch = next((batch for batch in result.batches if batch.batch_size == 1), None)
    return " / ".join(quantity(percentile(batch.calls_ms, p), "ms") for p in (50, 95, 99)) if batch else ""


def _rows_per_s(result: RehearseResult) -> Cell:
    batch = next((batch for batch in result.batches if batch.batch_size > 1), None)
    return quantity(1000 * batch.batch_size / percentile(batch.calls_ms, 50), "") if batch else ""


def _quantity(number: float | None, unit: str) -> Cell:
    return "" if number is None else quantity(number, unit)


def _size(size_bytes: int | None) -> str:
    if not size_bytes:
        return ""
    if size_bytes < _MEGABYTE:
        return quantity(size_bytes / _KILOBYTE, "kB")
    return quantity(size_bytes / _MEGABYTE, "MB")


_COLUMNS = (
    _Column("Works", _works),
    _Column("Predicted alike", lambda result: "" if result.agreement is None else percent(result.agreement)),
    _Column("Size", lambda result: _size(result.artifact_bytes)),
    _Column("Loads in", lambda result: _quantity(result.load_s, "s"), narrow=False),
    _Column("One prediction: p50 / p95 / p99", _one_prediction),
    _Column("Rows per second, many at once", _rows_per_s, narrow=False),
    _Column("Memory of the runtime", lambda result: _quantity(result.runtime_mib, "MiB"), narrow=False),
    _Column("Runtime on disk", lambda result: _size(result.installed_bytes), narrow=False),
    _Column("Download", lambda result: _size(result.figures.download_bytes), always=False),
    _Column("Arena (estimate)", lambda result: _size(result.figures.arena_bytes), always=False),
)


def _failure(record: TrialRecord) -> tuple[Cell, ...]:
    if isinstance(record.result, RehearseResult) and (failure := record.result.failure):
        return (*_names(record), failure.stage, Code(failure.message))
    return (*_names(record), "training", Code(headline(record.error or record.outcome)))
