"""What the frameworks' compilers did with the training step, as they reported it themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence

from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words.names import candidate_title
from advisor.reporting.words.numbers import counted
from advisor.reporting.words.table import Cell, Code, Span, Table
from pilots.records import Lane
from pilots.results import Compilation, RaceResult

_FALL_BACKS_SHOWN = 3
_FALL_BACK_CHARACTERS = 120
#: A framework that counts its fall-backs writes the number in brackets after the reason.
_COUNTED = re.compile(r"(.*\S)\s+\((\d+)(?: times?)?\)", re.DOTALL)


def compilations(inputs: ReportInputs, candidate: str, lane: Lane, workload: str = "") -> tuple[Compilation, ...]:
    """What the compiler did in each finished race; on all workloads where none is named."""
    return tuple(
        record.result.compilation
        for record in inputs.records
        if isinstance(record.result, RaceResult)
        and record.result.compilation is not None
        and (record.spec.candidate, record.spec.lane) == (candidate, lane)
        and workload in ("", record.spec.workload)
        and not record.spec.control
    )


def compiler_names(found: Sequence[Compilation]) -> str:
    """``XLA``; ``none`` where the code ran as it stands; empty where nothing was reported."""
    return " or ".join(dict.fromkeys(compilation.compiler for compilation in found))


def build_compilers(inputs: ReportInputs, workload: str, lane: Lane, candidates: Sequence[str]) -> Table | None:
    """Compiler, graphs and fall-backs of each candidate in a lane; None where nothing was reported."""
    by_candidate = {candidate: compilations(inputs, candidate, lane, workload) for candidate in candidates}
    rows = tuple(
        (candidate_title(candidate), compiler_names(found), _graphs(found), _fall_backs(found))
        for candidate, found in by_candidate.items()
        if found
    )
    return Table(("Candidate", "Compiler", "Graphs", "Fell back on uncompiled code"), rows) if rows else None


def _graphs(found: Sequence[Compilation]) -> str:
    """Per process; a graph that was compiled late took its time from a block that was being timed."""
    numbers = sorted({compilation.graphs for compilation in found if compilation.graphs is not None})
    graphs = " or ".join(str(number) for number in numbers) if numbers else "not told"
    late = sum(compilation.graphs_late or 0 for compilation in found)
    return f"{graphs}; compiled again {counted(late, 'time')} while being timed" if late else graphs


def _fall_backs(found: Sequence[Compilation]) -> Cell:
    """Each reason with how often a process met it, the highest number where launches differ."""
    times: dict[str, int] = {}
    for text in (text for compilation in found for text in compilation.fall_backs):
        match = _COUNTED.fullmatch(text.strip())
        reason, number = (match[1], int(match[2])) if match else (text, 1)
        times[_first_line(reason)] = max(number, times.get(_first_line(reason), 0))
    if not times:
        return "never"
    spans: list[Span] = []
    for reason, number in list(times.items())[:_FALL_BACKS_SHOWN]:
        spans += [f"{counted(number, 'time')}: ", Code(reason), "; "]
    if len(times) > _FALL_BACKS_SHOWN:
        return (*spans, f"and for {counted(len(times) - _FALL_BACKS_SHOWN, 'other reason')}")
    return tuple(spans[:-1])


def _first_line(text: str) -> str:
    lines = text.strip().splitlines() or ["no reason was given"]
    line = lines[0].strip()
    return line if len(line) <= _FALL_BACK_CHARACTERS else f"{line[:_FALL_BACK_CHARACTERS]} ..."
