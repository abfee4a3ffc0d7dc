"""A part of a decision's draws, chosen so that it speaks like all of them: for a page that weighs them anew."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from advisor.deciding.acceptability import utilities
from advisor.deciding.streams import Array
from advisor.deciding.values import ValueDraws
from advisor.deciding.weights import WeightDraws, point_chances

#: A probability from this many of 20,000 draws differs by about 0.002, and hardly ever by 0.01.
KEPT = 10_000
#: The shares that the report prints are kept more exactly than what a reader may make of them.
_WINNER_FACTOR = 4.0


@dataclass(frozen=True)
class KeptDraws:
    """``values`` has the shape (kept, candidates, criteria), ``weights`` and ``chances`` (kept, criteria).

    ``weights`` are those of the decision; from ``chances`` the weights of any other points are drawn
    (:func:`advisor.deciding.weights.point_chances`).
    """

    values: Array
    weights: Array
    chances: Array


def keep_draws(
    values: ValueDraws, weights: WeightDraws, feasible: tuple[str, ...], seed: int, most: int = KEPT
) -> KeptDraws:
    """At most ``most`` of the draws, by halving: of every two neighbours, the draw that balances what went before.

    What is balanced is the mean of every value, weight and chance, and how often each feasible candidate wins.
    """
    draws = len(values.values)
    chances = np.stack([point_chances(k, seed, draws) for k in values.criteria], axis=1)
    kept = np.arange(draws)
    if draws > most:
        seen = [_standardised(each) for each in (values.values.reshape(draws, -1), weights.weights, chances)]
        if feasible:
            winner = utilities(values, feasible, weights.weights, seed).argmax(axis=1)
            seen.append(_WINNER_FACTOR * _standardised(np.eye(len(feasible))[winner]))
        features = np.concatenate(seen, axis=1).astype(np.float32)
        while len(kept) > most:
            kept = _halved(kept, features)
    return KeptDraws(values.values[kept], weights.weights[kept], chances[kept])


def _halved(indices: np.typing.NDArray[np.intp], features: np.typing.NDArray[np.float32]) -> np.typing.NDArray[np.intp]:
    """One of every two neighbours; an odd last draw is dropped."""
    pairs = indices[: len(indices) // 2 * 2].reshape(-1, 2)
    differences = features[pairs[:, 0]] - features[pairs[:, 1]]
    balance = np.zeros(features.shape[1], np.float32)
    second = np.zeros(len(pairs), np.intp)
    for row, difference in enumerate(differences):
        if difference @ balance > 0:
            second[row] = 1
            balance -= difference
        else:
            balance += difference
    chosen: np.typing.NDArray[np.intp] = pairs[np.arange(len(pairs)), second]
    return chosen


def _standardised(columns: Array) -> Array:
    spread = columns.std(axis=0)
    result: Array = (columns - columns.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return result
