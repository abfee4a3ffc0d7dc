"""``advisor run``: interview, pilots, decision and report."""

from __future__ import annotations

import os
from datetime import date
from typing import Annotated

import typer

from advisor.commands.common_options import (
    DEFAULT_STUDY,
    AnswerOptions,
    EventsOption,
    FactsOption,
    NoPilotsOption,
    PilotOptions,
    QuietOption,
    RetryOption,
    SmokeOption,
    StudyArgument,
    with_options,
)
from advisor.commands.output import confirm, console, errors, stream_of, tell


@with_options
def run(
    asked: PilotOptions,
    given: AnswerOptions,
    study: StudyArgument = DEFAULT_STUDY,
    no_pilots: NoPilotsOption = False,
    retry_failed: RetryOption = False,
    smoke: SmokeOption = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and stop.")] = False,
    facts: FactsOption = None,
    quiet: QuietOption = False,
    as_json: EventsOption = False,
) -> None:
    """Interview, pilots, decision, report; goes on where it stopped.

    \b
    Examples:
      advisor run
      advisor run --quick --answers answers.toml --no-input
      advisor run churn-study --data churn.csv --target churned
      advisor run parts-study --images photos
      advisor run load-study --series load.csv --time hour --target megawatts
      advisor run --no-input --json | jq -r 'select(.event == "warning").text'
    """
    from advisor.commands.answering import sources_of
    from advisor.commands.first_screen import tell_outcome
    from advisor.commands.option_values import changes, interpreters
    from advisor.commands.piloting import run_and_watch
    from advisor.commands.plan import print_plan
    from advisor.interview.collect import collect_answers
    from advisor.study import open_study
    from advisor.userdata.prepare import prepare_data
    from advisor.workflow import consent, pipeline
    from advisor.workflow.study_files import study_settings

    with stream_of(as_json) as stream, (where := open_study(study)).lock():
        if facts:
            pipeline.keep_facts(where, facts)
        changed = changes(asked, smoke=smoke, no_pilots=no_pilots)
        if "data" in changed:  # so that a mistake in them is told before the interview
            prepare_data(where, changed["data"], tell(quiet))
        # A study with a plan has had its interview, perhaps the quick interview; `advisor ask` opens it again.
        over = asked.quick or study_settings(where) is not None
        collect_answers(where, sources_of(given, where, errors().print, essential_only=over))
        asks = consent.nobody if given.no_input else confirm
        prepared = pipeline.prepare(where, changed, interpreters(asked.python or ()), tell(quiet), asks)
        if dry_run:
            if as_json:
                stream.plan(where.folder, prepared.plan)
            else:
                print_plan(prepared.plan)
            return
        run_and_watch(where, prepared, stream, quiet=quiet, retry_failed=retry_failed)
        inputs = pipeline.decide_and_store(where, today=date.today())
        pipeline.report_study(where, inputs)
        raise typer.Exit(tell_outcome(where, inputs, console(), stream, os.environ))
