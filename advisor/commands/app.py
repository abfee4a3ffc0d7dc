"""The command line: each command stands in a file of its name, calls the stages, and prints what came out.

Nothing heavy is imported at the top: ``advisor --help`` has to answer at once.
"""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from typing import Annotated

import typer

from advisor import __version__
from advisor.commands.ask import ask
from advisor.commands.claims import claims
from advisor.commands.compare import compare
from advisor.commands.decide import decide
from advisor.commands.doctor import doctor
from advisor.commands.export import export
from advisor.commands.facts import facts
from advisor.commands.new import new
from advisor.commands.output import errors, same_command
from advisor.commands.pilot import pilot
from advisor.commands.plan import plan
from advisor.commands.rehearse import rehearse
from advisor.commands.report import report
from advisor.commands.run import run
from advisor.errors import AdvisorError, ExitCode

app = typer.Typer(
    name="advisor",
    help="Choose a deep-learning framework on evidence: answer questions, race matched pilots on your own hardware, "
    "get a Markdown recommendation for the design review.",
    epilog="First time: `advisor run`. It asks, measures and writes ./advisor-study/report.md.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


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


app.add_typer(new, name="new")
#: In the order in which the help lists them.
for command in (run, ask, plan, pilot, decide, report, rehearse, export, compare, facts, claims, doctor):
    app.command()(command)


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
                errors().print(f"\nStopped. What was finished is on disk; go on with: {same_command()}")
        raise
