"""``advisor rehearse``: export routes of the frameworks, for advisor's pilots or for a model of the user's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.commands.common_options import (
    CandidatesOption,
    JsonOption,
    PilotOptions,
    PilotsOption,
    PythonOption,
    QuietOption,
    RetryOption,
    SmokeOption,
    study_folders,
)
from advisor.commands.output import console, errors, print_table, show

if TYPE_CHECKING:
    from advisor.reporting.words.table import Table
    from advisor.study import Study
    from advisor.workflow.pipeline import PreparedStudy

DEFAULT_FOLDER = Path("advisor-rehearsal")
#: Kinds of networks that converters find hard in different ways.
_DEFAULT_PILOTS = "vision,text,time_series"


def complete_targets(incomplete: str) -> list[str]:
    """Targets that begin with what was typed."""
    from advisor.catalog import TARGETS

    return [target for target in TARGETS if target.startswith(incomplete)]


def rehearse(
    model: Annotated[
        Path | None,
        typer.Argument(
            metavar="MODEL",
            help="A trained model of your own: a .keras, .pt2, .onnx or .tflite file or a SavedModel folder. Without "
            "one, advisor's pilots are trained and taken out.",
        ),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(
            "--target",
            metavar="TARGET",
            help="Where it has to run; repeatable, every target without it.",
            autocompletion=complete_targets,
        ),
    ] = None,
    sample: Annotated[
        Path | None,
        typer.Option("--sample", metavar="FILE", help="Rows for MODEL: .npy, or .npz with one array. Else made up."),
    ] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Open MODEL even if it can run code; only where you know who made it.")
    ] = False,
    pilots: PilotsOption = None,
    candidates: CandidatesOption = None,
    python: PythonOption = None,
    study: Annotated[
        Path | None,
        typer.Option(
            "--study",
            metavar="STUDY",
            help=f"Where rehearsals of pilots are kept; {DEFAULT_FOLDER} without it. Of a study with answers, those "
            "that it needs are run, and its report uses them.",
            autocompletion=study_folders,
        ),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write the tables there too, as Markdown.")
    ] = None,
    retry_failed: RetryOption = False,
    smoke: SmokeOption = False,
    quiet: QuietOption = False,
    as_json: JsonOption = False,
) -> None:
    """Rehearse export routes of the frameworks, or of your own model.

    Each model is exported by every route that is open here, loaded by a fresh process that holds only the runtime, and
    compared with the trained one. Without MODEL: advisor's pilots (vision, text and time_series unless you name
    others, or those of a study) of all candidates, kept in a folder, so that a second call goes on. No interview is
    needed. A model of yours is never changed, and opened only in a process of its own; what could run code is refused
    without --trust.

    \b
    Examples:
      advisor rehearse --target android --target browser
      advisor rehearse --pilots vision --candidates pytorch -o ways.md
      advisor rehearse --study advisor-study
      advisor rehearse churn.keras --target android
      advisor rehearse churn.onnx --sample rows.npy --json
    """
    from advisor.commands.option_values import target_list
    from advisor.errors import AdvisorError

    if model is not None:
        named = {"--study": study, "--pilots": pilots, "--candidates": candidates, "--python": python}
        useless = [option for option, value in {**named, "--retry-failed": retry_failed}.items() if value]
        if useless:
            raise AdvisorError(
                f"{useless[0]} is for advisor's pilots, not for a model of your own.",
                next_command="advisor rehearse MODEL, or without MODEL",
            )
        _own(model, target or (), sample, output, trust=trust, smoke=smoke, quiet=quiet, as_json=as_json)
        return
    if sample is not None or trust:
        raise AdvisorError(
            f"{'--sample' if sample is not None else '--trust'} is for a model of your own.",
            next_command="advisor rehearse MODEL",
        )
    targets = target_list(target) if target else ()
    asked = PilotOptions(quick=True, candidates=candidates, pilots=pilots, python=python)
    _pilots(
        asked,
        targets,
        study or DEFAULT_FOLDER,
        output,
        retry_failed=retry_failed,
        smoke=smoke,
        quiet=quiet,
        as_json=as_json,
    )


def _pilots(
    asked: PilotOptions,
    targets: tuple[str, ...],
    folder: Path,
    output: Path | None,
    *,
    retry_failed: bool,
    smoke: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    from advisor.commands.piloting import run_and_watch
    from advisor.commands.rehearsal_table import EXPLAINED, markdown, rehearsals_json, rehearsed_records, shown
    from advisor.study import open_study
    from advisor.watching.stream import Stream

    with (where := open_study(folder)).lock():
        prepared, wanted = _prepared(where, asked, targets, smoke=smoke)
        with Stream(None) as stream:
            run_and_watch(where, prepared, stream, quiet=quiet, retry_failed=retry_failed)
        records = rehearsed_records(where, prepared)
    if output is not None:
        from advisor.exporting.output import write_output

        write_output(output, markdown(records, wanted, prepared.machine))
    if as_json:
        typer.echo(rehearsals_json(records))
        return
    table, failures = shown(records)
    _print(table, failures)
    show(errors(), EXPLAINED)
    for note in prepared.running.notes:
        show(errors(), note)


def _prepared(
    where: Study, asked: PilotOptions, targets: tuple[str, ...], *, smoke: bool
) -> tuple[PreparedStudy, tuple[str, ...]]:
    """What runs in a folder, and the targets that it is for: of a study the rehearsals of its own plan."""
    from dataclasses import replace

    from advisor.catalog import TARGETS
    from advisor.commands.option_values import candidate_list, changes, interpreters, pilot_list
    from advisor.commands.rehearsal_table import holds_study, only_rehearsals
    from advisor.errors import AdvisorError
    from advisor.interview.collect import stored_answers
    from advisor.workflow import pipeline

    python = interpreters(asked.python or ())
    answered = stored_answers(where).choices("deployment.targets")
    if not holds_study(where):
        wanted = targets or answered or tuple(TARGETS)
        changed = changes(replace(asked, pilots=asked.pilots or _DEFAULT_PILOTS), smoke=smoke)
        changed["rehearsed"] = wanted
        return pipeline.prepare(where, changed, python), wanted
    if smoke:
        raise AdvisorError(
            "A study has a size already.", where="--smoke", next_command=f"advisor rehearse --study {where.folder}"
        )
    prepared = pipeline.prepare(where, {}, python)
    candidates = candidate_list(asked.candidates) if asked.candidates else None
    part = only_rehearsals(prepared.plan, targets, candidates, pilot_list(asked.pilots) if asked.pilots else None)
    return replace(prepared, part=part), targets or answered


def _own(
    path: Path,
    named: Sequence[str],
    sample: Path | None,
    output: Path | None,
    *,
    trust: bool,
    smoke: bool,
    quiet: bool,
    as_json: bool,
) -> None:
    from advisor.catalog import TARGETS
    from advisor.commands.option_values import target_list
    from advisor.commands.rehearsal_table import own_json, own_markdown, own_shown
    from advisor.errors import AdvisorError, ExitCode
    from advisor.measuring.rehearsing.own_model import (
        own_model,
        rehearse_own_model,
        require_own_runtime,
        routes_from,
        unserved,
    )
    from advisor.method import method
    from advisor.planning.export_routes import opening, split_open
    from advisor.watching.interrupts import Interrupts

    targets = target_list(named)
    model = own_model(path, sample, trusted=trust)
    wanted, closed = split_open(routes_from(model.format, targets))
    require_own_runtime(model.format, closed)

    def tell(text: str) -> None:
        if not quiet:
            errors().print(text, style="dim", markup=False, highlight=False)

    def stopped(what: str) -> AdvisorError:
        return AdvisorError(
            f"Stopped: {what}. Nothing of a model of your own is kept.",
            next_command="the same command, which begins again",
            exit_code=ExitCode.INTERRUPTED,
        )

    try:
        with Interrupts(lambda event: tell("finishing this route, press Ctrl-C again to stop at once")) as interrupts:
            seen, results = rehearse_own_model(
                model, wanted, "smoke" if smoke else "quick", method(), tell=tell, wants_to_stop=interrupts.asked
            )
    except KeyboardInterrupt:
        raise stopped("no route was finished that could be told of") from None
    if output is not None:
        from advisor.exporting.output import write_output

        write_output(output, own_markdown(path.name, seen, results))
    if as_json:
        typer.echo(own_json(results))
    else:
        _print(*own_shown(results))
        rows = f"{seen.rows} rows of shape {seen.shape} ({seen.kind})"
        show(
            errors(),
            f"Compared on {rows} that were made up: that shows whether it predicts the same, not on rows like yours. "
            "Bring some with --sample FILE.npy."
            if seen.made_up
            else f"Compared on {rows} from {sample}.",
        )
        for target in unserved(model.format, targets) if named else ():
            show(errors(), f"No route that advisor knows leads from such a file to: {TARGETS[target]}.")
        for note in opening(closed):
            show(errors(), note)
    if len(results) < len(wanted):
        raise stopped(f"{len(wanted) - len(results)} of {len(wanted)} routes were not rehearsed")


def _print(table: Table, failures: Sequence[str]) -> None:
    """The table as wide as the terminal is; in a pipe as wide as it needs to be. Failures follow."""
    from rich.table import Table as Drawn
    from rich.text import Text

    from advisor.watching.words import printable

    out = console()
    drawn = Drawn(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in table.header:
        drawn.add_column(heading, overflow="fold")
    for row in table.rows:
        drawn.add_row(*(Text(printable(str(cell))) for cell in row))
    print_table(out, drawn)
    for failure in failures:
        show(out, printable(failure))
