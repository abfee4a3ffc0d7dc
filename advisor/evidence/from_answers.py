"""Evidence from what the team said: how many weeks until it is productive in each candidate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from advisor.evidence.scales import scale_for, value_of
from advisor.evidence.table import Component, Uniform
from advisor.interview.answers import Answers
from advisor.method import Method

#: Weeks until productive by level 0..5 (never used, tutorial, built with help, shipped, in production,
#: internals): judgement calls, straight lines between them.
WEEKS_BY_LEVEL = (12.0, 8.0, 5.0, 2.5, 1.5, 1.0)
#: Levels assumed where nothing was said or the team was not sure: the defaults of the interview.
DEFAULT_LEVELS: dict[str, float] = {"team.pytorch": 1.0, "team.keras": 1.0, "team.tensorflow": 1.0, "team.jax": 0.0}
#: Skill in one framework carries over to another: it is worth this many levels less there.
CARRY_OVER_LOSS = 2.0
#: Shares by which skills make up the level in a candidate. People who write Keras rarely leave it; the
#: backend is met in error messages, custom layers and deployment. TensorFlow's layers and losses are Keras's.
SKILLS: dict[str, dict[str, float]] = {
    "pytorch": {"team.pytorch": 1.0},
    "keras-tensorflow": {"team.keras": 0.75, "team.tensorflow": 0.25},
    "keras-jax": {"team.keras": 0.75, "team.jax": 0.25},
    "keras-torch": {"team.keras": 0.75, "team.pytorch": 0.25},
    "tensorflow": {"team.tensorflow": 0.75, "team.keras": 0.25},
}


@dataclass(frozen=True)
class Weeks:
    """Weeks until productive: what the answers say, and the range they leave open (``low`` is fastest)."""

    low: float
    median: float
    high: float


def weeks_until_productive(candidate: str, answers: Answers) -> Weeks:
    """Weeks until the team is productive in a candidate.

    An answered level is certain to half a level; where the team was not sure, to a whole level around the
    default.

    Raises:
        KeyError: the candidate is not known here.
    """
    return Weeks(
        low=_weeks(_level(candidate, answers, +1)),
        median=_weeks(_level(candidate, answers, 0)),
        high=_weeks(_level(candidate, answers, -1)),
    )


def team_fit_component(candidate: str, answers: Answers, method: Method) -> Component:
    """The team's fit with a candidate, uniform between the ends that the answers leave open."""
    weeks = weeks_until_productive(candidate, answers)
    scale = scale_for("team_fit", answers, method)
    worst, best = value_of(weeks.high, scale), value_of(weeks.low, scale)
    assumed = [
        f"level {DEFAULT_LEVELS[key]:g} assumed for {key}" for key in SKILLS[candidate] if answers.number(key) is None
    ]
    return Component(
        measure="weeks_until_productive",
        label="weeks until the team is productive",
        kind="answered",
        distribution=Uniform((worst + best) / 2, (best - worst) / 2),
        raw=weeks.median,
        raw_low=weeks.low,
        raw_high=weeks.high,
        unit="weeks",
        source=tuple(SKILLS[candidate]),
        as_of=None,
        note=", ".join(assumed),
    )


def _level(candidate: str, answers: Answers, direction: int) -> float:
    own = sum(share * _skill(key, answers, direction) for key, share in SKILLS[candidate].items())
    answered = [key for key in DEFAULT_LEVELS if answers.number(key) is not None]
    elsewhere = [_skill(key, answers, direction) for key in answered]
    return max([own, *(level - CARRY_OVER_LOSS for level in elsewhere)])


def _skill(key: str, answers: Answers, direction: int) -> float:
    answered = answers.number(key)
    level = DEFAULT_LEVELS[key] + direction if answered is None else answered + 0.5 * direction
    return min(5.0, max(0.0, level))


def _weeks(level: float) -> float:
    return float(np.interp(level, range(len(WEEKS_BY_LEVEL)), WEEKS_BY_LEVEL))
