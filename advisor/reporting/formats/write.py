"""A report on disk: the Markdown and its figures, each replaced at once or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from advisor.reporting.document import Document
from advisor.reporting.formats.render import Flavor, render
from advisor.reporting.pictures.figures import ASSETS, Figure
from advisor.study import REPORT, Study

#: The formats that belong into a study, and the files they go into.
WrittenFormat = Literal["md", "adr", "brief"]
_FILES: dict[WrittenFormat, str] = {"md": REPORT, "adr": "adr.md", "brief": "brief.md"}


def write_report(
    folder: Path,
    document: Document,
    figures: Sequence[Figure],
    *,
    template: Path | None = None,
    flavor: Flavor = "github",
    format: WrittenFormat = "md",
) -> Path:
    """Write ``report.md`` and ``report-assets/*.svg`` into a study folder, or ``adr.md`` or ``brief.md``.

    The figures go first, so that a report never shows a figure that is missing.

    Returns:
        The path of the report.

    Raises:
        AdvisorError: the template has a mistake, or the folder cannot be written; the old report is untouched.
    """
    text = render(document, template=template, flavor=flavor, format=format)
    study = Study(folder)
    if figures:
        study.require_own(ASSETS)
        Study(folder / ASSETS).create()
    for figure in figures:
        study.write(f"{ASSETS}/{figure.file_name}", figure.svg)
    return study.write(_FILES[format], text)
