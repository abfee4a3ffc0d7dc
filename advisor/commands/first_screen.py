"""The end of a run: the first screen of the report, where the whole is, and what to do next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from advisor.deciding.decision import Decision
from advisor.deciding.stored import exit_code
from advisor.errors import ExitCode
from advisor.reporting.document import Document, build_document
from advisor.reporting.first_page.summary import Summary
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words.table import Code
from advisor.study import DECISION, REPORT, TRIALS, Study
from advisor.watching.display import wants_words
from advisor.watching.stream import Finished, Stream
from advisor.watching.words import printable


def tell_outcome(
    study: Study, inputs: ReportInputs, out: Console, stream: Stream, environment: Mapping[str, str]
) -> ExitCode:
    """Tell how a run came out, whoever listens: a person at a terminal, a script that reads two lines, or ``--json``.

    Args:
        study: with its report written.
        inputs: of that report.
        out: standard output.
        stream: that of ``--json``.
        environment: of the process.

    Returns:
        The exit code.
    """
    document, code = build_document(replace(inputs, study=str(study.folder))), exit_code(inputs.decision)
    step = document.summary.next_step
    command = step.command if step else ""
    stream.finish(_last_line(study, inputs.decision, document, code, command))
    if stream.is_on:
        return code
    if not out.is_terminal:
        out.print(document.summary.verdict)
        out.print(str(study.path(REPORT)))
        return code
    for part in _screen(document, study, command, bars=not wants_words(environment)):
        # What is to be copied is in one piece, however narrow the terminal is.
        out.print(part, soft_wrap=isinstance(part, Text) and bool(part.no_wrap))
    return code


def _last_line(study: Study, decision: Decision, document: Document, code: ExitCode, command: str) -> Finished:
    return Finished(
        exit_code=code,
        verdict=decision.verdict,
        recommended=decision.recommended,
        probability_best=decision.probability_best,
        sentence=document.summary.verdict,
        report=str(study.path(REPORT)),
        decision=str(study.path(DECISION)),
        trials=str(study.path(TRIALS)) if study.path(TRIALS).exists() else None,
        next_command=command or None,
    )


def _screen(document: Document, study: Study, command: str, *, bars: bool) -> Iterator[RenderableType]:
    summary = document.summary
    yield Text()
    yield Text(printable(document.heading), style="bold")
    yield Text()
    yield Text(printable(summary.verdict))
    for text in (summary.busy, summary.way_out, *summary.first, *summary.caveats):
        if text:
            yield _paragraph(text)
    yield from _list("Still open:", summary.open)
    yield Text()
    yield _bars(summary, bars=bars)
    yield from _list(f"What speaks for {summary.compared}:", summary.reasons_for)
    yield from _list("What speaks against it:", summary.reasons_against)
    yield from _list("The answer flips if one of these holds:", summary.flips)
    if summary.without_skills:
        yield _paragraph(summary.without_skills)
    yield Text()
    yield Text("What next", style="bold")
    yield from _next(summary, study, command)


def _next(summary: Summary, study: Study, command: str) -> Iterator[RenderableType]:
    folder = shlex.quote(str(study.folder))
    yield from _entry("The whole report, with every number and source:", str(study.path(REPORT)))
    if summary.next_step is not None:
        yield from _entry(summary.next_step.text, command)
    yield from _entry("As one page to share, whose weights can be moved:", f"advisor report {folder} --format html")
    yield from _entry("What if an answer were another:", f"advisor decide {folder} --what-if KEY=VALUE")
    yield from _entry("To paste it where Markdown is plain:", f"advisor report {folder} --flavor plain -o -")


def _entry(text: str, command: str) -> Iterator[RenderableType]:
    """A line on what it is about, and what to type or open below it."""
    yield Padding(Text(printable(text)), (0, 0, 0, 2))
    if command:
        yield Text(f"    {printable(command)}", style="cyan", no_wrap=True)


def _bars(summary: Summary, *, bars: bool) -> Table:
    wanted = [place for place in range(len(summary.candidates.header)) if bars or place not in _pictures(summary)]
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for place in wanted:
        table.add_column(summary.candidates.header[place])
    for row in summary.candidates.rows:
        table.add_row(*(Text(_plain(row[place])) for place in wanted))
    return table


def _pictures(summary: Summary) -> set[int]:
    """The columns that are drawn with characters, which nobody wants to hear."""
    return {place for row in summary.candidates.rows for place, cell in enumerate(row) if isinstance(cell, Code)}


def _plain(cell: object) -> str:
    return printable(cell.text if isinstance(cell, Code) else str(cell))


def _list(heading: str, entries: Sequence[str]) -> Iterator[RenderableType]:
    if not entries:
        return
    yield Text()
    yield Text(printable(heading), style="bold")
    for entry in entries:
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_row("-", Text(printable(entry)))
        yield Padding(grid, (0, 0, 0, 2))


def _paragraph(text: str) -> RenderableType:
    return Padding(Text(printable(text)), (1, 0, 0, 0))
