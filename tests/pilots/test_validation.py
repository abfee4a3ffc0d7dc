"""Which rows choose the epoch, and what is kept of the rows that are scored."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilots import row_losses, validation
from pilots import workload as workloads
from pilots.pilot import Data
from pilots.scores import score
from pilots.workloads.measured_series import data as measured_series
from pilots.workloads.time_series import data as time_series

NAMES = workloads.names()


def numbered(classes: list[int], overlap_rows: int = 0) -> Data:
    """Rows that are their own numbers."""
    x = np.arange(len(classes), dtype=np.float32)[:, np.newaxis]
    y = np.array(classes, np.int64)
    return Data("classification", x, y, x[:1], y[:1], outputs=int(y.max()) + 1, overlap_rows=overlap_rows)


def row_numbers(part: object) -> list[int]:
    return np.asarray(part).reshape(-1).astype(int).tolist()


@given(st.lists(st.integers(0, 5), min_size=150, max_size=400), st.integers(0, 2**31))
def test_each_row_goes_to_one_part_and_classes_keep_their_shares(classes: list[int], seed: int) -> None:
    data = validation.held_back(numbered(classes), 0.15, seed)
    train, valid = row_numbers(data.x_train), row_numbers(data.x_valid)
    assert sorted(train + valid) == list(range(len(classes)))
    assert row_numbers(data.y_valid) == [classes[row] for row in valid]
    counts = np.bincount(classes, minlength=6)
    held = np.bincount(row_numbers(data.y_valid), minlength=6)
    assert (np.abs(held - 0.15 * counts) <= 1.5).all()
    assert (held < counts)[counts > 0].all()  # every class is trained on


@given(st.integers(0, 2**31))
def test_the_only_row_of_a_class_is_trained_on(seed: int) -> None:
    data = validation.held_back(numbered([0] * 160 + [1]), 0.15, seed)
    assert 1 in data.y_train and len(row_numbers(data.x_valid)) >= 23


def test_the_same_seed_holds_back_the_same_rows() -> None:
    data = numbered([0, 1] * 100)
    first, again, other = (row_numbers(validation.held_back(data, 0.15, seed).x_valid) for seed in (1, 1, 2))
    assert first == again != other


def test_of_a_series_the_end_is_held_back_and_what_overlaps_left_out() -> None:
    data = validation.held_back(numbered([0] * 220, overlap_rows=20), 0.15, seed=0)
    assert row_numbers(data.x_valid) == list(range(190, 220))
    assert row_numbers(data.x_train) == list(range(170))


@pytest.mark.parametrize("rows", [20, 129])
def test_too_few_rows_choose_nothing(rows: int) -> None:
    data = numbered([0, 1] * (rows // 2) + [0] * (rows % 2))
    assert validation.held_back(data, 0.15, seed=0) is data


def test_validation_rows_of_its_own_are_kept_and_none_are_held_back_where_none_are_wanted() -> None:
    data = numbered([0, 1] * 200)
    own = replace(data, x_valid=data.x_train[:5], y_valid=data.y_train[:5])
    assert validation.held_back(own, 0.15, seed=0) is own
    assert validation.held_back(data, 0.0, seed=0) is data


@pytest.mark.parametrize("name", NAMES)
def test_every_workload_has_validation_rows_and_they_are_no_test_rows(name: str) -> None:
    workload = workloads.load(name)
    given, data = workloads.as_given(workload, None), workloads.read_data(workload, None)
    assert (data.x_test == given.x_test).all() and (data.y_test == given.y_test).all()
    assert data.x_valid is not None and data.y_valid is not None
    assert len(data.x_valid) / len(given.x_train) == pytest.approx(validation.SHARE, abs=0.01)
    if not data.overlap_rows:
        assert len(data.x_train) + len(data.x_valid) == len(given.x_train)


@pytest.mark.parametrize(
    ("name", "reach", "horizon"),
    [
        ("measured_series", measured_series.INPUTS - 1, measured_series.HORIZON),
        ("time_series", (time_series.INPUTS - 1) * time_series.SPACING, time_series.HORIZON),
    ],
)
def test_no_value_of_a_series_is_in_two_parts(name: str, reach: int, horizon: int) -> None:
    """By the times of the values: a row that ends at time t reaches from t - reach to t + horizon."""
    workload = workloads.load(name)
    given, data = workloads.as_given(workload, None), workloads.read_data(workload, None)
    assert data.x_valid is not None
    last_trained = len(data.x_train) - 1 + horizon
    first_valid = len(given.x_train) - len(data.x_valid) - reach
    assert (data.x_train == given.x_train[: len(data.x_train)]).all()
    assert (data.x_valid == given.x_train[-len(data.x_valid) :]).all()
    assert last_trained == first_valid - 1
    assert given.overlap_rows == reach + horizon


@pytest.mark.parametrize("task", ["classification", "regression", "generation"])
def test_losses_of_rows_are_what_the_metric_lacks(task: str) -> None:
    generator = np.random.default_rng(3)
    y = {
        "classification": generator.integers(0, 4, 90),
        "regression": generator.normal(2, 3, 90).astype(np.float32),
        "generation": generator.normal([1, 5, 9], [1, 2, 3], (90, 3)).astype(np.float32),
    }[task]
    outputs = generator.normal(size=(90, 4 if task == "classification" else y[:1].size)).astype(np.float32)
    losses = row_losses.row_losses(task, outputs, y)
    assert losses is not None and losses.shape == (90,)
    assert 1 - losses.mean() == pytest.approx(score(task, outputs, y)[0])


def test_losses_of_targets_that_are_all_the_same_are_not_known() -> None:
    assert row_losses.row_losses("regression", np.zeros((5, 1)), np.ones(5)) is None
    assert row_losses.kept(None, numbered([0, 1])) == (None, 1)


def test_of_many_rows_a_sample_is_kept_in_four_digits() -> None:
    losses = np.arange(7000) / 3
    kept, together = row_losses.kept(losses, numbered([0, 1]))
    assert kept is not None and together == 1
    assert len(kept) == row_losses.MOST and (kept[0], kept[1], kept[-1]) == (0.0, 1.0, 2333.0)
    assert np.mean(kept) == pytest.approx(losses.mean(), rel=1e-3)


def test_rows_that_overlap_become_one_number() -> None:
    kept, together = row_losses.kept(np.repeat([1.0, 2.0, 3.0], [5, 5, 6]), numbered([0, 1], overlap_rows=4))
    assert (kept, together) == ((np.mean([1] * 5 + [2]).round(3).item(), 2.2, 3.0), 5)
