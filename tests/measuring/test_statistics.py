"""Intervals, outliers and equivalence: values worked out by hand, properties, and how often intervals are right."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.measuring.analysis.statistics import (
    Interval,
    geometric_mean,
    outlier_flags,
    percentile,
    percentile_interval,
    ratio_is_equivalent,
    t_interval,
)

INTEGERS = st.lists(st.integers(-1000, 1000).map(float), min_size=2, max_size=12)
POSITIVE = st.lists(st.floats(1e-3, 1e3), min_size=2, max_size=8)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([7.0], 99, 7.0), ([1.0, 3.0], 50, 2.0), ([4.0, 1.0, 3.0, 2.0], 100, 4.0), ([0.0, 10.0], 95, 9.5)],
)
def test_percentile(values: list[float], percent: float, expected: float) -> None:
    assert percentile(values, percent) == pytest.approx(expected)


def test_percentile_of_nothing() -> None:
    with pytest.raises(ValueError, match="at least one"):
        percentile([], 50)


def test_t_interval_by_hand() -> None:
    # mean 2, standard deviation 1, t(0.975, 2) = 4.3027
    interval = t_interval([1.0, 2.0, 3.0], 0.95)
    assert interval.centre == pytest.approx(2)
    assert interval.high - 2 == pytest.approx(4.3027 / math.sqrt(3), rel=1e-4)
    assert 2 - interval.low == pytest.approx(interval.high - 2)


@pytest.mark.parametrize(
    ("values", "confidence", "message"),
    [([1.0], 0.95, "two launches"), ([], 0.95, "two launches"), ([1.0, 2.0], 1.0, "between 0 and 1")],
)
def test_t_interval_refuses(values: list[float], confidence: float, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        t_interval(values, confidence)


def test_geometric_mean_by_hand() -> None:
    interval = geometric_mean([1.0, 10.0, 100.0], 0.95)
    assert interval.centre == pytest.approx(10)
    assert interval.low * interval.high == pytest.approx(100)


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan])
def test_geometric_mean_needs_positive_values(bad: float) -> None:
    with pytest.raises(ValueError, match="positive"):
        geometric_mean([1.0, bad], 0.95)


@given(POSITIVE, st.floats(0.01, 100))
def test_geometric_mean_scales_with_its_unit(values: list[float], factor: float) -> None:
    one, other = geometric_mean(values, 0.9), geometric_mean([factor * value for value in values], 0.9)
    assert other.centre == pytest.approx(factor * one.centre)
    assert other.high == pytest.approx(factor * one.high)


@given(POSITIVE)
def test_interval_grows_with_confidence_and_holds_its_centre(values: list[float]) -> None:
    narrow, wide = geometric_mean(values, 0.8), geometric_mean(values, 0.95)
    assert wide.low <= narrow.low <= narrow.centre <= narrow.high <= wide.high


@pytest.mark.parametrize(
    ("values", "flagged"),
    [
        ([], []),
        ([5.0], []),
        ([1.0, 2.0, 3.0, 4.0, 5.0], []),
        ([1.0, 2.0, 3.0, 4.0, 50.0], [4]),
        ([-40.0, 10.0, 11.0, 12.0, 13.0], [0]),
        # MAD = 0: more than half of the values are equal
        ([2.0, 2.0, 2.0], []),
        ([2.0, 2.0, 2.0, 2.0, 9.0], [4]),
        ([2.0, 2.0, 2.0, 9.0, 9.0], []),
    ],
)
def test_outlier_flags(values: list[float], flagged: list[int]) -> None:
    flags = outlier_flags(values)
    assert flags.shape == (len(values),)
    assert list(np.flatnonzero(flags)) == flagged


@given(INTEGERS, st.integers(-1000, 1000), st.sampled_from([0.25, 0.5, 2.0, 8.0, -4.0]))
def test_outliers_do_not_depend_on_unit_or_origin(values: list[float], shift: int, factor: float) -> None:
    moved = [factor * value + shift for value in values]
    assert list(outlier_flags(moved)) == list(outlier_flags(values))


@given(INTEGERS)
def test_outliers_are_a_minority(values: list[float]) -> None:
    assert outlier_flags(values).sum() < len(values) / 2


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0.98, 1.02, True), (0.98, 1.031, False), (0.9705, 1.0, False), (0.971, 1.029, True), (0.5, 2.0, False)],
)
def test_ratio_is_equivalent(low: float, high: float, expected: bool) -> None:
    assert ratio_is_equivalent(Interval(1.0, low, high), 0.03) is expected
    assert ratio_is_equivalent(Interval(1.0, 1 / high, 1 / low), 0.03) is expected


def test_the_interval_of_a_percentile_lies_between_two_of_the_values() -> None:
    """Those after the 2.5 % and 97.5 % quantiles, 936 and 963, of the binomial distribution (1000, 0.95)."""
    centre, low, high = percentile_interval(range(1, 1001), 95, 0.95)
    assert (round(centre), low, high) == (950, 936, 964)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=60), st.floats(1, 99), st.floats(0.5, 0.99))
def test_the_interval_of_a_percentile_holds_it(values: list[float], percent: float, confidence: float) -> None:
    centre, low, high = percentile_interval(values, percent, confidence)
    assert min(values) <= low <= centre <= high <= max(values)
