"""Parquet files, read in batches."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from advisor.errors import AdvisorError
from advisor.userdata.data_error import DataError
from advisor.userdata.rows import Rows

_MAGIC = b"PAR1"
_SUFFIXES = (".parquet", ".pq")
_BATCH_ROWS = 1000


def is_parquet(path: Path) -> bool:
    """Whether a file is meant to be Parquet: by its first bytes, or else by its name."""
    try:
        with path.open("rb") as file:
            return file.read(len(_MAGIC)) == _MAGIC or path.suffix.lower() in _SUFFIXES
    except OSError:  # told by whoever reads it
        return False


@contextmanager
def open_parquet(path: Path) -> Iterator[Rows]:
    """The rows of a Parquet file, each value as the text that a CSV would have for it.

    Raises:
        DataError: the file cannot be read.
        AdvisorError: the package that reads such files is missing.
    """
    try:
        from pyarrow import ArrowException, parquet
    except ImportError as error:
        raise AdvisorError(
            "Reading Parquet needs the package pyarrow.",
            where=path.name,
            next_command="python -m pip install pyarrow",
        ) from error
    try:
        with parquet.ParquetFile(path) as file:
            yield Rows(path.name, tuple(file.schema_arrow.names), _cells(path.name, file), unit="row")
    except (ArrowException, OSError) as error:
        raise DataError(f"not a Parquet file that can be read: {_first_line(error)}", file=path.name) from error


def _cells(name: str, file: Any) -> Iterator[tuple[int, list[str]]]:
    number = 0
    for batch in file.iter_batches(batch_size=_BATCH_ROWS):
        try:
            columns = [_texts(column) for column in batch.columns]
        except (ValueError, OverflowError) as error:  # a time that Python has no date for, say
            place = f"rows {number + 1} to {number + batch.num_rows}"
            raise DataError(f"a value cannot be read: {_first_line(error)}", file=name, place=place) from error
        for cells in zip(*columns, strict=True):
            number += 1
            yield number, list(cells)
    if not number:
        raise DataError("the file has no rows", file=name)


def _texts(column: Any) -> list[str]:
    from pyarrow import timestamp, types

    if types.is_timestamp(column.type):
        # Python's own type for it has no nanoseconds.
        column = column.cast(timestamp("us", column.type.tz), safe=False)
    return ["" if value is None else str(value) for value in column.to_pylist()]


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0]
