"""A report on disk: the Markdown and its figures, each replaced at once or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from advisor.errors import AdvisorError
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

    The figures go first, so that a report never shows one that is not there.

    Returns:
        The path of the report.

    Raises:
        AdvisorError: the template has a mistake, or the folder cannot be written; the old report is untouched.
    """
    text = render(document, template=template, flavor=flavor, format=format)
    study = Study(folder)
    if figures:
        Study(folder / ASSETS).create()
    for figure in figures:
        study.write(f"{ASSETS}/{figure.file_name}", figure.svg)
    return study.write(_FILES[format], text)


def write_output(path: Path, text: str) -> Path:
    """Write a rendered report to a file of the user's choice, at once or not at all.

    Raises:
        AdvisorError: the path is a folder, or cannot be written.
    """
    another = "name another file, or - for standard output: -o FILE"
    if path.is_dir():
        raise AdvisorError("The output is a folder.", where=str(path), next_command=another)
    try:
        return Study(path.parent).write(path.name, text)
    except AdvisorError as error:
        what = error.what.replace("A file of the study", "The output")
        raise AdvisorError(what, where=str(path), next_command=another, exit_code=error.exit_code) from error
