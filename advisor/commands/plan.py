"""``advisor plan``: what would run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from advisor.commands.common_options import DEFAULT_STUDY, PilotOptions, StudyArgument, with_options
from advisor.commands.output import confirm, console, print_table, show, tell

if TYPE_CHECKING:
    from advisor.planning.plan import Plan


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
    from advisor.commands.option_values import changes, interpreters
    from advisor.study import open_study
    from advisor.workflow import pipeline

    where = open_study(study)
    with where.lock():
        changed = changes(asked)
        prepared = pipeline.prepare(where, changed, interpreters(asked.python or ()), tell(quiet=False), confirm)
    print_plan(prepared.plan)


def print_plan(plan: Plan) -> None:
    """What would run, as a table, and the remarks on it."""
    from rich.table import Table

    from advisor.commands.plan_remarks import plan_remarks
    from advisor.watching.words import duration

    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("what runs", "answers", "about"):
        table.add_column(heading, overflow="fold")
    for launch in plan.launches:
        table.add_row(launch.title, ", ".join(launch.tells), duration(launch.estimated_s))
    out = console()
    print_table(out, table)
    for remark in plan_remarks(plan):
        show(out, remark)
