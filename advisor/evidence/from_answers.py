"""Evidence from what the team said: how many weeks until it is productive in each candidate.

Weeks of learning, and of moving the code that exists. All numbers here are judgement calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

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
#: Shares by which skills make up the level in a candidate. People who write Keras rarely leave it; the
#: backend is met in error messages, custom layers and deployment. TensorFlow's layers and losses are Keras's.
SKILLS: dict[str, dict[str, float]] = {
    "pytorch": {"team.pytorch": 1.0},
    "keras-tensorflow": {"team.keras": 0.75, "team.tensorflow": 0.25},
    "keras-jax": {"team.keras": 0.75, "team.jax": 0.25},
    "keras-torch": {"team.keras": 0.75, "team.pytorch": 0.25},
    "tensorflow": {"team.tensorflow": 0.75, "team.keras": 0.25},
}
#: Who is new to machine learning learns it through the framework: weeks more for each level below "built something
#: with help", where the training loop is the team's own to write, and for TensorFlow without Keras its graphs as well.
NOVICE_LEVEL = 2.0
NOVICE_WEEKS: dict[str, float] = {
    "pytorch": 2.0,
    "keras-tensorflow": 0.5,
    "keras-jax": 0.5,
    "keras-torch": 0.5,
    "tensorflow": 3.0,
}
#: Share of existing code that has to be written anew to go on in a candidate; all of it where nothing stands here.
TO_REWRITE: dict[str, dict[str, float]] = {
    "pytorch": {"pytorch": 0.0, "keras-torch": 0.5},
    "keras2": {"keras-tensorflow": 0.2, "keras-jax": 0.35, "keras-torch": 0.35, "tensorflow": 0.5},
    "keras3": {"keras-tensorflow": 0.0, "keras-jax": 0.05, "keras-torch": 0.05, "tensorflow": 0.5},
    "tensorflow1": {"keras-tensorflow": 0.8, "tensorflow": 0.7},
    "tensorflow2": {"keras-tensorflow": 0.3, "keras-jax": 0.7, "keras-torch": 0.7, "tensorflow": 0.0},
    "jax": {"keras-jax": 0.5},
}
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
    share = sum(TO_REWRITE.get(framework, {}).get(candidate, 1.0) for framework in existing) / len(existing)
    return Weeks(share * low, share * median, share * high)


def team_fit_component(candidate: str, voices: Sequence[Answers], method: Method) -> Component:
    """The team's fit with a candidate, uniform between the ends that the answers leave open.

    Args:
        candidate: an id of the catalog.
        voices: the answers of everybody who answered, at least one; where they differ, the range holds all of them.
        method: anchors.
    """
    heard = [weeks_until_productive(candidate, answers) for answers in voices]
    weeks = Weeks(
        low=min(one.low for one in heard),
        median=sum(one.median for one in heard) / len(heard),
        high=max(one.high for one in heard),
    )
    scale = scale_for("team_fit", voices[0], method)
    worst, best = value_of(weeks.high, scale), value_of(weeks.low, scale)
    answered = [key for key in SKILLS[candidate] if any(answers.number(key) is not None for answers in voices)]
    assumed = [
        f"level {DEFAULT_LEVELS[key]:g} assumed for {key}, which nobody answered"
        for key in SKILLS[candidate]
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
    return weeks + (NOVICE_LEVEL - experience) * NOVICE_WEEKS[candidate]


def _level(candidate: str, answers: Answers, direction: int) -> float:
    own = sum(share * _skill(key, answers, direction) for key, share in SKILLS[candidate].items())
    answered = [key for key in DEFAULT_LEVELS if answers.number(key) is not None]
    elsewhere = [_skill(key, answers, direction) for key in answered]
    return max([own, *(level - CARRY_OVER_LOSS for level in elsewhere)])


def _skill(key: str, answers: Answers, direction: int) -> float:
    answered = answers.number(key)
    level = DEFAULT_LEVELS[key] + direction if answered is None else answered + 0.5 * direction
    return min(5.0, max(0.0, level))
