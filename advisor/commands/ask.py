"""``advisor ask``: the interview."""

from __future__ import annotations

from typing import Annotated

import typer

from advisor.commands.common_options import DEFAULT_STUDY, AnswerOptions, StudyArgument, with_options
from advisor.commands.output import errors


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
    from advisor.commands.answering import sources_of
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
