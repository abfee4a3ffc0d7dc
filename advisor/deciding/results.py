"""How each candidate fared, as ``decision.json`` shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from advisor.deciding.acceptability import Acceptability, utilities
from advisor.deciding.constraints import Check
from advisor.deciding.decision import CandidateResult, CriterionValue, Status, Veto
from advisor.deciding.streams import Array
from advisor.deciding.values import ValueDraws, interval
from advisor.deciding.weights import WeightDraws
from advisor.evidence.table import Cell, EvidenceTable


def candidate_results(
    table: EvidenceTable,
    values: ValueDraws,
    weights: WeightDraws,
    accepted: Acceptability | None,
    checks: Mapping[str, Sequence[Check]],
    without_skills: Mapping[str, float],
    seed: int,
) -> tuple[CandidateResult, ...]:
    """Results in the order of the table; ``accepted`` holds those that fail no constraint, None if all fail."""
    ranked = accepted.candidates if accepted else ()
    mean_utility = utilities(values, table.candidates, weights.weights, seed).mean(axis=0)
    means = dict(zip(table.candidates, map(float, mean_utility), strict=True))
    found = []
    for position, candidate in enumerate(table.candidates):
        utility = np.einsum("dk,dk->d", values.values[:, position], weights.weights)
        at = ranked.index(candidate) if candidate in ranked else None
        rank = 1 + sum(means[other] > means[candidate] for other in ranked)
        central = accepted.central_weights[at] if accepted and at is not None else None
        found.append(
            CandidateResult(
                id=candidate,
                status=_status(checks[candidate]),
                vetoes=tuple(
                    Veto(
                        constraint=each.constraint,
                        status=each.status,
                        reason=each.reason,
                        evidence=each.evidence,
                        rank_had_it_passed=rank if at is None else None,
                    )
                    for each in checks[candidate]
                ),
                rank_probability=(
                    tuple(map(float, accepted.rank_probability[at])) if accepted and at is not None else ()
                ),
                expected_loss=float(accepted.expected_loss[at]) if accepted and at is not None else None,
                value=interval(utility),
                without_skills=without_skills.get(candidate),
                central_weights=(
                    None if central is None else dict(zip(table.criteria, map(float, central), strict=True))
                ),
                confidence_factor=accepted.confidence_factor[at] if accepted and at is not None else None,
                criteria={
                    criterion: _criterion_value(table.cell(candidate, criterion), values.values[:, position, k])
                    for k, criterion in enumerate(table.criteria)
                },
            )
        )
    return tuple(found)


def _status(checks: Sequence[Check]) -> Status:
    if any(each.status == "fail" for each in checks):
        return "vetoed"
    return "unknown" if checks else "in"


def _criterion_value(cell: Cell, drawn: Array) -> CriterionValue:
    low, high = np.quantile(drawn, [0.025, 0.975])
    shown = cell.shown
    dates = [component.as_of for component in cell.components if component.as_of is not None]
    return CriterionValue(
        value=float(drawn.mean()),
        low=float(low),
        high=float(high),
        raw=shown.raw,
        unit=shown.unit,
        kind=cell.kind,
        source=tuple(dict.fromkeys(source for component in cell.components for source in component.source)),
        as_of=min(dates, default=None),
    )
