"""``advisor decide``: the decision from what is stored."""

from __future__ import annotations

import gc
from contextlib import ExitStack
from datetime import date
from typing import Annotated

import typer

from advisor.commands.common_options import (
    DEFAULT_STUDY,
    AnswersOption,
    AsOfOption,
    FactsOption,
    LiftOption,
    NoPilotsOption,
    StudyArgument,
    WhatIfOption,
)


def decide(
    study: StudyArgument = DEFAULT_STUDY,
    answers: AnswersOption = None,
    no_pilots: NoPilotsOption = False,
    what_if: WhatIfOption = None,
    lift: LiftOption = None,
    facts: FactsOption = None,
    as_of: AsOfOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON; that is what it prints anyway.")] = False,
    schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of decision.json and stop.")] = False,
) -> None:
    """Decide from what is stored; needs no framework.

    Writes and prints decision.json. With --answers, --no-pilots, --what-if or --lift it prints what would be decided
    and writes nothing; --no-pilots with --answers needs no study either. The same files, seed and day give the same
    bytes.

    \b
    Examples:
      advisor decide | python -m json.tool
      advisor decide --what-if priorities.points.deployment=100
      advisor decide --what-if team.pytorch=4 --what-if deployment.required=ios
      advisor decide --lift python_version
      advisor decide --no-pilots --answers examples/teams/wake-word.toml
    """
    gc.disable()  # the process ends in a second: looking for garbage until then is time lost

    from advisor.deciding.stored import decision_json, decision_schema, exit_code
    from advisor.study import existing_study

    if schema:
        typer.echo(decision_schema(), nl=False)
        return
    day = as_of.date() if as_of else date.today()
    with ExitStack() as open_until_decided:
        if no_pilots:
            from advisor.workflow.without_pilots import study_without_pilots

            where = open_until_decided.enter_context(study_without_pilots(study, answers))
        else:
            where = existing_study(study)
            open_until_decided.enter_context(where.lock())
        if facts:
            from advisor.workflow.pipeline import keep_facts

            keep_facts(where, facts)
        if answers or no_pilots or what_if or lift:
            from advisor.deciding.decide import decide as decided
            from advisor.method import method
            from advisor.workflow import assess

            others = None if no_pilots else answers  # without pilots they are those of the study already
            asked = assess.what_if(where, what_if or (), lift or (), others)
            decision = decided(assess.case_of(where, today=day, what_if=asked), method())
        else:
            from advisor.workflow.pipeline import decide_and_store

            decision = decide_and_store(where, today=day).decision
    typer.echo(decision_json(decision), nl=False)
    raise typer.Exit(exit_code(decision))
