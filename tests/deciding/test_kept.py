"""Draws that are kept for others to weigh speak like all of them."""

from __future__ import annotations

import numpy as np
import pytest
from decision_study import METHOD, table

from advisor.deciding.acceptability import probability_best, utilities
from advisor.deciding.thinned_draws import keep_draws
from advisor.deciding.values import ValueDraws, draw_values
from advisor.deciding.weights import WeightDraws, draw_weights, point_chances
from advisor.evidence.table import Missing, Triangular, Uniform
from advisor.interview.answers import Answers

SEED, DRAWS = 3, 4000
CANDIDATES = ("pytorch", "keras-torch", "keras-jax")
EVIDENCE = table(
    {
        "pytorch": {"team_fit": Uniform(0.6, 0.2), "memory": Triangular(0.5, 0.25), "longevity": 0.7},
        "keras-torch": {"team_fit": Uniform(0.5, 0.1), "memory": Triangular(0.6, 0.05), "longevity": Missing()},
        "keras-jax": {"team_fit": Uniform(0.55, 0.3), "memory": Missing(), "longevity": 0.6},
    }
)


def drawn(points: dict[str, float]) -> tuple[ValueDraws, WeightDraws]:
    answers = Answers({"priorities.points": points} if points else {"priorities.order": ("memory", "team_fit")})
    values = draw_values(EVIDENCE, SEED, DRAWS, METHOD.deciding.family_share)
    return values, draw_weights(answers, EVIDENCE.criteria, METHOD.default_weights, SEED, DRAWS)


def test_what_the_decision_says_is_kept_almost_exactly() -> None:
    values, weights = drawn({})
    kept = keep_draws(values, weights, CANDIDATES, SEED, most=1000)
    assert [len(each) for each in (kept.values, kept.weights, kept.chances)] == [1000] * 3
    whole = probability_best(utilities(values, CANDIDATES, weights.weights, SEED))
    part = probability_best(np.einsum("dik,dk->di", kept.values, kept.weights))
    assert np.abs(part - whole).max() < 0.003
    assert np.abs(kept.values.mean(axis=0) - values.values.mean(axis=0)).max() < 0.003
    assert kept.chances.mean(axis=0) == pytest.approx([0.5] * 3, abs=0.01)


def test_each_kept_draw_is_one_of_the_draws_and_none_is_there_twice() -> None:
    values, weights = drawn({})
    kept = keep_draws(values, weights, CANDIDATES, SEED, most=DRAWS // 2)
    chances = np.stack([point_chances(k, SEED, DRAWS) for k in EVIDENCE.criteria], axis=1)
    place = {row: number for number, row in enumerate(map(tuple, chances))}
    places = [place[tuple(row)] for row in kept.chances]
    assert len(set(places)) == DRAWS // 2
    assert (kept.values == values.values[places]).all()
    assert (kept.weights == weights.weights[places]).all()


def test_few_draws_are_all_kept_and_nobody_need_be_feasible() -> None:
    values, weights = drawn({})
    assert (keep_draws(values, weights, CANDIDATES, SEED, most=DRAWS).values == values.values).all()
    assert len(keep_draws(values, weights, (), SEED, most=999).values) == 500


def test_the_chances_are_those_from_which_points_are_drawn() -> None:
    values, weights = drawn({"team_fit": 100.0, "memory": 60.0, "longevity": 40.0})
    chance = keep_draws(values, weights, CANDIDATES, SEED, most=DRAWS).chances
    points = np.stack([np.full(DRAWS, 100.0), 50 + 20 * chance[:, 1], 30 + 20 * chance[:, 2]], axis=1)
    assert weights.weights == pytest.approx(points / points.sum(axis=1, keepdims=True))
