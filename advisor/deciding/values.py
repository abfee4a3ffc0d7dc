"""Draws of the value of every candidate on every criterion."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from advisor.deciding.decision import Range
from advisor.deciding.streams import Array, stream
from advisor.evidence.table import (
    Cell,
    Component,
    EvidenceTable,
    Launches,
    Missing,
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
        return self.values[:, [self.candidates.index(candidate) for candidate in candidates], :]


def draw_values(table: EvidenceTable, seed: int, draws: int) -> ValueDraws:
    """Draw every cell of the table; the value of a cell is the mean of its components'.

    Launches of one measure with the same number share their noise (see :func:`draw_component`); all else is drawn
    independently, from streams that do not depend on which other candidates are in the table.
    """
    values = np.empty((draws, len(table.candidates), len(table.criteria)))
    means: dict[tuple[str, str], tuple[float, ...]] = {}
    cells = {(cell.candidate, cell.criterion): cell for cell in table.cells}
    for i, candidate in enumerate(table.candidates):
        for k, criterion in enumerate(table.criteria):
            drawn = _draw_cell(cells[candidate, criterion], seed, draws)
            values[:, i, k] = drawn.mean(axis=0)
            means[candidate, criterion] = tuple(float(mean) for mean in drawn.mean(axis=1))
    return ValueDraws(table.candidates, table.criteria, values, means)


def _draw_cell(cell: Cell, seed: int, draws: int) -> Array:
    drawn = [draw_component(c, cell.candidate, cell.criterion, seed, draws) for c in cell.components]
    return np.stack(drawn)


def draw_component(component: Component, candidate: str, criterion: str, seed: int, draws: int) -> Array:
    """Draws of one component on the value scale, shape (draws,).

    A measured one from R launches is ``mean + s / sqrt(R) * t(R - 1)``, on logarithms where the scale is one of
    ratios. The t variable is built from one normal number per launch and one common spread: with ``d`` the
    deviations of the launches from their mean and ``z`` the normal numbers, ``sum(d z) / sqrt(R * chi2(R - 1))`` has
    exactly that distribution. As ``z`` belongs to the launch and not to the candidate, noise that two candidates
    met in the same launch cancels in their difference, which gets the distribution of a paired t-test.
    """
    shape = component.distribution
    names = (criterion, component.measure, candidate)
    if isinstance(shape, Launches):
        return _draw_launches(shape, (criterion, component.measure), seed, draws)
    own = stream(seed, *names)
    if isinstance(shape, Missing):
        return own.random(draws)
    if isinstance(shape, Uniform):
        drawn = shape.centre + shape.half_width * own.uniform(-1, 1, draws)
    else:
        drawn = shape.mode + shape.half_width * own.triangular(-1, 0, 1, draws)
    return np.clip(drawn, 0.0, 1.0)


def _draw_launches(shape: Launches, names: tuple[str, str], seed: int, draws: int) -> Array:
    x = np.log(shape.raw) if shape.scale.log else np.asarray(shape.raw, dtype=float)
    launches = len(x)
    deviations = x - x.mean()
    noise = np.stack([stream(seed, *names, "launch", str(n)).standard_normal(draws) for n in shape.numbers])
    spread = stream(seed, *names, "spread", str(launches)).chisquare(launches - 1, draws)
    return scale_draws(x.mean() + deviations @ noise / np.sqrt(launches * spread), shape.scale)


def scale_draws(x: Array, scale: ValueScale) -> Array:
    """Values of raw numbers, of their logarithms where the scale is one of ratios."""
    low, high = scale.barely_acceptable, scale.good_enough
    if scale.log:
        low, high = math.log(low), math.log(high)
    scaled: Array = np.clip((low - x) / (low - high), 0.0, 1.0)
    return scaled


def interval(draws: Array) -> Range:
    """Median and 95 % interval of draws."""
    low, median, high = np.quantile(draws, [0.025, 0.5, 0.975])
    return Range(float(low), float(median), float(high))
