"""The user's own table, checked before anything runs."""

from __future__ import annotations

import hashlib
from pathlib import Path

from advisor.errors import AdvisorError
from pilots import tables
from pilots.records import DataSource


def table_source(path: Path, target: str | None) -> DataSource:
    """The table with the hash of its content.

    Raises:
        AdvisorError: no target column was named, or the table cannot be used; names file, line and column.
    """
    if target is None:
        raise AdvisorError(
            "A table needs the column to predict.",
            where=f"--data {path}",
            next_command=f"advisor run --data {path} --target COLUMN",
        )
    try:
        tables.read_table(path, target)
    except tables.TableError as error:
        raise AdvisorError(
            error.message,
            where=error.where,
            allowed=error.allowed,
            next_command="mend the file or name another column: advisor run --data FILE --target COLUMN",
        ) from error
    return DataSource(path=str(path.resolve()), target=target, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
