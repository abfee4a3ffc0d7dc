"""A sample of what is too much to hold."""

from __future__ import annotations

import random
from collections import Counter
from typing import Generic, TypeVar

T = TypeVar("T")

#: The same data give the same sample, and so the same trials.
_SEED = 20261120
#: A target with more different values is predicted as a number: no class of it needs to be kept.
_MOST_LABELS = 1000


class Reservoir(Generic[T]):
    """At most ``limit`` of the items that pass by, each with the same probability, in the order in which they came.

    Method: J. S. Vitter, Random sampling with a reservoir, ACM Transactions on Mathematical Software 11, 1985,
    algorithm R. So that rare classes survive, of each label that has less than ``floor`` items in the sample the first
    ``floor`` that came are in it as well.
    """

    def __init__(self, limit: int, floor: int = 0) -> None:
        self._limit = limit
        self._floor = floor
        self._random = random.Random(_SEED)
        self._kept: list[tuple[int, str, T]] = []
        self._first: dict[str, list[tuple[int, str, T]]] = {}
        self._guards = floor > 0
        self.seen = 0

    def add(self, item: T, label: str = "") -> None:
        """Take the item into the sample, or not."""
        entry = (self.seen, label, item)
        self.seen += 1
        if len(self._kept) < self._limit:
            self._kept.append(entry)
        elif (place := self._random.randrange(self.seen)) < self._limit:
            self._kept[place] = entry
        if self._guards:
            first = self._first.setdefault(label, [])
            if len(first) < self._floor:
                first.append(entry)
            if len(self._first) > _MOST_LABELS:
                self._guards = False
                self._first.clear()

    def items(self) -> list[T]:
        """The sample."""
        found = Counter(label for _, label, _ in self._kept)
        rare = [entry for label, first in self._first.items() if found[label] < self._floor for entry in first]
        by_place = {entry[0]: entry[2] for entry in (*self._kept, *rare)}
        return [by_place[place] for place in sorted(by_place)]
