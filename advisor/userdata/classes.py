"""Classes: what they are called, how many there are of each, and whether that is enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from advisor.userdata.profile import Balance
from advisor.userdata.rows import Rows
from pilots.pilot import Array

#: Fewer could not be split into rows to train on and rows to test on.
MINIMUM_PER_CLASS = 5


def numbered(
    labels: Sequence[str], rows: Rows, column: str, order: Callable[[str], float | str] = str
) -> tuple[Array, tuple[str, ...]]:
    """The number of each label (int64) among the classes, and their names in ``order``.

    Raises:
        DataError: there is only one class, or a class has too few rows.
    """
    counts = Counter(labels)
    if len(counts) == 1:
        message = "the target has the same value in every row"
        raise rows.fault(message, column=column, allowed="two or more classes")
    rare = [(name, count) for name, count in counts.items() if count < MINIMUM_PER_CLASS]
    if rare:
        name, count = rare[0]
        others = f", and {len(rare) - 1} more classes like it" if len(rare) > 1 else ""
        raise rows.fault(
            f"the class {name!r} has {count} row{'s' if count > 1 else ''}{others}",
            column=column,
            allowed=f"at least {MINIMUM_PER_CLASS} rows of each class: merge rare classes or leave them out",
        )
    names = tuple(sorted(counts, key=order))
    number_of = {name: number for number, name in enumerate(names)}
    return np.array([number_of[label] for label in labels], np.int64), names


def balance(labels: Array) -> Balance:
    """How many classes the numbers of :func:`numbered` tell of, and how evenly rows are spread over them."""
    counts = np.bincount(labels)
    return Balance(len(counts), float(counts.min() / len(labels)), float(counts.max() / len(labels)))
