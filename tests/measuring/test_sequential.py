"""Error spent over several looks: no more than one look would spend, and nearly all of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from advisor.measuring.analysis.sequential import look_confidences

POWER = 1.5


def test_one_look_is_an_ordinary_test() -> None:
    assert look_confidences(5, 5, 0.95, POWER) == {5: 0.95}


@pytest.mark.parametrize(("first", "last"), [(3, 4), (3, 8), (3, 16), (2, 5)])
def test_every_look_is_stricter_than_a_single_one(first: int, last: int) -> None:
    levels = look_confidences(first, last, 0.95, POWER)
    assert list(levels) == list(range(first, last + 1))
    assert all(0.95 < level < 1 for level in levels.values())


@pytest.mark.parametrize(
    ("first", "last", "confidence", "power"),
    [(3, 6, 0.95, 1.5), (3, 16, 0.95, 1.5), (2, 5, 0.9, 1.0), (3, 12, 0.95, 3.0)],
)
def test_all_looks_together_err_as_often_as_promised(first: int, last: int, confidence: float, power: float) -> None:
    """By simulation, with Student's test as scipy has it; and after each look as much is spent as its share allows."""
    levels = look_confidences(first, last, confidence, power)
    samples = np.random.default_rng(99).standard_normal((20_000, last)) * 0.3 + 1.0
    found = np.zeros(len(samples), dtype=bool)
    for launches, level in levels.items():
        p_values = stats.ttest_1samp(samples[:, :launches], 1.0, axis=1).pvalue
        found |= p_values < 1 - level
        spent = (1 - confidence) * (launches / last) ** power
        assert found.mean() == pytest.approx(spent, abs=3.5 * math.sqrt(spent / len(samples)))


def test_the_first_look_spends_what_its_share_of_the_launches_allows() -> None:
    levels = look_confidences(3, 8, 0.95, 2.0)
    assert 1 - levels[3] == pytest.approx(0.05 * (3 / 8) ** 2, rel=0.02)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 5), st.integers(1, 8), st.floats(0.9, 0.999), st.sampled_from([1.0, 1.5, 2.0]))
def test_what_less_error_finds_more_error_finds_as_well(first: int, more: int, confidence: float, power: float) -> None:
    """Holm's procedure gives pairs more of the error as others are resolved: no look may become stricter by that."""
    strict = look_confidences(first, first + more, 1 - (1 - confidence) / 2, power)
    loose = look_confidences(first, first + more, confidence, power)
    assert all(loose[look] <= strict[look] for look in loose)


@pytest.mark.parametrize(("first", "last"), [(1, 5), (5, 4)])
def test_looks_that_cannot_be(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="first look"):
        look_confidences(first, last, 0.95, POWER)


def test_error_has_to_be_spent_forwards() -> None:
    with pytest.raises(ValueError, match="power"):
        look_confidences(3, 5, 0.95, 0.0)
