"""How well the pilots learned, and whether a baseline without any framework does as well.

All of it is about the default lane: what is learned in the same steps is the same in both.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from statistics import median

from advisor.catalog import BASELINE
from advisor.deciding.advice import BASELINE_TOLERANCE, AgainstBaseline, against_baseline
from advisor.measuring.series import Series
from advisor.measuring.statistics import Tost, tost
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.names import candidate_title, catalog_order, joined, words
from advisor.reporting.numbers import quantity, three_decimals
from advisor.reporting.table import Table
from pilots.records import LearnResult

_METRIC, _TRAIN_S = "learn.metric", "learn.train_s"


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
    """Score and training time per candidate, the baseline first; None where nothing was trained."""
    scores = _series(inputs, workload, _METRIC)
    if not scores:
        return None
    seconds = _series(inputs, workload, _TRAIN_S)
    results = _results(inputs, workload)
    models = {candidate: result.model for candidate, result in results}
    rows = tuple(
        (
            candidate_title(candidate),
            models.get(candidate, "not recorded"),
            three_decimals(median(scores[candidate].values)),
            f"{three_decimals(min(scores[candidate].values))} to {three_decimals(max(scores[candidate].values))}",
            quantity(median(seconds[candidate].values), "s") if candidate in seconds else "not measured",
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
        "Training time",
        "Runs",
    )
    return Table(header, rows)


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
        "Steps times step time",
    )
    return Table(header, rows) if rows else None


def _seconds(value: float | None) -> str:
    return "none" if value is None else quantity(value, "s")


def same_quality(inputs: ReportInputs, workload: str) -> tuple[str, ...]:
    """Whether the networks' scores are shown to be equal: one sentence where all are, else one for each pair.

    Pairs with fewer than two common launches say nothing.
    """
    scores = {name: one for name, one in _series(inputs, workload, _METRIC).items() if name != BASELINE}
    tests = {pair: _equality(*pair) for pair in combinations(scores.values(), 2)}
    found = {pair: test for pair, test in tests.items() if test is not None}
    if len(found) == len(tests) > 1 and all(test.equivalent for test in found.values()):
        return (
            f"All networks reach the same score: each difference is shown to be smaller than {BASELINE_TOLERANCE:g}.",
        )
    return tuple(_equality_sentence(first, second, test) for (first, second), test in found.items())


def metric_name(inputs: ReportInputs, workload: str) -> str:
    """What the score of a workload is."""
    titles = {"accuracy": "accuracy", "r2": "R2, the share of variance explained"}
    names = {result.metric_name for _, result in _results(inputs, workload)}
    return " and ".join(titles.get(name, name) for name in sorted(names)) or "score"


def _equality(first: Series, second: Series) -> Tost | None:
    """The test of the scores of shared launches; None where there are fewer than two."""
    of_second = dict(zip(second.launches, second.values, strict=True))
    of_first = zip(first.launches, first.values, strict=True)
    differences = [score - of_second[launch] for launch, score in of_first if launch in of_second]
    return tost(differences, margin=BASELINE_TOLERANCE) if len(differences) > 1 else None


def _equality_sentence(first: Series, second: Series, test: Tost) -> str:
    names = f"{candidate_title(first.candidate)} and {candidate_title(second.candidate)}"
    if test.equivalent:
        return f"{names} reach the same score: their difference is shown to be smaller than {BASELINE_TOLERANCE:g}."
    return (
        f"{names} are not shown to reach the same score: their mean difference is "
        f"{three_decimals(test.difference)}, and may be anything from {three_decimals(test.low)} to "
        f"{three_decimals(test.high)}."
    )


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
