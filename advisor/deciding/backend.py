"""Which backend of a family: a question of its own, asked once the family is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from advisor.catalog import family_of
from advisor.deciding.acceptability import accept
from advisor.deciding.decision import BackendChoice, Thresholds
from advisor.deciding.reasons import reasons
from advisor.deciding.sensitivity import contributions
from advisor.deciding.streams import Array
from advisor.deciding.values import ValueDraws, interval
from advisor.evidence.table import EvidenceTable
from advisor.knowledge.facts import Fact


def backend_choice(
    recommended: str,
    feasible: Sequence[str],
    values: ValueDraws,
    weights: Array,
    table: EvidenceTable,
    facts: Sequence[Fact],
    thresholds: Thresholds,
    grounded_weight: float,
    seed: int,
) -> BackendChoice | None:
    """The recommended candidate among those of its family, by the thresholds of the whole; None where it is alone."""
    family = tuple(c for c in feasible if family_of(c) == family_of(recommended))
    if len(family) < 2:
        return None
    among = accept(values, family, weights, seed)
    at = family.index(recommended)
    runner_up = next(family[i] for i in among.order if i != at)
    probability = float(among.rank_probability[at, 0])
    margin = interval(among.utilities[:, at] - among.utilities[:, family.index(runner_up)])
    verdict: Literal["clear", "lean", "too_close"] = "too_close"
    if probability >= thresholds.lean_probability and margin.median > 0:
        clear = probability >= thresholds.clear_probability and margin.median >= thresholds.margin
        verdict = "clear" if clear and grounded_weight >= thresholds.grounded_weight else "lean"
    apart = contributions(values, weights, recommended, runner_up)
    return BackendChoice(
        recommended=recommended,
        runner_up=runner_up,
        verdict=verdict,
        probability=probability,
        margin=margin,
        reasons=reasons(apart, table, recommended, runner_up, facts),
    )
