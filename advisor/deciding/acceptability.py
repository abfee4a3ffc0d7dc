"""Stochastic multicriteria acceptability analysis (SMAA-2; Lahdelma and Salminen, Operations Research 2001)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from advisor.deciding.streams import Array, stream
from advisor.deciding.values import ValueDraws

#: Far below any real difference: it settles exact ties evenly instead of in favour of who is listed first.
_TIE_BREAK = 1e-12


@dataclass(frozen=True)
class Acceptability:
    """How candidates compare over all draws. ``utilities`` has the shape (draws, candidates).

    ``rank_probability[i][r]``: share of draws in which candidate i is ranked r + 1. ``expected_loss[i]``: mean value
    given up by choosing i. ``central_weights[i]``: mean weights of the draws that i wins, None if it wins none;
    ``confidence_factor[i]``: P(best) if the weights were exactly these.
    """

    candidates: tuple[str, ...]
    utilities: Array
    rank_probability: Array
    expected_loss: Array
    pairwise: Array
    central_weights: tuple[Array | None, ...]
    confidence_factor: tuple[float | None, ...]

    @property
    def order(self) -> tuple[int, ...]:
        """Candidates by expected loss, least first. Adding a candidate never changes the order of the others."""
        return tuple(int(i) for i in np.argsort(self.expected_loss, kind="stable"))


def utilities(draws: ValueDraws, candidates: tuple[str, ...], weights: Array, seed: int) -> Array:
    """``u_i = sum_k w_k v_ik`` for each draw, shape (draws, candidates)."""
    summed = np.einsum("dik,dk->di", draws.of(candidates), weights)
    ties = np.stack([stream(seed, "ties", candidate).random(len(summed)) for candidate in candidates], axis=1)
    result: Array = summed + _TIE_BREAK * ties
    return result


def probability_best(utility: Array) -> Array:
    """Share of draws in which each candidate has the highest utility, shape (candidates,)."""
    return np.bincount(utility.argmax(axis=1), minlength=utility.shape[1]) / len(utility)


def accept(draws: ValueDraws, candidates: tuple[str, ...], weights: Array, seed: int) -> Acceptability:
    """Compare at least one candidate over all draws."""
    u = utilities(draws, candidates, weights, seed)
    count = len(candidates)
    ranks = (-u).argsort(axis=1).argsort(axis=1)
    winner = u.argmax(axis=1)
    values = draws.of(candidates)
    central: list[Array | None] = []
    confidence: list[float | None] = []
    for i in range(count):
        wins = winner == i
        if not wins.any():
            central.append(None)
            confidence.append(None)
            continue
        centre = weights[wins].mean(axis=0)
        central.append(centre)
        confidence.append(float(probability_best(values @ centre + _TIE_BREAK * u)[i]))
    return Acceptability(
        candidates=candidates,
        utilities=u,
        rank_probability=np.stack([np.bincount(ranks[:, i], minlength=count) / len(u) for i in range(count)]),
        expected_loss=(u.max(axis=1, keepdims=True) - u).mean(axis=0),
        pairwise=np.stack([(u[:, [i]] > u).mean(axis=0) for i in range(count)]),
        central_weights=tuple(central),
        confidence_factor=tuple(confidence),
    )


def without(weights: Array, index: int) -> Array | None:
    """The weights with one criterion left out and the others scaled up; None where nothing else carries weight."""
    rest = weights.copy()
    rest[:, index] = 0.0
    totals = rest.sum(axis=1, keepdims=True)
    return None if (totals <= 0).any() else rest / totals
