"""``advisor compare``: two studies side by side."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from advisor.commands.common_options import JsonOption, study_folders
from advisor.commands.output import console, show


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

    from advisor.commands.comparison_table import lines
    from advisor.study import existing_study
    from advisor.workflow.compare import compare_studies

    found = compare_studies(existing_study(first), existing_study(second), today=date.today())
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=1))
        return
    out = console()
    for line in lines(found):
        show(out, line)
