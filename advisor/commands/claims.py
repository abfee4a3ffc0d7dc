"""``advisor claims``: what articles claim, and where each claim stands."""

from __future__ import annotations

from datetime import date

import typer

from advisor.commands.common_options import ClaimsAboutOption, ClaimsStudyArgument, JsonOption
from advisor.commands.output import console, errors, show


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
    from advisor.commands.claims_listing import listing

    found = listing(study, about, date.today())
    if as_json:
        typer.echo(found.json())
        return
    out = console()
    for line in found.lines():
        show(out, line)
    show(errors(), found.legend())
