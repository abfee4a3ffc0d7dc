"""What came of rehearsals outside a report: a table in the terminal, Markdown, and JSON."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from advisor.errors import AdvisorError
from advisor.measuring.machine.fingerprint import Machine
from advisor.planning.plan import Plan, estimate_s
from advisor.reporting.deployment.rehearsals import build_rehearsals, in_order, own_model_table, rehearsal_table
from advisor.reporting.formats import escape
from advisor.reporting.words.table import Code, Table
from advisor.study import ANSWERS, Study
from advisor.workflow.pipeline import PreparedStudy
from advisor.workflow.snapshot import planned_records
from advisor.workflow.study_files import stored_settings, study_settings
from pilots.records import TrialRecord, TrialSpec
from pilots.rehearsal_protocol import ModelSeen
from pilots.rehearsal_records import RehearseResult
from pilots.routes import routes

EXPLAINED = (
    "A route works if a fresh process that holds only the runtime loads the artifact, and it predicts finite numbers "
    "and the same as the trained model; that it could be exported counts for nothing. Each was rehearsed once, so its "
    "times show their size and resolve no small difference. No parity gate ran: each artifact is held against its own "
    "model, and the candidates are not compared with one another."
)


def holds_study(study: Study) -> bool:
    """Whether a folder holds more than rehearsals: a plan of its own, or answers from which a plan can be made."""
    if stored_settings(study) is None:
        return study.path(ANSWERS).exists()
    return study_settings(study) is not None


def only_rehearsals(
    plan: Plan, targets: Sequence[str], candidates: Collection[str] | None, pilots: Collection[str] | None
) -> Plan:
    """The rehearsals of a study's plan that lead to the targets, whatever its budget.

    Args:
        plan: of the study.
        targets: empty: all that its answers name.
        candidates: None: all of it.
        pilots: None: all of it.

    Raises:
        AdvisorError: it has none of these.
    """

    def wanted(spec: TrialSpec) -> bool:
        route = routes()[spec.route.name] if spec.route else None
        return (
            route is not None
            and (not targets or bool(set(targets) & set(route.targets)))
            and (candidates is None or spec.candidate in candidates)
            and (pilots is None or spec.workload in pilots)
        )

    launches = tuple(
        replace(launch, trials=trials, estimated_s=estimate_s(launch.stage, trials))
        for launch in plan.launches
        if launch.stage == "rehearsal" and (trials := tuple(filter(wanted, launch.trials)))
    )
    if not launches:
        raise AdvisorError(
            "The plan of this study has no such rehearsal: its answers name the targets, its plan the pilots.",
            where="deployment.targets",
            allowed="another folder, which needs no answers: --study FOLDER",
            next_command="advisor rehearse --target TARGET",
        )
    return replace(plan, launches=launches, settings=replace(plan.settings, budget_s=None))


def rehearsed_records(study: Study, prepared: PreparedStudy) -> tuple[TrialRecord, ...]:
    """The rehearsals of what was run that are on disk, by candidate, pilot and route."""
    return in_order(planned_records(study, prepared.running, prepared.interpreters.versions, prepared.machine.id))


def shown(records: Sequence[TrialRecord]) -> tuple[Table, tuple[str, ...]]:
    """A narrow table, and a line for each failure."""
    table, failures = rehearsal_table(records, narrow=True)
    return table, tuple(_lines(failures))


def own_shown(results: Sequence[RehearseResult]) -> tuple[Table, tuple[str, ...]]:
    """The same of the user's own model."""
    table, failures = own_model_table(results, narrow=True)
    return table, tuple(_lines(failures))


def markdown(records: Sequence[TrialRecord], targets: Sequence[str], machine: Machine) -> str:
    """All tables, by target."""
    parts = ["# Rehearsed export routes", EXPLAINED, escape.inline(f"Machine: {machine.cpu}, {machine.system}.")]
    for target in build_rehearsals(records, targets):
        parts += [f"## {escape.inline(target.title)}", *([escape.inline(target.stand_in)] if target.stand_in else [])]
        parts += [escape.table(table) for table in (target.table, target.failures) if table is not None]
        if target.served is not None:
            parts += [escape.inline(target.served_note), escape.table(target.served)]
    return "\n\n".join(parts) + "\n"


def own_markdown(name: str, seen: ModelSeen, results: Sequence[RehearseResult]) -> str:
    """The tables of the user's own model."""
    rows = f"{seen.rows} rows of shape {seen.shape} ({seen.kind}){', made up' if seen.made_up else ''}"
    told = [escape.table(table) for table in own_model_table(results) if table is not None]
    compared = escape.inline(f"Compared on {rows}.")
    return "\n\n".join([f"# Export routes of {escape.inline(name)}", EXPLAINED, compared, *told]) + "\n"


def rehearsals_json(records: Sequence[TrialRecord]) -> str:
    """One object for each rehearsal: what was rehearsed, and what came of it; null where it could not be trained."""
    told = [
        {
            "candidate": record.spec.candidate,
            "pilot": record.spec.workload,
            "outcome": record.outcome,
            **_told(record.spec.route.name if record.spec.route else "", record.result),
        }
        for record in records
    ]
    return json.dumps(told, indent=1, allow_nan=False)


def own_json(results: Sequence[RehearseResult]) -> str:
    """The same of the user's own model."""
    return json.dumps([_told(result.route, result) for result in results], indent=1, allow_nan=False)


def _told(name: str, result: object) -> dict[str, Any]:
    route = routes()[name]
    found = asdict(result) if isinstance(result, RehearseResult) else None
    return {"route": name, "title": route.title, "targets": route.targets, "result": found}


def _lines(failures: Table | None) -> Iterator[str]:
    for row in failures.rows if failures else ():
        *names, stage, error = (cell.text if isinstance(cell, Code) else str(cell) for cell in row)
        yield f"{', '.join(names)}: failed at {stage}: {error}"
