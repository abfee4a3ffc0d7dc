"""The user's table: read, checked, its columns understood. Errors say where and what would have been right."""

from __future__ import annotations

import csv
import difflib
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from pilots.pilot import Array

MINIMUM_ROWS = 20
MINIMUM_ROWS_PER_CLASS = 5
MOST_CATEGORIES = 50
#: A numeric target with more different values than this is predicted as a value, not as a class ...
MOST_NUMERIC_CLASSES = 20
#: ... and fewer suffice where they are fractions.
MOST_FRACTIONAL_CLASSES = 10

_DELIMITERS = ",;\t|"
_MISSING = frozenset({"", "na", "n/a", "nan", "null", "?"})
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,2})?")
_IDENTIFIER = re.compile(r"(^|[ _.-])(id|index|key|uuid|guid|rowid|row)$", re.IGNORECASE)

Kind = Literal["numeric", "categorical"]


class TableError(ValueError):
    """A table that cannot be used. ``line`` counts from 1, the header included; ``allowed`` may be empty."""

    def __init__(
        self,
        message: str,
        *,
        file: str,
        line: int | None = None,
        column: str | None = None,
        allowed: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line
        self.column = column
        self.allowed = allowed

    @property
    def where(self) -> str:
        """File, line and column, as far as they are known."""
        line = f", line {self.line}" if self.line is not None else ""
        column = f", column {self.column!r}" if self.column is not None else ""
        return f"{self.file}{line}{column}"

    def __str__(self) -> str:
        """One line: where, what, and what is allowed."""
        return f"{self.where}: {self.message}" + (f" (allowed: {self.allowed})" if self.allowed else "")


@dataclass(frozen=True)
class Column:
    """A feature: ``values`` are float64 with NaN where missing, or int64 numbers of categories, -1 where missing."""

    name: str
    kind: Kind
    values: Array


@dataclass(frozen=True)
class DroppedColumn:
    """A column that is not used, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class Profile:
    """What a table is like, in counts: no values of it but the names of its classes.

    ``rows`` are those with a target. ``missing_share`` is the share of empty cells in the columns used.
    """

    rows: int
    rows_without_target: int
    task: Literal["classification", "regression"]
    target: str
    numeric_columns: int
    categorical_columns: int
    classes: tuple[tuple[str, int], ...]
    missing_share: float
    dropped: tuple[DroppedColumn, ...]


@dataclass(frozen=True)
class Table:
    """Features and target. ``target`` holds int64 numbers into ``classes``, or float64 values without classes."""

    columns: tuple[Column, ...]
    target: Array
    classes: tuple[str, ...]
    profile: Profile


def read_table(path: str | Path, target: str) -> Table:
    """Read a delimited text file with a header.

    Args:
        path: a UTF-8 file; the delimiter is found out (comma, semicolon, tab or bar).
        target: the column to predict.

    Raises:
        TableError: the file or the target cannot be used.
    """
    file = Path(path)
    header, rows, decimal_comma = _read_cells(file)
    _check_header(file, header, target)
    place = header.index(target)
    labelled = [row for row in rows if not _is_missing(row[place])]
    if not labelled:
        raise TableError("no row has a value in the target column", file=file.name, column=target)
    if len(labelled) < MINIMUM_ROWS:
        raise TableError(
            f"only {len(labelled)} rows with a target",
            file=file.name,
            allowed=f"at least {MINIMUM_ROWS} rows",
        )
    values, classes = _target(file, target, [row[place] for row in labelled], decimal_comma)
    columns, dropped = _features(header, labelled, place, decimal_comma)
    if not columns:
        reasons = "; ".join(f"{column.name}: {column.reason}" for column in dropped) or "there is no other column"
        raise TableError(f"no column is left to predict from ({reasons})", file=file.name)
    counts = Counter(values.tolist())
    profile = Profile(
        rows=len(labelled),
        rows_without_target=len(rows) - len(labelled),
        task="classification" if classes else "regression",
        target=target,
        numeric_columns=sum(column.kind == "numeric" for column in columns),
        categorical_columns=sum(column.kind == "categorical" for column in columns),
        classes=tuple((name, counts[number]) for number, name in enumerate(classes)),
        missing_share=float(np.mean([_missing(column) for column in columns])),
        dropped=dropped,
    )
    return Table(columns=columns, target=values, classes=classes, profile=profile)


def _read_cells(file: Path) -> tuple[list[str], list[list[str]], bool]:
    """Header, rows of as many cells, and whether numbers may have a decimal comma."""
    text = _read_text(file)
    delimiter = _sniff(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    header: list[str] = []
    rows: list[list[str]] = []
    line = 1
    try:
        for cells in reader:
            cells = [cell.strip() for cell in cells]
            if not header:
                header = [cell or f"column_{number}" for number, cell in enumerate(cells, start=1)]
            elif len(cells) == len(header):
                rows.append(cells)
            elif cells:
                raise TableError(
                    f"{len(cells)} cells, but the header has {len(header)}",
                    file=file.name,
                    line=line,
                    allowed=f"{len(header)} cells separated by {delimiter!r} in every row",
                )
            line = reader.line_num + 1
    except csv.Error as error:
        raise TableError(f"not a well-formed table: {error}", file=file.name, line=line) from error
    if not header:
        raise TableError("the file is empty", file=file.name)
    if not rows:
        raise TableError("the file has a header and no rows", file=file.name)
    return header, rows, delimiter == ";"


def _read_text(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise TableError(f"the file cannot be read: {error.strerror}", file=str(file)) from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise TableError("the text is not UTF-8", file=file.name, line=line, allowed="UTF-8") from error


def _sniff(text: str) -> str:
    """The delimiter that cuts the first lines most evenly, and then into most columns."""
    sample = text.splitlines()[:50]

    def evenness(delimiter: str) -> tuple[float, int]:
        widths = [len(cells) for cells in csv.reader(sample, delimiter=delimiter) if cells]
        if not widths or widths[0] == 1:
            return 0.0, 0
        return widths.count(widths[0]) / len(widths), widths[0]

    return max(_DELIMITERS, key=evenness)


def _check_header(file: Path, header: list[str], target: str) -> None:
    repeated = [name for name, count in Counter(header).items() if count > 1]
    if repeated:
        raise TableError(
            f"the column name {repeated[0]!r} occurs more than once",
            file=file.name,
            line=1,
            column=repeated[0],
        )
    if target not in header:
        by_folded = {name.casefold(): name for name in header}
        near = difflib.get_close_matches(target.casefold(), by_folded, n=1)
        hint = f"; did you mean {by_folded[near[0]]!r}?" if near else ""
        raise TableError(
            f"there is no column {target!r}{hint}",
            file=file.name,
            line=1,
            column=target,
            allowed=", ".join(header),
        )


def _is_missing(cell: str) -> bool:
    return cell.lower() in _MISSING


def _numbers(cells: Sequence[str], decimal_comma: bool) -> Array | None:
    """The cells as numbers, NaN where missing; None unless all that are there are numbers."""
    values = []
    for cell in cells:
        if _is_missing(cell):
            values.append(np.nan)
            continue
        number = cell.replace(",", ".") if decimal_comma else cell
        if not _NUMBER.fullmatch(number):
            return None
        values.append(float(number))
    return np.array(values, np.float64)


def _target(file: Path, target: str, cells: list[str], decimal_comma: bool) -> tuple[Array, tuple[str, ...]]:
    numbers = _numbers(cells, decimal_comma)
    labels = cells
    if numbers is not None:
        distinct = np.unique(numbers)
        fractional = bool((distinct % 1 != 0).any())
        if len(distinct) > (MOST_FRACTIONAL_CLASSES if fractional else MOST_NUMERIC_CLASSES):
            return numbers, ()
        # So that 1 and 1.0 are one class.
        labels = [f"{number:.10g}" for number in numbers]
    counts = Counter(labels)
    if len(counts) == 1:
        raise TableError(
            "the target has the same value in every row",
            file=file.name,
            column=target,
            allowed="two or more classes",
        )
    rare = [(name, count) for name, count in counts.items() if count < MINIMUM_ROWS_PER_CLASS]
    if rare:
        name, count = rare[0]
        others = f", and {len(rare) - 1} more classes like it" if len(rare) > 1 else ""
        raise TableError(
            f"the class {name!r} has {count} row{'s' if count > 1 else ''}{others}",
            file=file.name,
            column=target,
            allowed=f"at least {MINIMUM_ROWS_PER_CLASS} rows of each class: merge rare classes or leave them out",
        )
    classes = tuple(sorted(counts, key=float if numbers is not None else str))
    number_of = {name: number for number, name in enumerate(classes)}
    return np.array([number_of[label] for label in labels], np.int64), classes


def _features(
    header: list[str], rows: list[list[str]], target_place: int, decimal_comma: bool
) -> tuple[tuple[Column, ...], tuple[DroppedColumn, ...]]:
    columns: list[Column] = []
    dropped: list[DroppedColumn] = []
    for place, name in enumerate(header):
        if place != target_place:
            understood = _understand(name, [row[place] for row in rows], decimal_comma)
            if isinstance(understood, Column):
                columns.append(understood)
            else:
                dropped.append(understood)
    return tuple(columns), tuple(dropped)


def _understand(name: str, cells: list[str], decimal_comma: bool) -> Column | DroppedColumn:
    present = [cell for cell in cells if not _is_missing(cell)]
    different = len(set(present))
    if not present:
        return DroppedColumn(name, "empty")
    if different == 1 and len(present) == len(cells):
        return DroppedColumn(name, "the same value in every row")
    numbers = _numbers(cells, decimal_comma)
    if numbers is not None:
        if _counts_rows(name, numbers):
            return DroppedColumn(name, "an identifier: whole numbers, each once")
        return Column(name, "numeric", numbers)
    if different > MOST_CATEGORIES or different == len(cells):
        return DroppedColumn(name, f"free text or an identifier: {different} different values")
    number_of = {category: number for number, category in enumerate(sorted(set(present)))}
    return Column(name, "categorical", np.array([number_of.get(cell, -1) for cell in cells], np.int64))


def _counts_rows(name: str, numbers: Array) -> bool:
    """Whether whole numbers number the rows: each once, and without gaps or under the name of an identifier."""
    whole = bool(np.isfinite(numbers).all() and (numbers % 1 == 0).all())
    if not whole or len(np.unique(numbers)) < len(numbers):
        return False
    without_gaps = bool(numbers.max() - numbers.min() == len(numbers) - 1)
    return without_gaps or _IDENTIFIER.search(name) is not None


def _missing(column: Column) -> float:
    gaps = np.isnan(column.values) if column.kind == "numeric" else column.values == -1
    return float(np.mean(gaps))
