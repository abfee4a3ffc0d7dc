"""Weights: what was said about priorities, and nothing more."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.catalog import CRITERIA
from advisor.deciding.weights import draw_weights
from advisor.interview.answers import Answers

ALL = tuple(CRITERIA)
DRAWS = 20_000


def rank_order_centroid(count: int) -> list[float]:
    return [sum(1 / r for r in range(rank, count + 1)) / count for rank in range(1, count + 1)]


@pytest.mark.parametrize("count", [2, 4, 5])
def test_the_mean_of_ordinal_weights_is_the_rank_order_centroid(count):
    order = ALL[:count]
    drawn = draw_weights(Answers({"priorities.order": order}), order, 1, DRAWS)
    assert drawn.said == "order"
    np.testing.assert_allclose(drawn.weights.mean(axis=0), rank_order_centroid(count), atol=0.01)


def test_criteria_not_named_share_the_remaining_ranks():
    drawn = draw_weights(Answers({"priorities.order": ("memory", "longevity")}), ALL, 1, DRAWS).weights
    centroid = rank_order_centroid(len(ALL))
    mean = dict(zip(ALL, drawn.mean(axis=0), strict=True))
    assert mean.pop("memory") == pytest.approx(centroid[0], abs=0.005)
    assert mean.pop("longevity") == pytest.approx(centroid[1], abs=0.005)
    assert list(mean.values()) == pytest.approx([np.mean(centroid[2:])] * 11, abs=0.005)


def test_nothing_said_is_uniform_on_the_simplex():
    drawn = draw_weights(Answers(), ALL, 1, DRAWS)
    assert drawn.said == "nothing_said"
    np.testing.assert_allclose(drawn.weights.mean(axis=0), 1 / 13, atol=0.005)
    # Var of one coordinate of Dirichlet(1, ..., 1) in n dimensions: (n - 1) / (n^2 (n + 1)).
    np.testing.assert_allclose(drawn.weights.var(axis=0), 12 / (13**2 * 14), rtol=0.1)


@settings(max_examples=40, deadline=None)
@given(
    st.permutations(ALL).flatmap(lambda p: st.integers(1, 5).map(lambda n: tuple(p[:n]))),
    st.dictionaries(st.sampled_from(ALL), st.floats(1, 100), min_size=1),
)
def test_the_order_said_is_the_order_drawn(order, points):
    by_order = draw_weights(Answers({"priorities.order": order}), ALL, 1, 200).weights
    by_points = draw_weights(Answers({"priorities.points": points, "priorities.order": order}), ALL, 1, 200)
    columns = [ALL.index(k) for k in order]
    others = [k for k in range(len(ALL)) if k not in columns]
    assert (np.diff(by_order[:, columns], axis=1) <= 0).all()
    assert (by_order[:, columns].min(axis=1) >= by_order[:, others].max(axis=1)).all()
    assert by_points.said == "points"
    for weights in (by_order, by_points.weights):
        np.testing.assert_allclose(weights.sum(axis=1), 1.0)
        assert (weights >= 0).all()
    ranked = sorted(points, key=lambda k: -points[k])
    for higher, lower in pairwise(ranked):
        if points[higher] > points[lower]:
            assert (by_points.weights[:, ALL.index(higher)] >= by_points.weights[:, ALL.index(lower)] - 1e-12).all()
    assert (by_points.weights[:, [ALL.index(k) for k in ALL if k not in points]] == 0).all()


def test_points_by_hand():
    drawn = draw_weights(Answers({"priorities.points": {"memory": 50, "longevity": 25}}), ALL, 1, DRAWS).weights
    ratio = drawn[:, ALL.index("longevity")] / drawn[:, ALL.index("memory")]
    assert (ratio.min(), ratio.mean(), ratio.max()) == pytest.approx((0.4, 0.5, 0.6), abs=0.01)


def test_criteria_that_do_not_apply_are_passed_over():
    said = Answers({"priorities.order": ("scaling", "memory")})
    drawn = draw_weights(said, ("memory", "team_fit"), 1, DRAWS)
    np.testing.assert_allclose(drawn.weights.mean(axis=0), [0.75, 0.25], atol=0.01)
    nothing_left = Answers({"priorities.points": {"scaling": 100}})
    assert draw_weights(nothing_left, ("memory", "team_fit"), 1, 10).said == "nothing_said"
