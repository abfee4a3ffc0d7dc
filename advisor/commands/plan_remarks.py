"""What people read below the table of a plan: why each pilot was chosen, how long it takes, what is left out."""

from __future__ import annotations

from collections import defaultdict

from advisor.method import method
from advisor.planning.budget import expected_cuts
from advisor.planning.plan import Plan
from advisor.watching.words import duration


def plan_remarks(plan: Plan) -> tuple[str, ...]:
    """One line each, the sum last."""
    seconds: dict[str, float] = defaultdict(float)
    for launch in plan.launches:
        seconds[launch.workload] += launch.estimated_s
    return (
        *(f"{choice.name}, {duration(seconds[choice.name])}: {choice.why}" for choice in plan.workloads if seconds),
        *(f"{candidate} is left out: {reason}" for candidate, reason in plan.unavailable.items()),
        *plan.notes,
        *expected_cuts(plan, method().measuring.minimum_launches),
        f"{len(plan.trials)} trials in all, {duration(plan.estimated_s)}" if plan.trials else "nothing to run",
    )
