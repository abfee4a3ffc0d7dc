"""``advisor rehearse``: export routes of the frameworks, for advisor's pilots or for a model of the user's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
from advisor.errors import AdvisorError, ExitCode

if TYPE_CHECKING:
    from advisor.measuring.rehearsing.own_model import OwnModel
    from advisor.reporting.words.table import Table
    from advisor.study import Study
    from advisor.workflow.pipeline import PreparedStudy
    from pilots.records import Size
    from pilots.rehearsal_protocol import ModelSeen
    from pilots.rehearsal_records import RehearseResult
    from pilots.routes import ExportRoute

DEFAULT_FOLDER = Path("advisor-rehearsal")
#: Kinds of networks that converters find hard in different ways.
_DEFAULT_PILOTS = "vision,text,time_series"


def complete_targets(incomplete: str) -> list[str]:
    """Targets that begin with what was typed."""
    from advisor.catalog import TARGETS

    return [target for target in TARGETS if target.startswith(incomplete)]


ModelArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="MODEL",
        help="A trained model of your own: a .keras, .pt2, .onnx or .tflite file or a SavedModel folder. Without "
        "one, advisor's pilots are trained and taken out.",
    ),
]
TargetsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--target",
        metavar="TARGET",
        help="Where it has to run; repeatable, every target without it.",
        autocompletion=complete_targets,
    ),
]
SampleOption = Annotated[
    Path | None,
    typer.Option("--sample", metavar="FILE", help="Rows for MODEL: .npy, or .npz with one array. Else made up."),
]
TrustOption = Annotated[
    bool, typer.Option("--trust", help="Open MODEL even if it can run code; only where you know who made it.")
]
KeptOption = Annotated[
    Path | None,
    typer.Option(
        "--study",
        metavar="STUDY",
        help=f"Where rehearsals of pilots are kept; {DEFAULT_FOLDER} without it. Of a study with answers, those "
        "that it needs are run, and its report uses them.",
        autocompletion=study_folders,
    ),
]
TablesOption = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="FILE", help="Write the tables there too, as Markdown.")
]


@dataclass(frozen=True)
class _Common:
    """The options that count for pilots and for a model of the user's own alike."""

    output: Path | None
    smoke: bool
    quiet: bool
    as_json: bool


def rehearse(
    model: ModelArgument = None,
    target: TargetsOption = None,
    sample: SampleOption = None,
    trust: TrustOption = False,
    pilots: PilotsOption = None,
    candidates: CandidatesOption = None,
    python: PythonOption = None,
    study: KeptOption = None,
    output: TablesOption = None,
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

    common = _Common(output, smoke, quiet, as_json)
    if model is not None:
        for_pilots = {"--study": study, "--pilots": pilots, "--candidates": candidates, "--python": python}
        _refuse_options(
            {**for_pilots, "--retry-failed": retry_failed},
            "advisor's pilots, not for a model of your own",
            "advisor rehearse MODEL, or without MODEL",
        )
        _own(model, target or (), sample, common, trust=trust)
        return
    _refuse_options({"--sample": sample, "--trust": trust}, "a model of your own", "advisor rehearse MODEL")
    targets = target_list(target) if target else ()
    asked = PilotOptions(quick=True, candidates=candidates, pilots=pilots, python=python)
    _pilots(asked, targets, study or DEFAULT_FOLDER, common, retry_failed=retry_failed)


def _refuse_options(useless: Mapping[str, object], purpose: str, instead: str) -> None:
    """Refuse options that were given although nothing here has a use for them; say what they are for."""
    given = [option for option, value in useless.items() if value]
    if given:
        raise AdvisorError(f"{given[0]} is for {purpose}.", next_command=instead)


def _pilots(
    asked: PilotOptions, targets: tuple[str, ...], folder: Path, common: _Common, *, retry_failed: bool
) -> None:
    """Rehearse pilots in a folder and tell what came of them."""
    from advisor.commands.piloting import run_and_watch
    from advisor.commands.rehearsal_table import EXPLAINED, markdown, rehearsals_json, rehearsed_records, shown
    from advisor.exporting.output import write_output
    from advisor.study import open_study
    from advisor.watching.stream import Stream

    with (where := open_study(folder)).lock():
        prepared, wanted = _prepared(where, asked, targets, smoke=common.smoke)
        with Stream(None) as stream:
            run_and_watch(where, prepared, stream, quiet=common.quiet, retry_failed=retry_failed)
        records = rehearsed_records(where, prepared)
    if common.output is not None:
        write_output(common.output, markdown(records, wanted, prepared.machine))
    if common.as_json:
        typer.echo(rehearsals_json(records))
    else:
        _print(*shown(records), (EXPLAINED, *prepared.running.notes))


def _prepared(
    where: Study, asked: PilotOptions, targets: tuple[str, ...], *, smoke: bool
) -> tuple[PreparedStudy, tuple[str, ...]]:
    """What runs in a folder, and the targets that it is for: of a study the rehearsals of its own plan."""
    from dataclasses import replace

    from advisor.catalog import TARGETS
    from advisor.commands.option_values import candidate_list, changes, interpreters, pilot_list
    from advisor.commands.rehearsal_table import holds_study, only_rehearsals
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


def _own(path: Path, named: Sequence[str], sample: Path | None, common: _Common, *, trust: bool) -> None:
    """Rehearse a model of the user's own and tell what came of it; without ``named`` targets for all of them."""
    from advisor.catalog import TARGETS
    from advisor.commands.option_values import target_list
    from advisor.commands.rehearsal_table import own_json, own_markdown, own_shown
    from advisor.exporting.output import write_output
    from advisor.measuring.rehearsing.own_model import own_model, require_own_runtime, routes_from, unserved
    from advisor.planning.export_routes import opening, split_open

    targets = target_list(named)
    model = own_model(path, sample, trusted=trust)
    wanted, closed = split_open(routes_from(model.format, targets))
    require_own_runtime(model.format, closed)
    seen, results = _rehearsed(model, wanted, common)
    if common.output is not None:
        write_output(common.output, own_markdown(path.name, seen, results))
    if common.as_json:
        typer.echo(own_json(results))
    else:
        nowhere = [
            f"No route that advisor knows leads from such a file to: {TARGETS[target]}."
            for target in (unserved(model.format, targets) if named else ())
        ]
        _print(*own_shown(results), (_compared_on(model, seen), *nowhere, *opening(closed)))
    if len(results) < len(wanted):
        raise _stopped(f"{len(wanted) - len(results)} of {len(wanted)} routes were not rehearsed")


def _rehearsed(
    model: OwnModel, wanted: Sequence[ExportRoute], common: _Common
) -> tuple[ModelSeen, tuple[RehearseResult, ...]]:
    """Take the model out by each route. Ctrl-C finishes the route that is running, and no other is begun."""
    from advisor.measuring.rehearsing.own_model import rehearse_own_model
    from advisor.method import method
    from advisor.watching.interrupts import Interrupts

    def tell(text: str) -> None:
        if not common.quiet:
            errors().print(text, style="dim", markup=False, highlight=False)

    size: Size = "smoke" if common.smoke else "quick"
    try:
        with Interrupts(lambda event: tell("finishing this route, press Ctrl-C again to stop at once")) as interrupts:
            return rehearse_own_model(model, wanted, size, method(), tell=tell, wants_to_stop=interrupts.asked)
    except KeyboardInterrupt:
        raise _stopped("no route was finished that could be told of") from None


def _stopped(what: str) -> AdvisorError:
    return AdvisorError(
        f"Stopped: {what}. Nothing of a model of your own is kept.",
        next_command="the same command, which begins again",
        exit_code=ExitCode.INTERRUPTED,
    )


def _compared_on(model: OwnModel, seen: ModelSeen) -> str:
    """On which rows the model and its artifacts were compared, and what that shows."""
    rows = f"{seen.rows} rows of shape {seen.shape} ({seen.kind})"
    if not seen.made_up:
        return f"Compared on {rows} from {model.sample}."
    return (
        f"Compared on {rows} that were made up: that shows whether it predicts the same, not on rows like yours. "
        "Bring some with --sample FILE.npy."
    )


def _print(table: Table, failures: Sequence[str], remarks: Sequence[str]) -> None:
    """The table as wide as the terminal is; in a pipe as wide as it needs to be. Failures follow, and remarks."""
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
    for remark in remarks:
        show(errors(), remark)
