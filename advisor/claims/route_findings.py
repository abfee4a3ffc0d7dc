"""Findings on rehearsed export routes of the frameworks: one candidate on one workload."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product

from advisor.claims.finding import Finding, bearing_of, in_words, places, with_interval, without
from advisor.claims.rules import ExportRouteTest, RehearsedMeasure, RuntimesTest
from advisor.evidence.measured import Measured
from advisor.measuring.analysis.statistics import Interval, percentile_interval
from advisor.method import Measuring
from pilots.rehearsal_records import RehearseResult
from pilots.routes import routes


def export_routes(test: ExportRouteTest, measured: Measured) -> Iterator[Finding]:
    """Whether a model came out by any of the routes of the test."""
    for workload, lane in places(test, measured):
        for candidate in test.candidates:
            bare = Finding("rehearse", workload, lane, candidate, "", "open")
            tried = [
                rehearsal for name in test.routes if (rehearsal := measured.rehearsals.get((workload, candidate, name)))
            ]
            if not tried:
                yield without(bare, "no such export route was rehearsed")
                continue
            works = [routes()[rehearsal.route].title for rehearsal in tried if rehearsal.works]
            said = f"comes out by {' and '.join(works)}" if works else f"does not come out: {_why_not(tried)}"
            yield in_words(bare, "for" if bool(works) is test.works else "against", said)


def _why_not(tried: Iterable[RehearseResult]) -> str:
    return "; ".join(f"{routes()[rehearsal.route].title} failed at {rehearsal.failed_stage}" for rehearsal in tried)


def runtimes(test: RuntimesTest, measured: Measured) -> Iterator[Finding]:
    """The same model by two routes, where both work."""
    for workload, lane in places(test, measured):
        for candidate, first, second in product(test.candidates, test.first, test.second):
            found = [measured.rehearsals.get((workload, candidate, name)) for name in (first, second)]
            ran = [rehearsal for rehearsal in found if rehearsal is not None and rehearsal.works]
            title = " and ".join(routes()[name].title for name in (first, second))
            bare = Finding(test.measure, workload, lane, candidate, "", "open", reason=title)
            spans = [
                span
                for rehearsal in ran
                if (span := _rehearsed(test.measure, rehearsal, measured.measuring.confidence))
            ]
            if len(spans) < 2:
                yield without(bare, f"not both of {title} work")
                continue
            above, below = spans
            # The calls of one launch say nothing about the next launch.
            factor = _single_launch_factor(test.measure, measured.measuring)
            ratio = Interval(
                above.centre / below.centre, above.low / below.high / factor, above.high / below.low * factor
            )
            margin = 0.0 if factor == 1 else measured.measuring.equivalence_margin
            yield with_interval(bare, bearing_of(test, ratio, margin), "routes", ratio, title)


def _single_launch_factor(measure: RehearsedMeasure, measuring: Measuring) -> float:
    """By which the ratio of two values of one launch each may be off; sizes are exact."""
    if measure.endswith("_bytes"):
        return 1.0
    return measuring.single_launch_memory_factor if measure.endswith("_mib") else measuring.single_launch_time_factor


def _rehearsed(measure: RehearsedMeasure, result: RehearseResult, confidence: float) -> Interval | None:
    if measure == "rehearse.p50_ms":
        single = next((batch.calls_ms for batch in result.batches if batch.batch_size == 1), ())
        return Interval(*percentile_interval(single, 50, confidence)) if single else None
    exact = {
        "rehearse.artifact_bytes": result.artifact_bytes,
        "rehearse.installed_bytes": result.installed_bytes,
        "rehearse.runtime_mib": result.runtime_mib,
    }[measure]
    return Interval(exact, exact, exact) if exact else None
