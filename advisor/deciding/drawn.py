"""What a decision is read off: values and weights as they were drawn, and who leads by them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from advisor.catalog import Kind, family_of
from advisor.deciding.acceptability import Acceptability, accept, probability_best, utilities, without
from advisor.deciding.constraints import Check, Given, check
from advisor.deciding.constraints import relaxation as smallest_relaxation
from advisor.deciding.decision import Range
from advisor.deciding.information import information_values
from advisor.deciding.people import pooled_weights
from advisor.deciding.streams import Array
from advisor.deciding.values import ValueDraws, draw_values, interval
from advisor.deciding.weights import WeightDraws
from advisor.evidence.from_code import CODE_CRITERION
from advisor.evidence.table import EvidenceTable
from advisor.interview.answers import Answers
from advisor.method import Method


@dataclass(frozen=True)
class Top:
    """The recommended candidate and the candidate it is compared with, as ids; None where there is no other."""

    first: str
    second: str | None
    family_probability: float
    margin: Range | None


@dataclass(frozen=True)
class Drawn:
    """Who may be chosen, and how those compare over all draws; nobody: None."""

    values: ValueDraws
    weights: WeightDraws
    checks: dict[str, tuple[Check, ...]]
    feasible: tuple[str, ...]
    accepted: Acceptability | None

    def worth_of_knowing(self) -> dict[str, float]:
        if self.accepted is None:
            return {}
        return information_values(self.accepted.utilities, self.values.of(self.feasible), self.values.criteria)


def draw(given: Given, people: Mapping[str, Answers], method: Method, seed: int, draws: int) -> Drawn:
    """Values, weights, and who may be chosen."""
    table = given.table
    values = draw_values(table, seed, draws, method.deciding.family_share)
    weights = pooled_weights(given.answers, people, table.criteria, method.default_weights, seed, draws)
    checks = {candidate: check(candidate, given) for candidate in table.candidates}
    feasible = tuple(c for c in table.candidates if not any(each.status == "fail" for each in checks[c]))
    accepted = accept(values, feasible, weights.weights, seed) if feasible else None
    return Drawn(values, weights, checks, feasible, accepted)


def top(candidates: tuple[str, ...], utility: Array) -> Top:
    """The candidate of least expected loss, and the best candidate of another family, or else the next.

    A family's probability adds up its candidates', so near-clones that split the first rank do not weaken it.
    """
    # Who has the least expected loss has the highest mean utility.
    names = [candidates[i] for i in np.argsort(-utility.mean(axis=0), kind="stable")]
    first, rest = names[0], names[1:]
    second = next((c for c in rest if family_of(c) != family_of(first)), rest[0] if rest else None)
    margin = None
    if second is not None:
        margin = interval(utility[:, candidates.index(first)] - utility[:, candidates.index(second)])
    return Top(first, second, family_probability(candidates, probability_best(utility))[family_of(first)], margin)


def family_probability(candidates: Sequence[str], best: Array) -> dict[str, float]:
    found: dict[str, float] = {}
    for candidate, probability in zip(candidates, best, strict=True):
        family = family_of(candidate)
        found[family] = found.get(family, 0.0) + float(probability)
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def pairwise(accepted: Acceptability) -> dict[str, dict[str, float]]:
    return {
        first: {second: float(accepted.pairwise[i, j]) for j, second in enumerate(accepted.candidates) if i != j}
        for i, first in enumerate(accepted.candidates)
    }


#: Kinds of evidence on which nobody knows anything, and that come from this machine or this team.
MISSING: tuple[Kind, ...] = ("missing",)
GROUNDED: tuple[Kind, ...] = ("measured", "rehearsed", "answered")


def weight_on(kinds: Collection[Kind], table: EvidenceTable, candidates: Sequence[str], weights: WeightDraws) -> float:
    """Mean weight of each criterion times the share of its evidence of some kinds, candidates counting alike."""
    now = weights.weights.mean(axis=0)
    cells = {(cell.candidate, cell.criterion): cell for cell in table.cells}
    shares = [np.mean([cells[i, k].share_of(kinds) for i in candidates]) for k in table.criteria]
    return float(now @ np.asarray(shares))


def code_counted(table: EvidenceTable, candidates: Sequence[str]) -> bool:
    return CODE_CRITERION in table.criteria and not any(
        table.cell(candidate, CODE_CRITERION).missing for candidate in candidates
    )


def without_skills(values: ValueDraws, weights: WeightDraws, feasible: tuple[str, ...], seed: int) -> dict[str, float]:
    """P(best) with the team's skills left out; empty where nothing else carries weight."""
    if "team_fit" not in weights.criteria or not feasible:
        return {}
    rest = without(weights.weights, weights.criteria.index("team_fit"))
    if rest is None:
        return {}
    best = probability_best(utilities(values, feasible, rest, seed))
    return dict(zip(feasible, map(float, best), strict=True))


def relaxation(checks: Mapping[str, Sequence[Check]], values: ValueDraws, weights: WeightDraws) -> str | None:
    failing = {c: [each for each in found if each.status == "fail"] for c, found in checks.items()}
    means = np.einsum("dik,dk->di", values.values, weights.weights).mean(axis=0)
    return smallest_relaxation(failing, dict(zip(values.candidates, map(float, means), strict=True)))
