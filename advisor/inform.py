"""Commands that only tell: what is known, and what is here. Where they, and all others, print."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from advisor.arguments import ClaimsAboutOption, ClaimsStudyArgument, JsonOption, PythonOption

if TYPE_CHECKING:
    from rich.console import Console


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
        out.print(f"{fact.id:4} {fact.text}", style="bold")
        past = ", past its review date" if is_stale(fact, date.today()) else ""
        out.print(f"     {fact.as_of} · {fact.source} · confidence {fact.confidence}{past}")
    errors().print(f"{len(found)} facts")


def claims(study: ClaimsStudyArgument = None, about: ClaimsAboutOption = None, as_json: JsonOption = False) -> None:
    """What articles claim about the frameworks, and where each claim stands.

    \b
    Examples:
      advisor claims                      what dated facts settle, and how the others would be tested
      advisor claims advisor-study        by what was measured in a study
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
        out.print(line.text, style=line.style)
    errors().print(found.legend())


def compare(
    first: Annotated[Path, typer.Argument(metavar="A", help="Folder of a study.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Folder of another one.")],
    as_json: JsonOption = False,
) -> None:
    """Two studies of different people, machines or days: what differs, and which difference turns the answer.

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
        out.print(line.text, style="bold" if line.heading else "")


def doctor(python: PythonOption = None) -> None:
    """What is here, what is missing, and the command that installs it.

    \b
    Examples:
      advisor doctor
      advisor doctor --python pytorch=/opt/team/bin/python
    """
    from advisor.catalog import CANDIDATES
    from advisor.doctor import examine
    from advisor.options import interpreters

    out = console()
    errors().print("Importing each framework once; this takes a while ...", style="dim")
    examination = examine(tuple(CANDIDATES), interpreters(python or ()))
    marks = {"ok": ("ok     ", "green"), "warning": ("warning", "yellow"), "missing": ("missing", "red")}
    for finding in examination.findings:
        mark, style = marks[finding.status]
        out.print(mark, style=style, end=" ")
        out.print(finding.what)
        if finding.action:
            out.print(f"        -> {finding.action}")


def console(*, stderr: bool = False) -> Console:
    """Where to print; texts come from anywhere, so nothing in them is taken for markup."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


def errors() -> Console:
    return console(stderr=True)
