"""What is wrong with the user's data, and where."""

from __future__ import annotations


class DataError(ValueError):
    """Data that cannot be used.

    Args:
        message: what is wrong.
        file: the file or folder, as people know it.
        place: where in it, such as ``line 3``, counted from 1 with the header; may be empty.
        column: the column concerned; None where no column is.
        allowed: what would have been right; may be empty.
    """

    def __init__(
        self, message: str, *, file: str, place: str = "", column: str | None = None, allowed: str = ""
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.place = place
        self.column = column
        self.allowed = allowed

    @property
    def where(self) -> str:
        """File, place and column, as far as they are known."""
        column = f"column {self.column!r}" if self.column is not None else ""
        return ", ".join(part for part in (self.file, self.place, column) if part)
