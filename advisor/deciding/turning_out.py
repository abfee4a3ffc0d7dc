"""How answers that nobody gave turn out, draw by draw: the same for every candidate, criterion and weight."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from advisor.deciding.streams import stream
from advisor.interview.open_answers import Open, outcomes


def turned_out(condition: Open, seed: int, draws: int) -> npt.NDArray[np.bool_]:
    """In which draws an open condition holds, shape (draws,); in all of them where nothing of it is open."""
    found = np.ones(draws, dtype=bool)
    for key, places in condition:
        found &= np.isin(outcome_of(key, seed, draws), places)
    return found


@lru_cache(maxsize=64)
def outcome_of(key: str, seed: int, draws: int) -> npt.NDArray[np.intp]:
    """The outcome of an open answer in each draw, as its place among the outcomes, shape (draws,)."""
    bounds = np.cumsum(outcomes(key))[:-1]
    return np.searchsorted(bounds, stream(seed, "answer", key).random(draws), side="right")
