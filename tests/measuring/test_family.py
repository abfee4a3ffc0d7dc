"""Pairs judged together: how often equals are called different, what is found, and that nothing depends on names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from advisor.measuring.analysis.family import DIFFERENT, ByLaunch, judge, least_found, shown_by
from advisor.measuring.analysis.statistics import Interval
from advisor.method import method

MEASURING = method().measuring


def pairs_of(steps: np.ndarray) -> list[ByLaunch]:
    """Of log step times, shape (launches, candidates), the log ratios of all pairs."""
    return [dict(enumerate(steps[:, a] - steps[:, b])) for a, b in combinations(range(steps.shape[1]), 2)]


def test_equals_are_called_different_as_seldom_as_promised_over_all_pairs_and_looks() -> None:
    """Ten pairs of five equal candidates, up to six launches; some pair is called different in 5 % of studies at most.

    Judged each for itself at each look, as this test does as well, some pair is in about half of them.
    """
    generator = np.random.default_rng(20261201)
    studies, wrong, wrong_alone = 400, 0, 0
    for _ in range(studies):
        pairs = pairs_of(generator.normal(0, 0.02, (6, 5)))
        wrong += any(one is not None and one.shown in DIFFERENT for one in judge(pairs, MEASURING, 6))
        logs = np.array([list(pair.values()) for pair in pairs])
        wrong_alone += any((stats.ttest_1samp(logs[:, :n], 0, axis=1).pvalue < 0.05).any() for n in range(3, 7))
    assert wrong / studies <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / studies)
    assert wrong_alone / studies > 0.3


def test_a_pair_is_found_more_easily_once_the_others_are_resolved() -> None:
    generator = np.random.default_rng(5)
    studies = 150
    alone, among = 0, 0
    for _ in range(studies):
        noise = generator.normal(0, 0.01, (8, 5))
        close = judge(pairs_of(noise + np.array([0.025, 0, 0, 0, 0])), MEASURING, 8)[0]
        apart = judge(pairs_of(noise + np.array([0.025, 0, 0.5, 1.0, 2.0])), MEASURING, 8)[0]
        alone += close is not None and close.shown == "first more"
        among += apart is not None and apart.shown == "first more"
    assert among > alone > 0.3 * studies


LOGS = st.lists(st.floats(-0.2, 0.2), min_size=3, max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.lists(LOGS, min_size=1, max_size=5))
def test_swapping_first_and_second_turns_everything_round(logs: Sequence[Sequence[float]]) -> None:
    pairs = [dict(enumerate(one)) for one in logs]
    turned = [{launch: -log for launch, log in pair.items()} for pair in pairs]
    other = {"first less": "first more", "first more": "first less"}
    for one, back in zip(judge(pairs, MEASURING, 8), judge(turned, MEASURING, 8), strict=True):
        assert one is not None and back is not None
        assert back.shown == other.get(one.shown, one.shown)
        assert (one.launches, one.confidence) == (back.launches, back.confidence)
        assert back.ratio.low == pytest.approx(1 / one.ratio.high)
        assert back.smallest_found == pytest.approx(one.smallest_found)


@settings(max_examples=60, deadline=None)
@given(st.lists(LOGS, min_size=1, max_size=5), st.integers(3, 8))
def test_the_word_is_what_the_interval_says_and_stands(logs: Sequence[Sequence[float]], seen: int) -> None:
    pairs = [dict(enumerate(one)) for one in logs]
    before = [{launch: log for launch, log in pair.items() if launch < seen} for pair in pairs]
    early, late = judge(before, MEASURING, 8), judge(pairs, MEASURING, 8)
    for then, now in zip(early, late, strict=True):
        assert then is not None and now is not None
        assert now.shown == shown_by(now.ratio, MEASURING.equivalence_margin)
        assert MEASURING.confidence < now.confidence < 1
        if then.settled:
            assert now == then  # whatever later launches say
        assert then.settled or then.shown not in DIFFERENT


@settings(max_examples=60, deadline=None)
@given(st.lists(LOGS, min_size=1, max_size=4), LOGS)
def test_another_pair_never_makes_a_difference_easier_to_find(
    logs: Sequence[Sequence[float]], other: list[float]
) -> None:
    pairs = [dict(enumerate(one)) for one in logs]
    few, more = judge(pairs, MEASURING, 8), judge([*pairs, dict(enumerate(other))], MEASURING, 8)
    for one, among in zip(few, more, strict=False):
        assert one is not None and among is not None
        if among.shown in DIFFERENT and one.shown != "equivalent":
            assert one.shown == among.shown


def test_too_few_launches_show_nothing_and_share_the_error_nevertheless() -> None:
    pair = {0: 0.01, 1: 0.011, 2: 0.012}
    (alone,) = judge([pair], MEASURING, 3)
    beside, nothing = judge([pair, {0: 0.5, 1: 0.5}], MEASURING, 3)
    assert nothing is None
    assert alone is not None and beside is not None
    assert beside.confidence == pytest.approx(1 - (1 - alone.confidence) / 2)


def test_what_runs_later_than_planned_is_not_looked_at() -> None:
    calm = dict.fromkeys(range(4), 0.0) | {4: 5.0, 5: 5.0}
    wide = {0: -0.3, 1: 0.3, 2: -0.2, 3: 0.25}
    (one,) = judge([wide | {4: 9.0}], MEASURING, 4)
    assert one is not None and one.launches == 4
    assert judge([calm], MEASURING, 4) == judge([dict.fromkeys(range(4), 0.0)], MEASURING, 4)


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (0.5, 0.9, "first less"),
        (1.1, 1.9, "first more"),
        (1.01, 1.02, "first more"),  # found, however small
        (0.98, 0.99, "first less"),
        (0.98, 1.02, "equivalent"),
        (0.98, 1.04, "nothing"),
        (0.96, 1.001, "nothing"),
    ],
)
def test_what_an_interval_shows(low: float, high: float, shown: str) -> None:
    assert shown_by(Interval((low * high) ** 0.5, low, high), 0.03) == shown


@pytest.mark.parametrize(("freedom", "level"), [(2, 0.99), (3, 0.997), (5, 0.999), (15, 0.999), (15, 0.95)])
def test_the_smallest_difference_found_is_found_as_often_as_it_says(freedom: int, level: float) -> None:
    quantile = float(stats.t.ppf(0.5 + level / 2, freedom))
    for probability in (0.8, 0.9):
        shift = least_found(quantile, freedom, probability)
        assert stats.nct.sf(quantile, freedom, shift) == pytest.approx(probability, abs=0.03)


def test_equals_race_on_until_two_per_cent_are_ruled_out() -> None:
    """Within 3 % the word is equivalent; but a true difference of 2 % may still be found by later launches."""
    logs = [0.012, 0.009, 0.011, 0.014, 0.010, 0.012, 0.009, 0.013]
    scattered = [log + shift for log, shift in zip(logs, [0.011, -0.011] * 4, strict=True)]
    early = judge([dict(enumerate(scattered[:6]))], MEASURING, 40)[0]
    late = judge([dict(enumerate(scattered * 5))], MEASURING, 40)[0]
    assert early is not None and late is not None
    assert (early.shown, early.settled) == ("nothing", False)
    assert (late.shown, late.settled) == ("first more", True)
    (still,) = judge([dict(enumerate([0.004, -0.004] * 4))], MEASURING, 8)
    assert still is not None and (still.shown, still.settled) == ("equivalent", True)


def test_more_scatter_hides_larger_differences() -> None:
    logs = np.array([-0.02, 0.03, 0.01, -0.03])
    narrow, wide = (judge([dict(enumerate(logs * factor))], MEASURING, 4)[0] for factor in (1, 3))
    assert narrow is not None and wide is not None
    assert math.log1p(wide.smallest_found) == pytest.approx(3 * math.log1p(narrow.smallest_found))
    (still,) = judge([dict.fromkeys(range(4), 0.0)], MEASURING, 4)
    assert still is not None and (still.shown, still.smallest_found) == ("equivalent", 0.0)


def test_an_interval_as_wide_as_can_be_has_ends_above_nothing() -> None:
    (found,) = judge(
        [{0: -9.0, 1: 9.0}], MEASURING.model_copy(update={"minimum_launches": 2}), 2, [{0: 700.0, 1: 700.0}]
    )
    assert found is not None
    assert 0 < found.ratio.low < 1 < found.ratio.high < math.inf
    assert found.smallest_found < math.inf
