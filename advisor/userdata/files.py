"""Opening a file of rows, whatever its format."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from advisor.userdata.data_error import DataError
from advisor.userdata.delimited import open_delimited
from advisor.userdata.parquet import is_parquet, open_parquet
from advisor.userdata.rows import Rows


@contextmanager
def open_rows(path: Path) -> Iterator[Rows]:
    """The rows of a CSV, TSV or Parquet file.

    Raises:
        DataError: the file cannot be read.
        AdvisorError: a package that reads such files is missing.
    """
    if path.exists() and not path.is_file() and not path.is_dir():
        raise DataError("not a regular file: a pipe could be read only once", file=str(path), allowed="a file")
    with open_parquet(path) if is_parquet(path) else open_delimited(path) as rows:
        yield rows
