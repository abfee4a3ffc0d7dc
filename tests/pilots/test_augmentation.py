"""The reference of the augmentation, and mistakes of a pipeline that the check has to find. No framework is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pilots.augmentation import augmentation_of, augmented, find_difference, random_draws
from pilots.pilot import Array, Augmentation, Draws

BATCH = 4
FULL = 5
IMAGES = np.random.default_rng(1).normal(size=(FULL * BATCH + 2, 6, 5, 1)).astype(np.float32)
AUGMENTATION = augmentation_of(IMAGES)
DRAWS = random_draws(AUGMENTATION, len(IMAGES), np.random.default_rng(2))
EXPECTED = augmented(IMAGES, DRAWS, AUGMENTATION)

Epoch = list[tuple[Array, Array]]


def epoch_of(order: Sequence[int] | Array, images: Array = EXPECTED) -> Epoch:
    """Batches of the images in this order; the last one may be smaller."""
    order = np.asarray(order)
    return [(images[rows], rows) for rows in (order[start : start + BATCH] for start in range(0, len(order), BATCH))]


def shuffled(seed: int) -> Array:
    return np.random.default_rng(seed).permutation(len(IMAGES))[: FULL * BATCH]


def test_what_the_reference_does_by_hand() -> None:
    image = np.arange(6, dtype=np.float32).reshape(1, 2, 3, 1)
    draws = Draws(np.array([0]), np.array([2]), np.array([0.5], np.float32))
    (moved,) = augmented(image, draws, Augmentation(background=-1, shift=1))
    # One down and one to the left: the background comes in at the top and at the right.
    np.testing.assert_array_equal(moved[..., 0], np.array([[-1, -1, -1], [1, 2, -1]]) + 0.5)


@given(st.integers(0, 3), st.floats(0, 1), st.integers(1, 40), st.integers(0, 1000))
def test_draws_keep_to_the_augmentation(shift: int, brightness: float, rows: int, seed: int) -> None:
    augmentation = Augmentation(0.0, shift, brightness)
    draws = random_draws(augmentation, rows, np.random.default_rng(seed))
    for place in (draws.top, draws.left):
        assert place.shape == (rows,)
        assert 0 <= place.min() <= place.max() <= 2 * shift
    assert np.abs(draws.brightness).max() <= brightness
    np.testing.assert_array_equal(draws.of(np.array([rows - 1, 0])).top, draws.top[[-1, 0]])


def test_nothing_drawn_changes_nothing() -> None:
    still = Draws(np.ones(len(IMAGES), np.int64), np.ones(len(IMAGES), np.int64), np.zeros(len(IMAGES), np.float32))
    np.testing.assert_array_equal(augmented(IMAGES, still, AUGMENTATION), IMAGES)


def test_the_reference_passes_its_own_check() -> None:
    assert find_difference([epoch_of(shuffled(1)), epoch_of(shuffled(2))], EXPECTED, BATCH) is None


def _one_pixel_off(epoch: Epoch) -> Epoch:
    epoch[2][0][1, 3, 2, 0] += 1e-3
    return epoch


MISTAKES: dict[str, tuple[Callable[[], Epoch], str]] = {
    "labels shifted by one": (
        lambda: [(x, np.roll(rows, 1)) for x, rows in epoch_of(shuffled(1))],
        "augmented otherwise, or not those of their labels",
    ),
    "edge filled with zeros": (
        lambda: epoch_of(shuffled(1), augmented(IMAGES, DRAWS, Augmentation(background=0.0))),
        "augmented otherwise",
    ),
    "draws of other rows": (
        lambda: epoch_of(shuffled(1), augmented(IMAGES, DRAWS.of(np.arange(len(IMAGES))[::-1]), AUGMENTATION)),
        "augmented otherwise",
    ),
    "one pixel off": (lambda: _one_pixel_off(epoch_of(shuffled(1))), "they differ by up to 0.001"),
    "not a number": (lambda: epoch_of(shuffled(1), EXPECTED * np.nan), "augmented otherwise"),
    "channels first": (
        lambda: [(x.transpose(0, 3, 1, 2), rows) for x, rows in epoch_of(shuffled(1))],
        "a batch has images of shape",
    ),
    "last batch kept": (
        lambda: epoch_of(np.random.default_rng(1).permutation(len(IMAGES))),
        "a batch has images of shape (2, 6, 5, 1)",
    ),
    "a batch missing": (lambda: epoch_of(shuffled(1))[1:], "an epoch has 4 batches, where 22 rows fill 5"),
    "no batch at all": (lambda: [], "an epoch has 0 batches"),
    "rows drawn with replacement": (
        lambda: epoch_of(np.random.default_rng(1).integers(len(IMAGES), size=FULL * BATCH)),
        "rows come more than once",
    ),
    "labels of its own": (
        lambda: [(x, rows + len(IMAGES)) for x, rows in epoch_of(shuffled(1))],
        "labels that no image was given",
    ),
    "the same order again": (lambda: epoch_of(shuffled(2)), "not shuffled anew"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
@pytest.mark.parametrize("in_epoch", [0, 1])
def test_a_mistake_of_a_pipeline_is_found(mistake: str, in_epoch: int) -> None:
    make, says = MISTAKES[mistake]
    epochs = [epoch_of(shuffled(2))]
    epochs.insert(in_epoch, make())
    difference = find_difference(epochs, EXPECTED, BATCH)
    assert difference is not None
    assert says in difference
