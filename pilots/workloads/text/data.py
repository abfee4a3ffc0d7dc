"""Texts of a few classes: functions of Python's standard library by package, or the user's own texts."""

from __future__ import annotations

import ast
import re
import sysconfig
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from pilots import prepared
from pilots.pilot import Array, Data
from pilots.prepared import PreparedTexts
from pilots.records import DataSource
from pilots.workload import Split

#: Packages that every Python from 3.11 on has, none of them small.
PACKAGES = ("asyncio", "email", "http", "importlib", "logging", "multiprocessing", "unittest", "xml")
LENGTH = 48
VOCABULARY = 2000
#: Numbers of words: nothing there, and a word that training has not seen often enough.
PADDING, UNKNOWN = 0, 1

#: Letters of any language, figures, or one sign of another kind.
_WORD = re.compile(r"[^\W\d_]+|\d+|[^\w\s]|_")


def read(source: DataSource | None, split: Split) -> Data:
    """The first 48 words of each text as numbers (rows, 48), int32, 0 where a text is shorter.

    The most frequent words of the training rows have numbers of their own. A text without any word is one unknown word.

    Raises:
        ValueError: the user's texts cannot be read.
    """
    from sklearn.model_selection import train_test_split

    given = functions() if source is None else prepared.texts(source)
    labels = given.labels
    train, test, y_train, y_test = train_test_split(
        [_words(text)[:LENGTH] for text in given.texts],
        labels,
        test_size=split.test_share,
        random_state=split.seed,
        stratify=labels,
    )
    counts = Counter(word for words in train for word in words)
    # Words that are equally frequent in the order of the alphabet, so that nothing depends on that of the rows.
    kept = sorted(counts, key=lambda word: (-counts[word], word))[: VOCABULARY - UNKNOWN - 1]
    numbers = {word: number for number, word in enumerate(kept, start=UNKNOWN + 1)}
    return Data(
        task="classification",
        x_train=_numbered(train, numbers),
        y_train=y_train,
        x_test=_numbered(test, numbers),
        y_test=y_test,
        outputs=given.classes,
        arguments={"vocabulary": len(kept) + UNKNOWN + 1},
    )


def functions() -> PreparedTexts:
    """Functions as they stand in the source, labelled by their package."""
    library = Path(sysconfig.get_path("stdlib"))
    texts: list[str] = []
    labels: list[int] = []
    for label, package in enumerate(PACKAGES):
        for file in sorted((library / package).rglob("*.py")):
            # Not every system installs the library's tests.
            if not {"test", "tests"} & {*file.parts}:
                found = list(_functions(file.read_text(encoding="utf-8")))
                texts += found
                labels += [label] * len(found)
    return PreparedTexts(tuple(texts), np.array(labels, np.int64), len(PACKAGES))


def _functions(source: str) -> Iterator[str]:
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield "\n".join(lines[node.lineno - 1 : node.end_lineno])


def _words(text: str) -> list[str]:
    return _WORD.findall(text) or [text]


def _numbered(rows: Sequence[Sequence[str]], numbers: dict[str, int]) -> Array:
    table = np.full((len(rows), LENGTH), PADDING, np.int32)
    for row, words in zip(table, rows, strict=True):
        row[: len(words)] = [numbers.get(word, UNKNOWN) for word in words]
    return table
