"""``advisor pilot``: the pilots alone, or the check of the user's own pilot."""

from __future__ import annotations

import typer

from advisor.commands.common_options import (
    DEFAULT_STUDY,
    CheckOption,
    EventsOption,
    PilotOptions,
    QuietOption,
    RetryOption,
    StudyArgument,
    with_options,
)
from advisor.commands.output import confirm, console, errors, stream_of, tell
from advisor.errors import AdvisorError


@with_options
def pilot(
    asked: PilotOptions,
    study: StudyArgument = DEFAULT_STUDY,
    retry_failed: RetryOption = False,
    check: CheckOption = False,
    quiet: QuietOption = False,
    as_json: EventsOption = False,
) -> None:
    """The pilots alone; runs, resumes, or checks one of your own.

    \b
    Examples:
      advisor pilot
      advisor pilot --quick
      advisor pilot --retry-failed
      advisor pilot --workload churn --check
    """
    if check and as_json:
        raise AdvisorError(
            "--check and --json exclude each other.", next_command="advisor pilot --workload DIR --check"
        )
    if check:
        from advisor.commands.own_pilot import check_workload

        raise typer.Exit(check_workload(asked, console(), lambda line: None if quiet else errors().print(line)))
    from advisor.commands.option_values import changes, interpreters
    from advisor.commands.piloting import run_and_watch
    from advisor.study import open_study
    from advisor.workflow import pipeline

    with stream_of(as_json) as stream, (where := open_study(study)).lock():
        changed = changes(asked)
        prepared = pipeline.prepare(where, changed, interpreters(asked.python or ()), tell(quiet), confirm)
        run_and_watch(where, prepared, stream, quiet=quiet, retry_failed=retry_failed)
        stream.finish_with_trials(where)
    if not as_json:
        typer.echo(where.path("trials.jsonl"))
