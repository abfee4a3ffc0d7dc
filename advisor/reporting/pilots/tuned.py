"""The tuned lane of a pilot: what compiling brings each candidate, what it costs, and who is faster then."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.measuring.analysis.break_even import BreakEven, break_evens
from advisor.measuring.analysis.comparison import Comparison
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.pilots.compilers import build_compilers
from advisor.reporting.pilots.measured import LATENCY, by_candidate, centre
from advisor.reporting.pilots.pairs import (
    Pairs,
    build_pairs,
    not_comparable,
    ratio_interval,
    shown_word,
    would_have_shown,
)
from advisor.reporting.words.names import candidate_title
from advisor.reporting.words.numbers import quantity, ratio, rough_count
from advisor.reporting.words.table import Table

_HEADER = (
    "Candidate",
    "Step, default",
    "Step, tuned",
    "Tuned divided by default",
    "Compiling costs",
    "Pays off after",
)


@dataclass(frozen=True)
class Tuned:
    """The tuned lane of one workload; a table is None where nothing of its kind was measured.

    ``lanes`` sets each candidate against itself in the default lane; ``turned`` names pairs of candidates in which
    tuning changes who is faster; ``not_comparable`` says why something could not be compared.
    """

    lanes: Table | None
    compilers: Table | None
    pairs: Pairs | None
    turned: tuple[str, ...]
    not_comparable: tuple[str, ...]
    latency: Table | None


def build_tuned(inputs: ReportInputs, workload: str) -> Tuned | None:
    """The tuned lane of a workload; None where it did not run."""
    comparisons = [pair for pair in inputs.comparisons if (pair.workload, pair.lane) == (workload, "tuned")]
    lanes = [pair for pair in comparisons if pair.between == "lanes"]
    pairs = [pair for pair in comparisons if pair.between == "candidates"]
    latency = by_candidate(inputs, workload, LATENCY, "tuned")
    margin = inputs.method.measuring.equivalence_margin
    if not comparisons and latency is None:
        return None
    return Tuned(
        lanes=_lanes(inputs, lanes, margin),
        compilers=build_compilers(inputs, workload, "tuned", [pair.first for pair in lanes]),
        pairs=build_pairs(pairs, margin),
        turned=_turned(inputs, pairs),
        not_comparable=not_comparable([*lanes, *pairs]),
        latency=latency,
    )


def _lanes(inputs: ReportInputs, pairs: list[Comparison], margin: float) -> Table | None:
    worth = break_evens(inputs.records, pairs)
    rows = tuple(_row(inputs, pair, break_even, margin) for pair, break_even in zip(pairs, worth, strict=True))
    return Table(_HEADER, rows) if rows else None


def _turned(inputs: ReportInputs, pairs: list[Comparison]) -> tuple[str, ...]:
    by_default = {
        (pair.workload, pair.first, pair.second): pair.word
        for pair in inputs.comparisons
        if pair.lane == "default" and not pair.within_margin
    }
    return tuple(
        f"Tuning turns this round: {candidate_title(pair.first)} is {pair.word} than {candidate_title(pair.second)} "
        "when tuned, and the other way round by default."
        for pair in pairs
        if not pair.within_margin
        and (by_default.get((pair.workload, pair.first, pair.second)), pair.word)
        in (("faster", "slower"), ("slower", "faster"))
    )


def _row(inputs: ReportInputs, pair: Comparison, worth: BreakEven, margin: float) -> tuple[str, ...]:
    step_times = {
        series.lane: series
        for series in inputs.series
        if (series.workload, series.candidate, series.measure) == (pair.workload, pair.first, "race.step_ms")
    }
    return (
        candidate_title(pair.first),
        centre(step_times.get("default"), inputs),
        centre(step_times.get(pair.lane), inputs),
        _finding(pair, margin),
        _compile_cost(worth.compile_s),
        _pays(worth),
    )


def _finding(pair: Comparison, margin: float) -> str:
    reason = "" if pair.word == "not comparable" else pair.reason
    numbers = "" if pair.ratio is None else f"{ratio(pair.ratio.ratio)}, {ratio_interval(pair.ratio)}"
    said = "; ".join(part for part in (numbers, reason, would_have_shown(pair)) if part)
    word = shown_word(pair, margin)
    return f"{word}: {said}" if said else word


def _compile_cost(compile_s: float | None) -> str:
    if compile_s is None:
        return "not measured"
    return quantity(compile_s, "s") if compile_s > 0 else "nothing"


def _pays(worth: BreakEven) -> str:
    if worth.pays == "at once":
        return "the first step"
    if worth.steps is None:
        return worth.pays
    steps = worth.steps
    return f"{rough_count(steps.centre)} steps ({rough_count(steps.low)} to {rough_count(steps.high)})"
