"""``advisor decide``: the decision from what is stored."""

from __future__ import annotations

import gc
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from collections.abc import Sequence

    from advisor.deciding.decision import Decision
    from advisor.study import Study


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
        if answers or no_pilots or what_if or lift:
            decision = _as_if(where, day, None if no_pilots else answers, what_if or (), lift or (), facts)
        else:
            from advisor.workflow.pipeline import decide_and_store, keep_facts

            if facts:
                keep_facts(where, facts)
            decision = decide_and_store(where, today=day).decision
    typer.echo(decision_json(decision), nl=False)
    raise typer.Exit(exit_code(decision))


def _as_if(
    study: Study, day: date, answers: str | None, changes: Sequence[str], lifted: Sequence[str], facts: Path | None
) -> Decision:
    """What would be decided if something were otherwise; nothing is written."""
    from advisor.deciding.decide import decide as decided
    from advisor.interview.collect import answers_from, require_essential
    from advisor.knowledge.facts import load_facts
    from advisor.method import method
    from advisor.workflow import assess
    from advisor.workflow.snapshot import load_snapshot

    snapshot = load_snapshot(study)
    said = snapshot.answers
    if answers is not None:
        said = answers_from(answers)
        require_essential(study, said, answers)
    asked = assess.what_if(said, changes, lifted, load_facts(facts) if facts else None)
    return decided(assess.case_of(snapshot, today=day, what_if=asked), method())
