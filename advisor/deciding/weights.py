"""Draws of how much each criterion matters, from what was said about priorities, or else from the stage."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from advisor.deciding.decision import WeightsFrom
from advisor.deciding.streams import Array, stream
from advisor.deciding.turning_out import outcome_of
from advisor.interview.answers import Answers
from advisor.interview.conditions import holds
from advisor.method import DefaultWeights, method

#: Of the most important criterion, where points are given.
TOP_POINTS = 100.0
STAGE = "project.stage"


@dataclass(frozen=True)
class DefaultPoints:
    """Points by criterion of somebody who stated no priorities, and what in the answers moved them, in words.

    One column of points, or, where no stage was named, a column for each stage, in the order of the stages.
    """

    columns: tuple[dict[str, float], ...]
    because: tuple[str, ...]


@dataclass(frozen=True)
class WeightDraws:
    """``weights`` has the shape (draws, criteria); each row adds up to 1.

    ``because``: what moved the default weights; empty where priorities were stated.
    """

    criteria: tuple[str, ...]
    weights: Array
    said: WeightsFrom
    because: tuple[str, ...] = ()


def draw_weights(
    answers: Answers, criteria: tuple[str, ...], defaults: DefaultWeights, seed: int, draws: int
) -> WeightDraws:
    """Weights for the criteria that apply. Points win over an order; criteria that do not apply are passed over.

    - Points: the top counts 100; each other is drawn within 10 points of what was given, but never past half-way
      to its neighbour, so that the order is kept. Criteria without points carry no weight.
    - Order: uniform over all weights that respect it, that is sorted draws of Dirichlet(1, ..., 1), whose mean is
      the rank-order centroid. Criteria not named share the remaining ranks in every order alike.
    - Nothing said: a Dirichlet distribution around the points that the project's stage and other answers suggest. A
      stage that nobody named is drawn as well.
    """
    given = stated_points(answers, criteria)
    if given:
        return WeightDraws(criteria, _from_points(given, criteria, seed, draws), "points")
    order = tuple(k for k in answers.choices("priorities.order") if k in criteria)
    if order:
        flat = stream(seed, "weights").dirichlet(np.ones(len(criteria)), draws)
        return WeightDraws(criteria, _from_order(order, criteria, flat, seed), "order")
    suggested = default_points(answers, criteria, defaults)
    points = np.asarray([[column[k] for k in criteria] for column in suggested.columns])
    alphas = defaults.concentration * points / points.sum(axis=1, keepdims=True)
    gammas = stream(seed, "weights").standard_gamma(alphas[_stages(len(points), seed, draws)])
    drawn = gammas / gammas.sum(axis=1, keepdims=True)
    return WeightDraws(criteria, drawn, "defaults", suggested.because)


def _stages(columns: int, seed: int, draws: int) -> npt.NDArray[np.intp]:
    """The column of points of each draw: that of the stage as it turns out, where nobody named it."""
    return outcome_of(STAGE, seed, draws) if columns > 1 else np.zeros(draws, dtype=np.intp)


def default_points(answers: Answers, criteria: Sequence[str], defaults: DefaultWeights) -> DefaultPoints:
    """The points of the stage, moved by every shift whose condition holds; of each stage where none was named.

    A shift whose condition is open moves nothing: the points of a stage are those of its average project.
    """
    stage = answers.text(STAGE)
    points: list[dict[str, float]] = [
        {k: column[k] for k in criteria} for name, column in defaults.points.items() if stage in (None, name)
    ]
    because = []
    for shift in defaults.shifts:
        moved = [k for k in shift.criteria if k in criteria]
        if moved and holds(shift.when, answers):
            points = [column | {k: column[k] * shift.times for k in moved} for column in points]
            because.append(shift.why)
    return DefaultPoints(tuple(points), tuple(because))


def point_chances(criterion: str, seed: int, draws: int) -> Array:
    """Where between its lowest and its highest each draw of a criterion's points lies, in [0, 1)."""
    return stream(seed, "weights", criterion).random(draws)


def stated_points(answers: Answers, criteria: tuple[str, ...]) -> dict[str, float]:
    """Points above 0 for criteria that apply, as they were stated; empty where none were."""
    said = answers.get("priorities.points")
    if not isinstance(said, Mapping):
        return {}
    return {
        criterion: float(points)
        for criterion, points in said.items()
        if criterion in criteria and not isinstance(points, tuple) and points > 0
    }


def _from_order(order: tuple[str, ...], criteria: tuple[str, ...], flat: Array, seed: int) -> Array:
    ranked = -np.sort(-flat, axis=1)
    named = len(order)
    rest = [k for k in criteria if k not in order]
    shared = stream(seed, "weights", "order").permuted(ranked[:, named:], axis=1)
    weights = np.empty_like(flat)
    weights[:, [criteria.index(k) for k in order]] = ranked[:, :named]
    weights[:, [criteria.index(k) for k in rest]] = shared
    return weights


def _from_points(given: Mapping[str, float], criteria: tuple[str, ...], seed: int, draws: int) -> Array:
    top = max(given.values())
    points = {k: p / top * TOP_POINTS for k, p in given.items()}
    steps = sorted({0.0, *points.values()})
    half_width = method().deciding.points_half_width
    weights = np.zeros((draws, len(criteria)))
    for criterion, centre in points.items():
        low, high = centre, centre
        if centre < TOP_POINTS:
            at = steps.index(centre)
            low = max(centre - half_width, (steps[at - 1] + centre) / 2)
            high = min(centre + half_width, (steps[at + 1] + centre) / 2)
        weights[:, criteria.index(criterion)] = low + (high - low) * point_chances(criterion, seed, draws)
    weights /= weights.sum(axis=1, keepdims=True)
    return weights
