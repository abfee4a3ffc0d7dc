"""Arguments that several commands take, with their help; what they become stands in ``options``."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import typer

DEFAULT_STUDY = Path("advisor-study")
#: What ``--output`` calls standard output.
STANDARD_OUTPUT = ("-", "/dev/stdout")
#: Any of these makes a folder a study.
_OF_A_STUDY = ("answers.toml", "plan.json", "trials.jsonl")


def study_folders(incomplete: str) -> list[str]:
    """Folders to complete what was typed with: studies, or if there are none the folders on the way to a study."""
    typed = Path(incomplete)
    parent = typed if incomplete.endswith("/") else typed.parent
    begun = "" if incomplete.endswith("/") else typed.name
    try:
        found = sorted(path for path in parent.expanduser().iterdir() if path.is_dir() and path.name.startswith(begun))
        studies = [path for path in found if any((path / name).exists() for name in _OF_A_STUDY)]
    except OSError:
        return []
    shown = incomplete[: len(incomplete) - len(begun)]
    hidden = [path for path in found if begun.startswith(".") or not path.name.startswith(".")]
    return [f"{shown}{path.name}" for path in studies] or [f"{shown}{path.name}/" for path in hidden]


StudyArgument = Annotated[
    Path, typer.Argument(help="Folder of the study.", metavar="STUDY", autocompletion=study_folders)
]
AnswersOption = Annotated[
    str | None, typer.Option("--answers", metavar="FILE", help="Answers file; - reads standard input.")
]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="One answer; may be repeated, wins over files.")
]
DefaultsOption = Annotated[bool, typer.Option("--defaults", help="Take the default of every unanswered question.")]
NoInputOption = Annotated[bool, typer.Option("--no-input", help="Never ask; name the missing answers and stop.")]
SkipAnsweredOption = Annotated[
    bool, typer.Option("--skip-answered", help="Ask only what is open; no review of what is answered.")
]
FactsOption = Annotated[
    Path | None,
    typer.Option(
        "--facts",
        metavar="FILE",
        help="Facts of your own, which replace built-in ones of the same id; kept in the study as facts.toml.",
    ),
]
WhatIfOption = Annotated[
    list[str] | None,
    typer.Option(
        "--what-if", metavar="KEY=VALUE", help="Another answer, such as priorities.points.deployment=100; repeatable."
    ),
]
LiftOption = Annotated[
    list[str] | None,
    typer.Option("--lift", metavar="CONSTRAINT", help="As if this constraint did not count; repeatable."),
]
ScanOption = Annotated[
    Path | None,
    typer.Option(
        "--scan", metavar="FOLDER", help="Guess answers from the code in there, by parsing, never by running it."
    ),
]
AsOfOption = Annotated[
    datetime | None,
    typer.Option(
        "--as-of", metavar="DATE", formats=["%Y-%m-%d"], help="Count facts as fresh or stale by this day, not today."
    ),
]
OutputOption = Annotated[
    str | None, typer.Option("-o", "--output", metavar="FILE", help="Write there; - is standard output.")
]
FormatOption = Annotated[
    Literal["md", "html", "adr", "brief", "json"],
    typer.Option(
        "--format", help="The report, the report as one HTML file, a decision record, a page for managers, or the data."
    ),
]
FlavorOption = Annotated[
    Literal["github", "gitlab", "plain"],
    typer.Option("--flavor", help="Whose Markdown; plain: no front matter, no alerts, no HTML."),
]
TemplateOption = Annotated[
    Path | None, typer.Option("--template", metavar="FILE", help="Your own Jinja2 template; see --show-model.")
]
RedactOption = Annotated[
    bool, typer.Option("--redact", help="Leave out names of people, projects, data and own pilots, and all paths.")
]
ShowModelOption = Annotated[
    bool, typer.Option("--show-model", help="Print what a template of your own can use, and stop.")
]
SmokeOption = Annotated[bool, typer.Option("--smoke", hidden=True, help="The smallest pilots that run, for tests.")]
QuietOption = Annotated[bool, typer.Option("-q", "--quiet", help="No progress on standard error.")]
QuickOption = Annotated[
    bool,
    typer.Option(
        "--quick",
        help="Short pilots, about ten minutes on two quiet cores, and up to as much again to rehearse export routes "
        "for named targets; only the essential questions.",
    ),
]
BudgetOption = Annotated[
    str | None,
    typer.Option(
        metavar="TIME",
        help="Time for the pilots of this run, kept within 10 %: 90s, 10m, 1h. What is stored costs nothing.",
    ),
]
CandidatesOption = Annotated[
    str | None,
    typer.Option(metavar="A,B", help="Only these: pytorch, keras-tensorflow, keras-jax, keras-torch, tensorflow."),
]
DataOption = Annotated[
    Path | None, typer.Option("--data", metavar="FILE", help="Your own table for the pilots: CSV or Parquet.")
]
ImagesOption = Annotated[
    Path | None,
    typer.Option("--images", metavar="FOLDER", help="Your own images: a folder that holds one folder for each class."),
]
TextOption = Annotated[
    Path | None, typer.Option("--text", metavar="FILE", help="Your own texts with a class each: CSV, TSV or Parquet.")
]
TextColumnOption = Annotated[
    str | None,
    typer.Option("--text-column", metavar="COLUMN", help="The texts of --text; else the column with most words."),
]
SeriesOption = Annotated[
    Path | None, typer.Option("--series", metavar="FILE", help="Your own time series: CSV, TSV or Parquet.")
]
TimeOption = Annotated[
    str | None, typer.Option("--time", metavar="COLUMN", help="The times of --series: ISO 8601 or numbers.")
]
TargetOption = Annotated[
    str | None, typer.Option("--target", metavar="COLUMN", help="The column of --data, --text or --series to predict.")
]
WorkloadOption = Annotated[
    Path | None,
    typer.Option("--workload", metavar="DIR", help="Your own pilot, see `advisor new workload`; runs code of DIR."),
]
PilotsOption = Annotated[
    str | None,
    typer.Option(
        "--pilots",
        metavar="A,B",
        help="Only these of advisor's own pilots, whatever the problem; all for every one. `advisor plan` names them.",
    ),
]
PythonOption = Annotated[
    list[str] | None,
    typer.Option("--python", metavar="CANDIDATE=PATH", help="Run a candidate in your own environment; repeatable."),
]
SeedOption = Annotated[int | None, typer.Option(min=0, help="First seed of the pilots.")]
CheckOption = Annotated[
    bool, typer.Option("--check", help="Only check that --workload does the same work in every candidate.")
]
NoPilotsOption = Annotated[bool, typer.Option("--no-pilots", help="Measure nothing; decide on answers and facts.")]
TunedOption = Annotated[
    bool | None,
    typer.Option(
        "--tuned/--no-tuned",
        help="Each framework's documented fast path (compiled) as well; without either, --quick leaves it out.",
        show_default=False,
    ),
]
EventsOption = Annotated[
    bool, typer.Option("--json", help="What happens as lines of JSON on standard output; see docs/events.md.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="As JSON, for programs.")]
ClaimsStudyArgument = Annotated[
    Path | None,
    typer.Argument(
        help="Folder of a study, whose measurements then count.", metavar="[STUDY]", autocompletion=study_folders
    ),
]
ClaimsAboutOption = Annotated[
    str | None, typer.Option("--about", metavar="TEXT|ID", help="Only claims with these words, or the one of this id.")
]
RetryOption = Annotated[
    bool, typer.Option("--retry-failed", help="Run trials again that failed, and rehearsals that did not work.")
]


@dataclass(frozen=True)
class PilotOptions:
    """What the commands take that plan pilots."""

    quick: QuickOption = False
    budget: BudgetOption = None
    candidates: CandidatesOption = None
    data: DataOption = None
    images: ImagesOption = None
    text: TextOption = None
    series: SeriesOption = None
    target: TargetOption = None
    time: TimeOption = None
    text_column: TextColumnOption = None
    workload: WorkloadOption = None
    pilots: PilotsOption = None
    python: PythonOption = None
    seed: SeedOption = None
    tuned: TunedOption = None


@dataclass(frozen=True)
class AnswerOptions:
    """What the commands take that collect answers."""

    answers: AnswersOption = None
    settings: SetOption = None
    defaults: DefaultsOption = False
    no_input: NoInputOption = False
    skip_answered: SkipAnsweredOption = False
    scan: ScanOption = None


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """The command with each argument that is a group of options spread out into these, as typer reads them."""
    keyword = inspect.Parameter.KEYWORD_ONLY
    own = inspect.signature(command, eval_str=True).parameters.values()
    groups = {
        parameter.name: parameter.annotation
        for parameter in own
        if parameter.annotation in (PilotOptions, AnswerOptions)
    }
    parameters = []
    for parameter in own:
        if parameter.name not in groups:
            parameters.append(parameter.replace(kind=keyword))
            continue
        hints = get_type_hints(groups[parameter.name], include_extras=True)
        parameters += [
            inspect.Parameter(option.name, keyword, default=option.default, annotation=hints[option.name])
            for option in fields(groups[parameter.name])
        ]

    @functools.wraps(command)
    def run(**given: Any) -> None:
        asked = {
            name: group(**{option.name: given.pop(option.name) for option in fields(group) if option.name in given})
            for name, group in groups.items()
        }
        command(**given, **asked)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run
