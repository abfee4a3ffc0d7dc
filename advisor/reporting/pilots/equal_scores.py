"""Whether the networks reach the same score, as far as seeds and test rows can show it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations

from advisor.catalog import BASELINE
from advisor.measuring.analysis.quality import ScoreDifference, compare_scores
from advisor.measuring.analysis.series import Series
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words.names import candidate_title
from advisor.reporting.words.numbers import percent, three_decimals

METRIC = "learn.metric"
#: Up to so many unresolved pairs of networks are told one by one, more of them together.
_TOLD_APART = 2


def same_quality(inputs: ReportInputs, workload: str) -> tuple[str, ...]:
    """Which networks reach the same score, which differ, and for which that is not resolved.

    A single sentence where that will do, else a sentence for each pair; many unresolved pairs share a sentence. Pairs
    with fewer than two common launches say nothing.
    """
    scores = {name: series for name, series in series_of(inputs, workload, METRIC).items() if name != BASELINE}
    margin, alpha = inputs.method.measuring.quality_margin, 1 - inputs.method.measuring.confidence
    tests = {pair: compare_scores(*pair, margin=margin, alpha=alpha) for pair in combinations(scores.values(), 2)}
    found = {pair: test for pair, test in tests.items() if test is not None}
    if len(found) == len(tests) > 1 and all(test.word == "the same" for test in found.values()):
        return (f"All networks reach the same score: each difference is shown to be smaller than {margin:g}.",)
    told = [_resolved(pair, test, margin) for pair, test in found.items() if test.word != "not resolved"]
    unresolved = {pair: test for pair, test in found.items() if test.word == "not resolved"}
    return (*told, *_unresolved(inputs, workload, unresolved, len(found)))


def by_luck(inputs: ReportInputs, workload: str, network: str) -> str:
    """What other test rows and seeds might have shown of a network beside the baseline; empty where it is resolved.

    Where the trainings kept no losses of single rows, nobody can tell, and that is said.
    """
    scores = series_of(inputs, workload, METRIC)
    margin, alpha = inputs.method.measuring.quality_margin, 1 - inputs.method.measuring.confidence
    test = compare_scores(scores[network], scores[BASELINE], margin=margin, alpha=alpha)
    if test is None or test.interval is None:
        return " That compares the middle of the runs: how much luck is in the test rows was not kept."
    if test.word != "not resolved":
        return ""
    low, high = (three_decimals(bound) for bound in _bounds(test))
    tested = _tested(inputs, workload, test.rows)
    return f" With {tested} that is not resolved: that network may score anything from {low} to {high} more."


def series_of(inputs: ReportInputs, workload: str, measure: str) -> dict[str, Series]:
    """A measure in the default lane, by candidate."""
    return {
        series.candidate: series
        for series in inputs.series
        if (series.workload, series.measure, series.lane) == (workload, measure, "default") and series.values
    }


def _resolved(pair: tuple[Series, Series], test: ScoreDifference, margin: float) -> str:
    if test.word == "the same":
        return f"{_names(pair)} reach the same score: their difference is shown to be smaller than {margin:g}."
    better, other = _better(pair, test)
    return (
        f"{candidate_title(better.candidate)} and {candidate_title(other.candidate)} differ: the first scores "
        f"{_interval_of(test)} higher, which is more than {margin:g}."
    )


def _unresolved(
    inputs: ReportInputs, workload: str, found: Mapping[tuple[Series, Series], ScoreDifference], of: int
) -> tuple[str, ...]:
    """For each pair, or for many together; ``of`` is the number of all pairs, resolved or not."""
    if not found:
        return ()
    margin = inputs.method.measuring.quality_margin
    unknown = [test for test in found.values() if test.interval is None]
    if unknown:
        pairs = "the networks" if len(unknown) == of else "some of the networks"
        rest = {pair: test for pair, test in found.items() if test.interval is not None}
        sentence = f"Whether {pairs} reach the same score is not resolved: {unknown[0].reason}."
        return (sentence, *_unresolved(inputs, workload, rest, of))
    if len(found) <= _TOLD_APART:
        return tuple(
            f"Whether {_names(pair)} reach the same score is not resolved: "
            f"{candidate_title(_better(pair, test)[0].candidate)} scores {_interval_of(test)} higher. "
            f"A difference from {three_decimals(test.half_width + margin)} on would have shown."
            for pair, test in found.items()
        )
    others = "networks" if len(found) == of else "other networks"
    widest = max(found.values(), key=lambda test: test.half_width)
    largest = max(abs(bound) for test in found.values() for bound in _bounds(test))
    tested = _tested(inputs, workload, widest.rows)
    return (
        f"For {len(found)} pairs of {others} it is not resolved whether their scores differ by more than "
        f"{margin:g}: with {tested} and {min(test.launches for test in found.values())} "
        f"trainings each, none is likely to differ by more than {three_decimals(largest)}, and a difference from "
        f"{three_decimals(widest.half_width + margin)} on would have shown.",
    )


def _tested(inputs: ReportInputs, workload: str, rows: int) -> str:
    """So many rows that share nothing, in words."""
    stretches = any(result.rows_per_loss > 1 for _, result in inputs.learned.get(workload, ()))
    return f"{rows} stretches of test rows" if stretches else f"{rows} test rows"


def _names(pair: tuple[Series, Series]) -> str:
    return " and ".join(candidate_title(series.candidate) for series in pair)


def _bounds(test: ScoreDifference) -> tuple[float, float]:
    assert test.interval is not None
    return test.interval.low, test.interval.high


def _better(pair: tuple[Series, Series], test: ScoreDifference) -> tuple[Series, Series]:
    return pair if test.difference >= 0 else pair[::-1]


def _interval_of(test: ScoreDifference) -> str:
    """Seen from the network that scores higher."""
    low, high = sorted(bound if test.difference >= 0 else -bound for bound in _bounds(test))
    between = f"{three_decimals(low)} to {three_decimals(high)} at {percent(test.confidence)}"
    return f"{three_decimals(abs(test.difference))} ({between})"
