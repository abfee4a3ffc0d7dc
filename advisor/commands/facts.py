"""``advisor facts``: what cited evidence rests on."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from advisor.commands.common_options import JsonOption
from advisor.commands.output import Line, console, errors, show


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
        show(out, Line(f"{fact.id:4} {fact.text}", "bold", hang=5))
        past = ", past its review date" if is_stale(fact, date.today()) else ""
        show(out, Line(f"     {fact.as_of} · {fact.source} · confidence {fact.confidence}{past}", hang=5))
    errors().print(f"{len(found)} facts")
