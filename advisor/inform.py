"""Commands that only tell: what is known, and what is here. Where they, and all others, print."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.arguments import ClaimsAboutOption, ClaimsStudyArgument, JsonOption, PythonOption, study_folders

if TYPE_CHECKING:
    from rich.console import Console

    from advisor.planning.plan import Plan

#: Lines of a listing are not folded to less than this, whatever the terminal says of itself.
_NARROWEST = 20
_WIDE = 1000
#: What follows an arrow is a command, or an instruction in words.
_COMMAND = re.compile(r"(?:-> )?(?:advisor|python|sudo|xcode-select|\S*/python[\d.]*) ")


def facts(
    about: Annotated[
        str | None, typer.Option("--about", metavar="CRITERION|CANDIDATE", help="Only facts that speak about it.")
    ] = None,
    stale: Annotated[bool, typer.Option("--stale", help="Only facts past their review date.")] = False,
    own: Annotated[
        Path | None,
        typer.Option("--facts", metavar="FILE", help="With facts of your own, which replace those of the same id."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """The dated facts that cited evidence rests on.

    \b
    Examples:
      advisor facts --about longevity
      advisor facts --about keras-torch
      advisor facts --stale --json
    """
    import json

    from advisor.knowledge.facts import facts_about, is_stale, load_facts

    found = [fact for fact in facts_about(load_facts(own), about) if not stale or is_stale(fact, date.today())]
    if as_json:
        typer.echo(json.dumps([fact.model_dump(mode="json") for fact in found], indent=1))
        return
    out = console()
    for fact in found:
        show(out, f"{fact.id:4} {fact.text}", style="bold", hang=5)
        past = ", past its review date" if is_stale(fact, date.today()) else ""
        show(out, f"     {fact.as_of} · {fact.source} · confidence {fact.confidence}{past}", hang=5)
    errors().print(f"{len(found)} facts")


def claims(study: ClaimsStudyArgument = None, about: ClaimsAboutOption = None, as_json: JsonOption = False) -> None:
    """What articles claim, and where each claim stands.

    By dated facts alone, and how the others would be tested; or by what the study named here measured.

    \b
    Examples:
      advisor claims
      advisor claims advisor-study
      advisor claims advisor-study --about C15
      advisor claims --about TPU --json
    """
    from advisor.claims_listing import listing

    found = listing(study, about, date.today())
    if as_json:
        typer.echo(found.json())
        return
    out = console()
    for line in found.lines():
        show(out, line.text, style=line.style, hang=6)
    show(errors(), found.legend())


def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="Folder of a study.", autocompletion=study_folders)],
    second: Annotated[Path, typer.Argument(metavar="B", help="Folder of another one.", autocompletion=study_folders)],
    as_json: JsonOption = False,
) -> None:
    """Two studies: what differs, and what turns the answer.

    Of different people, machines or days.

    \b
    Examples:
      advisor compare advisor-study study-on-the-server
      advisor compare last-year this-year --json
    """
    import json
    from dataclasses import asdict

    from advisor.comparing import compare_studies
    from advisor.comparing_words import lines
    from advisor.study import existing_study

    found = compare_studies(existing_study(first), existing_study(second), today=date.today())
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=1))
        return
    out = console()
    for line in lines(found):
        show(out, line.text, style="bold" if line.heading else "", hang=2 if line.text.startswith("  ") else 0)


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
    from advisor.doctor import examination_json, examine
    from advisor.options import interpreters

    errors().print("Importing each framework once; this takes a while ...", style="dim")
    examination = examine(tuple(CANDIDATES), interpreters(python or ()))
    if as_json:
        typer.echo(examination_json(examination))
        return
    out = console()
    styles = {"ok": "green", "warning": "yellow", "missing": "red"}
    for finding in examination.findings:
        show(out, f"{finding.status:7} {finding.what}", style=styles[finding.status], hang=8, first_only=True)
        if finding.action:
            show(out, f"        -> {finding.action}", hang=11)
    for extra in examination.extras:
        mark = "extra" if extra.missing else "ok"
        here = "not installed" if extra.missing else "installed"
        show(out, f"{mark:7} Optional, {here}: {extra.name}, for {extra.brings}.", hang=8)
        if extra.missing:
            show(out, f"        -> {extra.command}", hang=11)


def print_plan(plan: Plan) -> None:
    """What would run, as a table, and the remarks on it."""
    from rich.table import Table

    from advisor.plan_remarks import plan_remarks
    from advisor.watching.words import duration

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("what runs", "answers", "about"):
        table.add_column(heading, overflow="fold")
    for launch in plan.launches:
        table.add_row(launch.title, ", ".join(launch.tells), duration(launch.estimated_s))
    out = console()
    if not out.is_terminal:
        out.width = _WIDE  # in a file or a pipe, lines are as long as they are
    out.print(table, soft_wrap=False)
    for remark in plan_remarks(plan):
        show(out, remark)


def show(out: Console, text: str, *, style: str = "", hang: int = 0, first_only: bool = False) -> None:
    """Print a line of a listing. In a terminal it is folded at words to the width that is there.

    Args:
        out: where to print.
        text: the line.
        style: of the whole line.
        hang: how far later lines are indented; so much of the text is a label or a margin.
        first_only: only the label has the style.
    """
    from rich.text import Text

    label, body = Text(text[:hang], style=style), Text(text[hang:], style="" if first_only else style)
    if not out.is_terminal:
        out.print(label + body)
        return
    command = _COMMAND.match(body.plain)
    room = max(_NARROWEST, out.width - hang - (2 if command else 0))
    if command and any(len(word) > room for word in body.plain.split()):
        out.print(label + body, no_wrap=True, overflow="ignore", crop=False)  # in pieces it would be another command
        return
    lines = body.wrap(out, room, overflow="fold")
    for number, line in enumerate(lines):
        more = Text(" \\" if command and number < len(lines) - 1 else "")  # so that what is copied is the command
        line.rstrip()
        out.print((label if number == 0 else Text(" " * hang)) + line + more)


def console(*, stderr: bool = False) -> Console:
    """Where to print; texts come from anywhere, so nothing in them is taken for markup."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


def errors() -> Console:
    return console(stderr=True)
