"""Rehearsed routes among the cited routes: what was tried here comes before what is only known from elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from advisor.catalog import CANDIDATES
from advisor.knowledge.routes import RehearsedRoute, Route, Routes, RouteStatus
from advisor.measuring.analysis.crowding import on_busy_machine
from advisor.measuring.analysis.statistics import percentile_interval
from advisor.method import Rehearsed
from pilots.records import TrialRecord
from pilots.rehearsal_records import RehearseResult
from pilots.routes import SERVED, ExportRoute

_REVIEW_AFTER = timedelta(days=180)
_MEGABYTE = 1e6
#: How good a status is, for sorting.
BEST_FIRST: Mapping[RouteStatus, int] = {"yes": 0, "with_conditions": 1, "no": 2}


class _Tried(NamedTuple):
    """One candidate by one export route: what came of it on each workload, the keys of the trials, and the workloads
    with which it was timed on a busy machine."""

    candidate: str
    way: ExportRoute
    results: Mapping[str, RehearseResult]
    keys: tuple[str, ...]
    day: date
    busy: tuple[str, ...]


def with_rehearsed(
    routes: Routes,
    records: Iterable[TrialRecord],
    export_routes: Mapping[str, ExportRoute],
    stand_ins: Collection[str],
    confidence: float,
    *,
    own_model: bool,
) -> Routes:
    """The routes with what was rehearsed among them, the best first, and without those that rehearsals contradict.

    A cited route counts as contradicted where every way to its format was tried with that candidate and failed.

    Args:
        routes: those known from elsewhere.
        records: of the study.
        export_routes: the routes that can be rehearsed, by name.
        stand_ins: workloads that only stand in for the asked problem.
        confidence: of the interval around percentiles.
        own_model: the pilots are the team's own model.
    """
    rehearsed = [
        _rehearsed(tried, target, routes, stand_ins, confidence, own_model=own_model)
        for tried in _tried(records, export_routes)
        for target in tried.way.targets
    ]
    if not rehearsed:
        return routes
    cited = [kept for route in routes.routes for kept in _not_contradicted(route, rehearsed)]
    place = {id(route): number for number, route in enumerate(cited)}

    def rank(route: Route) -> tuple[int, bool, int, float]:
        by_format = (
            place[id(cited_route)]
            for cited_route in cited
            if (cited_route.target, cited_route.format) == (route.target, route.format)
            and set(route.candidates) & set(cited_route.candidates)
        )
        known = place.get(id(route), min(by_format, default=len(cited)))
        times = route.p95_ms.values() if isinstance(route, RehearsedRoute) else ()
        return (
            BEST_FIRST[route.status],
            not isinstance(route, RehearsedRoute),
            known,
            max((centre for centre, _, _ in times), default=0.0),
        )

    return Routes(tuple(sorted([*rehearsed, *cited], key=rank)), routes.formats)


def _not_contradicted(route: Route, rehearsed: Sequence[RehearsedRoute]) -> tuple[Route, ...]:
    """The route for the candidates that are left."""
    left = []
    for candidate in route.candidates:
        same = [
            rehearsal
            for rehearsal in rehearsed
            if (rehearsal.target, rehearsal.format) == (route.target, route.format)
            and candidate in rehearsal.candidates
        ]
        if not same or any(rehearsal.status != "no" for rehearsal in same):
            left.append(candidate)
    return (route.model_copy(update={"candidates": tuple(left)}),) if left else ()


def _tried(records: Iterable[TrialRecord], export_routes: Mapping[str, ExportRoute]) -> list[_Tried]:
    found: dict[tuple[str, str], list[TrialRecord]] = defaultdict(list)
    for record in records:
        if isinstance(record.result, RehearseResult) and record.result.route in export_routes:
            found[record.spec.candidate, record.result.route].append(record)
    return [
        _Tried(
            candidate,
            export_routes[name],
            {trial.spec.workload: trial.result for trial in some if isinstance(trial.result, RehearseResult)},
            tuple(trial.key for trial in some),
            min(date.fromisoformat(trial.started_at[:10]) for trial in some),
            tuple(trial.spec.workload for trial in some if on_busy_machine(trial)),
        )
        for (candidate, name), some in found.items()
    ]


def _rehearsed(
    tried: _Tried, target: str, routes: Routes, stand_ins: Collection[str], confidence: float, *, own_model: bool
) -> RehearsedRoute:
    results = tried.results
    failures = {workload: result.failure for workload, result in results.items() if result.failure is not None}
    working = [result for result in results.values() if result.works]
    reservation = [tried.way.reservation] if tried.way.reservation else []
    detour = [f"by way of {CANDIDATES[tried.way.through].title}"] if tried.way.through else []
    remarks = list(
        dict.fromkeys([*reservation, *detour, *(remark for result in working for remark in result.worked_around)])
    )
    remarks += [
        f"with the {workload} pilot it failed at {failure.stage}: {failure.message}"
        for workload, failure in failures.items()
    ]
    status: RouteStatus = "no" if not working else "with_conditions" if remarks else "yes"
    known = [route for route in routes.all_to(target, tried.candidate) if route.format == tried.way.format]
    sizes = [result.artifact_bytes for result in working if result.artifact_bytes is not None]
    # What a browser downloads is what has to get there.
    brought = (result.figures.download_bytes or result.installed_bytes for result in working)
    installed = [size for size in brought if size]
    return RehearsedRoute(
        target=target,
        candidates=(tried.candidate,),
        format=tried.way.format,
        runtime=tried.way.runtime,
        installed_mb=max(installed) / _MEGABYTE if installed else next((route.installed_mb for route in known), None),
        with_framework=_is_framework(tried),
        status=status,
        condition="; ".join(remarks),
        source="rehearsed here",
        as_of=tried.day,
        review_by=tried.day + _REVIEW_AFTER,
        confidence="H",
        trials=tried.keys,
        conclusive=all(workload not in stand_ins and failure.is_of_the_route for workload, failure in failures.items()),
        model_mb=max(sizes) / _MEGABYTE if sizes else None,
        own_model=own_model,
        p95_ms={
            workload: percentile_interval(batch.calls_ms, 95, confidence)
            for workload, result in results.items()
            if result.works and not reservation
            for batch in result.batches
            if batch.batch_size == 1 and batch.calls_ms
        },
        runtime_mib={
            workload: result.runtime_mib
            for workload, result in results.items()
            if result.works and result.runtime_mib is not None
        },
        busy=tried.busy,
        served=_served(results.values()) if target == SERVED else None,
    )


def _served(results: Collection[RehearseResult]) -> RouteStatus | None:
    """Whether a server answered as the model does, with every pilot, and ended as a whole when it was asked to.

    What did not work could not be served. None where nothing was tried behind a server.
    """
    tried = [
        result.served
        for result in results
        if result.served and (result.served.failure is None or result.served.failure.is_of_the_route)
    ]
    if not tried:
        return None
    good = [served for served in tried if served.error is None]
    if not good:
        return "no"
    return "yes" if len(good) == len(results) and all(served.stopped_cleanly for served in good) else "with_conditions"


def worth_of(status: RouteStatus, worth: Rehearsed) -> float:
    """What was rehearsed, on the value scale."""
    return {"yes": worth.works, "with_conditions": worth.with_conditions, "no": worth.fails}[status]


def _is_framework(tried: _Tried) -> bool:
    frameworks = {package for candidate in CANDIDATES.values() for package in candidate.packages}
    return bool(frameworks & set(tried.way.runs_with))
