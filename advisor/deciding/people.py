"""Several people: their weights pooled draw by draw, and what each of them alone would be recommended."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from advisor.deciding.acceptability import probability_best, utilities
from advisor.deciding.decision import PersonResult
from advisor.deciding.values import ValueDraws
from advisor.deciding.weights import WeightDraws, draw_weights
from advisor.interview.answers import Answers
from advisor.method import DefaultWeights


def pooled_weights(
    answers: Answers,
    people: Mapping[str, Answers],
    criteria: tuple[str, ...],
    defaults: DefaultWeights,
    seed: int,
    draws: int,
) -> WeightDraws:
    """The weights of everybody, an equal share of the draws each; those of ``answers`` where nobody else answered."""
    if not people:
        return draw_weights(answers, criteria, defaults, seed, draws)
    each = [draw_weights(said, criteria, defaults, seed, draws) for said in people.values()]
    pooled = np.stack([drawn.weights for drawn in each])[np.arange(draws) % len(each), np.arange(draws)]
    because = tuple(dict.fromkeys(reason for drawn in each for reason in drawn.because))
    return WeightDraws(criteria, pooled, each[0].said if len(each) == 1 else "people", because)


def person_results(
    people: Mapping[str, Answers],
    recommended: str,
    feasible: tuple[str, ...],
    values: ValueDraws,
    defaults: DefaultWeights,
    seed: int,
) -> tuple[PersonResult, ...]:
    """What each person's weights alone would recommend, on the same values; empty for fewer than two people."""
    if len(people) < 2:
        return ()
    found = []
    for name, said in people.items():
        weights = draw_weights(said, values.criteria, defaults, seed, len(values.values)).weights
        utility = utilities(values, feasible, weights, seed)
        best = feasible[int(utility.mean(axis=0).argmax())]
        probabilities = dict(zip(feasible, map(float, probability_best(utility)), strict=True))
        found.append(PersonResult(name, best, best == recommended, probabilities))
    return tuple(found)
