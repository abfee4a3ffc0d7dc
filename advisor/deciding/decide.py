"""The decision: constraints first, then acceptability over all draws, then what would change it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from advisor.catalog import Kind, family_of
from advisor.deciding import advice
from advisor.deciding.acceptability import Acceptability, accept, probability_best, utilities, without
from advisor.deciding.backend import backend_choice
from advisor.deciding.constraints import Check, Given, check, relaxation
from advisor.deciding.cost import cost_of
from advisor.deciding.decision import (
    Decision,
    MethodUsed,
    Range,
    Thresholds,
    Verdict,
    WhatWouldChange,
)
from advisor.deciding.information import information_values, next_measurement
from advisor.deciding.migration import frozen_in, migration
from advisor.deciding.people import person_results, pooled_weights
from advisor.deciding.reasons import reasons
from advisor.deciding.results import candidate_results
from advisor.deciding.sensitivity import (
    contributions,
    flip_drops,
    flip_values,
    flip_weights,
    smallest_weight_shift,
)
from advisor.deciding.streams import Array
from advisor.deciding.stress import stress
from advisor.deciding.values import ValueDraws, draw_values, interval
from advisor.deciding.verdict import verdict_of
from advisor.deciding.weights import WeightDraws
from advisor.evidence.from_code import CODE_CRITERION
from advisor.evidence.table import EvidenceTable
from advisor.interview.answers import Answers
from advisor.measuring.analysis.series import Series
from advisor.method import Method


@dataclass(frozen=True)
class Case:
    """Everything a decision is made from.

    Attributes:
        given: answers, evidence table, facts and routes, and the constraints that are lifted.
        as_of: ISO date by which facts counted as fresh or stale.
        series: measurements, the baseline's included.
        answering: workloads that answer for the asked problem, not those that stand in for one.
        people: whole answers of everybody who answered in a file of their own, by name.
        same_hardware: whether measured speeds speak for the hardware asked about.
    """

    given: Given
    as_of: str
    series: Sequence[Series] = ()
    answering: Collection[str] = ()
    people: Mapping[str, Answers] = field(default_factory=dict)
    same_hardware: bool = True


@dataclass(frozen=True)
class _Top:
    """The recommended candidate and the one it is compared with, as ids; no other: None."""

    first: str
    second: str | None
    family_probability: float
    margin: Range | None


def decide(case: Case, method: Method, *, seed: int | None = None, draws: int | None = None) -> Decision:
    """Decide from evidence; the same case and seed give the same decision.

    Args:
        case: what is known.
        method: thresholds, seed and number of draws.
        seed: in place of the method's.
        draws: in place of the method's.
    """
    seed = method.deciding.seed if seed is None else seed
    draws = method.deciding.draws if draws is None else draws
    thresholds = Thresholds(
        clear_probability=method.deciding.clear_probability,
        lean_probability=method.deciding.lean_probability,
        margin=method.deciding.margin,
        shortlist_loss=method.deciding.shortlist_loss,
        missing_weight=method.deciding.missing_weight,
        grounded_weight=method.deciding.grounded_weight,
    )
    given, answers, table = case.given, case.given.answers, case.given.table
    facts, routes = given.facts, given.routes
    drawn = _draw(case, method, seed, draws)
    values, weights, checks = drawn.values, drawn.weights, drawn.checks
    feasible, accepted = drawn.feasible, drawn.accepted
    top = _top(feasible, accepted.utilities) if accepted else None
    missing = _weight_on(_MISSING, table, feasible or table.candidates, weights)
    grounded = _weight_on(GROUNDED, table, feasible or table.candidates, weights)

    def word_for(top: _Top | None, grounded_weight: float = grounded) -> Verdict:
        return verdict_of(
            feasible=len(feasible),
            probability=top.family_probability if top else 0.0,
            margin=top.margin if top else None,
            missing_weight=missing,
            open_constraint=top is not None and bool(checks[top.first]),
            grounded_weight=grounded_weight,
            thresholds=thresholds,
        )

    def judge(utility: Array) -> tuple[Verdict, str]:
        other = _top(feasible, utility)
        return word_for(other), other.first

    verdict = word_for(top)
    held_back = verdict != word_for(top, 1.0)
    chosen = top if verdict != "insufficient" else None
    recommended = chosen.first if chosen else None
    shortlist = _shortlist(accepted, top, thresholds, verdict == "too_close") if accepted and top else ()
    results = candidate_results(
        table, values, weights, accepted, checks, _without_skills(values, weights, feasible, seed), seed
    )
    apart = contributions(values, weights.weights, chosen.first, chosen.second) if chosen and chosen.second else ()
    existing_code = migration(
        recommended, verdict, answers, held_back_below=thresholds.grounded_weight if held_back else None
    )
    # What is frozen leaves the framework that it is in, whatever is recommended for new work.
    leaving = (frozen_in(answers) if existing_code.what == "freeze" else None) or recommended
    return Decision(
        verdict=verdict,
        recommended=recommended,
        family=family_of(recommended) if recommended else None,
        shortlist=shortlist,
        probability_best=next((r.rank_probability[0] for r in results if r.id == recommended), None),
        family_probability=_family_probability(feasible, accepted.rank_probability[:, 0]) if accepted else {},
        candidates=results,
        weights={k: interval(weights.weights[:, i]) for i, k in enumerate(table.criteria)},
        not_applicable=table.not_applicable,
        margin=chosen.margin if chosen else None,
        contributions=apart,
        reasons=reasons(apart, table, chosen.first, chosen.second, facts) if chosen and chosen.second else (),
        why_not=(
            {
                other: reasons(
                    contributions(values, weights.weights, recommended, other),
                    table,
                    recommended,
                    other,
                    facts,
                )
                for other in table.candidates
                if other != recommended
            }
            if recommended
            else {}
        ),
        backend=(
            backend_choice(recommended, feasible, values, weights.weights, table, facts, thresholds, grounded, seed)
            if recommended
            else None
        ),
        people=(
            person_results(case.people, recommended, feasible, values, method.default_weights, seed)
            if recommended
            else ()
        ),
        pairwise=_pairwise(accepted) if accepted else {},
        routes=advice.target_routes(recommended, answers, routes) if recommended else {},
        hybrid=advice.hybrid(leaving, shortlist, feasible, answers, routes, verdict) if leaving else None,
        migration=existing_code.what,
        migration_because=existing_code.why,
        beyond=advice.beyond(answers, case.series, facts, case.answering),
        what_would_change=(
            _what_would_change(values, weights, table, feasible, chosen.first, chosen.second, seed)
            if chosen and chosen.second
            else None
        ),
        next_measurement=next_measurement(drawn.worth_of_knowing(), code_counted=_code_counted(table, feasible)),
        relaxation=None if feasible else _relaxation(checks, values, weights),
        lifted=tuple(sorted(given.lifted)),
        cost=(
            cost_of(chosen.first, chosen.second, answers, case.series, case.same_hardware, case.answering)
            if chosen
            else None
        ),
        missing_weight=missing,
        grounded_weight=grounded,
        held_back=held_back,
        method=MethodUsed(
            seed=seed,
            draws=draws,
            thresholds=thresholds,
            weights_from=weights.said,
            weights_because=weights.because,
            as_of=case.as_of,
        ),
        stress=(
            stress(
                values,
                weights.weights,
                accepted.utilities,
                table,
                feasible,
                (chosen.first, chosen.second),
                seed,
                judge,
            )
            if accepted and chosen and chosen.second
            else None
        ),
    )


def worth_of_knowing(case: Case, method: Method) -> dict[str, float]:
    """What knowing each criterion exactly would be worth to this decision, on the value scale.

    The same inputs give the same worth; see :func:`advisor.deciding.information.information_value`.
    """
    return _draw(case, method, method.deciding.seed, method.deciding.draws).worth_of_knowing()


@dataclass(frozen=True)
class _Drawn:
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


def _draw(case: Case, method: Method, seed: int, draws: int) -> _Drawn:
    given, table = case.given, case.given.table
    values = draw_values(table, seed, draws, method.deciding.family_share)
    weights = pooled_weights(given.answers, case.people, table.criteria, method.default_weights, seed, draws)
    checks = {candidate: check(candidate, given) for candidate in table.candidates}
    feasible = tuple(c for c in table.candidates if not any(each.status == "fail" for each in checks[c]))
    accepted = accept(values, feasible, weights.weights, seed) if feasible else None
    return _Drawn(values, weights, checks, feasible, accepted)


def _top(candidates: tuple[str, ...], utility: Array) -> _Top:
    """The candidate of least expected loss, and the best one of another family, or else the next one.

    A family's probability adds up its candidates', so near-clones that split the first rank do not weaken it.
    """
    # Who has the least expected loss has the highest mean utility.
    names = [candidates[i] for i in np.argsort(-utility.mean(axis=0), kind="stable")]
    first, rest = names[0], names[1:]
    second = next((c for c in rest if family_of(c) != family_of(first)), rest[0] if rest else None)
    margin = None
    if second is not None:
        margin = interval(utility[:, candidates.index(first)] - utility[:, candidates.index(second)])
    return _Top(first, second, _family_probability(candidates, probability_best(utility))[family_of(first)], margin)


def _family_probability(candidates: Sequence[str], best: Array) -> dict[str, float]:
    found: dict[str, float] = {}
    for candidate, probability in zip(candidates, best, strict=True):
        family = family_of(candidate)
        found[family] = found.get(family, 0.0) + float(probability)
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _shortlist(accepted: Acceptability, top: _Top, thresholds: Thresholds, too_close: bool) -> tuple[str, ...]:
    """Everything within the allowed loss of the least, best first; too close to call names at least two."""
    least = float(accepted.expected_loss.min())
    close = [
        accepted.candidates[i] for i in accepted.order if accepted.expected_loss[i] <= least + thresholds.shortlist_loss
    ]
    if too_close and top.second is not None and top.second not in close:
        close.append(top.second)
    return tuple(close)


def _pairwise(accepted: Acceptability) -> dict[str, dict[str, float]]:
    return {
        first: {second: float(accepted.pairwise[i, j]) for j, second in enumerate(accepted.candidates) if i != j}
        for i, first in enumerate(accepted.candidates)
    }


#: Kinds of evidence on which nobody knows anything, and that come from this machine or this team.
_MISSING: tuple[Kind, ...] = ("missing",)
GROUNDED: tuple[Kind, ...] = ("measured", "rehearsed", "answered")


def _weight_on(kinds: Collection[Kind], table: EvidenceTable, candidates: Sequence[str], weights: WeightDraws) -> float:
    """Mean weight of each criterion times the share of its evidence of some kinds, candidates counting alike."""
    now = weights.weights.mean(axis=0)
    cells = {(cell.candidate, cell.criterion): cell for cell in table.cells}
    shares = [np.mean([cells[i, k].share_of(kinds) for i in candidates]) for k in table.criteria]
    return float(now @ np.asarray(shares))


def _code_counted(table: EvidenceTable, candidates: Sequence[str]) -> bool:
    return CODE_CRITERION in table.criteria and not any(table.cell(one, CODE_CRITERION).missing for one in candidates)


def _without_skills(values: ValueDraws, weights: WeightDraws, feasible: tuple[str, ...], seed: int) -> dict[str, float]:
    """P(best) with the team's skills left out; empty where nothing else carries weight."""
    if "team_fit" not in weights.criteria or not feasible:
        return {}
    rest = without(weights.weights, weights.criteria.index("team_fit"))
    if rest is None:
        return {}
    best = probability_best(utilities(values, feasible, rest, seed))
    return dict(zip(feasible, map(float, best), strict=True))


def _relaxation(checks: Mapping[str, Sequence[Check]], values: ValueDraws, weights: WeightDraws) -> str | None:
    failing = {c: [each for each in found if each.status == "fail"] for c, found in checks.items()}
    means = np.einsum("dik,dk->di", values.values, weights.weights).mean(axis=0)
    return relaxation(failing, dict(zip(values.candidates, map(float, means), strict=True)))


def _what_would_change(
    values: ValueDraws,
    weights: WeightDraws,
    table: EvidenceTable,
    feasible: tuple[str, ...],
    first: str,
    second: str,
    seed: int,
) -> WhatWouldChange:
    drawn = weights.weights
    return WhatWouldChange(
        runner_up=second,
        smallest_weight_shift=smallest_weight_shift(values, drawn, first, second),
        weights=flip_weights(values, drawn, first, second),
        values=flip_values(values, drawn, table, first, second),
        drops=flip_drops(values, drawn, feasible, first, seed),
    )
