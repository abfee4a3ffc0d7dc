"""Advice beside the choice: a combination, and answers outside the candidates."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from advisor.catalog import BASELINE, CANDIDATES, TARGETS, family_of
from advisor.deciding.decision import Hybrid, TargetRoute, Verdict
from advisor.evidence.from_facts import is_served, limits_of
from advisor.interview.answers import Answers
from advisor.interview.conditions import holds
from advisor.knowledge.facts import Fact
from advisor.knowledge.routes import RehearsedRoute, Route, Routes
from advisor.measuring.analysis.series import Series
from advisor.method import method

#: Problems whose pilots have boosted trees for a baseline, and None where the team did not say.
_OF_TREES = ("tabular", "time_series", None)
#: What makes people wish for a lighter runtime than the framework.
_HEAVY_PAINS = {"install_size", "dependency_conflicts", "python_pin"}


def target_routes(candidate: str, answers: Answers, routes: Routes) -> dict[str, TargetRoute]:
    """How a candidate reaches each asked target."""
    found = {}
    for target in answers.choices("deployment.targets"):
        route = routes.to(target, candidate, limits_of(answers, target))
        if route is None or route.status == "no":
            found[target] = TargetRoute("", "none", route.sources if route else ())
        else:
            told = _as_rehearsed(route, candidate, routes)
            status: Literal["rehearsed", "cited"] = "rehearsed" if isinstance(told, RehearsedRoute) else "cited"
            found[target] = TargetRoute(_with_condition(told, candidate), status, told.sources)
    return found


def hybrid(
    recommended: str,
    shortlist: Sequence[str],
    candidates: Sequence[str],
    answers: Answers,
    routes: Routes,
    verdict: Verdict,
) -> Hybrid | None:
    """Where developing in one candidate and shipping otherwise beats one framework for all: first rule that applies.

    1. A target that the recommended candidate does not reach and another does: the other, for that target alone.
    2. A target whose way there leaves the framework behind: the model ships through a runtime. Where a route with the
       framework on the target is the best but its weight hurts (others install it, or its size, versions or
       dependencies hurt today), through a lighter route; but not where users write code of their own around it.
    3. Keras and PyTorch too close to call: Keras 3 on PyTorch, which mixes both in one program.
    """
    title = CANDIDATES[recommended].title
    targets = answers.choices("deployment.targets")
    for target in targets:
        if _reaches(recommended, target, routes):
            continue
        other = next((c for c in candidates if c != recommended and _reaches(c, target, routes)), None)
        if other is not None:
            route = routes.to(target, other)
            assert route is not None
            why = f"{title} has no way to {TARGETS[target]}, and {CANDIDATES[other].title} has"
            return Hybrid(recommended, {target: _with_condition(_as_rehearsed(route, other, routes), other)}, why)
    shipped = {target: _shipped(recommended, target, answers, routes) for target in targets}
    ship = {
        target: _with_condition(_as_rehearsed(route, recommended, routes), recommended)
        for target, route in shipped.items()
        if route is not None
    }
    if ship:
        return Hybrid(recommended, ship, f"a runtime takes the exported model, and what runs there need not be {title}")
    close = {recommended, *shortlist}
    families = {family_of(candidate) for candidate in close}
    bridges = (CANDIDATES[candidate] for candidate in candidates if CANDIDATES[candidate].bridge)
    for candidate in bridges if verdict == "too_close" else ():
        if candidate.bridge and set(candidate.bridge.families) <= families:
            return Hybrid(candidate.id, {}, candidate.bridge.why)
    return None


def beyond(
    answers: Answers, series: Sequence[Series], facts: Sequence[Fact], answering: Collection[str]
) -> tuple[str, ...]:
    """Answers outside the candidates: what facts suggest to such answers, and what the baseline measured.

    ``boosted_trees_first``: the scikit-learn baseline came within 0.01 of the best network on every workload that
    answers for the problem, and the problem is of a kind whose baseline is made of trees. Where the baseline was
    measured and came less close, no fact suggests trees either.

    Args:
        answers: what the team said.
        series: measurements.
        facts: dated facts.
        answering: workloads that answer for the asked problem; those that only stand in tell nothing about it.
    """
    suggested = [
        suggestion.what
        for fact in facts
        for suggestion in fact.suggests
        if holds(suggestion.when, answers) is True and answers.text("project.trains") != "no"
    ]
    matches = _baseline_matches(series, answering)
    if matches is not None:
        suggested = [what for what in suggested if what != "boosted_trees_first"]
        suggested += ["boosted_trees_first"] if matches and answers.text("project.problem") in _OF_TREES else []
    return tuple(sorted(set(suggested)))


def _as_rehearsed(route: Route, candidate: str, routes: Routes) -> Route:
    """The same way as it worked here, if only under a condition, such as that no chip ran it; else the route itself."""
    same = (way for way in (route, *routes.all_to(route.target, candidate)) if way.status != "no")
    twins = (way for way in same if (way.format, way.runtime) == (route.format, route.runtime))
    return next((way for way in twins if isinstance(way, RehearsedRoute)), route)


def _with_condition(route: Route, candidate: str) -> str:
    return f"{route.text(candidate)} ({route.condition})" if route.condition else route.text(candidate)


def _shipped(candidate: str, target: str, answers: Answers, routes: Routes) -> Route | None:
    """The route by which the model leaves its framework behind; None where it goes along."""
    best = routes.to(target, candidate, limits_of(answers, target))
    if best is None or best.status == "no" or not best.with_framework:
        return best
    if is_served(answers, target):
        return None  # what serves models there is there already
    if "backend_neutral" in answers.choices("architecture.needs"):
        return None  # users write code of their own around it, in the framework
    heavy = answers.text("deployment.installers") in ("customers", "public") or bool(
        _HEAVY_PAINS & set(answers.choices("existing.pain"))
    )
    lighter = (r for r in routes.all_to(target, candidate) if r.status != "no" and not r.with_framework)
    return next(lighter, None) if heavy else None


def _reaches(candidate: str, target: str, routes: Routes) -> bool:
    route = routes.to(target, candidate)
    return route is not None and route.status != "no"


@dataclass(frozen=True)
class AgainstBaseline:
    """The median scores of the scikit-learn baseline and of the ``best`` network on a workload."""

    baseline: float
    best: str
    score: float

    @property
    def matches(self) -> bool:
        """Whether the baseline comes close to the network, or beats it."""
        return self.baseline >= self.score - method().deciding.baseline_tolerance


def against_baseline(series: Sequence[Series], workload: str) -> AgainstBaseline | None:
    """By default settings; None where the baseline or every network is missing."""
    scores = {
        measurement.candidate: median(measurement.values)
        for measurement in series
        if (measurement.measure, measurement.lane, measurement.workload) == ("learn.metric", "default", workload)
        and measurement.values
    }
    networks = {name: score for name, score in scores.items() if name != BASELINE}
    if BASELINE not in scores or not networks:
        return None
    best = max(networks, key=lambda name: networks[name])
    return AgainstBaseline(scores[BASELINE], best, networks[best])


def _baseline_matches(series: Sequence[Series], answering: Collection[str]) -> bool | None:
    """On every workload that answers for the problem; None where none of them was measured with its baseline."""
    found = [comparison for workload in answering if (comparison := against_baseline(series, workload))]
    return all(comparison.matches for comparison in found) if found else None
