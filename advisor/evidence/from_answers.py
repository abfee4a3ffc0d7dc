"""Evidence from what the team said: how many weeks until it is productive in each candidate.

Weeks of learning, and of moving the code that exists. The numbers stand in ``method.toml``, and are judgement calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from advisor.catalog import CANDIDATES
from advisor.evidence.scales import scale_for, value_of
from advisor.evidence.table import Component, Uniform
from advisor.interview.answers import Answers
from advisor.method import Method, method


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
    numbers = method().team_fit
    people = max(1.0, answers.number("team.people") or numbers.assumed_people)
    low, median, high = (weeks / people for weeks in numbers.rewrite_weeks[answers.text("existing.size") or "unsure"])
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
        f"level {method.team_fit.assumed_levels[key]:g} assumed for {key}, which nobody answered"
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
    numbers = method().team_fit
    by_level = numbers.weeks_by_level
    weeks = float(np.interp(_level(candidate, answers, direction), range(len(by_level)), by_level))
    experience = answers.number("team.machine_learning")
    if experience is None or experience >= numbers.novice_level:
        return weeks
    return weeks + (numbers.novice_level - experience) * CANDIDATES[candidate].novice_weeks


def _level(candidate: str, answers: Answers, direction: int) -> float:
    own = sum(share * _skill(key, answers, direction) for key, share in CANDIDATES[candidate].skills.items())
    numbers = method().team_fit
    answered = [key for key in numbers.assumed_levels if answers.number(key) is not None]
    elsewhere = [_skill(key, answers, direction) for key in answered]
    return max([own, *(level - numbers.carry_over_loss for level in elsewhere)])


def _skill(key: str, answers: Answers, direction: int) -> float:
    answered = answers.number(key)
    level = method().team_fit.assumed_levels[key] + direction if answered is None else answered + 0.5 * direction
    return min(5.0, max(0.0, level))
