"""``advisor report``: the report from what is stored."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import typer

from advisor.commands.common_options import (
    DEFAULT_STUDY,
    STANDARD_OUTPUT,
    FlavorOption,
    FormatOption,
    OutputOption,
    RedactOption,
    ShowModelOption,
    StudyArgument,
    TemplateOption,
)


def report(
    study: StudyArgument = DEFAULT_STUDY,
    output: OutputOption = None,
    format: FormatOption = "md",
    flavor: FlavorOption = "github",
    template: TemplateOption = None,
    redact: RedactOption = False,
    show_model: ShowModelOption = False,
) -> None:
    """The report again, from what is stored; needs no framework.

    \b
    Examples:
      advisor report
      advisor report --format html
      advisor report --format brief --redact -o -
      advisor report --flavor plain -o -
      advisor report --template ours.md.j2 -o ours.md
    """
    from advisor.exporting.output import write_output
    from advisor.reporting.document import build_document
    from advisor.reporting.formats.render import render
    from advisor.reporting.formats.template_model import describe_model
    from advisor.study import HTML_REPORT, existing_study
    from advisor.workflow import pipeline

    if show_model:
        typer.echo(describe_model(), nl=False)
        return
    where = existing_study(study)
    with where.lock():
        inputs = pipeline.decide_and_store(where, today=date.today())
        if output is None and format != "html" and format != "json":
            told = pipeline.report_study(where, inputs, template=template, flavor=flavor, format=format, redact=redact)
            typer.echo(told)
            return
    if format == "html":
        text = pipeline.html_text(inputs, template=template, redact=redact)
        output = output or str(where.path(HTML_REPORT))
    else:
        text = render(build_document(inputs, redact=redact), template=template, flavor=flavor, format=format)
    if output in (None, *STANDARD_OUTPUT):
        typer.echo(text, nl=False)
    else:
        typer.echo(write_output(Path(output), text))
