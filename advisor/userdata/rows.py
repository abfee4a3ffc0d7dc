"""Rows of cells with a header, whatever file they come from."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from advisor.userdata.data_error import DataError

#: So many column names are listed in an error, no more.
_NAMES_SHOWN = 30


@dataclass(frozen=True)
class Rows:
    """A table while it is read: ``cells`` yields each row once, its number and as many cells as the header has.

    Rows are numbered by ``unit``: the line on which a row begins, or the row itself, both from 1. A missing cell is an
    empty text. With ``decimal_comma``, numbers may be written so. At a row that cannot be read, ``cells`` raises
    DataError.

    Raises:
        DataError: two columns have the same name.
    """

    file: str
    header: tuple[str, ...]
    cells: Iterator[tuple[int, list[str]]]
    unit: Literal["line", "row"]
    decimal_comma: bool = False
    header_place: str = ""

    def __post_init__(self) -> None:
        """Refuse names that do not tell columns apart."""
        repeated = [name for name, count in Counter(self.header).items() if count > 1]
        if repeated:
            message = f"the column name {repeated[0]!r} occurs more than once"
            raise DataError(message, file=self.file, place=self.header_place, column=repeated[0])

    def column(self, name: str) -> int:
        """The place of a column.

        Raises:
            DataError: there is no column of this name; says which column has nearly this name.
        """
        if name in self.header:
            return self.header.index(name)
        by_folded = {known.casefold(): known for known in self.header}
        near = difflib.get_close_matches(name.casefold(), by_folded, n=1)
        hint = f"; did you mean {by_folded[near[0]]!r}?" if near else ""
        more = len(self.header) - _NAMES_SHOWN
        raise DataError(
            f"there is no column {name!r}{hint}",
            file=self.file,
            place=self.header_place,
            column=name,
            allowed=", ".join(self.header[:_NAMES_SHOWN]) + (f" and {more} more" if more > 0 else ""),
        )

    def fault(self, message: str, row: int | None = None, column: str | None = None, allowed: str = "") -> DataError:
        """An error that names the file and the row."""
        place = "" if row is None else f"{self.unit} {row}"
        return DataError(message, file=self.file, place=place, column=column, allowed=allowed)
