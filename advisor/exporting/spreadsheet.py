"""The table as CSV (UTF-8, a header, quotes as in RFC 4180), safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from typing import TextIO

from advisor.exporting.columns import COLUMNS, Exported, Value, rows

#: Programs take a cell that begins so for a formula, and run it (OWASP, "CSV injection").
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def write_csv(trials: Iterable[Exported], file: TextIO) -> None:
    """Write header and rows. Missing values are empty cells; yes and no are ``true`` and ``false``.

    A text that a spreadsheet would take for a formula gets an apostrophe in front, as is the custom.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(column.name for column in COLUMNS)
    writer.writerows([_cell(value) for value in row] for row in rows(trials))


def _cell(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            # Half a character, which UTF-8 has no bytes for, and line ends that a reader would take for those of rows.
            clean = (
                value.encode("utf-8", "replace").decode().replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
            )
            return f"'{clean}" if clean.startswith(_FORMULA) else clean
        case _:
            return repr(value)
