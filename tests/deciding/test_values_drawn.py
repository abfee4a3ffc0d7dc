"""Draws of values: their distributions, and what candidates share."""

from dataclasses import replace

import numpy as np
import pytest
from decision_study import STEP, component, exactly, table
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest, t

from advisor.deciding.values import draw_component, draw_values, interval
from advisor.evidence.table import (
    Cell,
    Doubt,
    EvidenceTable,
    Launches,
    Missing,
    Triangular,
    TurnsOut,
    Uniform,
    ValueScale,
)

LINEAR = ValueScale(0.0, 1.0, False)
DRAWS = 20_000
SHARE = 0.9


def drawn(distribution, candidate="pytorch", seed=1, draws=DRAWS):
    return draw_component(component(distribution), candidate, "training_speed", seed, draws, SHARE)


def test_launches_have_the_t_distribution_of_their_mean():
    raw = (0.49, 0.50, 0.51, 0.50, 0.52)
    standardised = (drawn(Launches((0, 1, 2, 3, 4), raw, LINEAR)) - np.mean(raw)) / (np.std(raw, ddof=1) / 5**0.5)
    assert kstest(standardised, t(4).cdf).pvalue > 0.01


def test_shared_launches_cancel_in_the_difference():
    """The second is always 10 % slower, while both scatter by 20 % with the machine."""
    noise = np.array([0.8, 1.0, 1.2])
    first = drawn(Launches((0, 1, 2), tuple(2 * noise), STEP))
    second = drawn(Launches((0, 1, 2), tuple(2.2 * noise), STEP), "tensorflow")
    inside = (first > 0) & (second > 0) & (first < 1) & (second < 1)
    np.testing.assert_allclose((first - second)[inside], np.log(1.1) / np.log(100), atol=1e-9)
    assert first.std() > 0.03


def test_the_difference_of_paired_launches_is_that_of_a_paired_t_test():
    rng = np.random.default_rng(0)
    common = rng.normal(0, 0.05, 5)
    a, b = 0.5 + common + rng.normal(0, 0.01, 5), 0.48 + common + rng.normal(0, 0.01, 5)
    difference = drawn(Launches((0, 1, 2, 3, 4), tuple(a), LINEAR)) - drawn(
        Launches((0, 1, 2, 3, 4), tuple(b), LINEAR), "tensorflow"
    )
    expected = t(4, loc=(a - b).mean(), scale=(a - b).std(ddof=1) / 5**0.5)
    assert kstest(difference, expected.cdf).pvalue > 0.01


def test_the_luck_of_test_rows_widens_and_is_shared():
    """Three launches that agree, scored on the same rows: what the rows do to both candidates cancels."""
    raw, rows = (0.5, 0.5, 0.5), np.array([0.03, -0.02, 0.01, -0.02])
    first = drawn(Launches((0, 1, 2), raw, LINEAR, tuple(rows)))
    expected = t(3, loc=0.5, scale=np.linalg.norm(rows))
    assert kstest(first[(first > 0) & (first < 1)], expected.cdf).pvalue > 0.01
    second = drawn(Launches((0, 1, 2), raw, LINEAR, tuple(rows)), "tensorflow")
    np.testing.assert_allclose(first, second)
    other = drawn(Launches((0, 1, 2), raw, LINEAR, (0.02, -0.03, 0.01, 0.0)), "tensorflow")
    assert 0.005 < (first - other).std() < (first - 0.5).std()


def test_a_row_more_or_less_belongs_to_each_candidate_alone():
    shape = Launches((0, 1, 2), (0.5, 0.5, 0.5), LINEAR, (0.0, 0.0), 0.01)
    first, second = drawn(shape), drawn(shape, "tensorflow")
    assert first.std() == pytest.approx(0.01, rel=0.05)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05


def test_launches_of_other_numbers_share_nothing():
    raw = (0.4, 0.5, 0.6)
    first, second = drawn(Launches((0, 1, 2), raw, LINEAR)), drawn(Launches((3, 4, 5), raw, LINEAR), "tensorflow")
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05


@pytest.mark.parametrize(
    ("distribution", "low", "mean", "high"),
    [
        (Missing(), 0.0, 0.5, 1.0),
        (Uniform(0.4, 0.1), 0.3, 0.4, 0.5),
        (Triangular(0.6, 0.15), 0.45, 0.6, 0.75),
        (Triangular(0.6, 0.0), 0.6, 0.6, 0.6),
        (Launches((0, 1, 2), (2.0, 2.0, 2.0), STEP), 0.5, 0.5, 0.5),
    ],
)
def test_ranges(distribution, low, mean, high):
    values = drawn(distribution)
    assert values.min() == pytest.approx(low, abs=0.01) and values.max() == pytest.approx(high, abs=0.01)
    assert values.mean() == pytest.approx(mean, abs=0.01)


@given(st.floats(0, 1), st.floats(0, 1), st.integers(0, 9))
@settings(max_examples=30, deadline=None)
def test_values_stay_on_their_scale(centre, half_width, seed):
    for distribution in (Uniform(centre, half_width), Triangular(centre, half_width)):
        values = draw_values(cell_of(component(distribution)), seed, 200, SHARE).values
        assert values.min() >= 0 and values.max() <= 1


def test_the_same_seed_draws_the_same_and_another_does_not():
    evidence = table({"pytorch": {"team_fit": Missing()}, "tensorflow": {"team_fit": Missing()}})
    first, again, other = (draw_values(evidence, seed, 100, SHARE).values for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    assert not np.array_equal(first[:, 0], first[:, 1])


@pytest.mark.parametrize("distribution", [Uniform(0.5, 0.3), Triangular(0.5, 0.3), Missing()])
def test_a_family_shares_most_of_what_is_not_known_and_families_nothing(distribution):
    jax, torch, pytorch = (drawn(distribution, candidate) for candidate in ("keras-jax", "keras-torch", "pytorch"))
    assert np.corrcoef(jax, torch)[0, 1] == pytest.approx(SHARE**2, abs=0.03)  # where both take the family's draw
    assert abs(np.corrcoef(jax, pytorch)[0, 1]) < 0.03


def test_three_near_clones_do_not_win_by_their_number():
    """Independent draws would give the family of three 3/5 of the first places, and one framework 1/5."""
    names = ("pytorch", "keras-tensorflow", "keras-jax", "keras-torch", "tensorflow")
    evidence = table({name: {"longevity": Triangular(0.5, 0.3)} for name in names})
    best = draw_values(evidence, 1, DRAWS, SHARE).values[:, :, 0].argmax(axis=1)
    assert np.isin(best, [1, 2, 3]).mean() < 0.45


def test_a_cell_is_the_mean_of_its_components():
    evidence = table({"pytorch": {"memory": 0.2}})
    (cell,) = evidence.cells
    two = component(Triangular(0.6, 0.0), "n")
    both = type(evidence)(
        evidence.candidates, evidence.criteria, (type(cell)("pytorch", "memory", (*cell.components, two)),), {}
    )
    draws = draw_values(both, 1, 10, SHARE)
    np.testing.assert_allclose(draws.values[:, 0, 0], 0.4)
    assert draws.component_means["pytorch", "memory"] == pytest.approx((0.2, 0.6))


def test_interval():
    found = interval(np.linspace(0, 1, 1001))
    assert (found.low, found.median, found.high) == pytest.approx((0.025, 0.5, 0.975))


def cell_of(*components):
    return EvidenceTable(("pytorch",), ("memory",), (Cell("pytorch", "memory", components),), {})


def spread(evidence) -> float:
    return float(draw_values(evidence, 1, DRAWS, SHARE).values[:, 0, 0].std())


@pytest.mark.parametrize("scope", ["cell", "criterion", "table"])
def test_a_shared_doubt_does_not_shrink_with_the_number_of_those_who_share_it(scope):
    """Drawn once for each of eight pilots, it would be smaller by the root of eight."""
    doubt = Doubt("effort", scope, Uniform(0.0, 0.1))
    eight = [replace(component(exactly(0.5), f"code@{n}"), doubts=(doubt,)) for n in range(8)]
    alone = spread(cell_of(component(Uniform(0.5, 0.1), "code@0")))
    assert spread(cell_of(*eight)) == pytest.approx(alone, rel=0.03)
    own = [component(Uniform(0.5, 0.1), f"code@{n}") for n in range(8)]
    assert spread(cell_of(*own)) == pytest.approx(alone / 8**0.5, rel=0.03)


@pytest.mark.parametrize(
    ("scope", "candidates", "criteria"), [("cell", False, False), ("criterion", True, False), ("table", True, True)]
)
def test_a_doubt_is_shared_as_far_as_its_scope(scope, candidates, criteria):
    shared = replace(component(exactly(0.5)), doubts=(Doubt("open", scope, Triangular(0.0, 0.2)),))
    names, asked = ("pytorch", "tensorflow"), ("memory", "ecosystem")
    cells = tuple(Cell(i, k, (shared,)) for i in names for k in asked)
    drawn = draw_values(EvidenceTable(names, asked, cells, {}), 1, DRAWS, SHARE).values
    same = {True: 1.0, False: 0.0}
    assert np.corrcoef(drawn[:, 0, 0], drawn[:, 1, 0])[0, 1] == pytest.approx(same[candidates], abs=0.03)
    assert np.corrcoef(drawn[:, 0, 0], drawn[:, 0, 1])[0, 1] == pytest.approx(same[criteria], abs=0.03)


def test_what_facts_add_beyond_the_scale_is_not_lost_before_a_doubt_is_taken_off():
    """1.1 less 0.2 is 0.9, and 1.1 with a doubt of 0.05 is 1: brought onto the scale once, after all was added."""
    doubt = Doubt("needs.loop", "table", TurnsOut(-0.2, HIRING))
    for shape in (exactly(1.1), Uniform(1.1, 0.0)):
        values = draw_values(cell_of(replace(component(shape), doubts=(doubt,))), 1, 1000, SHARE).values
        assert sorted(set(values.ravel().round(9))) == pytest.approx([0.9, 1.0])
    assert spread(cell_of(replace(component(exactly(1.1)), doubts=(Doubt("x", "cell", Uniform(0.0, 0.05)),)))) == 0


HIRING = (("team.growth", (0,)),)


def test_what_may_hold_counts_by_its_chance_and_for_all_in_the_same_draws():
    def doubted(amount):
        return replace(component(exactly(0.5)), doubts=(Doubt("needs.loop", "table", TurnsOut(amount, HIRING)),))

    cells = (Cell("pytorch", "memory", (doubted(0.2),)), Cell("tensorflow", "memory", (doubted(-0.1),)))
    drawn = draw_values(EvidenceTable(("pytorch", "tensorflow"), ("memory",), cells, {}), 1, DRAWS, SHARE).values
    holds = drawn[:, 0, 0] > 0.6
    assert holds.mean() == pytest.approx(0.5, abs=0.01)
    np.testing.assert_allclose(drawn[:, 0, 0], np.where(holds, 0.7, 0.5))
    np.testing.assert_allclose(drawn[:, 1, 0], np.where(holds, 0.4, 0.5))


def test_a_cell_is_the_weighted_mean_of_its_components():
    heavy = replace(component(exactly(0.2), "m@vision"), weight=3.0)
    evidence = cell_of(heavy, component(exactly(0.6), "m@tabular"), component(Missing(), "m@text"))
    drawn = draw_values(evidence, 1, DRAWS, SHARE).values[:, 0, 0]
    assert drawn.mean() == pytest.approx((3 * 0.2 + 0.6 + 0.5) / 5, abs=0.01)
    assert evidence.cell("pytorch", "memory").missing_share == pytest.approx(0.2)
