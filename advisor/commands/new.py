"""``advisor new``: something of the user's own to begin with."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

new = typer.Typer(
    help="Something of your own to begin with.\n\n\b\nExample:\n  advisor new workload churn",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@new.command("workload")
def new_workload(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the workload and its folder, as a Python module's.")],
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="Where to put the folder.")] = Path(),
) -> None:
    """A pilot of your own: a folder that passes the check as it is.

    \b
    Example:
      advisor new workload churn
    """
    from advisor.commands import own_pilot

    folder = own_pilot.new_workload(name, into)
    typer.echo(folder)
    check = shlex.join(["advisor", "pilot", "--workload", str(folder), "--check"])
    typer.echo(f"Its README.md says what is what. Check it with: {check}", err=True)
