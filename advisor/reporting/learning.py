"""How well the pilots learned, and whether a baseline without any framework does as well.

All of it is about the default lane: what is learned in the same steps is the same in both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median

from advisor.catalog import BASELINE
from advisor.deciding.advice import BASELINE_TOLERANCE, AgainstBaseline, against_baseline
from advisor.measuring.quality import ScoreDifference, compare_scores
from advisor.measuring.series import Series
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.names import candidate_title, catalog_order, joined, words
from advisor.reporting.numbers import percent, quantity, three_decimals
from advisor.reporting.table import Table
from pilots.records import LearnResult

_METRIC, _LAST_METRIC, _TRAIN_S, _CHOSEN_S = "learn.metric", "learn.last_metric", "learn.train_s", "learn.chosen_s"
#: So many pairs of networks that are not resolved are told one by one, and more of them together.
_TOLD_APART = 2


@dataclass(frozen=True)
class BaselineNote:
    """How the best network fares against scikit-learn on one workload; ``text`` is the finding with its advice."""

    workload: str
    matches: bool
    finding: str
    text: str


def baseline_notes(inputs: ReportInputs) -> tuple[BaselineNote, ...]:
    """One note for each workload on which both scikit-learn and a network were trained."""
    notes = []
    for workload in dict.fromkeys(series.workload for series in inputs.series):
        if found := against_baseline(inputs.series, workload):
            notes.append(_note(inputs, workload, found))
    return tuple(notes)


def build_learning(inputs: ReportInputs, workload: str) -> Table | None:
    """Score and training time per candidate, at the chosen epoch and at the end, the baseline first.

    None where nothing was trained.
    """
    scores = _series(inputs, workload, _METRIC)
    if not scores:
        return None
    last = _series(inputs, workload, _LAST_METRIC)
    seconds, chosen_s = _series(inputs, workload, _TRAIN_S), _series(inputs, workload, _CHOSEN_S)
    results = _results(inputs, workload)
    models = {candidate: result.model for candidate, result in results}
    rows = tuple(
        (
            candidate_title(candidate),
            models.get(candidate, "not recorded"),
            three_decimals(median(scores[candidate].values)),
            f"{three_decimals(min(scores[candidate].values))} to {three_decimals(max(scores[candidate].values))}",
            three_decimals(median(last[candidate].values)) if candidate in last else "not measured",
            _epochs([result for name, result in results if name == candidate]),
            _median_s(chosen_s.get(candidate)),
            _median_s(seconds.get(candidate)),
            str(len(scores[candidate].values)),
        )
        for candidate in sorted(scores, key=lambda name: (name != BASELINE, catalog_order(name)))
    )
    dummy = next((three_decimals(result.dummy_metric) for _, result in results), None)
    guessing = f", always guessing scores {dummy}" if dummy is not None else ""
    header = (
        "Candidate",
        "Model",
        f"Score: {metric_name(inputs, workload)}{guessing}",
        "Lowest to highest run",
        "At the last epoch",
        "Epoch",
        "Training time up to it",
        "Whole training",
        "Runs",
    )
    return Table(header, rows)


def how_scored(inputs: ReportInputs, workload: str) -> str:
    """On which rows, and at which epoch; empty where nothing was trained."""
    results = [result for name, result in _results(inputs, workload) if name != BASELINE and result.epochs]
    if not results:
        return ""
    tested = {result.test_rows for result in results if result.test_rows}
    rows = f" on {min(tested)} test rows" if len(tested) == 1 else ""
    together = max(result.rows_per_loss for result in results)
    if rows and together > 1:
        rows += f" ({min(tested) // together} stretches of {together} that share no values)"
    if any(result.valid_rows is None for result in results):
        return f"Scores are those of the last epoch{rows}: these trainings were made before validation rows chose one."
    valid = {result.valid_rows for result in results}
    if valid == {0}:
        return f"Scores are those of the last epoch{rows}: there are too few rows to hold some back that choose one."
    held = f"{min(valid, key=lambda count: count or 0)} validation rows" if len(valid) == 1 else "the validation rows"
    return (
        f"Scores are those{rows} at the first epoch that is best on {held}. These were held back from the training of "
        "all candidates, the baseline's too; the test rows choose nothing."
    )


def _epochs(results: Sequence[LearnResult]) -> str:
    """The epoch that counts, in the middle of the runs, and how many there were."""
    trained = [result for result in results if result.epochs and result.chosen.steps]
    if not trained:
        return "none"
    return f"{median(result.chosen.epoch for result in trained):g} of {max(len(result.epochs) for result in trained)}"


def _median_s(one: Series | None) -> str:
    return "not measured" if one is None else quantity(median(one.values), "s")


def build_targets(inputs: ReportInputs, workload: str) -> Table | None:
    """How many runs reached each target, and what it took them; None where there are no targets."""
    rows = tuple(
        (
            candidate_title(one.candidate),
            three_decimals(target.target),
            f"{target.reached} of {one.runs}",
            "never" if target.median_steps is None else f"{target.median_steps:.0f}",
            _seconds(target.median_train_s),
            _seconds(target.median_race_s),
        )
        for one in inputs.targets
        if (one.workload, one.lane) == (workload, "default")
        for target in one.targets
    )
    header = (
        "Candidate",
        f"Target: {metric_name(inputs, workload)}",
        "Runs that reached it",
        "Steps",
        "Training time, start-up included",
        "Steps times step time, ends of epochs included where they were timed",
    )
    return Table(header, rows) if rows else None


def _seconds(value: float | None) -> str:
    return "none" if value is None else quantity(value, "s")


def same_quality(inputs: ReportInputs, workload: str) -> tuple[str, ...]:
    """Which networks reach the same score, which differ, and for which that is not resolved.

    One sentence where one will do, else one for each pair; many that are not resolved share a sentence. Pairs with
    fewer than two common launches say nothing.
    """
    scores = {name: one for name, one in _series(inputs, workload, _METRIC).items() if name != BASELINE}
    alpha = 1 - inputs.method.measuring.confidence
    tests = {
        pair: compare_scores(*pair, margin=BASELINE_TOLERANCE, alpha=alpha) for pair in combinations(scores.values(), 2)
    }
    found = {pair: test for pair, test in tests.items() if test is not None}
    if len(found) == len(tests) > 1 and all(test.word == "the same" for test in found.values()):
        return (
            f"All networks reach the same score: each difference is shown to be smaller than {BASELINE_TOLERANCE:g}.",
        )
    told = [_resolved(pair, test) for pair, test in found.items() if test.word != "not resolved"]
    return (
        *told,
        *_unresolved({pair: test for pair, test in found.items() if test.word == "not resolved"}, len(found)),
    )


def metric_name(inputs: ReportInputs, workload: str) -> str:
    """What the score of a workload is."""
    titles = {"accuracy": "accuracy", "r2": "R2, the share of variance explained"}
    names = {result.metric_name for _, result in _results(inputs, workload)}
    return " and ".join(titles.get(name, name) for name in sorted(names)) or "score"


def _resolved(pair: tuple[Series, Series], test: ScoreDifference) -> str:
    if test.word == "the same":
        return (
            f"{_names(pair)} reach the same score: their difference is shown to be smaller than {BASELINE_TOLERANCE:g}."
        )
    better, other = _better(pair, test)
    return (
        f"{candidate_title(better.candidate)} and {candidate_title(other.candidate)} differ: the first scores "
        f"{_interval_of(test)} higher, which is more than {BASELINE_TOLERANCE:g}."
    )


def _unresolved(found: Mapping[tuple[Series, Series], ScoreDifference], of: int) -> tuple[str, ...]:
    unknown = [test for test in found.values() if test.interval is None]
    if unknown:
        pairs = "the networks" if len(unknown) == of else "some of the networks"
        rest = {pair: test for pair, test in found.items() if test.interval is not None}
        sentence = f"Whether {pairs} reach the same score is not resolved: {unknown[0].reason}."
        return (sentence, *_unresolved(rest, of))
    if len(found) <= _TOLD_APART:
        return tuple(
            f"Whether {_names(pair)} reach the same score is not resolved: "
            f"{candidate_title(_better(pair, test)[0].candidate)} scores {_interval_of(test)} higher. "
            f"A difference from {three_decimals(test.half_width + BASELINE_TOLERANCE)} on would have shown."
            for pair, test in found.items()
        )
    others = "networks" if len(found) == of else "other networks"
    widest = max(found.values(), key=lambda test: test.half_width)
    largest = max(abs(bound) for test in found.values() for bound in _bounds(test))
    return (
        f"For {len(found)} pairs of {others} it is not resolved whether their scores differ by more than "
        f"{BASELINE_TOLERANCE:g}: with {widest.rows} test rows and {min(test.launches for test in found.values())} "
        f"trainings each, none is likely to differ by more than {three_decimals(largest)}, and a difference from "
        f"{three_decimals(widest.half_width + BASELINE_TOLERANCE)} on would have shown.",
    )


def _names(pair: tuple[Series, Series]) -> str:
    return " and ".join(candidate_title(one.candidate) for one in pair)


def _bounds(test: ScoreDifference) -> tuple[float, float]:
    assert test.interval is not None
    return test.interval.low, test.interval.high


def _better(pair: tuple[Series, Series], test: ScoreDifference) -> tuple[Series, Series]:
    return pair if test.difference >= 0 else pair[::-1]


def _interval_of(test: ScoreDifference) -> str:
    """Seen from the one that scores higher."""
    low, high = sorted(bound if test.difference >= 0 else -bound for bound in _bounds(test))
    between = f"{three_decimals(low)} to {three_decimals(high)} at {percent(test.confidence)}"
    return f"{three_decimals(abs(test.difference))} ({between})"


def _note(inputs: ReportInputs, workload: str, found: AgainstBaseline) -> BaselineNote:
    scores = (
        f"{three_decimals(found.baseline)} against {three_decimals(found.score)} for the best network, "
        f"{candidate_title(found.best)} ({metric_name(inputs, workload)})"
    )
    verb = "matches" if found.matches else "does not match"
    advice = " Try it before any of these frameworks." if found.matches else ""
    finding = f"On {words(workload)}, scikit-learn {verb} the networks: {scores}."
    return BaselineNote(workload, found.matches, finding, f"{finding}{advice}{_simpler(inputs, workload)}")


def _simpler(inputs: ReportInputs, workload: str) -> str:
    """A sentence on models that are simpler still than the baseline; empty where there are none."""
    found = dict(pair for name, result in _results(inputs, workload) if name == BASELINE for pair in result.simpler)
    scores = joined([f"{title} {three_decimals(score)}" for title, score in found.items()])
    return f" Scores without training: {scores}." if scores else ""


def _series(inputs: ReportInputs, workload: str, measure: str) -> dict[str, Series]:
    return {
        series.candidate: series
        for series in inputs.series
        if (series.workload, series.measure, series.lane) == (workload, measure, "default") and series.values
    }


def _results(inputs: ReportInputs, workload: str) -> tuple[tuple[str, LearnResult], ...]:
    return inputs.learned.get(workload, ())
