"""What would change the answer: weights, measured values, candidates and criteria at which the top two tie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from advisor.deciding.acceptability import utilities, without
from advisor.deciding.decision import Contribution, FlipDrop, FlipValue, FlipWeight
from advisor.deciding.streams import Array
from advisor.deciding.values import ValueDraws
from advisor.evidence.scales import raw_of
from advisor.evidence.table import Component, EvidenceTable, ValueScale

#: Differences below this are ties: no weight tells the two apart.
_SAME = 1e-12


def contributions(draws: ValueDraws, weights: Array, first: str, second: str) -> tuple[Contribution, ...]:
    """``E[w_k (v_ak - v_bk)]`` by criterion, largest first; they add up to the mean margin."""
    pair = draws.of((first, second))
    amounts = (weights * (pair[:, 0] - pair[:, 1])).mean(axis=0)
    found = [Contribution(k, float(amount)) for k, amount in zip(draws.criteria, amounts, strict=True)]
    return tuple(sorted(found, key=lambda contribution: -contribution.amount))


def flip_weight(weights: Array, differences: Array, index: int) -> float | None:
    """The weight of one criterion at which two candidates tie, all others keeping their proportions.

    ``t = -R / (d - R)``, with ``d`` the mean difference on the criterion and ``R`` that over the others.

    Args:
        weights: mean weights, shape (criteria,), adding up to 1.
        differences: mean value differences, shape (criteria,).
        index: the criterion.

    Returns:
        None where no weight in [0, 1] does it.
    """
    others = np.delete(weights, index)
    if others.sum() <= _SAME:
        return None
    rest = float(np.delete(differences, index) @ others / others.sum())
    slope = float(differences[index]) - rest
    if abs(slope) <= _SAME:
        return None
    weight = -rest / slope
    return weight if 0.0 <= weight <= 1.0 else None


def flip_weights(draws: ValueDraws, weights: Array, first: str, second: str) -> tuple[FlipWeight, ...]:
    """Flip weights of all criteria, the nearest to the present weight first, "never" last."""
    now, differences = weights.mean(axis=0), _differences(draws, first, second)
    found = [
        FlipWeight(criterion, float(now[k]), flip_weight(now, differences, k))
        for k, criterion in enumerate(draws.criteria)
    ]
    return tuple(sorted(found, key=_distance))


def smallest_weight_shift(draws: ValueDraws, weights: Array, first: str, second: str) -> float | None:
    """The least share of all weight that has to move between criteria until the second catches up with the first.

    The linear programme over weights ``w``: minimise half of ``sum |w - now|`` so that ``w . d <= 0``, ``w >= 0``,
    ``sum w = 1``, with ``d`` the mean value differences. Its optimum is known without a solver: all that moves goes to
    the criterion that speaks most for the second, and comes from those that speak most for the first, the most telling
    emptied first. None: no weights do it. 0: they tie already.
    """
    now, differences = weights.mean(axis=0), _differences(draws, first, second)
    lead = float(now @ differences)
    if lead <= 0:
        return 0.0
    best = float(differences.min())
    if best > 0:
        return None
    moved = 0.0
    for k in np.argsort(-differences, kind="stable"):
        gain = float(differences[k]) - best  # what each unit of weight taken from here takes off the lead
        if gain <= _SAME:
            break
        taken = min(float(now[k]), lead / gain)
        moved += taken
        lead -= taken * gain
        if lead <= _SAME:
            return moved
    return moved if lead <= _SAME else None


def flip_values(
    draws: ValueDraws, weights: Array, table: EvidenceTable, first: str, second: str
) -> tuple[FlipValue, ...]:
    """For each measure of ``second``: what it would need to tie with ``first``, all else as it is; the nearest first.

    A measure that was taken on several pilots moves on all of them by the same amount of value, and is told as their
    mean, in which each counts as it does for the value: a geometric mean for times, sizes and other ratios.
    """
    now = weights.mean(axis=0)
    margin = float(now @ _differences(draws, first, second))
    found = []
    for k, criterion in enumerate(draws.criteria):
        cell = table.cell(second, criterion)
        means = draws.component_means[second, criterion]
        needed = margin / now[k] if now[k] > 0 else np.inf
        measures = dict.fromkeys(_measure(component) for component in cell.components if _on_a_scale(component))
        for measure in measures:
            taken = [
                _Taken(component, mean, share)
                for component, mean, share in zip(cell.components, means, cell.shares, strict=True)
                if _on_a_scale(component) and _measure(component) == measure
            ]
            found.append(_flip_value(criterion, second, taken, needed))
    return tuple(sorted(found, key=_raw_distance))


def _raw_distance(flip: FlipValue) -> float:
    """The nearest to the present number first, what no number would do last."""
    return np.inf if flip.raw_needed is None else abs(flip.raw_needed - flip.raw_now) / flip.raw_now


def _measure(component: Component) -> str:
    """What was measured, on whatever pilot."""
    return component.measure.partition("@")[0]


def _on_a_scale(component: Component) -> bool:
    return component.raw is not None and component.raw > 0 and component.scale is not None


class _Taken(NamedTuple):
    """A component with the mean of its value and what it counts of its cell."""

    component: Component
    mean: float
    share: float


def _flip_value(criterion: str, candidate: str, taken: Sequence[_Taken], needed: float) -> FlipValue:
    """``needed`` is the value that the cell has to gain by all that was ``taken``."""
    component = taken[0].component
    scale = component.scale
    assert scale is not None
    step = _gain_of_each(taken, needed)
    raw = np.array([part.component.raw for part in taken])
    counts = np.array([part.share for part in taken])
    wanted = None
    if step is not None:
        before = np.array([raw_of(part.mean, scale) for part in taken])
        after = np.array([raw_of(min(1.0, part.mean + step), scale) for part in taken])
        # What facts added to a value does not belong to its raw number: only the difference is carried over.
        wanted = _mean(raw * after / before if scale.log else raw + after - before, counts, scale)
    kind = "geometric mean" if scale.log else "mean"
    if not np.allclose(counts, counts[0]):
        kind = f"weighted {kind}"
    label = (
        component.label.rpartition(" (")[0] + f", {kind} of {len(taken)} pilots" if len(taken) > 1 else component.label
    )
    return FlipValue(criterion, label, candidate, component.unit, _mean(raw, counts, scale), wanted)


def _gain_of_each(taken: Sequence[_Taken], needed: float) -> float | None:
    """By how much each value has to grow so that the cell gains ``needed``; none grows beyond 1. None: in vain."""
    if needed <= 0:
        return 0.0
    left, growing = needed, sum(part.share for part in taken)
    for part in sorted(taken, key=lambda each: -each.mean):
        room = 1.0 - part.mean
        if room * growing >= left - _SAME:
            return left / growing
        left -= room * part.share
        growing -= part.share
    return None


def _mean(numbers: Array, counts: Array, scale: ValueScale) -> float:
    """The mean, weighted by the components' shares; the geometric mean on a logarithmic scale."""
    if scale.log:
        return float(np.exp(np.average(np.log(numbers), weights=counts)))
    return float(np.average(numbers, weights=counts))


def flip_drops(
    draws: ValueDraws, weights: Array, candidates: tuple[str, ...], recommended: str, seed: int
) -> tuple[FlipDrop, ...]:
    """Criteria whose omission changes the recommendation, and who follows if the recommended candidate falls out.

    Leaving out another candidate never changes the recommendation: values do not depend on who else is there.
    """
    found = []
    for k, criterion in enumerate(draws.criteria):
        rest = without(weights, k)
        if rest is None:
            continue
        best = candidates[int(utilities(draws, candidates, rest, seed).mean(axis=0).argmax())]
        if best != recommended:
            found.append(FlipDrop(criterion, best))
    others = tuple(candidate for candidate in candidates if candidate != recommended)
    if others:
        follower = others[int(utilities(draws, others, weights, seed).mean(axis=0).argmax())]
        found.append(FlipDrop(recommended, follower))
    return tuple(found)


def _differences(draws: ValueDraws, first: str, second: str) -> Array:
    pair = draws.of((first, second)).mean(axis=0)
    difference: Array = pair[0] - pair[1]
    return difference


def _distance(flip: FlipWeight) -> float:
    return np.inf if flip.weight_at_flip is None else abs(flip.weight_at_flip - flip.weight_now)
