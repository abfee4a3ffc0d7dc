"""What the pilots measured, workload by workload."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.measuring.comparison import Comparison, Ratio
from advisor.measuring.series import Series
from advisor.measuring.statistics import geometric_mean
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.learning import baseline_notes, build_learning, build_targets, same_quality
from advisor.reporting.names import candidate_title, words
from advisor.reporting.numbers import counted, interval, quantity, ratio, significant
from advisor.reporting.table import Cell, Table

_STEP = (("race.step_ms", "One training step"),)
_STARTUP = (
    ("race.import_s", "Import"),
    ("race.first_step_s", "First step"),
    ("race.warmup_s", "Warm-up until steady"),
)
_LATENCY = (
    ("infer.p50_ms", "Half of the calls within"),
    ("infer.p95_ms", "95% of the calls within"),
    ("infer.p99_ms", "99% of the calls within"),
    ("infer.first_call_ms", "First call"),
    ("infer.large_rows_per_s", "Large batch"),
)
_MEMORY = (
    ("footprint.predict_peak_mib", "Peak while predicting"),
    ("footprint.train_peak_mib", "Peak while training"),
)


@dataclass(frozen=True)
class Workload:
    """Everything measured on one workload; a table is None where nothing of its kind was measured."""

    title: str
    baseline: str
    learning: Table | None
    targets: Table | None
    same_quality: tuple[str, ...]
    step_time: Table | None
    pairs: Table | None
    noise_floor: str
    latency: Table | None
    memory: Table | None
    startup: Table | None


def build_workloads(inputs: ReportInputs) -> tuple[Workload, ...]:
    """The workloads of which anything was measured, in the order of their first value."""
    names = [*(series.workload for series in inputs.series), *(pair.workload for pair in inputs.comparisons)]
    return tuple(_workload(inputs, name) for name in dict.fromkeys(names))


def _workload(inputs: ReportInputs, name: str) -> Workload:
    pairs = [comparison for comparison in inputs.comparisons if comparison.workload == name]
    return Workload(
        title=words(name).capitalize(),
        baseline=next((note.text for note in baseline_notes(inputs) if note.workload == name), ""),
        learning=build_learning(inputs, name),
        targets=build_targets(inputs, name),
        same_quality=same_quality(inputs, name),
        step_time=_by_candidate(inputs, name, _STEP),
        pairs=_pairs([pair for pair in pairs if not pair.control]),
        noise_floor=_noise_floor([pair for pair in pairs if pair.control]),
        latency=_by_candidate(inputs, name, _LATENCY),
        memory=_by_candidate(inputs, name, _MEMORY),
        startup=_by_candidate(inputs, name, _STARTUP),
    )


def _by_candidate(inputs: ReportInputs, workload: str, measures: Sequence[tuple[str, str]]) -> Table | None:
    found = {(series.candidate, series.measure): series for series in inputs.series if series.workload == workload}
    columns = [(measure, title) for measure, title in measures if any(key[1] == measure for key in found)]
    candidates = dict.fromkeys(candidate for candidate, measure in found if measure in dict(columns))
    if not candidates:
        return None
    rows = tuple(
        (
            candidate_title(candidate),
            *[_centre(found.get((candidate, measure)), inputs) for measure, _ in columns],
            _launches([found[key] for key in found if key[0] == candidate and key[1] in dict(columns)]),
        )
        for candidate in candidates
    )
    return Table(("Candidate", *[title for _, title in columns], "Launches"), rows)


def _centre(series: Series | None, inputs: ReportInputs) -> Cell:
    """The geometric mean over launches with its interval: times and sizes scatter by factors."""
    if series is None or not series.values:
        return "not measured"
    if len(series.values) < 2 or min(series.values) <= 0:
        return f"{', '.join(significant(value) for value in series.values)} {series.unit}"
    mean = geometric_mean(series.values, inputs.method.measuring.confidence)
    return f"{quantity(mean.centre, series.unit)} ({interval(mean.low, mean.high)})"


def _launches(series: Sequence[Series]) -> str:
    numbers = sorted({len(one.launches) for one in series})
    return " or ".join(str(number) for number in numbers)


def _pairs(pairs: Sequence[Comparison]) -> Table | None:
    if not pairs:
        return None
    header = ("Pair", "Step time, first divided by second", "Interval", "Measured in", "Finding")
    return Table(header, tuple(_pair_row(pair) for pair in pairs))


def _pair_row(pair: Comparison) -> tuple[Cell, ...]:
    names = f"{candidate_title(pair.first)} and {candidate_title(pair.second)}"
    finding = f"{candidate_title(pair.first)} is {pair.word}" if pair.word in ("faster", "slower") else pair.word
    if pair.reason:
        finding = f"{finding}: {pair.reason}"
    if pair.ratio is None:
        return (names, "none", "none", "none", finding)
    found = pair.ratio
    measured_in = f"{counted(found.launches, 'launch', 'launches')}, {counted(found.rounds, 'round')}"
    if found.outliers:
        measured_in += f", {counted(found.outliers, 'outlier')} kept"
    return (names, ratio(found.ratio), _ratio_interval(found), measured_in, finding)


def _ratio_interval(found: Ratio) -> str:
    return f"{ratio(found.low)} to {ratio(found.high)}"


def _noise_floor(controls: Sequence[Comparison]) -> str:
    texts = []
    for control in controls:
        title = candidate_title(control.first)
        if control.ratio is None:
            texts.append(f"{title} against a second copy of itself gave no ratio: {control.reason}.")
            continue
        texts.append(
            f"Noise floor: {title} against a second copy of itself gave a ratio of {ratio(control.ratio.ratio)} "
            f"({_ratio_interval(control.ratio)}); no difference within that is believed."
        )
    return " ".join(texts)
