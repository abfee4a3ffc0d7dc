"""What the text in a cell means."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

import numpy as np

from pilots.pilot import Array

_MISSING = frozenset({"", "na", "n/a", "nan", "null", "?"})
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?")
#: Models compute in single precision, which ends at 3e38; what is scaled has to fit into it.
LARGEST = 1e30


def is_missing(cell: str) -> bool:
    """Whether a cell without surrounding white space stands for a missing value."""
    return cell.lower() in _MISSING


def as_number(cell: str, decimal_comma: bool) -> float | None:
    """The number in a cell, NaN where it is missing; None where it is something else."""
    if is_missing(cell):
        return math.nan
    text = cell.replace(",", ".") if decimal_comma else cell
    return float(text) if _NUMBER.fullmatch(text) else None


def as_numbers(cells: Sequence[str], decimal_comma: bool) -> Array | None:
    """The cells as float64, NaN where missing; None unless all that are there are numbers."""
    values = []
    for cell in cells:
        value = as_number(cell, decimal_comma)
        if value is None:
            return None
        values.append(value)
    return np.array(values, np.float64)
