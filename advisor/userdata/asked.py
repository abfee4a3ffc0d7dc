"""Which data of the user's the pilots are to run on, as the command line says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pilots.records import DataKind


@dataclass(frozen=True)
class Form:
    """Data of one kind: what they are called, as a whole and one by one, and the options that name them.

    ``option`` takes a file or folder, and ``needed`` and ``optional`` name columns in it.
    """

    noun: str
    rows: str
    option: str
    value: str
    needed: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def usage(self) -> str:
        """A command that names such data."""
        return " ".join([f"advisor run {self.option} {self.value}", *(f"{name} COLUMN" for name in self.needed)])


FORMS: Mapping[DataKind, Form] = {
    "table": Form("table", "rows", "--data", "FILE", ("--target",)),
    "images": Form("images", "images", "--images", "FOLDER"),
    "text": Form("texts", "texts", "--text", "FILE", ("--target",), ("--text-column",)),
    "series": Form("series", "values", "--series", "FILE", ("--time", "--target")),
}


@dataclass(frozen=True)
class UserData:
    """What was asked for. ``path`` is absolute; the columns are named where data of the kind have them."""

    kind: DataKind
    path: str
    target: str | None = None
    time: str | None = None
    text_column: str | None = None

    @property
    def name(self) -> str:
        """The file or folder without where it lies, which names a machine and often a person."""
        return Path(self.path).name

    @property
    def words(self) -> tuple[str, ...]:
        """The words of a command line that ask for it where the data lie."""
        named = (("--time", self.time), ("--target", self.target), ("--text-column", self.text_column))
        columns = [word for option, column in named if column is not None for word in (option, column)]
        return (FORMS[self.kind].option, self.name, *columns)
