"""Evidence from trials: one component per measure and workload."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence

from advisor.catalog import BASELINE, Kind
from advisor.evidence.missing import missing_component
from advisor.evidence.scales import scale_for
from advisor.evidence.table import Component, Doubt, Launches, Triangular, Uniform
from advisor.interview.answers import Answers
from advisor.measuring.analysis.quality import row_noise, row_step, score_interval
from advisor.measuring.analysis.series import Series
from advisor.measuring.analysis.statistics import geometric_mean, t_interval
from advisor.measuring.error_text import headline
from advisor.measuring.measures import Counts, Measure, counted
from advisor.method import Method
from pilots.records import TrialRecord


def unmeasured_candidates(records: Iterable[TrialRecord]) -> dict[str, str]:
    """Candidates of which no trial ended well (not importable, failing everywhere), each with its last error."""
    errors: dict[str, str] = {}
    succeeded = {BASELINE}
    for record in records:
        if record.outcome in ("ok", "not_comparable"):
            succeeded.add(record.spec.candidate)
        else:
            errors[record.spec.candidate] = headline(record.error or record.outcome.replace("_", " "))
    return {candidate: error for candidate, error in errors.items() if candidate not in succeeded}


def trial_components(
    candidate: str,
    criterion: str,
    answers: Answers,
    series: Sequence[Series],
    method: Method,
    comparable: Collection[tuple[str, str]],
    same_hardware: bool,
) -> tuple[Component, ...]:
    """What trials say about a candidate on a measured criterion.

    A workload that any candidate was measured on counts for every candidate. It counts as missing where a candidate
    has no trials, has too few launches or failed the parity gate: nobody gains by failing on the hard workload.
    """
    trains = answers.text("project.trains") != "no"
    wanted = [
        (measure, measure.counts)
        for measure in counted(criterion)
        if measure.counts is not None and (trains or not measure.counts.needs_training)
    ]
    found: list[Component] = []
    for measure, counts in wanted:
        of_measure = [
            s for s in series if s.measure == measure.name and s.lane == "default" and s.candidate != BASELINE
        ]
        held_by = {s.workload for s in series if s.lane == "default" and s.measure == counts.unless}
        for workload in dict.fromkeys(s.workload for s in of_measure if s.workload not in held_by):
            all_of_it = next((s for s in of_measure if s.workload == workload and s.candidate == candidate), None)
            kept = all_of_it and all_of_it.counted(method.measuring.minimum_launches)
            if kept is None:
                found.append(_missing(measure, counts, workload, "no trial of it ended well"))
            elif (workload, candidate) not in comparable:
                found.append(_missing(measure, counts, workload, "it was not shown to be the same model"))
            elif len(kept.values) < method.measuring.minimum_launches:
                too_few = (
                    f"only {len(kept.values)} launch{'es' if len(kept.values) > 1 else ''}: too few to know the noise"
                )
                found.append(_missing(measure, counts, workload, too_few))
            else:
                also = (
                    key
                    for other in series
                    if (other.measure, other.workload, other.candidate, other.lane)
                    == (counts.also, workload, candidate, "default")
                    for key in other.trial_keys
                )
                found.append(_component(measure, counts, kept, tuple(also), answers, method, same_hardware))
    return tuple(found) or tuple(
        _missing(measure, counts, None, "not measured") for measure, counts in wanted if not counts.unless
    )


def _component(
    measure: Measure,
    counts: Counts,
    series: Series,
    also: Collection[str],
    answers: Answers,
    method: Method,
    same_hardware: bool,
) -> Component:
    scale = scale_for(counts.criterion, answers, method)
    estimate = geometric_mean if scale.log else t_interval
    over_rows = None if scale.log else score_interval(series, method.measuring.confidence)
    raw = over_rows or estimate(series.values, method.measuring.confidence)
    notes, doubts = [], []
    if counts.depends_on_hardware and not same_hardware:
        notes.append("measured on other hardware than training is planned for")
        doubts.append(Doubt("other_hardware", "cell", Triangular(0.0, method.cited_half_width.other_hardware)))
    if series.busy:
        notes.append(f"measured on a busy machine in {len(series.busy)} of {len(series.values)} launches")
        doubts.append(Doubt("busy_machine", "cell", Triangular(0.0, method.cited_half_width.busy_machine)))
    kind: Kind = "cited" if doubts else "measured"
    if scale.log and series.slowed > 1:
        # Half of the factor, as ratios go, is for each of the two that are compared.
        half_width = math.log(series.slowed) / 2 / abs(math.log(scale.barely_acceptable / scale.good_enough))
        doubts.append(Doubt("others_at_work", "cell", Uniform(0.0, half_width)))
    return Component(
        measure=f"{measure.name}@{series.workload}",
        label=f"{counts.label} ({_words(series.workload)})",
        kind=kind,
        distribution=Launches(series.launches, series.values, scale, row_noise(series), row_step(series)),
        raw=raw.centre,
        raw_low=raw.low,
        raw_high=raw.high,
        unit=measure.unit,
        source=tuple(dict.fromkeys((*series.trial_keys, *also))),
        as_of=None,
        note="; ".join(notes),
        scale=scale,
        doubts=tuple(doubts),
    )


def _missing(measure: Measure, counts: Counts, workload: str | None, note: str) -> Component:
    name, label = (
        (f"{measure.name}@{workload}", f"{counts.label} ({_words(workload)})")
        if workload
        else (measure.name, counts.label)
    )
    return missing_component(name, label, note, measure.unit)


def _words(workload: str) -> str:
    return workload.replace("_", " ")
