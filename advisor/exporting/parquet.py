"""The table as Parquet, with types, and with what each column means in its metadata."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from typing import IO, Any

from advisor.exporting.columns import COLUMNS, Column, Exported, Value, rows
from advisor.exporting.output import missing_package

_BATCH_ROWS = 10_000


def write_parquet(trials: Iterable[Exported], file: IO[bytes]) -> None:
    """Write the rows, some thousands at a time.

    Raises:
        AdvisorError: the package that writes such files is missing.
    """
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise missing_package("Writing Parquet", "pyarrow") from error
    types = {
        "text": pyarrow.string(),
        "integer": pyarrow.int64(),
        "number": pyarrow.float64(),
        "yes_or_no": pyarrow.bool_(),
        "time": pyarrow.timestamp("us", "UTC"),
    }
    schema = pyarrow.schema(
        [pyarrow.field(column.name, types[column.kind], metadata={"description": column.meaning}) for column in COLUMNS]
    )
    waiting = rows(trials)
    with parquet.ParquetWriter(file, schema) as writer:
        while batch := list(islice(waiting, _BATCH_ROWS)):
            cells = zip(*batch, strict=True)
            columns = [_values(column, values) for column, values in zip(COLUMNS, cells, strict=True)]
            writer.write_batch(pyarrow.record_batch(columns, schema=schema))


def _values(column: Column, values: Iterable[Value]) -> list[Any]:
    if column.kind == "time":
        return [datetime.fromisoformat(str(value)) for value in values]
    return list(values)
