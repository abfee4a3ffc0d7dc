"""The view model of a report: every word and number of it, in plain text, before any format is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from advisor import __version__
from advisor.reporting.deployment.rehearsals import TargetRehearsals, build_rehearsals
from advisor.reporting.first_page.brief import Brief, build_brief
from advisor.reporting.first_page.summary import Summary, build_summary
from advisor.reporting.formats.private import anonymous, without_names, without_secrets
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.pictures.figures import ASSETS, Figure
from advisor.reporting.pilots.pilots import PilotSection, build_workloads, without_tuned
from advisor.reporting.sections.adoption import Adoption, build_adoption
from advisor.reporting.sections.basis import Basis, build_basis
from advisor.reporting.sections.claims import ClaimsView, build_claims
from advisor.reporting.sections.context import Context, Drivers, Options, build_context, build_drivers, build_options
from advisor.reporting.sections.evidence import Evidence, build_evidence
from advisor.reporting.sections.outcome import CostView, Outcome, build_cost, build_outcome, build_routes
from advisor.reporting.sections.owned_code import OwnedCode, build_owned_code
from advisor.reporting.sections.risks import Risks, build_risks
from advisor.reporting.sections.trail import Trail, build_trail
from advisor.reporting.sections.trials import Trials, build_trials
from advisor.reporting.words import sentences
from advisor.reporting.words.table import Table

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
    workloads: tuple[PilotSection, ...]
    without_tuned: str
    trials: Trials
    routes: Table | None
    rehearsals: tuple[TargetRehearsals, ...]
    claims: ClaimsView | None
    code: OwnedCode | None
    cost: CostView | None
    risks: Risks | None
    adoption: Adoption | None
    basis: Basis
    trail: Trail | None
    brief: Brief
    pictures: dict[str, Picture]


def build_document(inputs: ReportInputs, figures: Sequence[Figure] = (), *, redact: bool = False) -> Document:
    """The report of a study; only the ``figures`` given are shown in it.

    Home folders are shortened and secrets hidden in every text of it. With ``redact`` names of people, titles and paths
    are left out as well.
    """
    if redact:
        return without_names(build_document(anonymous(inputs), figures), inputs)
    review_by = (inputs.date + REVIEW_AFTER).isoformat()
    document = Document(
        meta=Meta(
            status="proposed",
            date=inputs.date.isoformat(),
            decision_makers=_decision_makers(inputs),
            advisor_version=__version__,
            inputs_sha256=inputs.inputs_sha256,
            review_by=review_by,
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
        rehearsals=build_rehearsals(inputs.records, inputs.answers.choices("deployment.targets")),
        claims=build_claims(inputs),
        code=build_owned_code(inputs),
        cost=build_cost(inputs),
        risks=build_risks(inputs),
        adoption=build_adoption(inputs),
        basis=build_basis(inputs),
        trail=build_trail(inputs),
        brief=build_brief(inputs, review_by),
        pictures={figure.name: Picture(f"{ASSETS}/{figure.file_name}", figure.alt) for figure in figures},
    )
    return without_secrets(document)


def _decision_makers(inputs: ReportInputs) -> tuple[str, ...]:
    key = "priorities.answered_by"
    name = inputs.answers.text(key)
    return (name,) if name else inputs.answers.choices(key)
