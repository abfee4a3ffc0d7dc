from __future__ import annotations

import numpy as np
import pytest

from pilots import scores
from pilots.pilot import Data


def test_classes_are_the_largest_outputs() -> None:
    outputs = np.array([[2.0, 1.0], [0.0, 3.0], [5.0, 4.0], [1.0, 0.0]])
    metric, macro_f1 = scores.score("classification", outputs, np.array([0, 1, 1, 0]))
    assert metric == 0.75
    # Class 0: precision 2/3, recall 1, so 0.8; class 1: precision 1, recall 1/2, so 2/3.
    assert macro_f1 == pytest.approx((0.8 + 2 / 3) / 2)


def test_a_class_never_predicted_counts_zero() -> None:
    _, macro_f1 = scores.score("classification", np.array([[1.0, 0.0]] * 4), np.array([0, 0, 0, 1]))
    assert macro_f1 == pytest.approx((6 / 7) / 2)


def test_values_are_scored_by_explained_variance() -> None:
    y = np.array([0.0, 1.0, 2.0, 3.0])
    metric, macro_f1 = scores.score("regression", np.array([[0.0], [1.0], [2.0], [2.0]]), y)
    assert metric == pytest.approx(1 - 1 / 5)
    assert macro_f1 is None


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_divergence_is_an_error(broken: float) -> None:
    with pytest.raises(ValueError, match="diverged"):
        scores.score("classification", np.array([[0.0, broken]]), np.array([0]))


def test_the_dummy_answers_what_is_most_frequent_in_training() -> None:
    x = np.zeros((4, 1), np.float32)
    data = Data("classification", x, np.array([1, 1, 0, 1]), x, np.array([1, 0, 0, 0]), outputs=2)
    assert scores.dummy_metric(data) == 0.25


def test_the_dummy_answers_the_mean_of_training() -> None:
    x = np.zeros((2, 1), np.float32)
    y = np.array([-1.0, 1.0], np.float32)
    assert scores.dummy_metric(Data("regression", x, y, x, y, outputs=1)) == pytest.approx(0.0)
    assert scores.dummy_metric(Data("regression", x, y, x, y + 1, outputs=1)) == pytest.approx(-1.0)
