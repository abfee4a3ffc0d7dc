"""Weights: what was said about priorities, and nothing more."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.catalog import CRITERIA
from advisor.deciding.weights import default_points, draw_weights
from advisor.interview.answers import Answers
from advisor.interview.questions import load_questions
from advisor.method import method

ALL = tuple(CRITERIA)
DRAWS = 20_000
DEFAULTS = method().default_weights


def rank_order_centroid(count: int) -> list[float]:
    return [sum(1 / r for r in range(rank, count + 1)) / count for rank in range(1, count + 1)]


@pytest.mark.parametrize("count", [2, 4, 5])
def test_the_mean_of_ordinal_weights_is_the_rank_order_centroid(count):
    order = ALL[:count]
    drawn = draw_weights(Answers({"priorities.order": order}), order, DEFAULTS, 1, DRAWS)
    assert drawn.said == "order"
    np.testing.assert_allclose(drawn.weights.mean(axis=0), rank_order_centroid(count), atol=0.01)


def test_criteria_not_named_share_the_remaining_ranks():
    drawn = draw_weights(Answers({"priorities.order": ("memory", "longevity")}), ALL, DEFAULTS, 1, DRAWS).weights
    centroid = rank_order_centroid(len(ALL))
    mean = dict(zip(ALL, drawn.mean(axis=0), strict=True))
    assert mean.pop("memory") == pytest.approx(centroid[0], abs=0.005)
    assert mean.pop("longevity") == pytest.approx(centroid[1], abs=0.005)
    assert list(mean.values()) == pytest.approx([np.mean(centroid[2:])] * 11, abs=0.005)


@pytest.mark.parametrize("stage", ["learning", "prototype", "product", "research"])
def test_nothing_said_is_spread_around_the_points_of_the_stage(stage):
    drawn = draw_weights(Answers({"project.stage": stage}), ALL, DEFAULTS, 1, DRAWS)
    assert (drawn.said, drawn.because) == ("defaults", ())
    points = np.array([DEFAULTS.points[stage][k] for k in ALL])
    mean = points / points.sum()
    np.testing.assert_allclose(drawn.weights.mean(axis=0), mean, atol=0.003)
    # Of a Dirichlet distribution with concentration c: m (1 - m) / (c + 1).
    np.testing.assert_allclose(drawn.weights.var(axis=0), mean * (1 - mean) / (DEFAULTS.concentration + 1), rtol=0.1)


def test_a_stage_that_nobody_named_is_any_of_them():
    pair = ("team_fit", "longevity")
    found = default_points(Answers(), pair, DEFAULTS).columns
    assert found == tuple({k: column[k] for k in pair} for column in DEFAULTS.points.values())
    drawn = draw_weights(Answers(), pair, DEFAULTS, 1, DRAWS).weights
    shares = [column["team_fit"] / (column["team_fit"] + column["longevity"]) for column in found]
    np.testing.assert_allclose(drawn.mean(axis=0), [np.mean(shares), 1 - np.mean(shares)], atol=0.005)
    assert drawn[:, 0].std() > max(
        draw_weights(Answers({"project.stage": stage}), pair, DEFAULTS, 1, DRAWS).weights[:, 0].std()
        for stage in DEFAULTS.points
    )


def test_the_stages_have_points_in_the_order_of_the_question():
    (question,) = [question for question in load_questions() if question.id == "project.stage"]
    assert question.values == tuple(DEFAULTS.points)


@pytest.mark.parametrize("stage", DEFAULTS.points)
def test_every_stage_has_points_for_every_criterion_with_100_at_the_top(stage):
    assert list(DEFAULTS.points[stage]) == list(ALL)
    assert max(DEFAULTS.points[stage].values()) == 100


def test_upkeep_and_installation_weigh_about_three_times_flexibility_and_debugging_in_a_product():
    """As they are named in published decisions."""
    points = DEFAULTS.points["product"]
    upkeep = points["longevity"] + points["operations"]
    assert 2.5 <= upkeep / (points["flexibility"] + points["debugging"]) <= 3.5


def test_shifts_say_why_and_add_up():
    said = {"project.stage": "product", "architecture.novelty": "novel", "architecture.debugging": "high"}
    found = default_points(Answers(said), ALL, DEFAULTS)
    (points,) = found.columns
    assert points["debugging"] == pytest.approx(DEFAULTS.points["product"]["debugging"] * 1.4 * 2)
    assert points["longevity"] == DEFAULTS.points["product"]["longevity"]
    assert found.because == ("the model is a new one", "looking inside trainings is the daily work")


@pytest.mark.parametrize("shift", DEFAULTS.shifts, ids=lambda shift: shift.why)
def test_shifts_name_criteria_and_answers_that_exist(shift):
    questions = {question.id: question for question in load_questions()}
    assert set(shift.criteria) <= set(ALL)
    for key, accepted in shift.when.items():
        values = {choice.value for choice in questions[key].choices} | {"*"}
        assert all(one in values or one[:2] in ("<=", ">=") for one in accepted), key


@settings(max_examples=40, deadline=None)
@given(
    st.permutations(ALL).flatmap(lambda p: st.integers(1, 5).map(lambda n: tuple(p[:n]))),
    st.dictionaries(st.sampled_from(ALL), st.floats(1, 100), min_size=1),
)
def test_the_order_said_is_the_order_drawn(order, points):
    by_order = draw_weights(Answers({"priorities.order": order}), ALL, DEFAULTS, 1, 200).weights
    by_points = draw_weights(Answers({"priorities.points": points, "priorities.order": order}), ALL, DEFAULTS, 1, 200)
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
    drawn = draw_weights(
        Answers({"priorities.points": {"memory": 50, "longevity": 25}}), ALL, DEFAULTS, 1, DRAWS
    ).weights
    ratio = drawn[:, ALL.index("longevity")] / drawn[:, ALL.index("memory")]
    assert (ratio.min(), ratio.mean(), ratio.max()) == pytest.approx((0.4, 0.5, 0.6), abs=0.01)


def test_criteria_that_do_not_apply_are_passed_over():
    said = Answers({"priorities.order": ("scaling", "memory")})
    drawn = draw_weights(said, ("memory", "team_fit"), DEFAULTS, 1, DRAWS)
    np.testing.assert_allclose(drawn.weights.mean(axis=0), [0.75, 0.25], atol=0.01)
    nothing_left = Answers({"priorities.points": {"scaling": 100}})
    assert draw_weights(nothing_left, ("memory", "team_fit"), DEFAULTS, 1, 10).said == "defaults"
