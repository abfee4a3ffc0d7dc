"""Evidence from what the team said: how many weeks until it is productive in each candidate.

Weeks of learning, and of moving the code that exists. All numbers here are judgement calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.catalog import CANDIDATES
from advisor.evidence.scales import scale_for, value_of
from advisor.evidence.table import Component, Uniform
from advisor.interview.answers import Answers
from advisor.method import Method

#: Weeks until productive by level 0..5 (never used, tutorial, built with help, shipped, in production,
#: internals): straight lines between them.
WEEKS_BY_LEVEL = (12.0, 8.0, 5.0, 2.5, 1.5, 1.0)
#: Levels assumed where nothing was said or the team was not sure: the defaults of the interview.
DEFAULT_LEVELS: dict[str, float] = {"team.pytorch": 1.0, "team.keras": 1.0, "team.tensorflow": 1.0, "team.jax": 0.0}
#: Skill in one framework carries over to another: it is worth this many levels less there.
CARRY_OVER_LOSS = 2.0
#: Who is below "built something with help" is new to machine learning, and learns it through the framework.
NOVICE_LEVEL = 2.0
#: Person-weeks to write the existing code anew, by its size; "small" is what one person rewrites in a month.
REWRITE_WEEKS: dict[str | None, tuple[float, float, float]] = {
    "small": (2.0, 4.0, 6.0),
    None: (3.0, 12.0, 50.0),
    "large": (12.0, 40.0, 120.0),
}
#: People assumed where nobody said how many work on it.
DEFAULT_PEOPLE = 3.0


@dataclass(frozen=True)
class Weeks:
    """Weeks until productive: what the answers say, and the range they leave open (``low`` is fastest)."""

    low: float
    median: float
    high: float


def weeks_until_productive(candidate: str, answers: Answers) -> Weeks:
    """Weeks until the team is productive in a candidate: learning it, then moving the existing code to it.

    An answered level is certain to half a level; where the team was not sure, to a whole level around the
    default.

    Raises:
        KeyError: the candidate is not known here.
    """
    moving = weeks_of_moving(candidate, answers)
    return Weeks(
        low=_weeks_of_learning(candidate, answers, +1) + moving.low,
        median=_weeks_of_learning(candidate, answers, 0) + moving.median,
        high=_weeks_of_learning(candidate, answers, -1) + moving.high,
    )


def weeks_of_moving(candidate: str, answers: Answers) -> Weeks:
    """Weeks in which the whole team moves its existing code; none where there is none, or it is rewritten anyway.

    Where the team is not sure what code there is, from none to all of it anew, and as likely none as any.
    """
    existing, unsure = answers.choices("existing.frameworks"), answers.unsure("existing.frameworks")
    if not (existing or unsure) or answers.text("existing.intent") == "rewrite":
        return Weeks(0.0, 0.0, 0.0)
    people = max(1.0, answers.number("team.people") or DEFAULT_PEOPLE)
    low, median, high = (weeks / people for weeks in REWRITE_WEEKS[answers.text("existing.size")])
    if unsure:
        return Weeks(0.0, median / 2, median)
    share = share_to_rewrite(candidate, existing)
    return Weeks(share * low, share * median, share * high)


def share_to_rewrite(candidate: str, existing: Sequence[str]) -> float:
    """How much of the code in existing frameworks has to be written anew to go on in a candidate, in [0, 1]."""
    to_rewrite = CANDIDATES[candidate].to_rewrite
    return sum(to_rewrite.get(framework, 1.0) for framework in existing) / len(existing)


def team_fit_component(candidate: str, voices: Sequence[Answers], method: Method) -> Component:
    """The team's fit with a candidate, uniform between the ends that the answers leave open.

    Args:
        candidate: an id of the catalog.
        voices: the answers of everybody who answered, at least one; where they differ, the range holds all of them.
        method: anchors.
    """
    heard = [weeks_until_productive(candidate, answers) for answers in voices]
    weeks = Weeks(
        low=min(estimate.low for estimate in heard),
        median=sum(estimate.median for estimate in heard) / len(heard),
        high=max(estimate.high for estimate in heard),
    )
    scale = scale_for("team_fit", voices[0], method)
    worst, best = value_of(weeks.high, scale), value_of(weeks.low, scale)
    skills = CANDIDATES[candidate].skills
    answered = [key for key in skills if any(answers.number(key) is not None for answers in voices)]
    assumed = [
        f"level {DEFAULT_LEVELS[key]:g} assumed for {key}, which nobody answered"
        for key in skills
        if key not in answered
    ]
    moving = weeks_of_moving(candidate, voices[0])
    noun = "week" if f"{moving.median:.2g}" == "1" else "weeks"
    unsure = voices[0].unsure("existing.frameworks")
    moved = [f"{moving.median:.2g} {noun} of it to move the existing code"] if moving.median else []
    if moved and unsure:
        moved = [f"{moved[0]}, if there is any, which nobody said"]
    return Component(
        measure="weeks_until_productive",
        label="weeks until the team is productive",
        kind="answered" if answered else "assumed",
        distribution=Uniform((worst + best) / 2, (best - worst) / 2),
        raw=weeks.median,
        raw_low=weeks.low,
        raw_high=weeks.high,
        unit="weeks",
        source=(*answered, *(["existing.frameworks"] if moved and not unsure else [])),
        as_of=None,
        note=", ".join([*moved, *assumed]),
        scale=scale,
    )


def _weeks_of_learning(candidate: str, answers: Answers, direction: int) -> float:
    weeks = float(np.interp(_level(candidate, answers, direction), range(len(WEEKS_BY_LEVEL)), WEEKS_BY_LEVEL))
    experience = answers.number("team.machine_learning")
    if experience is None or experience >= NOVICE_LEVEL:
        return weeks
    return weeks + (NOVICE_LEVEL - experience) * CANDIDATES[candidate].novice_weeks


def _level(candidate: str, answers: Answers, direction: int) -> float:
    own = sum(share * _skill(key, answers, direction) for key, share in CANDIDATES[candidate].skills.items())
    answered = [key for key in DEFAULT_LEVELS if answers.number(key) is not None]
    elsewhere = [_skill(key, answers, direction) for key in answered]
    return max([own, *(level - CARRY_OVER_LOSS for level in elsewhere)])


def _skill(key: str, answers: Answers, direction: int) -> float:
    answered = answers.number(key)
    level = DEFAULT_LEVELS[key] + direction if answered is None else answered + 0.5 * direction
    return min(5.0, max(0.0, level))
