"""The user's data as arrays: prepared once by ``advisor``, so that a trial process needs nothing to read files with.

They lie in one ``.npz`` file without pickles. The same data give the same bytes; by their hash, other data make other
trials.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import IO

import numpy as np

from pilots.pilot import Array
from pilots.records import DataSource


@dataclass(frozen=True)
class PreparedTable:
    """Rows of numbers and categories with a target.

    ``numeric`` is float64 (rows, columns), NaN where missing. ``categorical`` is int32 (rows, columns): numbers of
    categories from 0, -1 where missing; ``categories`` says for each of these columns how many there are. ``target``
    is int64 (rows,) with numbers below ``classes``; or float64 (rows,), and then ``classes`` is 0.
    """

    numeric: Array
    categorical: Array
    categories: tuple[int, ...]
    target: Array
    classes: int


@dataclass(frozen=True)
class PreparedImages:
    """``images`` uint8 (rows, height, width, 1 or 3 channels); ``labels`` int64 (rows,), below ``classes``."""

    images: Array
    labels: Array
    classes: int


@dataclass(frozen=True)
class PreparedTexts:
    """``texts``, none of them empty; ``labels`` int64 (rows,), below ``classes``."""

    texts: tuple[str, ...]
    labels: Array
    classes: int


@dataclass(frozen=True)
class PreparedSeries:
    """``values`` float64 (values,): a value at every time step, the oldest first, none missing."""

    values: Array


Prepared = PreparedTable | PreparedImages | PreparedTexts | PreparedSeries


def save(file: IO[bytes], data: Prepared) -> None:
    """Write prepared data; the functions below read them."""
    if isinstance(data, PreparedTexts):
        encoded = [text.encode() for text in data.texts]
        content = np.frombuffer(b"".join(encoded), np.uint8)
        ends = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
        np.savez(file, content=content, ends=ends, labels=data.labels, classes=np.int64(data.classes))
    else:
        arrays = {name: np.asarray(value) for name, value in vars(data).items()}
        np.savez(file, **arrays)  # type: ignore[arg-type]  # its one keyword of another type is none of these names


def table(source: DataSource) -> PreparedTable:
    """The rows of a table.

    Raises:
        ValueError: the file cannot be read, or is not the file that the trial is about.
    """
    stored = _load(source)
    categories = tuple(int(number) for number in stored["categories"])
    return PreparedTable(stored["numeric"], stored["categorical"], categories, stored["target"], int(stored["classes"]))


def images(source: DataSource) -> PreparedImages:
    """Images of one size with their classes; raises as :func:`table`."""
    stored = _load(source)
    return PreparedImages(stored["images"], stored["labels"], int(stored["classes"]))


def texts(source: DataSource) -> PreparedTexts:
    """Texts with their classes; raises as :func:`table`."""
    stored = _load(source)
    content = stored["content"].tobytes()
    decoded = tuple(content[start:end].decode() for start, end in pairwise(stored["ends"]))
    return PreparedTexts(decoded, stored["labels"], int(stored["classes"]))


def series(source: DataSource) -> PreparedSeries:
    """The values of a series; raises as :func:`table`."""
    return PreparedSeries(_load(source)["values"])


def _load(source: DataSource) -> dict[str, Array]:
    path = Path(source.path)
    try:
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != source.sha256:
                raise ValueError(f"the prepared data {path} have changed since the pilots were planned")
            file.seek(0)
            with np.load(file, allow_pickle=False) as stored:
                return dict(stored)
    except OSError as error:
        raise ValueError(f"the prepared data {path} cannot be read: {error.strerror}") from error
