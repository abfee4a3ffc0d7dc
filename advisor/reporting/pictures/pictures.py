"""The four figures of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import TYPE_CHECKING, TypeVar

from advisor.catalog import BASELINE
from advisor.measuring.analysis.series import Series
from advisor.measuring.analysis.statistics import geometric_mean
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.pictures.figures import (
    INK_BLUE,
    WIDTH_IN,
    Figure,
    draw,
    few_ticks,
    look,
    panel_title,
    plain_axes,
    short,
    two_lines,
)
from advisor.reporting.words.names import candidate_title, catalog_order, criterion_title, joined, words
from advisor.reporting.words.numbers import percent, quantity, rating, significant
from pilots.results import LearnResult

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

_INK, _LINE = "#222222", "#999999"
_LIGHT, _DARK = (0.91, 0.94, 0.98), (0.0, 0.27, 0.53)
#: From this value on a cell is dark enough for white letters.
_DARK_FROM = 0.65
_ROW_IN, _TITLE_IN = 0.42, 0.9
#: More curves of one candidate, more points or markers on a curve, and more dots in a row hide one another.
_CURVES, _POINTS, _MARKERS, _DOTS = 5, 24, 4, 12

_T = TypeVar("_T")
#: Training runs, each with one epoch or more, by candidate.
Runs = Mapping[str, list[LearnResult]]


def draw_all(inputs: ReportInputs) -> tuple[Figure, ...]:
    """Every figure for which there is something to show."""
    drawn = (best_figure(inputs), race_figure(inputs), learning_figure(inputs), evidence_figure(inputs))
    return tuple(figure for figure in drawn if figure is not None)


def best_figure(inputs: ReportInputs) -> Figure | None:
    """Probability of being the best, one bar per ranked candidate; None where none was ranked."""
    shares = {candidate_title(result.id): result.rank_probability[0] for result in inputs.ranked}
    if not shares:
        return None

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        places = range(len(shares))
        bars = axes.barh(places, list(shares.values()), color=INK_BLUE, height=0.6)
        axes.bar_label(bars, labels=[percent(share) for share in shares.values()], padding=4)
        axes.set_yticks(places, [short(title) for title in shares])
        axes.invert_yaxis()
        axes.set_xlim(0, 1.15)
        axes.set_xticks([])
        panel_title(axes, "Chance of being the best choice")
        plain_axes(axes)

    listed = joined([f"{title} {percent(share)}" for title, share in shares.items()])
    height = _TITLE_IN + _ROW_IN * len(shares)
    return draw("best", f"Chance of being the best choice: {listed}.", (WIDTH_IN, height), paint)


def race_figure(inputs: ReportInputs) -> Figure | None:
    """Time of a training step in the default lane, one dot per launch with the interval of their mean.

    One panel per workload; None where nothing raced.
    """
    panels: dict[str, list[Series]] = {}
    for series in inputs.series:
        if series.measure == "race.step_ms" and series.lane == "default" and series.values:
            panels.setdefault(series.workload, []).append(series)
    if not panels:
        return None
    for panel in panels.values():
        panel.sort(key=lambda series: catalog_order(series.candidate))
    rows = [len(panel) for panel in panels.values()]
    confidence = inputs.method.measuring.confidence

    def paint(canvas: Canvas) -> None:
        all_axes = canvas.subplots(len(panels), 1, squeeze=False, height_ratios=rows)[:, 0]
        for axes, (workload, panel) in zip(all_axes, panels.items(), strict=True):
            _paint_race(axes, workload, panel, confidence)

    findings = [
        f"{words(workload)}: " + joined([f"{candidate_title(series.candidate)} {_middle(series)}" for series in panel])
        for workload, panel in panels.items()
    ]
    alt = f"Time of one training step, middle launch. {'; '.join(findings)}."
    return draw("race", alt, (WIDTH_IN, _TITLE_IN * len(panels) + _ROW_IN * sum(rows)), paint)


def learning_figure(inputs: ReportInputs) -> Figure | None:
    """Score over training seconds, one line per run, a ring at the epoch that counts, one panel per workload.

    None where nothing was trained.
    """
    panels: dict[str, dict[str, list[LearnResult]]] = {}
    metrics: dict[str, str] = {}
    for record in inputs.records:
        if isinstance(record.result, LearnResult) and record.result.epochs and record.spec.lane == "default":
            panels.setdefault(record.spec.workload, {}).setdefault(record.spec.candidate, []).append(record.result)
            metrics[record.spec.workload] = record.result.metric_name
    if not panels:
        return None
    candidates = {candidate for panel in panels.values() for candidate in panel}

    def paint(canvas: Canvas) -> None:
        all_axes = canvas.subplots(len(panels), 1, squeeze=False)[:, 0]
        handles: dict[str, Artist] = {}
        for axes, (workload, panel) in zip(all_axes, panels.items(), strict=True):
            _paint_learning(axes, panel)
            title = f"{short(words(workload))}: {short(metrics[workload])} on test rows"
            panel_title(axes, title)
            found, labels = axes.get_legend_handles_labels()
            handles |= dict(zip(labels, found, strict=True))
        all_axes[-1].set_xlabel("seconds of training; ring: the epoch that validation rows chose")
        canvas.legend(handles.values(), handles.keys(), loc="outside lower left", ncols=2, frameon=False)

    findings = [f"{words(workload)}: {_final_scores(panel)}" for workload, panel in panels.items()]
    alt = f"Score at the epoch that counts, middle run. {'; '.join(findings)}."
    height = 2.4 * len(panels) + 0.4 + 0.28 * ((len(candidates) + 1) // 2)
    return draw("learning", alt, (WIDTH_IN, height), paint)


def evidence_figure(inputs: ReportInputs) -> Figure | None:
    """Value per candidate and criterion in shades, hatched where nothing is known; None without criteria."""
    criteria = inputs.evidence.criteria
    candidates = [result.id for result in inputs.decision.candidates]
    values = {
        (result.id, criterion): value.value
        for result in inputs.decision.candidates
        for criterion, value in result.criteria.items()
        if value.kind != "missing"
    }
    if not criteria or not candidates:
        return None

    def paint(canvas: Canvas) -> None:
        axes = canvas.subplots()
        for row, criterion in enumerate(criteria):
            for column, candidate in enumerate(candidates):
                _paint_cell(axes, column, row, values.get((candidate, criterion)))
        titles = [two_lines(candidate_title(candidate)) for candidate in candidates]
        axes.set_xlim(0, len(candidates))
        axes.set_ylim(len(criteria), 0)
        axes.set_xticks([column + 0.5 for column in range(len(candidates))], titles, fontsize=11)
        axes.set_yticks([row + 0.5 for row in range(len(criteria))], [criterion_title(name) for name in criteria])
        axes.xaxis.tick_top()
        axes.set_xlabel("0 barely acceptable, 1 more is worth nothing, hatched: not known", fontsize=10)
        plain_axes(axes)

    alt = _evidence_alt(criteria, candidates, values)
    return draw("evidence", alt, (WIDTH_IN, 1.1 + 0.36 * len(criteria)), paint)


def _paint_race(axes: Axes, workload: str, panel: list[Series], confidence: float) -> None:
    for row, series in enumerate(panel):
        colour, marker = look(series.candidate)
        if len(series.values) > 1 and min(series.values) > 0:
            mean = geometric_mean(series.values, confidence)
            axes.plot([mean.low, mean.high], [row, row], color=_LINE, linewidth=6, alpha=0.5, solid_capstyle="butt")
            axes.plot([mean.centre, mean.centre], [row - 0.3, row + 0.3], color=_INK, linewidth=1.5)
        dots = _evenly(sorted(series.values), _DOTS)
        axes.plot(dots, [row] * len(dots), marker, color=colour, markersize=7, alpha=0.8)
    axes.set_yticks(range(len(panel)), [short(candidate_title(series.candidate)) for series in panel])
    axes.set_ylim(len(panel) - 0.5, -0.5)
    few_ticks(axes.xaxis)
    axes.set_xlim(left=0)
    panel_title(axes, f"{short(words(workload))}: {panel[0].unit} for one training step")


def _paint_learning(axes: Axes, panel: Runs) -> None:
    for candidate, runs in panel.items():
        (colour, marker), title = look(candidate), short(candidate_title(candidate))
        if candidate == BASELINE:
            score = median(run.chosen.metric for run in runs)
            axes.axhline(score, color=_INK, linestyle="--", linewidth=1.5, label=title)
            continue
        for number, run in enumerate(_evenly(sorted(runs, key=lambda run: run.chosen.metric), _CURVES)):
            shown = _evenly([(epoch.seconds, epoch.metric) for epoch in run.epochs], _POINTS)
            axes.plot(
                *zip(*shown, strict=True),
                color=colour,
                marker=marker,
                markersize=4,
                markevery=-(-len(shown) // _MARKERS),
                linewidth=1.2,
                alpha=0.8,
                label=title if number == 0 else None,
            )
            if run.chosen_epoch is not None:
                place = (run.chosen.seconds, run.chosen.metric)
                axes.plot(*place, marker="o", markersize=9, markerfacecolor="none", markeredgecolor=colour)
    few_ticks(axes.xaxis)
    axes.set_xlim(left=0)


def _evenly(items: Sequence[_T], most: int) -> Sequence[_T]:
    """All of them, or of many the first, the last and those at equal distances between."""
    if len(items) <= most:
        return items
    return [items[round(place * (len(items) - 1) / (most - 1))] for place in range(most)]


def _paint_cell(axes: Axes, column: int, row: int, value: float | None) -> None:
    from matplotlib.patches import Rectangle

    if value is None:
        axes.add_patch(Rectangle((column, row), 1, 1, facecolor="white", edgecolor=_LINE, hatch="///"))
        return
    shade = tuple(light + (dark - light) * value for light, dark in zip(_LIGHT, _DARK, strict=True))
    axes.add_patch(Rectangle((column, row), 1, 1, facecolor=shade, edgecolor="white"))
    letters = "white" if value >= _DARK_FROM else _INK
    axes.text(column + 0.5, row + 0.5, rating(value), ha="center", va="center", color=letters)


def _middle(series: Series) -> str:
    return quantity(median(series.values), series.unit)


def _final_scores(panel: Runs) -> str:
    return joined(
        [
            f"{candidate_title(candidate)} {significant(median(run.chosen.metric for run in runs))}"
            for candidate, runs in panel.items()
        ]
    )


def _evidence_alt(criteria: tuple[str, ...], candidates: list[str], values: Mapping[tuple[str, str], float]) -> str:
    findings = []
    for criterion in criteria:
        known = {name: values[name, criterion] for name in candidates if (name, criterion) in values}
        title = criterion_title(criterion)
        if not known:
            findings.append(f"{title}: not known for any")
            continue
        best = max(known.items(), key=lambda item: item[1])[0]
        missing = len(candidates) - len(known)
        gap = f", not known for {missing}" if missing else ""
        findings.append(f"{title}: highest for {candidate_title(best)} ({rating(known[best])}{gap})")
    return f"Value of each candidate on each criterion. {'; '.join(findings)}."
