"""``advisor doctor``: what works on this machine."""

from __future__ import annotations

import typer

from advisor.commands.common_options import JsonOption, PythonOption
from advisor.commands.output import Line, console, errors, show
from advisor.errors import Command


def doctor(python: PythonOption = None, as_json: JsonOption = False) -> None:
    """What works here, what is missing, how noisy this machine is.

    With the command that mends it. Takes some seconds for each framework.

    \b
    Examples:
      advisor doctor
      advisor doctor --python pytorch=/opt/team/bin/python
      advisor doctor --json
    """
    from advisor.catalog import CANDIDATES
    from advisor.commands.option_values import interpreters
    from advisor.doctor.checks import examination_json, examine

    errors().print("Importing each framework once; this takes a while ...", style="dim")
    examination = examine(tuple(CANDIDATES), interpreters(python or ()))
    if as_json:
        typer.echo(examination_json(examination))
        return
    out = console()
    styles = {"ok": "green", "warning": "yellow", "missing": "red"}
    for finding in examination.findings:
        show(out, Line(f"{finding.status:7} {finding.what}", styles[finding.status], hang=8, label_only=True))
        if finding.action:
            show(out, Line(f"        -> {finding.action}", hang=11, command=isinstance(finding.action, Command)))
    for extra in examination.extras:
        mark = "extra" if extra.missing else "ok"
        here = "not installed" if extra.missing else "installed"
        show(out, Line(f"{mark:7} Optional, {here}: {extra.name}, for {extra.brings}.", hang=8))
        if extra.missing:
            show(out, Line(f"        -> {extra.command}", hang=11, command=True))
