"""What the user's data are like, in counts and shares.

No value of the data is in here, no class name, and no name of a column but those that the user typed: a profile goes
into the report, and the report travels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Balance:
    """The number of classes, and the share of rows that the smallest and the largest of them have."""

    classes: int
    smallest_share: float
    largest_share: float


@dataclass(frozen=True)
class TableProfile:
    """A table of which ``used`` out of ``found`` rows with a target are used; others have none.

    ``balance`` is missing where the target is a number. ``left_out`` counts columns by why they are not used.
    ``missing_share`` is the share of empty cells in the columns used.
    """

    kind: Literal["table"]
    file: str
    target: str
    found: int
    used: int
    without_target: int
    numeric_columns: int
    categorical_columns: int
    left_out: tuple[tuple[str, int], ...]
    balance: Balance | None
    missing_share: float


@dataclass(frozen=True)
class ImagesProfile:
    """Images of which ``used`` out of ``found`` are used, in pixels; all are resized to ``side`` x ``side``.

    ``widths`` and ``heights`` are the smallest and the largest of the images used. ``other_files`` are passed over.
    """

    kind: Literal["images"]
    file: str
    found: int
    used: int
    other_files: int
    balance: Balance
    widths: tuple[int, int]
    heights: tuple[int, int]
    side: int
    channels: int


@dataclass(frozen=True)
class TextProfile:
    """Texts with a class, of which ``used`` out of ``found`` are used; ``incomplete`` rows lack the text or the class.

    ``words`` are the median, the 95th percentile and the largest number of words in a text. ``cut`` texts are longer
    than ``longest`` characters and read up to there.
    """

    kind: Literal["text"]
    file: str
    target: str
    found: int
    used: int
    incomplete: int
    balance: Balance
    words: tuple[int, int, int]
    cut: int
    longest: int


@dataclass(frozen=True)
class SeriesProfile:
    """A series of which the last ``used`` out of ``found`` values are used; ``without_value`` rows have none.

    ``interval`` says in words how far values are apart; at ``interpolated`` more times there was none.
    """

    kind: Literal["series"]
    file: str
    time: str
    target: str
    found: int
    used: int
    without_value: int
    interval: str
    interpolated: int


Profile = TableProfile | ImagesProfile | TextProfile | SeriesProfile
