"""Two-criterion cases worked out by hand, and what must hold for every case."""

from dataclasses import replace

import numpy as np
import pytest
from decision_study import STEP, component, exactly, table
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq, linprog

from advisor.catalog import CRITERIA
from advisor.deciding.acceptability import accept, probability_best, utilities, without
from advisor.deciding.sensitivity import (
    contributions,
    flip_drops,
    flip_values,
    flip_weight,
    flip_weights,
    smallest_weight_shift,
)
from advisor.deciding.values import ValueDraws, draw_values
from advisor.evidence.scales import raw_of, value_of
from advisor.evidence.table import Cell, EvidenceTable, Launches, Missing

TWO = ("pytorch", "tensorflow")
SHARE = 0.9
# PyTorch is better on memory by 0.4, TensorFlow on longevity by 0.2.
HAND = {"pytorch": {"memory": 0.8, "longevity": 0.5}, "tensorflow": {"memory": 0.4, "longevity": 0.7}}


def even(draws: int, *weights: float):
    return np.tile(np.asarray(weights), (draws, 1))


def test_acceptability_by_hand():
    draws = draw_values(table(HAND), 1, 4, SHARE)
    # The tie is at memory = 1/3: PyTorch wins three of these four.
    weights = np.array([[0.2, 0.8], [0.5, 0.5], [0.6, 0.4], [1.0, 0.0]])
    found = accept(draws, TWO, weights, 1)
    np.testing.assert_allclose(found.rank_probability, [[0.75, 0.25], [0.25, 0.75]])
    np.testing.assert_allclose(found.pairwise, [[0, 0.75], [0.25, 0]])
    # Losses: 0.2 * 0.4 - 0.8 * 0.2 = -0.08 once for PyTorch; 0.1, 0.16 and 0.4 for TensorFlow.
    np.testing.assert_allclose(found.expected_loss, [0.02, 0.165])
    assert found.order == (0, 1)
    first, second = found.central_weights
    assert first is not None and second is not None
    np.testing.assert_allclose(first, [0.7, 0.3])
    np.testing.assert_allclose(second, [0.2, 0.8])
    assert found.confidence_factor == (1.0, 1.0)


def test_contributions_by_hand():
    draws = draw_values(table(HAND), 1, 10, SHARE)
    found = contributions(draws, even(10, 0.5, 0.5), *TWO)
    assert [(c.criterion, c.amount) for c in found] == [
        ("memory", pytest.approx(0.2)),
        ("longevity", pytest.approx(-0.1)),
    ]


def test_flip_weight_by_hand():
    # R = -0.2 on longevity, d = 0.4 on memory: t = 0.2 / 0.6.
    assert flip_weight(np.array([0.5, 0.5]), np.array([0.4, -0.2]), 0) == pytest.approx(1 / 3)
    assert flip_weight(np.array([0.5, 0.5]), np.array([0.4, -0.2]), 1) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("weights", "differences"),
    [([0.5, 0.5], [0.4, 0.2]), ([1.0, 0.0], [0.4, -0.2]), ([0.5, 0.5], [0.0, 0.0])],
    ids=["better on both", "no other weight", "the same"],
)
def test_never_flips(weights, differences):
    assert flip_weight(np.array(weights), np.array(differences), 0) is None


def test_smallest_shift_by_hand():
    # From (0.5, 0.5) to the tie at (1/3, 2/3), a sixth of all weight moves.
    draws = draw_values(table(HAND), 1, 10, SHARE)
    assert smallest_weight_shift(draws, even(10, 0.5, 0.5), *TWO) == pytest.approx(1 / 6)
    assert smallest_weight_shift(draws, even(10, 0.2, 0.8), *TWO) == 0.0


def test_no_shift_makes_a_dominated_candidate_win():
    worse = {"pytorch": {"memory": 0.8, "longevity": 0.5}, "tensorflow": {"memory": 0.4, "longevity": 0.4}}
    assert smallest_weight_shift(draw_values(table(worse), 1, 10, SHARE), even(10, 0.5, 0.5), *TWO) is None


@pytest.mark.parametrize(("value", "needed_ms"), [(0.7, 20 / 100**0.7), (0.99, None)])
def test_the_value_the_runner_up_would_need_by_hand(value, needed_ms):
    """A step of 2 ms is worth 0.5; with equal weights and longevity at 0.5 each it needs what the first has."""
    runner_up = replace(
        component(Launches((0, 1, 2), (2.0, 2.0, 2.0), STEP), "race.step_ms", (2.0, 2.0, 2.0)), scale=STEP
    )
    cells = (
        *table({"pytorch": {"training_speed": value, "longevity": 0.5 if needed_ms else 0.9}}).cells,
        Cell("tensorflow", "training_speed", (runner_up,)),
        *table({"tensorflow": {"longevity": 0.5}}).cells,
    )
    evidence = EvidenceTable(TWO, ("training_speed", "longevity"), cells, {})
    (found,) = flip_values(draw_values(evidence, 1, 10, SHARE), even(10, 0.5, 0.5), evidence, *TWO)
    assert (found.candidate, found.unit, found.raw_now) == ("tensorflow", "ms", 2.0)
    assert found.raw_needed == (None if needed_ms is None else pytest.approx(needed_ms))


@pytest.mark.parametrize(
    ("weights", "now", "label"),
    [
        ((1.0, 0.25), 2.0**1.8, "weighted geometric mean of 2 pilots"),
        ((1.0, 1.0), 4.0**1.5, "geometric mean of 2 pilots"),
    ],
)
def test_the_mean_that_is_told_is_the_one_that_was_weighed(weights, now, label):
    """A step of 2 ms on the pilot that answers and of 32 ms on a stand-in that counts a quarter of it."""
    counted = tuple(
        replace(component(exactly(0.4), f"race.step_ms@{n}"), label=f"a step ({n})", raw=raw, scale=STEP, weight=weight)
        for n, raw, weight in zip("ab", (2.0, 32.0), weights, strict=True)
    )
    best = table({"pytorch": {"training_speed": 0.5}})
    cells = (*best.cells, Cell("tensorflow", "training_speed", counted))
    evidence = EvidenceTable(TWO, ("training_speed",), cells, {})
    (found,) = flip_values(draw_values(evidence, 1, 10, SHARE), even(10, 1.0), evidence, *TWO)
    assert found.raw_now == pytest.approx(now)
    assert found.label == f"a step, {label}"
    assert found.raw_needed == pytest.approx(now / 100**0.1)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(0.2, 20.0), min_size=1, max_size=4), st.floats(0.05, 1.0))
def test_with_the_values_it_would_need_the_runner_up_ties(steps_ms, lead):
    """Measured on several pilots: each moves by the same amount of value, and none beyond the end of the scale."""

    def measured(values: list[float]) -> Cell:
        return Cell(
            "tensorflow",
            "training_speed",
            tuple(
                replace(component(exactly(value), f"race.step_ms@{n}"), raw=raw_of(value, STEP), scale=STEP)
                for n, value in enumerate(values)
            ),
        )

    def decided(values: list[float]) -> tuple[EvidenceTable, ValueDraws]:
        best = table({"pytorch": {"training_speed": lead, "longevity": 0.5}, "tensorflow": {"longevity": 0.5}})
        evidence = EvidenceTable(TWO, ("training_speed", "longevity"), (*best.cells, measured(values)), {})
        return evidence, draw_values(evidence, 1, 10, SHARE)

    values = [value_of(step, STEP) for step in steps_ms]
    evidence, draws = decided(values)
    (found,) = flip_values(draws, even(10, 0.5, 0.5), evidence, *TWO)
    assert found.raw_now == pytest.approx(np.exp(np.mean(np.log(steps_ms))))
    assert found.raw_needed is not None
    gain = brentq(lambda g: np.mean([min(1.0, v + g) for v in values]) - max(lead, np.mean(values)), 0.0, 1.0)
    needed = np.exp(np.mean([np.log(raw_of(min(1.0, value + gain), STEP)) for value in values]))
    assert found.raw_needed == pytest.approx(needed, rel=1e-6)


def test_drops_name_flips_only():
    draws = draw_values(table(HAND), 1, 10, SHARE)
    found = flip_drops(draws, even(10, 0.5, 0.5), TWO, "pytorch", 1)
    assert [(drop.dropped, drop.recommended) for drop in found] == [
        ("memory", "tensorflow"),
        ("pytorch", "tensorflow"),
    ]


def test_without_a_criterion_the_others_keep_their_proportions():
    rest = without(np.array([[0.5, 0.2, 0.3]]), 0)
    assert rest is not None
    np.testing.assert_allclose(rest, [[0.0, 0.4, 0.6]])
    assert without(np.array([[1.0, 0.0]]), 0) is None


cells = st.floats(0, 1)
rows = st.lists(cells, min_size=3, max_size=3)


def evidence_of(values: list[list[float]]) -> EvidenceTable:
    names = ("pytorch", "tensorflow", "keras-torch", "keras-tensorflow")
    criteria = ("memory", "longevity", "team_fit")
    return table({i: dict(zip(criteria, row, strict=True)) for i, row in zip(names, values, strict=False)})


@settings(max_examples=50, deadline=None)
@given(rows, rows, st.integers(0, 99))
def test_contributions_add_up_to_the_mean_margin(first, second, seed):
    draws = draw_values(evidence_of([first, second]), seed, 100, SHARE)
    weights = np.random.default_rng(seed).dirichlet(np.ones(3), 100)
    u = utilities(draws, TWO, weights, seed)
    total = sum(c.amount for c in contributions(draws, weights, *TWO))
    assert total == pytest.approx((u[:, 0] - u[:, 1]).mean(), abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(rows, rows, st.integers(0, 99))
def test_at_the_flip_weight_the_two_tie(first, second, seed):
    draws = draw_values(evidence_of([first, second]), seed, 50, SHARE)
    weights = np.random.default_rng(seed).dirichlet(np.ones(3), 50)
    now, difference = weights.mean(axis=0), np.subtract(first, second)
    for flip in flip_weights(draws, weights, *TWO):
        if flip.weight_at_flip is None:
            continue
        k = draws.criteria.index(flip.criterion)
        at = now * (1 - flip.weight_at_flip) / (1 - now[k])
        at[k] = flip.weight_at_flip
        assert at.sum() == pytest.approx(1.0)
        assert at @ difference == pytest.approx(0.0, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(st.lists(rows, min_size=3, max_size=4), st.integers(0, 99))
def test_adding_a_candidate_never_flips_two_others(values, seed):
    names = ("pytorch", "tensorflow", "keras-torch", "keras-tensorflow")[: len(values)]
    few = draw_values(evidence_of(values[:2]), seed, 100, SHARE)
    many = draw_values(evidence_of(values), seed, 100, SHARE)
    np.testing.assert_array_equal(few.values, many.values[:, :2])
    weights = np.random.default_rng(seed).dirichlet(np.ones(3), 100)
    before, after = accept(few, TWO, weights, seed), accept(many, names, weights, seed)
    assert before.pairwise[0, 1] == after.pairwise[0, 1]
    assert [i for i in after.order if i < 2] == list(before.order)


@settings(max_examples=30, deadline=None)
@given(st.lists(rows, min_size=2, max_size=4), st.integers(0, 99))
def test_ranks_and_losses_are_consistent(values, seed):
    names = ("pytorch", "tensorflow", "keras-torch", "keras-tensorflow")[: len(values)]
    weights = np.random.default_rng(seed).dirichlet(np.ones(3), 100)
    found = accept(draw_values(evidence_of(values), seed, 100, SHARE), names, weights, seed)
    np.testing.assert_allclose(found.rank_probability.sum(axis=0), 1.0)
    np.testing.assert_allclose(found.rank_probability.sum(axis=1), 1.0)
    np.testing.assert_allclose(found.rank_probability[:, 0], probability_best(found.utilities))
    assert (found.expected_loss >= 0).all()


def test_identical_candidates_share_the_first_rank_evenly():
    same = {"pytorch": {"memory": 0.5}, "tensorflow": {"memory": 0.5}}
    found = accept(draw_values(table(same), 1, 20_000, SHARE), TWO, even(20_000, 1.0), 1)
    np.testing.assert_allclose(found.rank_probability, 0.5, atol=0.02)


def test_unknown_values_win_half_of_the_time():
    unknown = {"pytorch": {"memory": Missing()}, "tensorflow": {"memory": Missing()}}
    found = accept(draw_values(table(unknown), 1, 20_000, SHARE), TWO, even(20_000, 1.0), 1)
    np.testing.assert_allclose(found.rank_probability, 0.5, atol=0.02)


@settings(max_examples=100)
@given(
    st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0.01, 1)), min_size=1, max_size=6),
)
def test_the_smallest_shift_is_the_optimum_of_the_linear_programme(rows):
    names = tuple(CRITERIA)[: len(rows)]
    values = {
        candidate: {name: row[side] for name, row in zip(names, rows, strict=True)}
        for side, candidate in enumerate(TWO)
    }
    now = np.array([row[2] for row in rows]) / sum(row[2] for row in rows)
    difference = np.array([row[0] - row[1] for row in rows])
    found = smallest_weight_shift(draw_values(table(values), 1, 4, SHARE), even(4, *now), *TWO)
    count = len(rows)
    solved = linprog(
        np.full(2 * count, 0.5),  # what each criterion gains, then what it loses
        A_ub=np.concatenate([difference, -difference])[np.newaxis],
        b_ub=[-(now @ difference)],
        A_eq=np.concatenate([np.ones(count), -np.ones(count)])[np.newaxis],
        b_eq=[0.0],
        bounds=[(0, None)] * count + [(0, float(weight)) for weight in now],
        method="highs",
    )
    if now @ difference <= 1e-9 or abs(difference.min()) < 1e-6:
        return  # a tie, or one within the solver's tolerance
    assert (found is None) == (not solved.success)
    if found is not None:
        assert found == pytest.approx(solved.fun, abs=1e-6)
