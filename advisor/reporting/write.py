"""A report on disk: the Markdown and its figures, each replaced at once or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from advisor.reporting.document import Document
from advisor.reporting.figures import ASSETS, Figure
from advisor.reporting.render import Flavor, render
from advisor.study import REPORT, Study


def write_report(
    folder: Path,
    document: Document,
    figures: Sequence[Figure],
    *,
    template: Path | None = None,
    flavor: Flavor = "github",
) -> Path:
    """Write ``report.md`` and ``report-assets/*.svg`` into a study folder.

    The figures go first, so that a report never shows one that is not there.

    Returns:
        The path of the report.

    Raises:
        AdvisorError: the template has a mistake, or the folder cannot be written; the old report is untouched.
    """
    text = render(document, template=template, flavor=flavor)
    Study(folder / ASSETS).create()
    study = Study(folder)
    for figure in figures:
        study.write(f"{ASSETS}/{figure.file_name}", figure.svg)
    return study.write(REPORT, text)
