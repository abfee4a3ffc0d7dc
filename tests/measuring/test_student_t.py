"""Quantiles of t against scipy's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import stdtrit

from advisor.measuring.analysis.student_t import t_quantile


@given(st.floats(1e-4, 1 - 1e-4), st.integers(1, 200))
def test_agrees_with_scipy(probability: float, freedom: int) -> None:
    assert t_quantile(probability, freedom) == pytest.approx(stdtrit(freedom, probability), rel=1e-7, abs=1e-9)


@pytest.mark.parametrize(("freedom", "expected"), [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (30, 2.042)])
def test_as_the_printed_tables_have_it(freedom: int, expected: float) -> None:
    assert t_quantile(0.975, freedom) == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(("probability", "freedom"), [(0.0, 3), (1.0, 3), (float("nan"), 3), (0.9, 0)])
def test_refuses_what_has_no_quantile(probability: float, freedom: int) -> None:
    with pytest.raises(ValueError, match="at least one degree of freedom"):
        t_quantile(probability, freedom)
