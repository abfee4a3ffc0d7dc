"""Text files of rows (CSV and its relatives), read line by line, so that memory does not grow with the file."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from advisor.userdata.data_error import DataError
from advisor.userdata.rows import Rows

_DELIMITERS = ",;\t|"
#: Lines from which the delimiter is found out.
_SNIFFED_LINES = 50
#: Longer than any document worth a cell; a quote that is never closed ends here and not at the end of the file.
_LONGEST_FIELD = 1_000_000
#: A file of another kind may have no line ends at all.
_LONGEST_LINE = 10_000_000
_COMMENT = "# "


@contextmanager
def open_delimited(path: Path) -> Iterator[Rows]:
    """The rows of a UTF-8 file whose delimiter is found out: comma, semicolon (decimal commas then), tab or bar.

    Blank lines are passed over, and so are lines at the top that begin with a hash and a space.

    Raises:
        DataError: the file cannot be read, or has no header.
    """
    limit = csv.field_size_limit(_LONGEST_FIELD)
    try:
        # Bytes that are no UTF-8 pass as lone surrogates, so that the line that holds them can be named.
        with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            yield _rows(path.name, _lines(path.name, file))
    except OSError as error:
        raise DataError(f"the file cannot be read: {error.strerror}", file=str(path)) from error
    finally:
        csv.field_size_limit(limit)


def _rows(name: str, lines: Iterator[str]) -> Rows:
    first = list(islice(lines, _SNIFFED_LINES))
    comments = next((place for place, line in enumerate(first) if not line.startswith(_COMMENT)), len(first))
    delimiter = _sniff(first[comments:])
    records = _records(name, chain(first[comments:], lines), comments, delimiter)
    line, header = next(records, (0, []))
    if not header:
        raise DataError("the file is empty", file=name)
    names = tuple(cell.strip() or f"column_{number}" for number, cell in enumerate(header, start=1))
    return Rows(
        file=name,
        header=names,
        cells=_of_width(name, records, len(names), delimiter),
        unit="line",
        decimal_comma=delimiter == ";",
        header_place=f"line {line}",
    )


def _lines(name: str, file: TextIO) -> Iterator[str]:
    number = 0
    while line := file.readline(_LONGEST_LINE):
        number += 1
        place = f"line {number}"
        if len(line) == _LONGEST_LINE:
            raise DataError(f"a line of more than {_LONGEST_LINE:,} characters", file=name, place=place)
        if "\0" in line:
            raise DataError("a NUL byte: this is no text", file=name, place=place, allowed="UTF-8 text")
        if not line.isascii() and not _is_utf8(line):
            raise DataError("the text is not UTF-8", file=name, place=place, allowed="UTF-8")
        yield line


def _is_utf8(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True


def _records(name: str, lines: Iterable[str], skipped: int, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """The cells of each row that has any, with the line on which it begins."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = skipped + 1
    try:
        for cells in reader:
            if cells:
                yield line, cells
            line = skipped + reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"not a well-formed table: {error}", file=name, place=f"line {line}") from error


def _of_width(
    name: str, records: Iterator[tuple[int, list[str]]], width: int, delimiter: str
) -> Iterator[tuple[int, list[str]]]:
    line = None
    for line, cells in records:
        if len(cells) != width:
            raise DataError(
                f"{len(cells)} cells, but the header has {width}",
                file=name,
                place=f"line {line}",
                allowed=f"{width} cells separated by {delimiter!r} in every row",
            )
        yield line, cells
    if line is None:
        raise DataError("the file has a header and no rows", file=name)


def _sniff(lines: Sequence[str]) -> str:
    """The delimiter that cuts the first lines most evenly, and then into most columns."""

    def evenness(delimiter: str) -> tuple[float, int]:
        try:
            widths = [len(cells) for cells in csv.reader(lines, delimiter=delimiter) if cells]
        except csv.Error:
            return 0.0, 0
        if not widths or widths[0] == 1:
            return 0.0, 0
        return widths.count(widths[0]) / len(widths), widths[0]

    return max(_DELIMITERS, key=evenness)
