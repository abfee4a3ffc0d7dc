"""Whether two candidates score the same: over seeds and over test rows."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from advisor.measuring.analysis.quality import compare_scores, row_noise, row_step, score_interval
from advisor.measuring.analysis.series import RowLosses, Series

MARGIN, ALPHA = 0.01, 0.05


def scored(losses: object, *, rows: int | None = None, step: float = 1.0, candidate: str = "pytorch") -> Series:
    """A candidate with these losses (launches, rows)."""
    table = np.asarray(losses, float)
    by_launch = tuple(tuple(one) for one in table.tolist())
    values = tuple((1 - table.mean(axis=1)).tolist())
    launches = tuple(range(len(values)))
    known = RowLosses(by_launch, rows or table.shape[1], step)
    return Series("learn.metric", "tabular", candidate, "default", "", launches, values, ("k",) * len(values), known)


def words(pairs: Sequence[tuple[np.ndarray, np.ndarray]], step: float = 1.0) -> dict[str, float]:
    """How often each word is said of pairs of losses (launches, rows)."""
    compared = (
        compare_scores(scored(a, step=step), scored(b, step=step), margin=MARGIN, alpha=ALPHA) for a, b in pairs
    )
    said = [one.word for one in compared if one is not None]
    return {word: said.count(word) / len(said) for word in ("the same", "differs", "not resolved")}


def right_or_wrong(
    seed: int, rows: int, launches: int, wrong: tuple[float, float], own: float, repeats: int = 300
) -> list:
    """Pairs of models that are wrong in these shares of all rows there are, mostly on the same ones.

    Rows are hard or easy for both, each model finds some harder than the other does (``own``), and seeds differ.
    """
    generator = np.random.default_rng(seed)
    hard, flip, luck = 2.0, 0.5, 0.05
    spread = math.sqrt(hard**2 + own**2 + flip**2 + luck**2)
    pairs = []
    for _ in range(repeats):
        shared = hard * generator.normal(size=rows)
        pair = []
        for share in wrong:
            found = shared + own * generator.normal(size=rows) + luck * generator.normal(size=(launches, 1))
            found = found + flip * generator.normal(size=(launches, rows))
            pair.append((found < spread * ndtri(share)).astype(float))
        pairs.append((pair[0], pair[1]))
    return pairs


@pytest.mark.parametrize("launches", [3, 5])
@pytest.mark.parametrize(("rows", "wrong"), [(114, 0.03), (114, 0.01), (360, 0.02), (1000, 0.05)])
def test_a_model_that_is_a_point_worse_is_hardly_ever_called_the_same(launches: int, rows: int, wrong: float) -> None:
    found = words(right_or_wrong(1, rows, launches, (wrong, wrong + MARGIN), own=0.5))
    assert found["the same"] <= ALPHA
    assert found["differs"] <= ALPHA + 0.02  # at the margin itself, on the one side


@pytest.mark.parametrize("launches", [3, 5])
@pytest.mark.parametrize(("rows", "wrong", "own"), [(114, 0.03, 0.5), (114, 0.2, 1.0), (360, 0.02, 0.3)])
def test_equal_models_are_hardly_ever_called_different(launches: int, rows: int, wrong: float, own: float) -> None:
    assert words(right_or_wrong(2, rows, launches, (wrong, wrong), own))["differs"] <= ALPHA


def test_many_rows_show_what_is_the_same_and_what_differs() -> None:
    assert words(right_or_wrong(3, 2000, 3, (0.01, 0.01), own=0.3, repeats=60))["the same"] > 0.85
    assert words(right_or_wrong(4, 2000, 3, (0.02, 0.06), own=0.3, repeats=60))["differs"] > 0.85


def squared_errors(seed: int, rows: int, launches: int, means: tuple[float, float], repeats: int = 300) -> list:
    """Pairs of forecasts whose errors are mostly those of the series, heavy-tailed as squares are."""
    generator = np.random.default_rng(seed)
    pairs = []
    for _ in range(repeats):
        shared = 2 * generator.normal(size=rows)
        own = [generator.normal(0, 0.5, rows) + generator.normal(0, 0.5, (launches, rows)) for _ in means]
        pairs.append(tuple(mean * np.square(shared + one) / 4.5 for mean, one in zip(means, own, strict=True)))
    return pairs


def test_values_keep_the_same_promise() -> None:
    assert words(squared_errors(5, 154, 3, (0.2, 0.21)), step=0.0)["the same"] <= ALPHA
    assert words(squared_errors(6, 154, 3, (0.2, 0.2)), step=0.0)["differs"] <= ALPHA
    assert words(squared_errors(7, 3000, 3, (0.05, 0.05), repeats=60), step=0.0)["the same"] > 0.85


def test_seeds_that_scatter_count_as_well() -> None:
    """Every row alike, launches far apart: what is left is Student's t over launches, a little wider."""
    generator = np.random.default_rng(8)
    luck = generator.normal(0, 0.02, (3, 1))
    losses = np.full((3, 5000), 0.3) + luck
    found = compare_scores(
        scored(losses, step=0.0), scored(np.full((3, 5000), 0.3), step=0.0), margin=MARGIN, alpha=ALPHA
    )
    assert found is not None and found.interval is not None
    assert found.half_width == pytest.approx(2.91999 * luck.std(ddof=1) / math.sqrt(3), rel=1e-4)


def test_by_hand_one_answer_per_row() -> None:
    """Bonett and Price, equation 2: 100 rows, on 6 of which the first alone is right, and on 2 the second alone."""
    first, second = np.zeros((2, 100)), np.zeros((2, 100))
    second[:, :6] = 1
    first[:, 6:8] = 1
    found = compare_scores(scored(first), scored(second), margin=MARGIN, alpha=ALPHA)
    assert found is not None and found.interval is not None
    assert (found.difference, found.word, found.rows) == (pytest.approx(0.04), "not resolved", 100)
    p12, p21 = 7 / 102, 3 / 102
    error = math.sqrt((p12 + p21 - (p12 - p21) ** 2) / 102)
    assert found.half_width == pytest.approx(1.6604 * error, rel=1e-3)  # t with 99 degrees of freedom


def test_that_all_answers_agree_proves_nothing_with_a_hundred_rows() -> None:
    def word_of(rows: int) -> str:
        found = compare_scores(scored(np.zeros((3, rows))), scored(np.zeros((3, rows))), margin=MARGIN, alpha=ALPHA)
        assert found is not None
        return found.word

    assert (word_of(114), word_of(400)) == ("not resolved", "the same")


losses_of = st.lists(st.lists(st.sampled_from([0.0, 1.0]), min_size=6, max_size=6), min_size=3, max_size=3)


@given(losses_of, losses_of)
def test_turned_round_it_says_the_same(a: list[list[float]], b: list[list[float]]) -> None:
    there = compare_scores(scored(a), scored(b), margin=MARGIN, alpha=ALPHA)
    back = compare_scores(scored(b), scored(a), margin=MARGIN, alpha=ALPHA)
    assert there is not None and back is not None and there.interval is not None and back.interval is not None
    assert there.word == back.word
    assert (there.difference, there.interval.low) == (
        pytest.approx(-back.difference),
        pytest.approx(-back.interval.high),
    )


def test_without_rows_nothing_is_resolved_and_one_launch_says_nothing() -> None:
    bare = Series("learn.metric", "tabular", "pytorch", "default", "", (0, 1), (0.9, 0.9), ("a", "b"))
    found = compare_scores(bare, scored(np.zeros((2, 50))), margin=MARGIN, alpha=ALPHA)
    assert found is not None
    assert (found.word, found.interval, found.half_width) == ("not resolved", None, math.inf)
    assert found.reason
    assert compare_scores(scored(np.zeros((1, 50))), bare, margin=MARGIN, alpha=ALPHA) is None
    assert (score_interval(bare, 0.95), row_noise(bare), row_step(bare)) == (None, (), 0.0)


@pytest.mark.parametrize(
    ("margin", "alpha", "message"), [(0.0, 0.05, "margin"), (-1.0, 0.05, "margin"), (1.0, 0.5, "alpha")]
)
def test_what_cannot_be_asked_is_refused(margin: float, alpha: float, message: str) -> None:
    one = scored(np.zeros((2, 50)))
    with pytest.raises(ValueError, match=message):
        compare_scores(one, one, margin=margin, alpha=alpha)


def test_the_interval_of_a_score_covers_other_rows_and_other_seeds() -> None:
    """Of the models above 5 % are wrong on all rows there are."""
    held = 0
    for losses, _ in right_or_wrong(9, 114, 3, (0.05, 0.05), own=0.5):
        interval = score_interval(scored(losses), 0.95)
        assert interval is not None
        held += interval.low <= 0.95 <= interval.high
    assert held / 300 > 0.92


def test_the_noise_of_rows_is_theirs_and_cancels_between_candidates() -> None:
    generator = np.random.default_rng(10)
    scatter, paired, expected = [], [], []
    for _ in range(60):
        shared = generator.random(300) < 0.2
        losses = [np.tile(shared ^ (generator.random(300) < 0.02), (3, 1)).astype(float) for _ in range(2)]
        noise = [np.array(row_noise(scored(one))) for one in losses]
        scatter.append(np.square(noise[0]).sum())
        paired.append(np.square(noise[0] - noise[1]).sum())
        expected.append(((losses[0] - losses[1])[0].var() / 300, losses[0][0].var() / 300))
    wanted = np.mean(expected, axis=0)
    assert np.mean(paired) == pytest.approx(wanted[0], rel=0.1)
    assert np.mean(scatter) == pytest.approx(wanted[1], rel=0.1)


def test_a_sample_of_rows_stands_for_all() -> None:
    losses = np.tile(np.arange(200) % 10 == 0, (3, 1)).astype(float)
    few, many = scored(losses), scored(losses, rows=20_000)
    ratio = np.linalg.norm(row_noise(few)) / np.linalg.norm(row_noise(many))
    assert ratio == pytest.approx(10)
    assert row_step(few) == 1 / 202 and row_step(many) == 1 / 20_002
