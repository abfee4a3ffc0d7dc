"""Draws of the value of every candidate on every criterion."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from advisor.catalog import family_of
from advisor.deciding.decision import Range
from advisor.deciding.streams import Array, stream
from advisor.deciding.turning_out import turned_out
from advisor.evidence.table import (
    Component,
    Doubt,
    EvidenceTable,
    Launches,
    Missing,
    Triangular,
    TurnsOut,
    Uniform,
    ValueScale,
)


@dataclass(frozen=True)
class ValueDraws:
    """``values`` has the shape (draws, candidates, criteria), in [0, 1].

    ``component_means`` holds the mean value of each component of a cell, in their order.
    """

    candidates: tuple[str, ...]
    criteria: tuple[str, ...]
    values: Array
    component_means: dict[tuple[str, str], tuple[float, ...]]

    def of(self, candidates: tuple[str, ...]) -> Array:
        """The values of some candidates, in the given order."""
        if candidates == self.candidates:  # no copy of what is asked for most
            return self.values
        return self.values[:, [self.candidates.index(candidate) for candidate in candidates], :]


def draw_values(table: EvidenceTable, seed: int, draws: int, family_share: float) -> ValueDraws:
    """Draw every cell of the table; the value of a cell is the weighted mean of its components'.

    Launches of one measure with the same number share their noise, and candidates of one family most of what is not
    known about them (see :func:`draw_component`). Components that share a doubt share its draw, which is added to each
    of them (:func:`draw_doubt`) before all is clipped to the scale. All else is drawn independently, from streams that
    do not depend on which other candidates are in the table.
    """
    values = np.empty((draws, len(table.candidates), len(table.criteria)))
    means: dict[tuple[str, str], tuple[float, ...]] = {}
    cells = {(cell.candidate, cell.criterion): cell for cell in table.cells}
    for i, candidate in enumerate(table.candidates):
        for k, criterion in enumerate(table.criteria):
            cell = cells[candidate, criterion]
            shared: dict[Doubt, Array] = {
                doubt: draw_doubt(doubt, candidate, criterion, seed, draws, family_share)
                for component in cell.components
                for doubt in component.doubts
            }
            drawn = np.stack(
                [
                    np.clip(
                        draw_component(component, candidate, criterion, seed, draws, family_share)
                        + sum(shared[doubt] for doubt in component.doubts),
                        0.0,
                        1.0,
                    )
                    for component in cell.components
                ]
            )
            values[:, i, k] = np.asarray(cell.shares) @ drawn
            means[candidate, criterion] = tuple(float(mean) for mean in drawn.mean(axis=1))
    return ValueDraws(table.candidates, table.criteria, values, means)


def draw_component(
    component: Component, candidate: str, criterion: str, seed: int, draws: int, family_share: float
) -> Array:
    """Draws of one component on the value scale, shape (draws,), without the doubts that it shares with others.

    They may lie beyond the scale: what a doubt takes away comes off what facts add up to, and not off the scale's end.

    A component measured in R launches is drawn as ``mean + s / sqrt(R) * t(R - 1)``, of logarithms where the scale is
    logarithmic. The t variable is built from one normal number per launch and one common spread: with ``d`` the
    deviations of the launches from their mean and ``z`` the normal numbers, ``sum(d z) / sqrt(R * chi2(R - 1))`` has
    exactly that distribution. As ``z`` belongs to the launch and not to the candidate, noise that two candidates
    met in the same launch cancels in their difference, which gets the distribution of a paired t-test. The luck of the
    test rows is drawn alike, by groups of rows, and added: it belongs to the rows and not to the candidate.

    What is answered, cited or missing is drawn by its quantile function from a number that a candidate shares with its
    family in a share ``family_share`` of the draws: whoever is wrong about Keras on JAX is mostly wrong about Keras.
    Drawn independently, three near-clones would have the best of three draws, and a family would win by its size.
    """
    shape = component.distribution
    if isinstance(shape, Launches):
        return _draw_launches(shape, (criterion, component.measure), candidate, seed, draws)
    p = _shared_with_family((criterion, component.measure), candidate, seed, draws, family_share)
    return _quantile(shape, p)


def draw_doubt(doubt: Doubt, candidate: str, criterion: str, seed: int, draws: int, family_share: float) -> Array:
    """Draws of what a doubt adds to the components that share it, on the value scale, shape (draws,)."""
    if isinstance(doubt.shape, TurnsOut):
        return np.where(turned_out(doubt.shape.when, seed, draws), doubt.shape.amount, 0.0)
    match doubt.scope:
        case "cell":
            p = _shared_with_family((criterion, "doubt", doubt.name), candidate, seed, draws, family_share)
        case "criterion":
            p = stream(seed, criterion, "doubt", doubt.name).random(draws)
        case "table":
            p = stream(seed, "doubt", doubt.name).random(draws)
    return _quantile(doubt.shape, p)


def _shared_with_family(names: tuple[str, ...], candidate: str, seed: int, draws: int, family_share: float) -> Array:
    """Random numbers in [0, 1) that a candidate shares with its family in a share ``family_share`` of the draws."""
    own, alone = stream(seed, *names, candidate).random((2, draws))
    shared = stream(seed, *names, "family", family_of(candidate)).random(draws)
    return np.where(alone < family_share, shared, own)


def _quantile(shape: Uniform | Triangular | Missing, p: Array) -> Array:
    """The value below which a share ``p`` of the distribution lies."""
    match shape:
        case Missing():
            return p
        case Uniform():
            return shape.centre + shape.half_width * (2 * p - 1)
        case Triangular():
            found: Array = shape.mode + shape.half_width * np.where(
                p < 0.5, np.sqrt(2 * p) - 1, 1 - np.sqrt(2 * (1 - p))
            )
            return found


def _draw_launches(shape: Launches, names: tuple[str, str], candidate: str, seed: int, draws: int) -> Array:
    x = np.log(shape.raw) if shape.scale.log else np.asarray(shape.raw, dtype=float)
    launches = len(x)
    deviations = x - x.mean()
    noise, spread = _noise_of_launches(names, tuple(shape.numbers), seed, draws)
    drawn = x.mean() + deviations @ noise / np.sqrt(launches * spread)
    if shape.rows:
        of_rows, spread_of_rows = _noise_of_rows(names, len(shape.rows), seed, draws)
        drawn = drawn + np.asarray(shape.rows) @ of_rows / np.sqrt(spread_of_rows / (len(shape.rows) - 1))
        drawn = drawn + shape.row_step * stream(seed, *names, "row", candidate).standard_normal(draws)
    return scale_draws(drawn, shape.scale)


@lru_cache(maxsize=64)
def _noise_of_launches(names: tuple[str, str], numbers: tuple[int, ...], seed: int, draws: int) -> tuple[Array, Array]:
    """A normal number per launch and draw, and the common spread: what candidates of the same launches share."""
    normal = np.stack([stream(seed, *names, "launch", str(n)).standard_normal(draws) for n in numbers])
    spread = stream(seed, *names, "spread", str(len(numbers))).chisquare(len(numbers) - 1, draws)
    return normal, spread


@lru_cache(maxsize=16)
def _noise_of_rows(names: tuple[str, str], groups: int, seed: int, draws: int) -> tuple[Array, Array]:
    """A normal number per group of test rows and draw, and the common spread: what candidates of one workload share."""
    normal = np.stack([stream(seed, *names, "rows", str(group)).standard_normal(draws) for group in range(groups)])
    return normal, stream(seed, *names, "rows spread", str(groups)).chisquare(groups - 1, draws)


def scale_draws(x: Array, scale: ValueScale) -> Array:
    """Values of raw numbers, or of their logarithms where the scale is logarithmic."""
    low, high = scale.barely_acceptable, scale.good_enough
    if scale.log:
        low, high = math.log(low), math.log(high)
    scaled: Array = np.clip((low - x) / (low - high), 0.0, 1.0)
    return scaled


def interval(draws: Array) -> Range:
    """Median and 95 % interval of draws."""
    low, median, high = np.quantile(draws, [0.025, 0.5, 0.975])
    return Range(float(low), float(median), float(high))
