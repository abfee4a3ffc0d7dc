"""The commands. Each calls one stage and prints: results on standard output, everything else on standard error.

Nothing heavy is imported at the top: ``advisor --help`` has to answer at once.
"""

from __future__ import annotations

import shlex
import signal
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from advisor import __version__
from advisor.arguments import (
    AnswersOption,
    AsOfOption,
    CheckOption,
    DefaultsOption,
    FactsOption,
    LiftOption,
    NoInputOption,
    NoPilotsOption,
    PilotOptions,
    QuietOption,
    RetryOption,
    ScanOption,
    SetOption,
    SmokeOption,
    StudyArgument,
    WhatIfOption,
    with_pilot_options,
)
from advisor.errors import AdvisorError, ExitCode
from advisor.inform import claims, compare, console, doctor, errors, facts
from advisor.new import new

if TYPE_CHECKING:
    from advisor.deciding.decision import Decision
    from advisor.interview.suggestions import Guess
    from advisor.pipeline import Prepared
    from advisor.planning.plan import Plan
    from advisor.reporting.inputs import ReportInputs
    from advisor.study import Study
    from advisor.userdata.prepare import Tell

app = typer.Typer(
    name="advisor",
    help="Choose a deep-learning framework on evidence: answer questions, race matched pilots on your own hardware, "
    "get a Markdown recommendation for the design review.",
    epilog="First time: `advisor run`. It asks, measures and writes ./advisor-study/report.md.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.add_typer(new, name="new")

DEFAULT_STUDY = Path("advisor-study")


def version_wanted(wanted: bool) -> None:
    """Print the version and stop."""
    if wanted:
        typer.echo(f"advisor {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def advisor(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=version_wanted, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Without a command: the same as `advisor run`."""
    if context.invoked_subcommand is None:
        context.invoke(run)


@app.command()
@with_pilot_options
def run(
    asked: PilotOptions,
    study: StudyArgument = DEFAULT_STUDY,
    answers: AnswersOption = None,
    settings: SetOption = None,
    defaults: DefaultsOption = False,
    no_input: NoInputOption = False,
    no_pilots: NoPilotsOption = False,
    retry_failed: RetryOption = False,
    smoke: SmokeOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and stop.")] = False,
    facts: FactsOption = None,
    scan: ScanOption = None,
    quiet: QuietOption = False,
) -> None:
    """Interview, pilots, decision and report; resumes where an earlier run was cut off.

    \b
    Examples:
      advisor run
      advisor run --quick --answers answers.toml --no-input
      advisor run churn-study --data churn.csv --target churned
      advisor run parts-study --images photos
      advisor run load-study --series load.csv --time hour --target megawatts
    """
    from advisor import pipeline
    from advisor.interview.collect import collect_answers
    from advisor.options import changes, interpreters
    from advisor.study import open_study
    from advisor.userdata.prepare import prepare_data

    where = open_study(study)
    with where.lock():
        if facts:
            pipeline.keep_facts(where, facts)
        changed = changes(asked, smoke=smoke, no_pilots=no_pilots)
        if "data" in changed:  # so that a mistake in them is told before the interview
            prepare_data(where, changed["data"], _tell(quiet))
        collect_answers(
            where,
            answers,
            settings or (),
            defaults=defaults,
            no_input=no_input,
            essential_only=asked.quick,
            guesses=_guesses(scan, no_input),
        )
        prepared = pipeline.prepare(where, changed, interpreters(asked.python or ()), _tell(quiet))
        if dry_run:
            _print_plan(prepared.plan)
            return
        _run_pilots(where, prepared, quiet=quiet, retry_failed=retry_failed)
        inputs = pipeline.decide_and_store(where, today=date.today())
        pipeline.report_study(where, inputs)
    _finish(where, inputs)


@app.command()
def ask(
    study: StudyArgument = DEFAULT_STUDY,
    answers: AnswersOption = None,
    settings: SetOption = None,
    defaults: DefaultsOption = False,
    no_input: NoInputOption = False,
    quick: Annotated[bool, typer.Option("--quick", help="Only the essential questions.")] = False,
    person: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Your own view of team and priorities, beside the others'."),
    ] = None,
    scan: ScanOption = None,
    template: Annotated[bool, typer.Option("--template", help="Print an answers file to fill in, and stop.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print its JSON Schema, for editors, and stop.")] = False,
) -> None:
    """The interview alone; writes answers.toml, which is made to be edited by hand.

    \b
    Examples:
      advisor ask
      advisor ask --quick
      advisor ask --set team.pytorch=4 --defaults
      advisor ask --as Grace
      advisor ask --scan ../our-code
      advisor ask --template > answers.toml
    """
    if template or schema:
        from advisor.interview.schema import answers_schema
        from advisor.interview.template import template as empty

        typer.echo(answers_schema() if schema else empty(), nl=False)
        return
    from advisor.interview.collect import collect_answers, collect_person
    from advisor.study import open_study

    where = open_study(study)
    with where.lock():
        if person is not None:
            own = collect_person(where, person, answers, settings or (), no_input=no_input, essential_only=quick)
            typer.echo(own)
            return
        collect_answers(
            where,
            answers,
            settings or (),
            defaults=defaults,
            no_input=no_input,
            essential_only=quick,
            guesses=_guesses(scan, no_input),
        )
    typer.echo(where.path("answers.toml"))


@app.command()
@with_pilot_options
def plan(
    asked: PilotOptions,
    study: StudyArgument = DEFAULT_STUDY,
) -> None:
    """What would run, which criterion it answers, how long it takes.

    \b
    Examples:
      advisor plan
      advisor plan --quick --candidates pytorch,keras-torch
    """
    from advisor import pipeline
    from advisor.options import changes, interpreters
    from advisor.study import open_study

    where = open_study(study)
    with where.lock():
        changed = changes(asked)
        prepared = pipeline.prepare(where, changed, interpreters(asked.python or ()), _tell(quiet=False))
    _print_plan(prepared.plan)


@app.command()
@with_pilot_options
def pilot(
    asked: PilotOptions,
    study: StudyArgument = DEFAULT_STUDY,
    retry_failed: RetryOption = False,
    check: CheckOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run or resume the pilots alone, or check a pilot of your own.

    \b
    Examples:
      advisor pilot
      advisor pilot --quick
      advisor pilot --retry-failed
      advisor pilot --workload churn --check
    """
    if check:
        from advisor.own_pilot import check_workload

        raise typer.Exit(check_workload(asked, console(), lambda line: None if quiet else errors().print(line)))
    from advisor import pipeline
    from advisor.options import changes, interpreters
    from advisor.study import open_study

    where = open_study(study)
    with where.lock():
        changed = changes(asked)
        prepared = pipeline.prepare(where, changed, interpreters(asked.python or ()), _tell(quiet))
        _run_pilots(where, prepared, quiet=quiet, retry_failed=retry_failed)
    typer.echo(where.path("trials.jsonl"))


@app.command()
def decide(
    study: StudyArgument = DEFAULT_STUDY,
    what_if: WhatIfOption = None,
    lift: LiftOption = None,
    facts: FactsOption = None,
    as_of: AsOfOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON; that is what it prints anyway.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of decision.json and stop.")] = False,
) -> None:
    """Decide from what is stored; needs no framework. Writes and prints decision.json.

    With --what-if or --lift it prints what would be decided and writes nothing. The same files, seed and day give the
    same bytes.

    \b
    Examples:
      advisor decide | python -m json.tool
      advisor decide --what-if priorities.points.deployment=100
      advisor decide --what-if team.pytorch=4 --what-if deployment.required=android
      advisor decide --lift python_version
    """
    from advisor.deciding.stored import decision_json, decision_schema
    from advisor.study import existing_study

    if schema:
        typer.echo(decision_schema(), nl=False)
        return
    where, day = existing_study(study), as_of.date() if as_of else date.today()
    with where.lock():
        if facts:
            from advisor.pipeline import keep_facts

            keep_facts(where, facts)
        if what_if or lift:
            from advisor import assessment
            from advisor.deciding.decide import decide as decided
            from advisor.method import method

            asked = assessment.what_if(where, what_if or (), lift or ())
            decision = decided(assessment.case_of(where, today=day, what_if=asked), method())
        else:
            from advisor.pipeline import decide_and_store

            decision = decide_and_store(where, today=day).decision
    typer.echo(decision_json(decision), nl=False)
    raise typer.Exit(_exit_code(decision))


@app.command()
def report(
    study: StudyArgument = DEFAULT_STUDY,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help="Write there; - is standard output.")
    ] = None,
    format: Annotated[
        Literal["md", "html", "json"], typer.Option("--format", help="Markdown, one HTML file, or the data in it.")
    ] = "md",
    flavor: Annotated[
        Literal["github", "plain"], typer.Option("--flavor", help="plain: no front matter, no alerts.")
    ] = "github",
    template: Annotated[
        Path | None, typer.Option("--template", metavar="FILE", help="Your own Jinja2 template.")
    ] = None,
) -> None:
    """Render the report again from what is stored; needs no framework.

    \b
    Examples:
      advisor report
      advisor report --format html
      advisor report --flavor plain -o -
      advisor report --template ours.md.j2 -o ours.md
    """
    from advisor import pipeline
    from advisor.reporting.document import build_document
    from advisor.reporting.render import render
    from advisor.reporting.write import write_output
    from advisor.study import HTML_REPORT, existing_study

    where = existing_study(study)
    with where.lock():
        inputs = pipeline.decide_and_store(where, today=date.today())
        if output is None and format == "md":
            typer.echo(pipeline.report_study(where, inputs, template=template, flavor=flavor))
            return
        if format == "html":
            text = pipeline.html_text(inputs, template=template)
            output = output or str(where.path(HTML_REPORT))
        else:
            text = render(build_document(inputs), template=template, flavor=flavor, format=format)
    if output in (None, "-"):
        typer.echo(text, nl=False)
    else:
        typer.echo(write_output(Path(output), text))


app.command()(compare)
app.command()(facts)
app.command()(claims)
app.command()(doctor)


def main() -> None:
    """Run the command line; mistakes of the user become one message and an exit code, never a traceback."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ended from outside is the same as Ctrl-C
    try:
        app()
    except AdvisorError as error:
        errors().print("error: ", style="bold red", end="")
        errors().print(str(error))
        sys.exit(error.exit_code)
    except SystemExit as ended:
        if ended.code == ExitCode.INTERRUPTED:
            again = shlex.join(["advisor", *sys.argv[1:]])
            stopped = f"\nStopped. What was finished is on disk; go on with: {again}"
            errors().print(stopped)
        raise


def _run_pilots(study: Study, prepared: Prepared, *, quiet: bool, retry_failed: bool) -> None:
    from rich.console import Console

    from advisor import pipeline
    from advisor.progress import progress_for

    for candidate, reason in prepared.plan.unavailable.items():
        errors().print(f"{candidate} is left out: {reason}", style="yellow")
    if prepared.plan.launches:
        with progress_for(Console(stderr=True, highlight=False), quiet=quiet) as watch:
            pipeline.run_pilots(study, prepared, watch, retry_failed=retry_failed)


def _tell(quiet: bool) -> Tell:
    """Where remarks on the user's data go."""
    return (lambda sentence: None) if quiet else (lambda sentence: errors().print(sentence))


def _guesses(code: Path | None, no_input: bool) -> tuple[Guess, ...]:
    """What the machine and a folder of code suggest, told before anything is asked; nothing where nobody is asked."""
    if no_input and code is None:
        return ()
    from advisor.suggesting import guesses

    found = guesses(code)
    for guess in found if code is not None else ():
        value = ", ".join(guess.value) if isinstance(guess.value, tuple) else str(guess.value)
        errors().print(f"guess: {guess.key} = {value} ({guess.because})")
    return found


def _print_plan(plan: Plan) -> None:
    from rich.table import Table

    from advisor.plan_remarks import plan_remarks
    from advisor.progress import duration

    table = Table("what runs", "answers", "about", box=None, padding=(0, 2, 0, 0), header_style="bold")
    for launch in plan.launches:
        table.add_row(launch.title, ", ".join(launch.tells), duration(launch.estimated_s))
    out = console()
    out.print(table, soft_wrap=False)
    for remark in plan_remarks(plan):
        out.print(remark)


def _finish(study: Study, inputs: ReportInputs) -> None:
    """The verdict on standard output, where the report is, and the exit code."""
    from advisor.reporting.document import build_document

    out = console()
    document = build_document(inputs)
    out.print(document.summary.verdict)
    out.print(str(study.path("report.md")))
    raise typer.Exit(_exit_code(inputs.decision))


def _exit_code(decision: Decision) -> ExitCode:
    special = {
        "none_feasible": ExitCode.NO_FEASIBLE_CANDIDATE,
        "insufficient": ExitCode.INSUFFICIENT_EVIDENCE,
    }
    return special.get(decision.verdict, ExitCode.VERDICT)
