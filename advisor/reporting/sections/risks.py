"""What could go wrong with the recommendation, and what to do about each."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from advisor.catalog import CRITERIA
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words import reasons, sentences
from advisor.reporting.words.commands import with_study
from advisor.reporting.words.names import (
    candidate_title,
    constraint_title,
    criterion_phrase,
    criterion_title,
    joined,
    sentence,
    target_title,
    uncoded,
)
from advisor.reporting.words.numbers import counted, percent
from advisor.reporting.words.table import Cell, Code, Table

_UNSURE_SHOWN = 5


@dataclass(frozen=True)
class Risks:
    """Each risk with what to do about it, and warnings about the measurements, which say so themselves."""

    table: Table | None
    warnings: tuple[str, ...]


def build_risks(inputs: ReportInputs) -> Risks | None:
    """None if nothing is known that could go wrong."""
    rows = [
        *_open(inputs),
        *_against(inputs),
        *_routes(inputs),
        *_missing(inputs),
        *_unsure(inputs),
        *_not_yours(inputs),
    ]
    warnings = tuple(sentence(uncoded(warning)) for warning in inputs.warnings)
    if not rows and not warnings:
        return None
    return Risks(Table(("Risk", "What to do about it"), tuple(rows)) if rows else None, warnings)


def _open(inputs: ReportInputs) -> list[tuple[Cell, ...]]:
    other = reasons.runner_up(inputs)
    instead = f" Until then, keep {candidate_title(other)} in reserve." if other else ""
    return [
        (
            f"Open: {constraint_title(veto.constraint)}. {sentence(veto.reason)}",
            f"Settle it before you commit yourselves.{instead}",
        )
        for veto in sentences.open_questions(inputs)
    ]


def _against(inputs: ReportInputs) -> list[tuple[Cell, ...]]:
    """Where the chosen candidate is behind the runner-up, with the facts that say so."""
    if not sentences.makes_choice(inputs) and inputs.decision.verdict != "too_close":
        return []
    other = reasons.runner_up(inputs)
    behind = sorted(
        (reason for reason in inputs.decision.reasons if reason.amount < 0), key=lambda reason: reason.amount
    )
    title = candidate_title(other or "")
    return [
        (
            f"{title} is ahead on {criterion_phrase(reason.criterion)}. {uncoded(reason.text)}".rstrip(),
            CRITERIA[reason.criterion].precaution,
        )
        for reason in behind[: reasons.REASONS_AGAINST]
        if other and reason.criterion in CRITERIA
    ]


def _routes(inputs: ReportInputs) -> list[tuple[Cell, ...]]:
    """Ways to targets that nobody has tried here, by way."""
    untried: dict[str, list[str]] = {}
    for target, route in inputs.decision.routes.items():
        if route.status == "cited":
            untried.setdefault(route.route, []).append(target_title(target))
    return [
        (
            f"The way to {joined(targets)} was not tried here: {route}.",
            "Take a first model there in the second week, and compare its outputs and times.",
        )
        for route, targets in untried.items()
    ]


def _missing(inputs: ReportInputs) -> list[tuple[Cell, ...]]:
    unknown: dict[str, list[str]] = {}
    for cell in inputs.evidence.cells:
        if cell.missing:
            unknown.setdefault(cell.criterion, []).append(candidate_title(cell.candidate))
    next_step = inputs.decision.next_measurement
    rows: list[tuple[Cell, ...]] = []
    for criterion, candidates in unknown.items():
        helps = next_step.command if next_step is not None and next_step.criterion == criterion else ""
        command = with_study(helps, inputs.study) if helps else shlex.join(["advisor", "facts", "--about", criterion])
        rows.append((f"{criterion_title(criterion)} is not known for {joined(candidates)}.", Code(command)))
    if unknown:
        weight = percent(inputs.decision.missing_weight)
        rows.append(
            (
                f"What is not known carries {weight} of the weight.",
                "It is counted as anything from worst to best, so that the answer is less sure for it; "
                "measure or look it up where it could turn the answer.",
            )
        )
    return rows


def _unsure(inputs: ReportInputs) -> list[tuple[Cell, ...]]:
    unsure = [key for key in inputs.answers.said if inputs.answers.unsure(key)]
    if not unsure:
        return []
    among = f", among them {joined(unsure[:_UNSURE_SHOWN])}" if len(unsure) > _UNSURE_SHOWN else f": {joined(unsure)}"
    return [
        (
            f"The team was not sure about {counted(len(unsure), 'question')}{among}.",
            Code(shlex.join(["advisor", "ask", inputs.study])),
        )
    ]


def _not_yours(inputs: ReportInputs) -> list[tuple[Cell, ...]]:
    own_pilot = any(record.spec.folder is not None for record in inputs.records)
    if not inputs.has_pilots or inputs.data is not None or own_pilot:
        return []
    return [
        (
            "The pilots ran on public data and small models, not on yours.",
            "Run them on your own data (advisor run --help names the options), or write a pilot of your own "
            "(advisor new workload).",
        )
    ]
