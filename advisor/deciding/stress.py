"""What single judgements of ours decide: each fact and the anchors of counted code, halved and doubled.

Nothing is drawn anew. A fact that is worth more or less moves the draws of the cells that it counts in (a fact that may
hold, those draws in which it does), and an anchor stretches them; the same random numbers stand on both sides, so that
a change comes from the judgement and not from luck.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from advisor.deciding.decision import AnchorStress, FactStress, Shares, Stress, Verdict
from advisor.deciding.streams import Array
from advisor.deciding.turning_out import turned_out
from advisor.deciding.values import ValueDraws
from advisor.evidence.from_code import CODE_CRITERION
from advisor.evidence.table import Cell, EvidenceTable, TurnsOut, ValueScale

TIMES = (0.5, 2.0)
_ENDS = ("barely_acceptable", "good_enough")
#: A scale whose ends come closer than this factor, or change places, is none that anybody would set.
_LEAST_APART = 1.5
#: The word and the recommended candidate by utilities of the shape (draws, candidates).
Judge = Callable[[Array], tuple[Verdict, str]]


def stress(
    values: ValueDraws,
    weights: Array,
    utility: Array,
    table: EvidenceTable,
    feasible: tuple[str, ...],
    pair: tuple[str, str],
    seed: int,
    judge: Judge,
) -> Stress:
    """What halving or doubling one judgement changes, and where the uncertainty of the lead comes from.

    Args:
        values: drawn.
        weights: shape (draws, criteria).
        utility: of the feasible candidates, shape (draws, feasible).
        table: the evidence.
        feasible: candidates that can be chosen.
        pair: the recommended candidate and the runner-up.
        seed: by which open answers were drawn.
        judge: the rules of the verdict.
    """
    now = judge(utility)
    moves = _moves_of_facts(table, feasible, seed, len(utility))

    def after(moved: Mapping[tuple[int, int], Array]) -> tuple[Verdict, str]:
        changed = utility.copy()
        for (i, k), new in moved.items():
            at = values.candidates.index(feasible[i])
            changed[:, i] += weights[:, k] * (new - values.values[:, at, k])
        return judge(changed)

    found = []
    for fact, cells in moves.items():
        for times in TIMES:
            moved = {
                (i, k): np.clip(_drawn(values, feasible[i], k) + (times - 1) * amount, 0.0, 1.0)
                for (i, k), amount in cells.items()
            }
            verdict, recommended = after(moved)
            if (verdict, recommended) != now:
                found.append(FactStress(fact, times, verdict, recommended))
    anchors = []
    for end, times, stretched in _stretched(values, table, feasible):
        verdict, recommended = after(stretched)
        if (verdict, recommended) != now:
            anchors.append(AnchorStress(CODE_CRITERION, end, times, verdict, recommended))
    return Stress(len(moves), tuple(found), tuple(anchors), shares_of_uncertainty(values, weights, *pair))


def shares_of_uncertainty(values: ValueDraws, weights: Array, first: str, second: str) -> Shares:
    """The variance of the lead in two ways: with the evidence held at its means, and with the weights held at theirs.

    What is left belongs to both together. Weights and values are drawn independently but where nobody named the stage
    of the project, on which the weights and some facts hang alike: what varies with it is in both shares, which are
    brought down to 1 where they exceed it together.
    """
    both = values.of((first, second))
    difference = both[:, 0] - both[:, 1]
    total = float((weights * difference).sum(axis=1).var())
    if total <= 0:
        return Shares(0.0, 0.0, 0.0)
    by_priorities = float((weights @ difference.mean(axis=0)).var()) / total
    by_evidence = float((difference @ weights.mean(axis=0)).var()) / total
    alone = by_priorities + by_evidence
    if alone > 1.0:
        return Shares(by_priorities / alone, by_evidence / alone, 0.0)
    return Shares(by_priorities, by_evidence, 1.0 - alone)


def _moves_of_facts(
    table: EvidenceTable, feasible: Sequence[str], seed: int, draws: int
) -> dict[str, dict[tuple[int, int], Array | float]]:
    """What each fact adds to the value of the cells that it counts in, by (candidate, criterion).

    A number where the fact surely holds, else a number for each draw.
    """
    moves: dict[str, dict[tuple[int, int], Array | float]] = {}
    for i, candidate in enumerate(feasible):
        for k, criterion in enumerate(table.criteria):
            for fact, amount in _added(table.cell(candidate, criterion), seed, draws):
                cells = moves.setdefault(fact, {})
                cells[i, k] = cells.get((i, k), 0.0) + amount
    return moves


def _added(cell: Cell, seed: int, draws: int) -> Iterator[tuple[str, Array | float]]:
    """What facts add to the value of a cell by each of its components."""
    for component, share in zip(cell.components, cell.shares, strict=True):
        for fact, effect in component.effects:
            yield fact, share * effect
        for doubt in component.doubts:
            if isinstance(doubt.shape, TurnsOut):
                held: Array = turned_out(doubt.shape.when, seed, draws).astype(np.float64)
                yield doubt.name, share * doubt.shape.amount * held


def _stretched(
    values: ValueDraws, table: EvidenceTable, feasible: Sequence[str]
) -> Iterator[tuple[str, float, dict[tuple[int, int], Array]]]:
    """The draws of counted code as other anchors have them; nothing where no code was counted.

    Narrow anchors of the user's own are stretched as far as they leave a scale: an end that would come too close to the
    other, or pass it, stays where it is.
    """
    if CODE_CRITERION not in table.criteria:
        return
    k = table.criteria.index(CODE_CRITERION)
    scales = {i: _scale(table.cell(candidate, CODE_CRITERION)) for i, candidate in enumerate(feasible)}
    counted = {i: scale for i, scale in scales.items() if scale is not None}
    for end in _ENDS if counted else ():
        for times in TIMES:
            stretched = {i: replace(scale, **{end: getattr(scale, end) * times}) for i, scale in counted.items()}
            if all(map(_is_scale, counted.values(), stretched.values())):
                yield (
                    end,
                    times,
                    {
                        (i, k): _as_on(scale, stretched[i], _drawn(values, feasible[i], k))
                        for i, scale in counted.items()
                    },
                )


def _is_scale(old: ValueScale, new: ValueScale) -> bool:
    """Whether the ends of a changed scale are still in their order, and far enough apart."""
    ends = new.barely_acceptable, new.good_enough
    low, high = ends if old.barely_acceptable < old.good_enough else ends[::-1]
    return high >= _LEAST_APART * low


def _scale(cell: Cell) -> ValueScale | None:
    return next((component.scale for component in cell.components if component.scale is not None), None)


def _as_on(old: ValueScale, new: ValueScale, drawn: Array) -> Array:
    """Values on one scale as they are on another."""
    ends = [(scale.barely_acceptable, scale.good_enough) for scale in (old, new)]
    if old.log:
        ends = [(math.log(low), math.log(high)) for low, high in ends]
    (low, high), (new_low, new_high) = ends
    raw = low - drawn * (low - high)
    return np.clip((new_low - raw) / (new_low - new_high), 0.0, 1.0)


def _drawn(values: ValueDraws, candidate: str, k: int) -> Array:
    drawn: Array = values.values[:, values.candidates.index(candidate), k]
    return drawn
