"""The one word of the decision."""

from __future__ import annotations

from advisor.deciding.decision import Range, Thresholds, Verdict

#: What is true of the weight that stands on the study itself; the same words wherever it is told.
GROUNDED_WORDS = "was measured or rehearsed here, is code that ran here for your problem, or was answered by the team"


def verdict_of(
    *,
    feasible: int,
    probability: float,
    margin: Range | None,
    missing_weight: float,
    open_constraint: bool,
    grounded_weight: float,
    thresholds: Thresholds,
) -> Verdict:
    """The verdict by the rules of the method, strongest objection first.

    Args:
        feasible: candidates that fail no constraint.
        probability: that the recommended candidate's family holds the best candidate.
        margin: of the recommended candidate over the runner-up; None where there is no other.
        missing_weight: share of the mean weight on evidence that is missing.
        open_constraint: whether the recommended candidate may fail a constraint.
        grounded_weight: share of the mean weight on what was measured or rehearsed here or answered by the team.
        thresholds: the rules in force.
    """
    if feasible == 0:
        return "none_feasible"
    if margin is not None and missing_weight > thresholds.missing_weight:
        return "insufficient"
    if open_constraint:
        return "conditional"
    if margin is None:
        return "clear"
    leads_clearly = probability >= thresholds.clear_probability and margin.median >= thresholds.margin
    if leads_clearly and grounded_weight >= thresholds.grounded_weight:
        return "clear"
    return "lean" if probability >= thresholds.lean_probability else "too_close"
