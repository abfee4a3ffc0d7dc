"""Evidence from rehearsals: speed, memory and serving on the routes that were tried here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import sqrt
from typing import NamedTuple

from advisor.evidence.missing import missing_component
from advisor.evidence.rehearsed import BEST_FIRST, worth_of
from advisor.evidence.scales import scale_for, value_of
from advisor.evidence.table import Component, Doubt, Triangular
from advisor.interview.answers import Answers
from advisor.knowledge.routes import RehearsedRoute, Routes, RouteStatus
from advisor.method import Method
from pilots.routes import SERVED

#: Centre, lower and upper end.
_Span = tuple[float, float, float]
_SERVED_NOTES: Mapping[RouteStatus, str] = {
    "yes": "it answered as the model does, and ended cleanly",
    "with_conditions": "it failed with one of several pilots, or did not end cleanly",
    "no": "no server answered as the model does",
}


def speed_components(
    candidate: str, answers: Answers, routes: Routes, candidates: Sequence[str], method: Method
) -> tuple[Component, ...]:
    """The 95th percentile of one prediction on the fastest route to each target that any candidate was rehearsed to."""
    factor = method.measuring.single_launch_time_factor
    told = _Told(
        "inference_speed", "p95_ms", "ms", "one prediction", "95th percentile", factor, lambda route: route.p95_ms
    )
    return tuple(_components(told, candidate, answers, routes, candidates, method))


def memory_components(
    candidate: str, answers: Answers, routes: Routes, candidates: Sequence[str], method: Method
) -> tuple[Component, ...]:
    """The peak memory of the runtime on the fastest route to each target: the route whose speed counts as well."""

    def peaks(route: RehearsedRoute) -> Mapping[str, _Span]:
        return {workload: (peak, peak, peak) for workload, peak in route.runtime_mib.items()}

    factor = method.measuring.single_launch_memory_factor
    told = _Told("memory", "runtime_mib", "MiB", "the runtime", "peak", factor, peaks)
    return tuple(_components(told, candidate, answers, routes, candidates, method))


def serving_components(
    candidate: str, answers: Answers, routes: Routes, candidates: Sequence[str], method: Method
) -> tuple[Component, ...]:
    """What came of the candidate's artifacts behind a server, on the best route; nothing where none was tried.

    How many requests it answered is not part of it: client and server shared the processor.
    """
    if SERVED not in answers.choices("deployment.targets"):
        return ()
    best = {contender: _best_served(routes, contender) for contender in candidates}
    if not any(best.values()):
        return ()
    measure, label = f"rehearse.served@{SERVED}", "served under load"
    found = best[candidate]
    if found is None:
        return (missing_component(measure, label, "no rehearsed route was put behind a server"),)
    route, status = found
    return (
        Component(
            measure=measure,
            label=f"{label}: {route.format} in {route.runtime}",
            kind="rehearsed",
            distribution=Triangular(worth_of(status, method.rehearsed), method.rehearsed.half_width),
            raw=None,
            raw_low=None,
            raw_high=None,
            unit="",
            source=route.sources,
            as_of=None,
            note=_SERVED_NOTES[status],
        ),
    )


def _best_served(routes: Routes, candidate: str) -> tuple[RehearsedRoute, RouteStatus] | None:
    tried = [
        (route, route.served)
        for route in routes.all_to(SERVED, candidate)
        if isinstance(route, RehearsedRoute) and route.served
    ]
    return min(tried, key=lambda pair: BEST_FIRST[pair[1]], default=None)


class _Told(NamedTuple):
    """What a rehearsed route tells about a criterion: how it is called, and where it stands, by workload.

    The ratio of two such values, of one launch each, may be off by ``factor``.
    """

    criterion: str
    measure: str
    unit: str
    what: str
    statistic: str
    factor: float
    of: Callable[[RehearsedRoute], Mapping[str, _Span]]


def _components(
    told: _Told, candidate: str, answers: Answers, routes: Routes, candidates: Sequence[str], method: Method
) -> Iterator[Component]:
    """Where the candidate has no working route and another has, its value is missing: nobody gains by failing.

    All targets of a workload together weigh as much as a single target: one rehearsal serves several of them, and
    would otherwise weigh more the more targets were named. Its noise is one doubt, whichever targets it serves.
    """
    scale = scale_for(told.criterion, answers, method)
    best = {
        target: {contender: _fastest(routes, target, contender) for contender in candidates}
        for target in answers.choices("deployment.targets")
    }
    tried = {
        target: tuple(dict.fromkeys(name for route in of.values() if route for name in told.of(route)))
        for target, of in best.items()
    }
    targets = Counter(workload for names in tried.values() for workload in names)
    for target, names in tried.items():
        for workload in names:
            measure = f"rehearse.{told.measure}@{target}@{workload}"
            label = f"{told.what} on the way to {target} ({workload})"
            weight = 1.0 / targets[workload]
            route = best[target][candidate]
            span = told.of(route).get(workload) if route else None
            if route is None or span is None:
                missing = missing_component(measure, label, "no rehearsed route works", told.unit)
                yield replace(missing, weight=weight)
                continue
            # Half of the factor, as ratios go, is for each of the two that are compared.
            centre, low, high = span[0], span[1] / sqrt(told.factor), span[2] * sqrt(told.factor)
            mode = value_of(centre, scale)
            busy = _busy(method) if told.criterion == "inference_speed" and workload in route.busy else ()
            noise = max(abs(value_of(end, scale) - mode) for end in (low, high))
            yield Component(
                measure=measure,
                label=f"{label}, {route.format} in {route.runtime}, {told.statistic}",
                kind="rehearsed",
                distribution=Triangular(mode, 0.0),
                raw=centre,
                raw_low=low,
                raw_high=high,
                unit=told.unit,
                source=route.sources,
                as_of=None,
                note="one launch, on this computer" + (", which was busy" if busy else ""),
                doubts=(_noise(route, workload, max(noise, method.rehearsed.half_width)), *busy),
                weight=weight,
            )


def _noise(route: RehearsedRoute, workload: str, half_width: float) -> Doubt:
    """What one launch leaves open, the same wherever the rehearsal counts."""
    name = f"one launch of {route.format} in {route.runtime} with {workload}"
    return Doubt(name, "cell", Triangular(0.0, half_width))


def _busy(method: Method) -> tuple[Doubt]:
    """As in what was measured: what others did while predictions were timed is one doubt, wherever it counts."""
    return (Doubt("busy_machine", "cell", Triangular(0.0, method.cited_half_width.busy_machine)),)


def _fastest(routes: Routes, target: str, candidate: str) -> RehearsedRoute | None:
    working = [
        route
        for route in routes.all_to(target, candidate)
        if isinstance(route, RehearsedRoute) and route.status != "no" and route.p95_ms
    ]
    return min(working, key=lambda route: max(centre for centre, _, _ in route.p95_ms.values()), default=None)
