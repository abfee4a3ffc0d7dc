"""Evidence from dated facts and from the routes to targets."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from advisor.catalog import TARGETS
from advisor.evidence.missing import missing_component
from advisor.evidence.rehearsed import worth_of
from advisor.evidence.table import Component, Doubt, Triangular, TurnsOut
from advisor.interview.answers import Answers
from advisor.interview.conditions import holds
from advisor.interview.open_answers import still_open
from advisor.knowledge.facts import Confidence, Effect, Fact, is_stale
from advisor.knowledge.routes import RehearsedRoute, Route, RouteLimits, Routes
from advisor.method import CitedHalfWidth, Method

NEUTRAL = 0.5
#: Targets on which a server may run models already.
SERVED = ("python_server", "cpp_server", "batch")


@dataclass(frozen=True)
class Said:
    """What relevant facts add up to for one candidate on one criterion.

    ``effects``: what each adds, by id, where that is anything. ``open``: what others may add to that.
    """

    shift: float
    half_width: float
    facts: tuple[Fact, ...]
    effects: tuple[tuple[str, float], ...] = ()
    open: tuple[Doubt, ...] = ()

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """What the facts leave open, the same wherever they count in a cell."""
        if not self.half_width:
            return self.open
        return (Doubt("facts", "cell", Triangular(0.0, self.half_width)), *self.open)


def fact_component(
    candidate: str,
    criterion: str,
    answers: Answers,
    facts: Sequence[Fact],
    widths: CitedHalfWidth,
    today: date,
) -> Component:
    """0.5 plus all effects relevant to these answers, as sure as the weakest fact; missing if none surely speaks."""
    said = what_facts_say(candidate, criterion, answers, facts, widths, today)
    if not said.facts:
        return missing_component(f"facts@{criterion}", "cited facts", "no fact speaks about it")
    return Component(
        measure=f"facts@{criterion}",
        label="cited facts",
        kind="cited",
        distribution=Triangular(NEUTRAL + said.shift, said.half_width),
        raw=None,
        raw_low=None,
        raw_high=None,
        unit="",
        source=tuple(fact.id for fact in said.facts),
        as_of=min(fact.as_of for fact in said.facts).isoformat(),
        doubts=said.open,
        effects=said.effects,
    )


def route_components(
    candidate: str,
    answers: Answers,
    facts: Sequence[Fact],
    routes: Routes,
    method: Method,
    today: date,
) -> tuple[Component, ...]:
    """One component per asked target: the route's worth, shifted by the relevant facts about deployment.

    How sure a route is, is its own; how sure the facts are, is the same doubt on every target.
    What doubts or praises the making of a file counts for routes by such a file, and not where that was rehearsed.
    """
    widths = method.cited_half_width
    found = []
    for target in answers.choices("deployment.targets"):
        limits = limits_of(answers, target)
        route = routes.to(target, candidate, limits)
        if route is None:
            unknown = "no route is known, nor that there is none"
            found.append(missing_component(f"route@{target}", f"route to {TARGETS.get(target, target)}", unknown))
            continue
        said = what_facts_say(candidate, "deployment", answers, facts, widths, today, route)
        # What has to be converted into a format that is taken is a detour, however well the model leaves otherwise.
        status = route.status if route.taken(limits) or route.status == "no" else "with_conditions"
        if isinstance(route, RehearsedRoute):
            worth, own_width = worth_of(status, method.rehearsed), method.rehearsed.half_width
        else:
            worth = method.cited_routes[status]
            own_width = _half_width(route.confidence, today > route.review_by, widths)
        found.append(
            Component(
                measure=f"route@{target}",
                label=f"route to {TARGETS.get(target, target)}: {route.text(candidate)}",
                kind="rehearsed" if isinstance(route, RehearsedRoute) else "cited",
                distribution=Triangular(worth + said.shift, own_width),
                raw=None,
                raw_low=None,
                raw_high=None,
                unit="",
                source=(*route.sources, *(fact.id for fact in said.facts if fact.id not in route.facts)),
                as_of=min([route.as_of, *(fact.as_of for fact in said.facts)]).isoformat(),
                note=route.condition,
                doubts=said.doubts,
                effects=said.effects,
            )
        )
    return tuple(found) or (missing_component("route", "route to a target", "no target is known yet"),)


def limits_of(answers: Answers, target: str) -> RouteLimits:
    """What routes to a target have to keep to for these answers."""
    only_predicts = answers.text("project.trains") == "no" and not is_served(answers, target)
    return RouteLimits(answers.number("deployment.install_mb"), answers.choices("deployment.accepts"), only_predicts)


def is_served(answers: Answers, target: str) -> bool:
    """Whether a server runs models on a target already."""
    return target in SERVED and answers.text("deployment.serving") not in (None, "none")


def what_facts_say(
    candidate: str,
    criterion: str,
    answers: Answers,
    facts: Sequence[Fact],
    widths: CitedHalfWidth,
    today: date,
    route: Route | None = None,
) -> Said:
    """The relevant facts about a candidate on a criterion, added up; of those about files, those about the route's."""
    effects = relevant_effects(candidate, criterion, answers, facts, route)
    opened = _turning_out(candidate, criterion, answers, facts, route)
    relevant = [(fact, effects[fact.id]) for fact in facts if fact.id in effects]
    # A source vouches for a fact; how much it is worth is our judgement, independent from fact to fact.
    sure = [effect for _, effect in relevant]
    may_be = (math.sqrt(shape.chance) * shape.amount for _, shape in opened)
    judged = widths.judged_effect * math.hypot(*sure, *may_be)
    weakest = max((_half_width(fact.confidence, is_stale(fact, today), widths) for fact, _ in relevant), default=0.0)
    return Said(
        shift=sum(sure),
        half_width=weakest + judged,
        facts=tuple(fact for fact, _ in relevant),
        effects=tuple((fact.id, effect) for fact, effect in relevant if effect),
        open=tuple(Doubt(fact.id, "table", shape) for fact, shape in opened),
    )


def relevant_effects(
    candidate: str, criterion: str, answers: Answers, facts: Sequence[Fact], route: Route | None = None
) -> dict[str, float]:
    """What each fact adds to a candidate's value on a criterion, by id, where the answers make it relevant.

    Effects about formats are relevant only to a cited ``route`` that uses one of these formats.
    """
    found: dict[str, float] = {}
    for fact, effect in _effects(candidate, criterion, facts, route):
        if holds(effect.when, answers) is True:
            found[fact.id] = found.get(fact.id, 0.0) + effect.effect
    return found


def _turning_out(
    candidate: str, criterion: str, answers: Answers, facts: Sequence[Fact], route: Route | None
) -> list[tuple[Fact, TurnsOut]]:
    """The facts of which the answers leave open whether they are relevant."""
    found = []
    for fact, effect in _effects(candidate, criterion, facts, route):
        opened = still_open(effect.when, answers) if holds(effect.when, answers) is None else None
        if opened is not None and effect.effect:
            found.append((fact, TurnsOut(effect.effect, opened)))
    return found


def _effects(
    candidate: str, criterion: str, facts: Sequence[Fact], route: Route | None
) -> Iterator[tuple[Fact, Effect]]:
    for fact in facts:
        for effect in fact.effects:
            if effect.criterion == criterion and candidate in effect.candidates and _is_about(effect, route):
                yield fact, effect


def _is_about(effect: Effect, route: Route | None) -> bool:
    """A way that was tried here needs nobody's word on whether its file can be made."""
    if not effect.formats:
        return True
    return route is not None and not isinstance(route, RehearsedRoute) and route.serves(effect.formats)


def _half_width(confidence: Confidence, stale: bool, widths: CitedHalfWidth) -> float:
    by_confidence = {"H": widths.H, "M": widths.M, "L": widths.L}
    return by_confidence[confidence] + (widths.stale if stale else 0.0)
