"""Error spent over several looks: no more than one look would spend, and nearly all of it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from advisor.measuring.sequential import look_confidences


def test_one_look_is_an_ordinary_test() -> None:
    assert look_confidences(5, 5, 0.95) == {5: 0.95}


@pytest.mark.parametrize(("first", "last"), [(3, 4), (3, 8), (3, 10), (2, 5)])
def test_every_look_is_stricter_than_a_single_one(first: int, last: int) -> None:
    levels = look_confidences(first, last, 0.95)
    assert list(levels) == list(range(first, last + 1))
    assert all(0.95 < level < 1 for level in levels.values())


@pytest.mark.parametrize(("first", "last", "confidence"), [(3, 4, 0.95), (3, 8, 0.95), (3, 10, 0.95), (3, 6, 0.9)])
def test_all_looks_together_err_as_often_as_promised(first: int, last: int, confidence: float) -> None:
    """With samples of another seed than the levels were found with, and Student's test as scipy has it."""
    levels = look_confidences(first, last, confidence)
    samples = np.random.default_rng(99).standard_normal((20_000, last)) * 0.3 + 1.0
    found = np.zeros(len(samples), dtype=bool)
    for launches, level in levels.items():
        p_values = stats.ttest_1samp(samples[:, :launches], 1.0, axis=1).pvalue
        found |= p_values < 1 - level
    alpha = 1 - confidence
    assert found.mean() == pytest.approx(alpha, abs=3.5 * math.sqrt(alpha / len(samples)))


def test_the_first_look_spends_what_its_share_of_the_launches_allows() -> None:
    """Lan and DeMets: alpha ln(1 + (e - 1) t), worked out for 3 of 8 launches."""
    levels = look_confidences(3, 8, 0.95)
    assert 1 - levels[3] == pytest.approx(0.05 * math.log(1 + (math.e - 1) * 3 / 8), abs=1e-3)


@pytest.mark.parametrize(("first", "last"), [(1, 5), (5, 4)])
def test_looks_that_cannot_be(first: int, last: int) -> None:
    with pytest.raises(ValueError, match="first look"):
        look_confidences(first, last, 0.95)
