"""The user's table: read, sampled where it is huge, its columns understood."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from advisor.userdata.cells import LARGEST, as_numbers, is_missing
from advisor.userdata.classes import MINIMUM_PER_CLASS, balance, numbered
from advisor.userdata.files import open_rows
from advisor.userdata.profile import TableProfile
from advisor.userdata.read import Read
from advisor.userdata.rows import Rows
from advisor.userdata.sample import Reservoir
from pilots.pilot import Array
from pilots.prepared import PreparedTable

#: More rows make a pilot longer and tell no more about frameworks.
MOST_ROWS = 100_000
#: Of a wide table fewer rows: so many cells take about half a gigabyte while it is read.
MOST_CELLS = 5_000_000
MINIMUM_ROWS = 20
MOST_CATEGORIES = 50
#: A numeric target with more different values than this is predicted as a value, not as a class ...
MOST_NUMERIC_CLASSES = 20
#: ... and fewer suffice where they are fractions.
MOST_FRACTIONAL_CLASSES = 10
#: What is longer is neither a number nor a category; only so much of it is kept.
LONGEST_CELL = 200

_IDENTIFIER = re.compile(r"(^|[ _.-])(id|index|key|uuid|guid|rowid|row)$", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """A feature: ``values`` are float64 with NaN where missing, or int32 numbers of categories, -1 where missing."""

    name: str
    kind: Literal["numeric", "categorical"]
    values: Array


@dataclass(frozen=True)
class LeftOut:
    """A column that is not used, and why."""

    name: str
    reason: str


def read_table(path: Path, target: str, *, most_rows: int = MOST_ROWS) -> Read:
    """Read and understand a table.

    Args:
        path: a CSV, TSV or Parquet file.
        target: the column to predict.
        most_rows: of a longer table a random sample of this size is read.

    Raises:
        DataError: the file or the target cannot be used.
        AdvisorError: a package that reads such files is missing.
    """
    with open_rows(path) as rows:
        place = rows.column(target)
        most_rows = max(MINIMUM_ROWS, min(most_rows, MOST_CELLS // len(rows.header)))
        sample: Reservoir[tuple[int, list[str]]] = Reservoir(most_rows, floor=MINIMUM_PER_CLASS)
        without_target = 0
        for number, raw in rows.cells:
            cells = [cell.strip()[:LONGEST_CELL] for cell in raw]
            if is_missing(cells[place]):
                without_target += 1
            else:
                sample.add((number, cells), cells[place])
    if not sample.seen:
        raise rows.fault("no row has a value in the target column", column=target)
    if sample.seen < MINIMUM_ROWS:
        raise rows.fault(f"only {sample.seen} rows with a target", allowed=f"at least {MINIMUM_ROWS} rows")
    return _understand(rows, target, sample, without_target)


def _understand(rows: Rows, target: str, sample: Reservoir[tuple[int, list[str]]], without_target: int) -> Read:
    places, table = zip(*sample.items(), strict=True)
    by_column = dict(zip(rows.header, zip(*table, strict=True), strict=True))
    values, classes = _target(rows, target, by_column.pop(target), places)
    in_all = sample.seen + without_target
    understood = [_feature(rows, name, cells, places, in_all) for name, cells in by_column.items()]
    columns = [column for column in understood if isinstance(column, Column)]
    left_out = [column for column in understood if isinstance(column, LeftOut)]
    if not columns:
        reasons = "; ".join(f"{column.name}: {column.reason}" for column in left_out) or "there is no other column"
        raise rows.fault(f"no column is left to predict from ({reasons})")
    numeric = [column.values for column in columns if column.kind == "numeric"]
    categorical = [column.values for column in columns if column.kind == "categorical"]
    profile = TableProfile(
        kind="table",
        file=rows.file,
        target=target,
        found=sample.seen,
        used=len(values),
        without_target=without_target,
        numeric_columns=len(numeric),
        categorical_columns=len(categorical),
        left_out=tuple(Counter(column.reason for column in left_out).items()),
        balance=balance(values) if classes else None,
        missing_share=float(np.mean([_missing_share(column) for column in columns])),
    )
    prepared = PreparedTable(
        numeric=_side_by_side(numeric, len(values), np.float64),
        categorical=_side_by_side(categorical, len(values), np.int32),
        categories=tuple(int(codes.max()) + 1 for codes in categorical),
        target=values,
        classes=classes,
    )
    return Read(prepared, profile)


def _side_by_side(columns: Sequence[Array], rows: int, dtype: type[np.generic]) -> Array:
    return np.column_stack(columns) if columns else np.empty((rows, 0), dtype)


def _target(rows: Rows, target: str, cells: Sequence[str], places: Sequence[int]) -> tuple[Array, int]:
    """The target and how many classes it has: none where it is a number to predict."""
    numbers = as_numbers(cells, rows.decimal_comma)
    if numbers is None:
        values, names = numbered(cells, rows, target)
        return values, len(names)
    _refuse_huge(rows, target, numbers, places)
    distinct = np.unique(numbers)
    fractional = bool((distinct % 1 != 0).any())
    if len(distinct) > (MOST_FRACTIONAL_CLASSES if fractional else MOST_NUMERIC_CLASSES):
        return numbers, 0
    # So that 1 and 1.0 are one class.
    values, names = numbered([f"{number:.10g}" for number in numbers], rows, target, float)
    return values, len(names)


def _feature(rows: Rows, name: str, cells: Sequence[str], places: Sequence[int], in_all: int) -> Column | LeftOut:
    """What a column holds; ``in_all`` is the number of rows of the file."""
    present = {cell for cell in cells if not is_missing(cell)}
    if not present:
        return LeftOut(name, "empty")
    complete = not any(map(is_missing, cells))
    if len(present) == 1 and complete:
        return LeftOut(name, "the same value in every row")
    numbers = as_numbers(cells, rows.decimal_comma)
    if numbers is not None:
        _refuse_huge(rows, name, numbers, places)
        if _counts_rows(name, numbers, in_all):
            return LeftOut(name, "an identifier: whole numbers, each once")
        return Column(name, "numeric", numbers)
    if len(present) > MOST_CATEGORIES or len(present) == len(cells):
        return LeftOut(name, "free text or an identifier: too many different values")
    number_of = {category: number for number, category in enumerate(sorted(present))}
    return Column(name, "categorical", np.array([number_of.get(cell, -1) for cell in cells], np.int32))


def _refuse_huge(rows: Rows, column: str, numbers: Array, places: Sequence[int]) -> None:
    huge = np.flatnonzero(np.abs(numbers) > LARGEST)
    if len(huge):
        raise rows.fault(
            "a number that is too large to train on",
            places[huge[0]],
            column,
            allowed=f"at most {LARGEST:g}; an empty cell for a missing value",
        )


def _counts_rows(name: str, numbers: Array, in_all: int) -> bool:
    """Whether whole numbers number the rows: each once, and as close together as the file's rows, or so called."""
    whole = bool(np.isfinite(numbers).all() and (numbers % 1 == 0).all())
    if not whole or len(np.unique(numbers)) < len(numbers):
        return False
    return bool(numbers.max() - numbers.min() < in_all) or _IDENTIFIER.search(name) is not None


def _missing_share(column: Column) -> float:
    gaps = np.isnan(column.values) if column.kind == "numeric" else column.values == -1
    return float(np.mean(gaps))
