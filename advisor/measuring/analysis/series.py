"""Raw trials as series: one value per launch of one measure, for one candidate on one workload."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from advisor.catalog import BASELINE
from advisor.measuring.analysis.allowances import possible_factor
from advisor.measuring.analysis.crowding import on_busy_machine
from advisor.measuring.analysis.epoch_ends import ByLaunch, Cell, ends_all_busy, steps_with_ends
from advisor.measuring.measures import measures, read
from pilots.records import Result, TrialRecord
from pilots.results import LearnResult


@dataclass(frozen=True)
class RowLosses:
    """What each test row takes from a score, so that a value is one minus their mean.

    ``by_launch`` has the losses of each launch, in the order of launches and the same rows in each. They are a sample
    of ``rows`` that share nothing. ``step`` is what a row takes that is wrong where it is right or wrong, else 0.
    """

    by_launch: tuple[tuple[float, ...], ...]
    rows: int
    step: float


@dataclass(frozen=True)
class Series:
    """Values of one measure, one per launch, in the order of launches; only trials whose outcome is ``ok``.

    ``measure`` is one of :func:`advisor.measuring.measures.measures`, with its ``unit``. ``trial_keys`` says
    which trial each value comes from; ``busy`` are those of the launches in which it was timed on a busy machine.
    ``slowed`` is the factor by which others at work may have slowed those of the other launches at most, in the mean.
    ``losses`` come with ``learn.metric`` and ``learn.skill`` where each launch tells them.
    """

    measure: str
    workload: str
    candidate: str
    lane: str
    unit: str
    launches: tuple[int, ...]
    values: tuple[float, ...]
    trial_keys: tuple[str, ...]
    losses: RowLosses | None = None
    busy: tuple[int, ...] = ()
    slowed: float = 1.0

    def counted(self, needed: int) -> Series:
        """Without the launches on a busy machine where ``needed`` or more are left; all of it where they are not."""
        kept = [place for place, launch in enumerate(self.launches) if launch not in self.busy]
        if len(kept) < needed:
            return self
        return replace(
            self,
            launches=tuple(self.launches[at] for at in kept),
            values=tuple(self.values[at] for at in kept),
            trial_keys=tuple(self.trial_keys[at] for at in kept),
            busy=(),
        )


@dataclass(frozen=True)
class TargetReached:
    """How many training runs reached the quality ``target``, and what it took those that did.

    ``median_steps`` and ``median_train_s`` (evaluation excluded) are taken over the runs that reached it, and
    missing where none did: with ``reached`` below the number of runs they flatter the candidate.
    ``median_race_s`` is the steps at the pace of the race, each with its share of an epoch's end where those were
    timed, so that learning fast and stepping fast are seen apart; missing where the candidate never raced.
    """

    target: float
    reached: int
    median_steps: float | None
    median_train_s: float | None
    median_race_s: float | None


@dataclass(frozen=True)
class TargetsReached:
    """One candidate's finished training runs, ``runs`` of them, against the targets in the order given."""

    workload: str
    candidate: str
    lane: str
    metric_name: str
    runs: int
    race_step_ms: float | None
    targets: tuple[TargetReached, ...]


def series(records: Iterable[TrialRecord]) -> tuple[Series, ...]:
    """All measures of all finished trials, ordered by measure, workload, candidate and lane.

    Second copies of a candidate that raced itself are left out. Where a launch was run twice, the later
    record counts.
    """
    cells: dict[Cell, ByLaunch] = defaultdict(dict)
    for record in _finished(records):
        spec = record.spec
        for measure, value in read(record).items():
            cells[measure, spec.workload, spec.candidate, spec.lane][spec.launch] = (value, record)
    cells.update(steps_with_ends(cells))
    rank = {measure: place for place, measure in enumerate(measures())}
    found = []
    for name, by_launch in sorted(cells.items(), key=lambda item: (rank[item[0][0]], item[0])):
        measure, workload, candidate, lane = name
        launches = tuple(sorted(by_launch))
        values = tuple(by_launch[launch][0] for launch in launches)
        trials = [by_launch[launch][1] for launch in launches]
        keys = tuple(trial.key for trial in trials)
        losses = _losses(measure, [trial.result for trial in trials])
        timed = trials if measures()[measure].is_timed else []
        by_ends = measure == "epochs.step_ms" and ends_all_busy(cells, name)
        busy = tuple(trial.spec.launch for trial in timed if by_ends or on_busy_machine(trial))
        told = (measure, workload, candidate, lane, measures()[measure].unit, launches, values, keys)
        found.append(Series(*told, losses, busy, possible_factor(timed)))
    return tuple(found)


def targets_reached(
    records: Iterable[TrialRecord], workload: str, targets: Sequence[float]
) -> tuple[TargetsReached, ...]:
    """Each candidate's finished ``learn`` runs on ``workload`` against the targets of its metric on the test rows.

    Nothing is chosen by it: targets stand in the workload's file, and a training goes on whether it reached them. A
    score that wavers reaches a target sooner than its mean does, in every candidate alike. A target counts as reached
    at the first epoch whose score is at least that high; a run that never gets there is counted in ``runs`` and not in
    ``reached``. The baseline takes no steps and is left out.
    """
    finished = tuple(record for record in _finished(records) if record.spec.workload == workload)
    found = series(finished)
    pace, pace_with_ends = (
        {
            (measured.candidate, measured.lane): float(np.exp(np.mean(np.log(measured.values))))
            for measured in found
            if measured.measure == measure
        }
        for measure in ("race.step_ms", "epochs.step_ms")
    )
    runs: dict[tuple[str, str], dict[tuple[int, int], LearnResult]] = defaultdict(dict)
    for record in finished:
        spec = record.spec
        if isinstance(record.result, LearnResult) and spec.candidate != BASELINE:
            runs[spec.candidate, spec.lane][spec.launch, spec.seed] = record.result
    return tuple(
        TargetsReached(
            workload=workload,
            candidate=candidate,
            lane=lane,
            metric_name=next(iter(results.values())).metric_name,
            runs=len(results),
            race_step_ms=pace.get((candidate, lane)),
            targets=tuple(
                _target_reached(tuple(results.values()), target, (pace | pace_with_ends).get((candidate, lane)))
                for target in targets
            ),
        )
        for (candidate, lane), results in sorted(runs.items())
    )


def _target_reached(results: Sequence[LearnResult], target: float, step_ms: float | None) -> TargetReached:
    firsts = [next((epoch for epoch in result.epochs if epoch.metric >= target), None) for result in results]
    reached = [epoch for epoch in firsts if epoch is not None]
    if not reached:
        return TargetReached(target, 0, None, None, None)
    steps = float(np.median([epoch.steps for epoch in reached]))
    return TargetReached(
        target=target,
        reached=len(reached),
        median_steps=steps,
        median_train_s=float(np.median([epoch.seconds for epoch in reached])),
        median_race_s=None if step_ms is None else steps * step_ms / 1000,
    )


def _finished(records: Iterable[TrialRecord]) -> Iterable[TrialRecord]:
    return (record for record in records if record.outcome == "ok" and not record.spec.control)


def _losses(measure: str, results: Sequence[Result | None]) -> RowLosses | None:
    """Those of a score; None unless every launch tells them, of the same number of rows."""
    if measure not in ("learn.metric", "learn.skill"):
        return None
    by_launch: list[tuple[float, ...]] = []
    rows, steps = set(), set()
    for learn in results:
        if not isinstance(learn, LearnResult) or not learn.row_losses or not learn.test_rows:
            return None
        unit = 1.0 if measure == "learn.metric" else 1 / (1 - learn.dummy_metric)
        by_launch.append(tuple(unit * loss for loss in learn.row_losses))
        rows.add(max(len(learn.row_losses), learn.test_rows // learn.rows_per_loss))
        steps.add(unit if learn.metric_name == "accuracy" else 0.0)
    if len(rows) > 1 or len(steps) > 1 or len({len(losses) for losses in by_launch}) > 1:
        return None
    return RowLosses(tuple(by_launch), rows.pop(), steps.pop())
