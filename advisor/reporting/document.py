"""The view model of a report: every word and number of it, in plain text, before any format is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from advisor import __version__
from advisor.reporting import sentences
from advisor.reporting.basis import Basis, build_basis, build_risks
from advisor.reporting.claims import ClaimsView, build_claims
from advisor.reporting.context import Context, Drivers, Options, build_context, build_drivers, build_options
from advisor.reporting.evidence import Evidence, build_evidence
from advisor.reporting.figures import ASSETS, Figure
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.outcome import CostView, Outcome, build_cost, build_outcome, build_routes
from advisor.reporting.pilots import Workload, build_workloads, without_tuned
from advisor.reporting.rehearsals import TargetRehearsals, build_rehearsals
from advisor.reporting.summary import Summary, build_summary
from advisor.reporting.table import Table
from advisor.reporting.trials import Trials, build_trials

#: Facts and versions age: two releases a year of each framework make a decision worth another look.
REVIEW_AFTER = timedelta(days=180)


@dataclass(frozen=True)
class Meta:
    """Front matter of a decision record; dates are ISO dates. People decide, so the status is a proposal."""

    status: str
    date: str
    decision_makers: tuple[str, ...]
    advisor_version: str
    inputs_sha256: str
    review_by: str


@dataclass(frozen=True)
class Picture:
    """A figure to be shown: ``path`` relative to the report, ``alt`` with its finding in words."""

    path: str
    alt: str


@dataclass(frozen=True)
class Document:
    """A whole report. ``pictures`` maps the name of a figure to it and holds only those that were drawn."""

    meta: Meta
    heading: str
    summary: Summary
    context: Context
    drivers: Drivers
    options: Options
    outcome: Outcome
    evidence: Evidence
    workloads: tuple[Workload, ...]
    without_tuned: str
    trials: Trials
    routes: Table | None
    rehearsals: tuple[TargetRehearsals, ...]
    claims: ClaimsView | None
    cost: CostView | None
    risks: tuple[str, ...]
    basis: Basis
    pictures: dict[str, Picture]


def build_document(inputs: ReportInputs, figures: Sequence[Figure] = ()) -> Document:
    """The report of a study; only the ``figures`` given are shown in it."""
    return Document(
        meta=Meta(
            status="proposed",
            date=inputs.date.isoformat(),
            decision_makers=_decision_makers(inputs),
            advisor_version=__version__,
            inputs_sha256=inputs.inputs_sha256,
            review_by=(inputs.date + REVIEW_AFTER).isoformat(),
        ),
        heading=sentences.heading(inputs),
        summary=build_summary(inputs),
        context=build_context(inputs),
        drivers=build_drivers(inputs),
        options=build_options(inputs),
        outcome=build_outcome(inputs),
        evidence=build_evidence(inputs),
        workloads=build_workloads(inputs),
        without_tuned=without_tuned(inputs),
        trials=build_trials(inputs),
        routes=build_routes(inputs),
        rehearsals=build_rehearsals(inputs),
        claims=build_claims(inputs),
        cost=build_cost(inputs),
        risks=build_risks(inputs),
        basis=build_basis(inputs),
        pictures={figure.name: Picture(f"{ASSETS}/{figure.file_name}", figure.alt) for figure in figures},
    )


def _decision_makers(inputs: ReportInputs) -> tuple[str, ...]:
    key = "priorities.answered_by"
    name = inputs.answers.text(key)
    return (name,) if name else inputs.answers.choices(key)
