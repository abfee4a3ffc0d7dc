"""Prepared data on disk, for tests that start where ``advisor`` has read the user's files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from pilots.prepared import Prepared, PreparedImages, PreparedSeries, PreparedTable, PreparedTexts, save
from pilots.records import DataKind, DataSource

KINDS: dict[type[Prepared], DataKind] = {
    PreparedTable: "table",
    PreparedImages: "images",
    PreparedTexts: "text",
    PreparedSeries: "series",
}


def stored(path: Path, data: Prepared) -> DataSource:
    """The data, written to ``path``."""
    with path.open("wb") as file:
        save(file, data)
    return DataSource(KINDS[type(data)], str(path), hashlib.sha256(path.read_bytes()).hexdigest())
