"""The commands. Each calls one stage and prints: results on standard output, everything else on standard error.

Nothing heavy is imported at the top: ``advisor --help`` has to answer at once.
"""

from __future__ import annotations

import gc
import os
import shlex
import signal
import sys
from contextlib import ExitStack, suppress
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from advisor import __version__
from advisor.arguments import (
    DEFAULT_STUDY,
    AnswerOptions,
    AnswersOption,
    AsOfOption,
    CheckOption,
    EventsOption,
    FactsOption,
    FlavorOption,
    FormatOption,
    LiftOption,
    NoPilotsOption,
    OutputOption,
    PilotOptions,
    QuietOption,
    RedactOption,
    RetryOption,
    ShowModelOption,
    SmokeOption,
    StudyArgument,
    TemplateOption,
    WhatIfOption,
    with_options,
)
from advisor.errors import AdvisorError, ExitCode
from advisor.export import export
from advisor.inform import claims, compare, console, doctor, errors, facts, print_plan
from advisor.new import new
from advisor.rehearse import rehearse

if TYPE_CHECKING:
    from advisor.userdata.prepare import Tell
    from advisor.watching.stream import Stream

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
@with_options
def run(
    asked: PilotOptions,
    given: AnswerOptions,
    study: StudyArgument = DEFAULT_STUDY,
    no_pilots: NoPilotsOption = False,
    retry_failed: RetryOption = False,
    smoke: SmokeOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and stop.")] = False,
    facts: FactsOption = None,
    quiet: QuietOption = False,
    as_json: EventsOption = False,
) -> None:
    """Interview, pilots, decision, report; goes on where it stopped.

    \b
    Examples:
      advisor run
      advisor run --quick --answers answers.toml --no-input
      advisor run churn-study --data churn.csv --target churned
      advisor run parts-study --images photos
      advisor run load-study --series load.csv --time hour --target megawatts
      advisor run --no-input --json | jq -r 'select(.event == "warning").text'
    """
    from advisor import pipeline
    from advisor.answering import sources_of
    from advisor.first_screen import tell_outcome
    from advisor.interview.collect import collect_answers
    from advisor.options import changes, interpreters
    from advisor.piloting import run_and_watch
    from advisor.study import PLAN, open_study
    from advisor.userdata.prepare import prepare_data

    with _stream(as_json) as stream, (where := open_study(study)).lock():
        if facts:
            pipeline.keep_facts(where, facts)
        changed = changes(asked, smoke=smoke, no_pilots=no_pilots)
        if "data" in changed:  # so that a mistake in them is told before the interview
            prepare_data(where, changed["data"], _tell(quiet))
        # What has a plan has had its interview, the quick one perhaps; `advisor ask` opens it again.
        over = asked.quick or where.path(PLAN).exists()
        collect_answers(where, sources_of(given, where, errors().print, essential_only=over))
        prepared = pipeline.prepare(where, changed, interpreters(asked.python or ()), _tell(quiet))
        if dry_run:
            if as_json:
                stream.plan(where.folder, prepared.plan)
            else:
                print_plan(prepared.plan)
            return
        run_and_watch(where, prepared, stream, quiet=quiet, retry_failed=retry_failed)
        inputs = pipeline.decide_and_store(where, today=date.today())
        pipeline.report_study(where, inputs)
        raise typer.Exit(tell_outcome(where, inputs, console(), stream, os.environ))


@app.command()
@with_options
def ask(
    given: AnswerOptions,
    study: StudyArgument = DEFAULT_STUDY,
    quick: Annotated[bool, typer.Option("--quick", help="Only the essential questions.")] = False,
    person: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Your own view of team and priorities, beside the others'."),
    ] = None,
    template: Annotated[bool, typer.Option("--template", help="Print an answers file to fill in, and stop.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print its JSON Schema, for editors, and stop.")] = False,
) -> None:
    """The interview alone; writes answers.toml.

    The file is made to be edited by hand, and shared.

    Every answer is saved at once, and any can be changed: Ctrl-B goes back, Ctrl-R shows all of them, as does the end.
    ACCESSIBLE=1 asks in plain lines, for screen readers.

    \b
    Examples:
      advisor ask
      advisor ask --quick
      advisor ask --set team.pytorch=4 --defaults
      advisor ask --answers - --no-input < answers.toml
      advisor ask --as Grace
      advisor ask --scan ../our-code
      advisor ask --template > answers.toml
    """
    if template or schema:
        from advisor.interview.schema import answers_schema
        from advisor.interview.template import template as empty

        typer.echo(answers_schema() if schema else empty(), nl=False)
        return
    from advisor.answering import sources_of
    from advisor.interview.collect import collect_answers, collect_person
    from advisor.study import ANSWERS, open_study

    where = open_study(study)
    with where.lock():
        sources = sources_of(given, where, errors().print, essential_only=quick)
        if person is not None:
            typer.echo(collect_person(where, person, sources))
            return
        collect_answers(where, sources, reviewing=True)
    typer.echo(where.path(ANSWERS))


@app.command()
@with_options
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
    print_plan(prepared.plan)


@app.command()
@with_options
def pilot(
    asked: PilotOptions,
    study: StudyArgument = DEFAULT_STUDY,
    retry_failed: RetryOption = False,
    check: CheckOption = False,
    quiet: QuietOption = False,
    as_json: EventsOption = False,
) -> None:
    """The pilots alone; runs, resumes, or checks one of your own.

    \b
    Examples:
      advisor pilot
      advisor pilot --quick
      advisor pilot --retry-failed
      advisor pilot --workload churn --check
    """
    if check and as_json:
        raise AdvisorError(
            "--check and --json exclude each other.", next_command="advisor pilot --workload DIR --check"
        )
    if check:
        from advisor.own_pilot import check_workload

        raise typer.Exit(check_workload(asked, console(), lambda line: None if quiet else errors().print(line)))
    from advisor import pipeline
    from advisor.options import changes, interpreters
    from advisor.piloting import run_and_watch
    from advisor.study import open_study

    with _stream(as_json) as stream, (where := open_study(study)).lock():
        changed = changes(asked)
        prepared = pipeline.prepare(where, changed, interpreters(asked.python or ()), _tell(quiet))
        run_and_watch(where, prepared, stream, quiet=quiet, retry_failed=retry_failed)
        stream.finish_with_trials(where)
    if not as_json:
        typer.echo(where.path("trials.jsonl"))


@app.command()
def decide(
    study: StudyArgument = DEFAULT_STUDY,
    answers: AnswersOption = None,
    no_pilots: NoPilotsOption = False,
    what_if: WhatIfOption = None,
    lift: LiftOption = None,
    facts: FactsOption = None,
    as_of: AsOfOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON; that is what it prints anyway.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of decision.json and stop.")] = False,
) -> None:
    """Decide from what is stored; needs no framework.

    Writes and prints decision.json. With --answers, --no-pilots, --what-if or --lift it prints what would be decided
    and writes nothing; --no-pilots with --answers needs no study either. The same files, seed and day give the same
    bytes.

    \b
    Examples:
      advisor decide | python -m json.tool
      advisor decide --what-if priorities.points.deployment=100
      advisor decide --what-if team.pytorch=4 --what-if deployment.required=ios
      advisor decide --lift python_version
      advisor decide --no-pilots --answers examples/teams/wake-word.toml
    """
    gc.disable()  # the process ends in a second: looking for garbage until then is time lost

    from advisor.deciding.stored import decision_json, decision_schema, exit_code
    from advisor.study import existing_study

    if schema:
        typer.echo(decision_schema(), nl=False)
        return
    day = as_of.date() if as_of else date.today()
    with ExitStack() as open_until_decided:
        if no_pilots:
            from advisor.without_pilots import study_without_pilots

            where = open_until_decided.enter_context(study_without_pilots(study, answers))
        else:
            where = existing_study(study)
            open_until_decided.enter_context(where.lock())
        if facts:
            from advisor.pipeline import keep_facts

            keep_facts(where, facts)
        if answers or no_pilots or what_if or lift:
            from advisor import assessment
            from advisor.deciding.decide import decide as decided
            from advisor.method import method

            others = None if no_pilots else answers  # without pilots they are those of the study already
            asked = assessment.what_if(where, what_if or (), lift or (), others)
            decision = decided(assessment.case_of(where, today=day, what_if=asked), method())
        else:
            from advisor.pipeline import decide_and_store

            decision = decide_and_store(where, today=day).decision
    typer.echo(decision_json(decision), nl=False)
    raise typer.Exit(exit_code(decision))


@app.command()
def report(
    study: StudyArgument = DEFAULT_STUDY,
    output: OutputOption = None,
    format: FormatOption = "md",
    flavor: FlavorOption = "github",
    template: TemplateOption = None,
    redact: RedactOption = False,
    show_model: ShowModelOption = False,
) -> None:
    """The report again, from what is stored; needs no framework.

    \b
    Examples:
      advisor report
      advisor report --format html
      advisor report --format brief --redact -o -
      advisor report --flavor plain -o -
      advisor report --template ours.md.j2 -o ours.md
    """
    from advisor import pipeline
    from advisor.reporting.document import build_document
    from advisor.reporting.model import describe_model
    from advisor.reporting.render import render
    from advisor.reporting.write import write_output
    from advisor.study import HTML_REPORT, existing_study

    if show_model:
        typer.echo(describe_model(), nl=False)
        return
    where = existing_study(study)
    with where.lock():
        inputs = pipeline.decide_and_store(where, today=date.today())
        if output is None and format != "html" and format != "json":
            told = pipeline.report_study(where, inputs, template=template, flavor=flavor, format=format, redact=redact)
            typer.echo(told)
            return
    if format == "html":
        text = pipeline.html_text(inputs, template=template, redact=redact)
        output = output or str(where.path(HTML_REPORT))
    else:
        text = render(build_document(inputs, redact=redact), template=template, flavor=flavor, format=format)
    if output in (None, "-"):
        typer.echo(text, nl=False)
    else:
        typer.echo(write_output(Path(output), text))


app.command()(rehearse)
app.command()(export)
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
            with suppress(OSError):  # the terminal may be gone
                errors().print(f"\nStopped. What was finished is on disk; go on with: {_same_command()}")
        raise


def _same_command() -> str:
    return shlex.join(["advisor", *sys.argv[1:]])


def _stream(as_json: bool) -> Stream:
    """What happens, as lines of JSON on standard output where that is wanted."""
    from advisor.watching.stream import Stream

    return Stream(sys.stdout if as_json else None, resume=_same_command())


def _tell(quiet: bool) -> Tell:
    """Where remarks on the user's data go."""
    return (lambda sentence: None) if quiet else (lambda sentence: errors().print(sentence))
