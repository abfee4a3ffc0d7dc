"""The user's texts with their classes: two columns of a file."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, islice
from pathlib import Path

import numpy as np

from advisor.userdata.cells import is_missing
from advisor.userdata.classes import MINIMUM_PER_CLASS, balance, numbered
from advisor.userdata.files import open_rows
from advisor.userdata.profile import TextProfile
from advisor.userdata.read import Read
from advisor.userdata.rows import Rows
from advisor.userdata.sample import Reservoir
from pilots.prepared import PreparedTexts

#: More texts make a pilot longer and tell no more about frameworks.
MOST_TEXTS = 20_000
MINIMUM_TEXTS = 20
#: Pilots read the beginning of a text; this is some 1500 words, and bounds what a file of long documents takes.
LONGEST_TEXT = 10_000
#: The rows in which the text column is looked for, and the words per row that it has at least.
_LOOKED_AT = 1000
_FEWEST_WORDS = 2


def read_texts(path: Path, target: str, text_column: str | None = None, *, most: int = MOST_TEXTS) -> Read:
    """Read texts and the classes they belong to.

    Args:
        path: a CSV, TSV or Parquet file.
        target: the column of the classes.
        text_column: the column of the texts; if None, the column with the most words in the first rows.
        most: of more texts a random sample of this size is read.

    Raises:
        DataError: the file or a column cannot be used.
        AdvisorError: a package that reads such files is missing.
    """
    with open_rows(path) as rows:
        class_place = rows.column(target)
        if text_column == target:
            raise rows.fault("the texts and their classes cannot be the same column", column=target)
        first = list(islice(rows.cells, _LOOKED_AT))
        cells_of_first = [cells for _, cells in first]
        text_place = _wordiest(rows, cells_of_first, class_place) if text_column is None else rows.column(text_column)
        sample: Reservoir[tuple[str, str, bool]] = Reservoir(most, floor=MINIMUM_PER_CLASS)
        incomplete = 0
        for _, cells in chain(first, rows.cells):
            label, text = cells[class_place].strip(), cells[text_place].strip()
            if is_missing(label) or not text:
                incomplete += 1
            else:
                sample.add((text[:LONGEST_TEXT], label, len(text) > LONGEST_TEXT), label)
    if sample.seen < MINIMUM_TEXTS:
        raise rows.fault(
            f"only {sample.seen} rows with a text and a class", allowed=f"at least {MINIMUM_TEXTS} such rows"
        )
    texts, labels, cut = zip(*sample.items(), strict=True)
    numbers, names = numbered(labels, rows, target)
    words = [len(text.split()) for text in texts]
    profile = TextProfile(
        kind="text",
        file=rows.file,
        target=target,
        found=sample.seen,
        used=len(texts),
        incomplete=incomplete,
        balance=balance(numbers),
        words=(round(np.median(words)), round(np.percentile(words, 95)), max(words)),
        cut=sum(cut),
        longest=LONGEST_TEXT,
    )
    remark = "" if text_column else f"The texts are taken from the column {rows.header[text_place]!r}."
    return Read(PreparedTexts(texts, numbers, len(names)), profile, remark)


def _wordiest(rows: Rows, cells: Sequence[Sequence[str]], class_place: int) -> int:
    """The column with the most words per row.

    Raises:
        DataError: no column looks like texts.
    """
    words = {
        place: sum(len(row[place].split()) for row in cells) / len(cells)
        for place in range(len(rows.header))
        if place != class_place
    }
    found = max(words, key=lambda place: words[place], default=None)
    if found is None or words[found] < _FEWEST_WORDS:
        raise rows.fault(
            "no column looks like texts",
            allowed=f"a column with {_FEWEST_WORDS} or more words per row, or any that --text-column names",
        )
    return found
