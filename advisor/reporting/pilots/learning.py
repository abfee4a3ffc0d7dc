"""How well the pilots learned, and whether a baseline without any framework does as well.

All of it is about the default lane: what is learned in the same steps is the same in both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from advisor.catalog import BASELINE
from advisor.deciding.advice import AgainstBaseline, against_baseline
from advisor.measuring.analysis.series import Series
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.pilots.equal_scores import METRIC, by_luck, series_of
from advisor.reporting.words.names import candidate_title, catalog_order, joined, words
from advisor.reporting.words.numbers import quantity, three_decimals
from advisor.reporting.words.table import Table
from pilots.results import LearnResult

_LAST_METRIC, _TRAIN_S, _CHOSEN_S = "learn.last_metric", "learn.train_s", "learn.chosen_s"


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
    scores = series_of(inputs, workload, METRIC)
    if not scores:
        return None
    last = series_of(inputs, workload, _LAST_METRIC)
    seconds, chosen_s = series_of(inputs, workload, _TRAIN_S), series_of(inputs, workload, _CHOSEN_S)
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
    kept = min((len(result.row_losses) for result in results if result.row_losses), default=0)
    if rows and 0 < kept < min(tested) // together:
        rows += f" (of which {kept}, spread evenly, say how much luck is in them)"
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


def _median_s(series: Series | None) -> str:
    return "not measured" if series is None else quantity(median(series.values), "s")


def build_targets(inputs: ReportInputs, workload: str) -> Table | None:
    """How many runs reached each target, and what it took them; None where there are no targets."""
    rows = tuple(
        (
            candidate_title(reached.candidate),
            three_decimals(target.target),
            f"{target.reached} of {reached.runs}",
            "never" if target.median_steps is None else f"{target.median_steps:.0f}",
            _seconds(target.median_train_s),
            _seconds(target.median_race_s),
        )
        for reached in inputs.targets
        if (reached.workload, reached.lane) == (workload, "default")
        for target in reached.targets
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


def metric_name(inputs: ReportInputs, workload: str) -> str:
    """What the score of a workload is."""
    titles = {"accuracy": "accuracy", "r2": "R2, the share of variance explained"}
    names = {result.metric_name for _, result in _results(inputs, workload)}
    return " and ".join(titles.get(name, name) for name in sorted(names)) or "score"


def _note(inputs: ReportInputs, workload: str, found: AgainstBaseline) -> BaselineNote:
    scores = (
        f"{three_decimals(found.baseline)} against {three_decimals(found.score)} for the best network, "
        f"{candidate_title(found.best)} ({metric_name(inputs, workload)})"
    )
    verb = "matches" if found.matches else "does not match"
    at_the_end = any(r.valid_rows is None for name, r in _results(inputs, workload) if name != BASELINE and r.epochs)
    when = " at their last epoch" if at_the_end else ""
    advice = " Try it before any of these frameworks." if found.matches else ""
    finding = f"On {words(workload)}, scikit-learn {verb} the networks{when}: {scores}."
    more = f"{by_luck(inputs, workload, found.best)}{_simpler(inputs, workload)}"
    return BaselineNote(workload, found.matches, finding, f"{finding}{advice}{more}")


def _simpler(inputs: ReportInputs, workload: str) -> str:
    """A sentence on models that are simpler still than the baseline; empty where there are none."""
    found = dict(pair for name, result in _results(inputs, workload) if name == BASELINE for pair in result.simpler)
    scores = joined([f"{title} {three_decimals(score)}" for title, score in found.items()])
    return f" Scores without training: {scores}." if scores else ""


def _results(inputs: ReportInputs, workload: str) -> tuple[tuple[str, LearnResult], ...]:
    return inputs.learned.get(workload, ())
