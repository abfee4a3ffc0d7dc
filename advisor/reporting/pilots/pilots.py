"""What the pilots measured, workload by workload: first the default lane, then the tuned lane."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.measuring.analysis.comparison import noise_floor
from advisor.reporting.first_page.busy import surroundings
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.pilots.epoch_ends import EpochEndsShown, build_epoch_ends, build_idling
from advisor.reporting.pilots.equal_scores import same_quality
from advisor.reporting.pilots.learning import baseline_notes, build_learning, build_targets, how_scored
from advisor.reporting.pilots.load import Load, build_load
from advisor.reporting.pilots.measured import LATENCY, MEMORY, STARTUP, STEP, by_candidate
from advisor.reporting.pilots.pairs import Pairs, build_pairs, not_comparable, ratio_interval
from advisor.reporting.pilots.tuned import Tuned, build_tuned
from advisor.reporting.words.names import candidate_title, joined, words
from advisor.reporting.words.numbers import counted, ratio
from advisor.reporting.words.table import Table


@dataclass(frozen=True)
class PilotSection:
    """Everything measured on one workload; a table is None where nothing of its kind was measured.

    All of it is about the default lane, except ``tuned``. ``stands_in`` says so where the pilot is not of the
    problem's own kind; else it is empty.
    """

    title: str
    stands_in: str
    baseline: str
    how_scored: str
    learning: Table | None
    targets: Table | None
    same_quality: tuple[str, ...]
    step_time: Table | None
    pairs: Pairs | None
    not_comparable: tuple[str, ...]
    noise_floor: str
    contention: str
    epoch_ends: EpochEndsShown | None
    idling: tuple[str, ...]
    latency: Table | None
    load: Load | None
    memory: Table | None
    startup: Table | None
    tuned: Tuned | None


def build_workloads(inputs: ReportInputs) -> tuple[PilotSection, ...]:
    """The workloads of which anything was measured: those that answer for the problem, then those that stand in."""
    names = [*(series.workload for series in inputs.series), *(pair.workload for pair in inputs.comparisons)]
    own_first = sorted(dict.fromkeys(names), key=lambda name: name not in inputs.answering)
    notes = {note.workload: note.text for note in baseline_notes(inputs)}
    return tuple(_workload(inputs, name, notes.get(name, "")) for name in own_first)


def without_tuned(inputs: ReportInputs) -> str:
    """Says that the tuned lane did not run, and how it does; empty where it ran, or nothing did."""
    if not inputs.has_pilots or inputs.tuned_lane_ran:
        return ""
    return (
        "All of this is about the default lane, each framework as its quick-start guide has it. The tuned lane, "
        "compiled by each framework's own tuning guide, was not run: advisor run --tuned adds it."
    )


def _workload(inputs: ReportInputs, name: str, baseline: str) -> PilotSection:
    of_default = [pair for pair in inputs.comparisons if (pair.workload, pair.lane) == (name, "default")]
    raced = [pair for pair in of_default if pair.between == "candidates"]
    return PilotSection(
        title=words(name).capitalize(),
        stands_in="" if name in inputs.answering or not inputs.answering else "It only stands in for your problem.",
        baseline=baseline,
        how_scored=how_scored(inputs, name),
        learning=build_learning(inputs, name),
        targets=build_targets(inputs, name),
        same_quality=same_quality(inputs, name),
        step_time=by_candidate(inputs, name, STEP, "default"),
        pairs=build_pairs(raced, inputs.method.measuring.equivalence_margin),
        not_comparable=not_comparable(raced),
        noise_floor=_noise_floor(inputs, name),
        contention=surroundings(inputs, name),
        epoch_ends=build_epoch_ends(inputs, name),
        idling=build_idling(inputs, name),
        latency=by_candidate(inputs, name, LATENCY, "default"),
        load=build_load(inputs, name),
        memory=by_candidate(inputs, name, MEMORY, "default"),
        startup=by_candidate(inputs, name, STARTUP, "default"),
        tuned=build_tuned(inputs, name),
    )


def _noise_floor(inputs: ReportInputs, workload: str) -> str:
    """What copies showed, all candidates together, then each with enough launches of its own."""
    found = noise_floor(inputs.records, workload, inputs.method.measuring)
    if found is None:
        return ""
    titles = [candidate_title(name) for name in found.candidates]
    who = f"{titles[0]} against a second copy of itself" if len(titles) == 1 else f"{joined(titles)} against copies"
    said = f"{who} gave a ratio of {ratio(found.ratio.ratio)}, {ratio_interval(found.ratio)}"
    launches = counted(found.ratio.launches, "launch", "launches")
    text = f"Noise floor: {said}, over {launches} that scatter by {found.scatter * 100:.1f}%."
    own = [
        f"{candidate_title(pair.first)} {ratio(pair.ratio.ratio)}, {ratio_interval(pair.ratio)}"
        for pair in inputs.comparisons
        if (pair.workload, pair.between) == (workload, "control") and pair.ratio is not None
    ]
    return f"{text} By candidate: {'; '.join(own)}." if len(titles) > 1 and own else text
