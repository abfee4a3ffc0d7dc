"""Tables of plain text. Nothing here is escaped yet: that belongs to the format a table goes into."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """Text to be shown letter by letter: a command, a key, an error."""

    text: str


@dataclass(frozen=True)
class Link:
    """Text that leads to ``url``."""

    text: str
    url: str


Span = str | Code | Link
#: What stands in one cell, piece after piece.
Cell = Span | tuple[Span, ...]


@dataclass(frozen=True)
class Table:
    """A rectangular table.

    Raises:
        ValueError: if a row has more or fewer cells than the header.
    """

    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __post_init__(self) -> None:
        """Refuse ragged rows."""
        for row in self.rows:
            if len(row) != len(self.header):
                raise ValueError(f"a row of {len(row)} cells under a header of {len(self.header)}: {row!r}")
