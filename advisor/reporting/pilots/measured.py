"""Tables of measured values: one row per candidate, the mean over launches with its interval in each cell."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.measuring.analysis.series import Series
from advisor.measuring.analysis.statistics import geometric_mean
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words.names import candidate_title, catalog_order
from advisor.reporting.words.numbers import interval, quantity, significant
from advisor.reporting.words.table import Table
from pilots.records import Lane

#: Measures with the titles of their columns.
Measures = Sequence[tuple[str, str]]

STEP: Measures = (("race.step_ms", "One training step"),)
STARTUP: Measures = (
    ("race.import_s", "Import"),
    ("race.first_step_s", "First step"),
    ("race.warmup_s", "Warm-up until steady"),
)
LATENCY: Measures = (
    ("infer.p50_ms", "Half of the calls within"),
    ("infer.p95_ms", "95% of the calls within"),
    ("infer.p99_ms", "99% of the calls within"),
    ("infer.first_call_ms", "First call"),
    ("infer.large_rows_per_s", "Large batch"),
)
MEMORY: Measures = (
    ("footprint.predict_peak_mib", "Peak while predicting"),
    ("footprint.train_peak_mib", "Peak while training"),
)


def by_candidate(inputs: ReportInputs, workload: str, measures: Measures, lane: Lane) -> Table | None:
    """What was measured of these on one workload in one lane; None where nothing was."""
    of_lane = [series for series in inputs.series if (series.workload, series.lane) == (workload, lane)]
    found = {(series.candidate, series.measure): series for series in of_lane}
    columns = [(measure, title) for measure, title in measures if any(key[1] == measure for key in found)]
    measured = dict.fromkeys(candidate for candidate, measure in found if measure in dict(columns))
    candidates = sorted(measured, key=catalog_order)
    if not candidates:
        return None
    rows = tuple(
        (
            candidate_title(candidate),
            *[centre(found.get((candidate, measure)), inputs) for measure, _ in columns],
            _launches([found[key] for key in found if key[0] == candidate and key[1] in dict(columns)]),
        )
        for candidate in candidates
    )
    return Table(("Candidate", *[title for _, title in columns], "Launches"), rows)


def centre(series: Series | None, inputs: ReportInputs) -> str:
    """The geometric mean over launches with its interval: times and sizes scatter by factors."""
    if series is None or not series.values:
        return "not measured"
    if len(series.values) < 2 or min(series.values) <= 0:
        return f"{', '.join(significant(value) for value in series.values)} {series.unit}"
    mean = geometric_mean(series.values, inputs.method.measuring.confidence)
    return f"{quantity(mean.centre, series.unit)} ({interval(mean.low, mean.high)})"


def _launches(series: Sequence[Series]) -> str:
    numbers = sorted({len(measured_series.launches) for measured_series in series})
    return " or ".join(str(number) for number in numbers)
