"""Why there is a decision to make, what drives it, and between what it is made."""

from __future__ import annotations

from dataclasses import dataclass

from advisor.catalog import CANDIDATES, CRITERIA
from advisor.deciding.decision import CheckStatus, MethodUsed, Veto
from advisor.measuring.machine.fingerprint import Machine
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.sections.data import Data, build_data
from advisor.reporting.sections.evidence import source_spans
from advisor.reporting.words.names import (
    candidate_title,
    constraint_title,
    criterion_phrase,
    criterion_title,
    family_title,
    framework_title,
    joined,
    sentence,
    target_title,
    words,
)
from advisor.reporting.words.numbers import counted, percent
from advisor.reporting.words.table import Cell, Table

_WEIGHTS_FROM = {
    "points": "The weights come from the points that you gave; within what you stated they were varied.",
    "order": "The weights come from the order that you gave: every set of weights in that order counts alike.",
    "defaults": "You stated no priorities, so the weights are those usual at this stage, varied widely{because}.",
    "people": "The weights come from everybody who answered, in equal parts.",
}
_VETO_HEADER = ("Candidate", "Requirement", "Reason", "Rests on")


@dataclass(frozen=True)
class Context:
    """The problem, the machine that was measured on, and what this report does not speak about."""

    problem: str
    hardware: str
    data: Data | None
    not_measured: tuple[str, ...]


@dataclass(frozen=True)
class Drivers:
    """Criteria with their weights and what the weights come from."""

    weights_from: str
    weights: Table
    not_applicable: tuple[str, ...]


@dataclass(frozen=True)
class Options:
    """Candidates with exact versions, families, and the requirements that keep some of them out."""

    candidates: Table
    families: str
    failed: Table | None
    open: Table | None


def build_context(inputs: ReportInputs) -> Context:
    """What the decision is about."""
    return Context(problem_sentence(inputs), _hardware(inputs.machine), build_data(inputs), _not_measured(inputs))


def build_drivers(inputs: ReportInputs) -> Drivers:
    """What the candidates are judged by."""
    change = inputs.decision.what_would_change
    means = {flip.criterion: flip.weight_now for flip in change.weights} if change is not None else {}
    weights = sorted(inputs.decision.weights.items(), key=lambda item: -means.get(item[0], item[1].median))
    rows = tuple(
        (
            criterion_title(criterion),
            CRITERIA[criterion].meaning if criterion in CRITERIA else "",
            # The mean, from which what would change the answer is reckoned, so that both read the same.
            percent(means.get(criterion, weight.median)),
            f"{percent(weight.low)} to {percent(weight.high)}",
        )
        for criterion, weight in weights
    )
    return Drivers(
        weights_from=_weights_from(inputs.decision.method),
        weights=Table(("Criterion", "Meaning", "Weight", "Range tried"), rows),
        not_applicable=tuple(
            sentence(f"{criterion_title(criterion)} does not count here: {reason}")
            for criterion, reason in inputs.decision.not_applicable.items()
        ),
    )


def _weights_from(method: MethodUsed) -> str:
    because = f", and moved because {joined(list(method.weights_because))}" if method.weights_because else ""
    return _WEIGHTS_FROM[method.weights_from].format(because=because)


def build_options(inputs: ReportInputs) -> Options:
    """What can be chosen, in which versions."""
    status = {"in": "considered", "vetoed": "fails a requirement", "unknown": "considered; a requirement is open"}
    rows = tuple(
        (
            candidate_title(result.id),
            ", ".join(f"{name} {version}" for name, version in inputs.versions.get(result.id, {}).items())
            or "not installed here",
            status[result.status],
        )
        for result in inputs.decision.candidates
    )
    return Options(
        candidates=Table(("Candidate", "Versions", "Status"), rows),
        families=_families(inputs),
        failed=_failed(inputs),
        open=_open(inputs),
    )


def problem_sentence(inputs: ReportInputs) -> str:
    """Who needs a framework for what, and where its models must run."""
    answers = inputs.answers
    people = answers.number("team.people")
    who = f"A team of {counted(round(people), 'person', 'people')}" if people else "The team"
    kind = answers.text("project.problem") or "other"
    stage = answers.text("project.stage")
    problem = "" if kind == "other" else f" for {_article(words(kind))} problem"
    parts = [f"{who} needs one framework{problem}" + (f" (stage: {words(stage)})" if stage else "")]
    targets = [target_title(target) for target in answers.choices("deployment.targets")]
    parts.append(f"the model must run on: {joined(targets)}" if targets else "no deployment target was named")
    code = [framework_title(name) for name in answers.choices("existing.frameworks")]
    if code:
        parts.append(f"there is code already in {joined(code)}")
    return f"{sentence('; '.join(parts))}{_own_pilots(inputs)}"


def _article(noun: str) -> str:
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def _hardware(machine: Machine) -> str:
    accelerators = joined(machine.accelerators) if machine.accelerators else "no accelerator"
    return (
        f"{machine.cpu or 'unnamed processor'}, {counted(machine.usable_cores, 'usable core')}, "
        f"{machine.memory_mib / 1024:.1f} GiB of memory, {accelerators}; {machine.system}, Python {machine.python}."
    )


def _own_pilots(inputs: ReportInputs) -> str:
    """Which pilot is the team's own; empty where none is."""
    pilots = dict.fromkeys(record.spec.workload for record in inputs.records if record.spec.folder is not None)
    return "".join(f" The pilot {words(name)} is the team's own." for name in pilots)


def _not_measured(inputs: ReportInputs) -> tuple[str, ...]:
    if not inputs.has_pilots:
        return (
            "Nothing was measured: no pilot was run. Every value is an answer, a cited fact, a count of code "
            "or missing.",
        )
    notes = ["Other hardware than the above: speed and memory measured here speak only for this machine."]
    hardware = [words(name) for name in inputs.answers.choices("training.hardware") if name != "cpu"]
    if hardware and not inputs.machine.accelerators:
        notes.append(f"The hardware you train on ({joined(hardware)}): this machine has no accelerator.")
    unmeasured = [
        criterion_phrase(criterion)
        for criterion in inputs.evidence.criteria
        if not any(
            component.kind in ("measured", "rehearsed")
            for cell in inputs.evidence.cells
            if cell.criterion == criterion
            for component in cell.components
        )
    ]
    if unmeasured:
        notes.append(f"Judged without a measurement: {joined(unmeasured)}.")
    notes.append("Models larger than the pilots.")
    if not inputs.tuned_lane_ran:
        notes.append(f"The fast path of each framework, such as compilation: {_default_lane(inputs)}.")
    return tuple(notes)


def _default_lane(inputs: ReportInputs) -> str:
    """How everything ran, which trials of before did not tell; see the table of settings in docs/measuring.md."""
    if all(record.spec.revision > 1 for record in inputs.records):
        return "everything ran as its quick-start has it"
    return (
        "everything ran as its quick-start has it, but for PyTorch, whose rows were fetched by whole batches in these "
        "trials of an earlier version, which is faster"
    )


#: Said wherever the candidate stands among the options.
def _families(inputs: ReportInputs) -> str:
    shares = sorted(inputs.decision.family_probability.items(), key=lambda item: -item[1])
    if not shares:
        return ""
    summed = f"Summed per family: {joined([f'{family_title(family)} {percent(share)}' for family, share in shares])}."
    remarks = [
        candidate.remark for candidate in CANDIDATES.values() if candidate.remark and candidate.family in dict(shares)
    ]
    return " ".join([summed, *remarks])


def _failed(inputs: ReportInputs) -> Table | None:
    rows = tuple((*cells, _rank(veto)) for cells, veto in _vetoes(inputs, "fail"))
    return Table((*_VETO_HEADER, "Rank had it passed"), rows) if rows else None


def _open(inputs: ReportInputs) -> Table | None:
    rows = tuple(cells for cells, _ in _vetoes(inputs, "unknown"))
    return Table(_VETO_HEADER, rows) if rows else None


def _vetoes(inputs: ReportInputs, status: CheckStatus) -> list[tuple[tuple[Cell, ...], Veto]]:
    return [
        (
            (
                candidate_title(result.id),
                constraint_title(veto.constraint),
                sentence(veto.reason),
                source_spans(inputs, veto.evidence),
            ),
            veto,
        )
        for result in inputs.decision.candidates
        for veto in result.vetoes
        if veto.status == status
    ]


def _rank(veto: Veto) -> str:
    return "not ranked" if veto.rank_had_it_passed is None else str(veto.rank_had_it_passed)
