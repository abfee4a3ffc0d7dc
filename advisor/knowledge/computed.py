"""What the evidence computes from answers itself, so that no fact counts the same answer for the same reason again."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.catalog import CANDIDATES

#: From these come the weeks until a team is productive: learning, and moving the code that exists.
TEAM_FIT_READS: tuple[str, ...] = (
    *dict.fromkeys(skill for candidate in CANDIDATES.values() for skill in candidate.skills),
    "team.machine_learning",
    "team.people",
    "existing.frameworks",
    "existing.size",
    "existing.intent",
    "project.baseline_weeks",
)
#: By these the best route to a target is chosen, and a detour told from a way. Which targets there are
#: (``deployment.targets``) says only what is looked at, and is no reason for anybody.
ROUTES_READ: tuple[str, ...] = ("deployment.accepts", "deployment.install_mb")


@dataclass(frozen=True)
class Computed:
    """A part of the evidence that is computed from answers: ``what`` it is, what it reads, and the criteria that ask
    for the same thing, its own among them."""

    what: str
    reads: tuple[str, ...]
    criteria: tuple[str, ...]


#: How soon a first model stands is a matter of the same weeks that team fit counts.
COMPUTED: tuple[Computed, ...] = (
    Computed("the weeks until the team is productive", TEAM_FIT_READS, ("team_fit", "time_to_baseline")),
    Computed("the routes to the targets", ROUTES_READ, ("deployment",)),
)


def counted_already(criterion: str, key: str) -> str | None:
    """What counts an answer on a criterion already; None where nothing does."""
    return next((part.what for part in COMPUTED if criterion in part.criteria and key in part.reads), None)
