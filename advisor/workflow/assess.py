"""Evidence and decision from what a study holds, or would hold if something were otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from advisor.deciding.constraints import Given, require_constraints
from advisor.deciding.decide import Case, decide
from advisor.deciding.decision import Decision
from advisor.evidence.build import Knowledge, PilotResults, build_table
from advisor.evidence.from_trials import unmeasured_candidates
from advisor.evidence.rehearsed import with_rehearsed
from advisor.evidence.relevance import same_hardware
from advisor.evidence.table import EvidenceTable
from advisor.interview import people
from advisor.interview.answers import Answers
from advisor.interview.answers_file import parse_what_if
from advisor.interview.questionnaire import unused, with_defaults
from advisor.interview.questions import load_questions
from advisor.knowledge.facts import Fact
from advisor.knowledge.routes import load_routes
from advisor.measuring.analysis.comparison import Comparison, compare
from advisor.measuring.analysis.series import TargetsReached, series, targets_reached
from advisor.method import method
from advisor.planning.plan import Plan
from advisor.planning.reproducing import commands_to_reproduce
from advisor.reporting.first_page.warnings_shown import budget_cautions, cautions, contention_cautions, idle_cautions
from advisor.reporting.inputs import ReportInputs
from advisor.workflow.inputs_hash import inputs_hash
from advisor.workflow.snapshot import Snapshot
from pilots.records import TrialRecord
from pilots.routes import routes as export_routes
from pilots.workload import Workload


@dataclass(frozen=True)
class WhatIf:
    """What is to be otherwise than the study has it; nothing of it is stored.

    Attributes:
        answers: in place of those in the study; None: those.
        lifted: constraints that are not to count, by id.
        facts: in place of those in the study; None: those.
    """

    answers: Answers | None = None
    lifted: frozenset[str] = frozenset()
    facts: tuple[Fact, ...] | None = None


AS_IT_IS = WhatIf()


def what_if(
    answers: Answers, changes: Sequence[str], lifted: Sequence[str] = (), facts: tuple[Fact, ...] | None = None
) -> WhatIf:
    """What the options of ``advisor decide`` ask for.

    Args:
        answers: to be changed.
        changes: ``key=value`` each; of a table, ``key.entry=value``.
        lifted: ids of constraints.
        facts: in place of the study's.

    Raises:
        AdvisorError: a change cannot be made, or there is no such constraint.
    """
    require_constraints(lifted)
    for text in changes:
        answers = parse_what_if(text, answers)
    return WhatIf(answers, frozenset(lifted), facts)


def assess(snapshot: Snapshot, *, today: date) -> ReportInputs:
    """Evidence and decision from what a study holds."""
    from advisor.claims.judge_study import judged_by_study  # which a decision alone does without

    plan, records = snapshot.plan, snapshot.records
    case = case_of(snapshot, today=today)
    answers, facts, table = case.given.answers, case.given.facts, case.given.table
    decision = decide(case, method())
    comparisons = compared(records, plan)
    return ReportInputs(
        study=snapshot.name,
        title=answers.text("project.title") or "this project",
        date=today,
        answers=answers,
        machine=snapshot.machine,
        records=records,
        series=tuple(case.series),
        comparisons=comparisons,
        evidence=table,
        decision=decision,
        versions=snapshot.versions,
        facts=_cited(facts, table, decision),
        warnings=(
            *cautions(plan, snapshot.machine, facts, today, unused(load_questions(), snapshot.answers)),
            *contention_cautions(records),
            *idle_cautions(records),
            *budget_cautions(snapshot.on_machine.left_out),
        ),
        targets=_targets(plan, snapshot.workloads, records),
        data=plan.data,
        claims=judged_by_study(records, comparisons, case.series, snapshot.workloads, snapshot.code_sizes, facts),
        code=snapshot.code_sizes,
        code_texts=snapshot.code.texts,
        answering=tuple(case.answering),
        commands=commands_to_reproduce(plan, snapshot.people, own_facts=snapshot.has_own_facts),
        inputs_sha256=inputs_hash(snapshot, today),
        method=method(),
        people=case.people,
    )


def case_of(snapshot: Snapshot, *, today: date, what_if: WhatIf = AS_IT_IS) -> Case:
    """What a study's decision is made from, or would be made from if something were otherwise."""
    said = what_if.answers or snapshot.answers
    facts = snapshot.facts if what_if.facts is None else what_if.facts
    plan, records = snapshot.plan, snapshot.records
    answers = with_defaults(load_questions(), said)
    stand_ins = [choice.name for choice in plan.workloads if choice.stands_in]
    routes = with_rehearsed(
        load_routes(),
        records,
        export_routes(),
        stand_ins,
        method().measuring.confidence,
        own_model=plan.settings.workload is not None,
    )
    everybody = {name: people.whole(answers, own) for name, own in snapshot.people.items()}
    pilots = PilotResults(
        series=series(records),
        comparable=comparable_pairs(records),
        same_hardware=same_hardware(answers, snapshot.machine),
        stand_ins=stand_ins,
        code=snapshot.code_sizes,
    )
    knowledge, voices = Knowledge(facts, routes, today), tuple(everybody.values())
    table = build_table(answers, knowledge, pilots, plan.settings.candidates, method(), people=voices)
    unmeasured = {**unmeasured_candidates(records), **plan.unavailable}
    return Case(
        given=Given(answers, table, facts, routes, unmeasured, what_if.lifted),
        as_of=today.isoformat(),
        series=pilots.series,
        answering=[choice.name for choice in plan.workloads if not choice.stands_in],
        people=everybody,
        same_hardware=pilots.same_hardware,
    )


def comparable_pairs(records: Sequence[TrialRecord]) -> frozenset[tuple[str, str]]:
    """Pairs (workload, candidate) that passed the parity gate."""
    return frozenset(
        (record.spec.workload, record.spec.candidate)
        for record in records
        if record.spec.experiment == "parity" and record.spec.lane == "default" and record.outcome == "ok"
    )


def _cited(facts: Sequence[Fact], table: EvidenceTable, decision: Decision) -> tuple[Fact, ...]:
    """The facts that anything in the report names or says."""
    components = [component for cell in table.cells for component in cell.components]
    used = {source for component in components for source in component.source}
    used |= {doubt.name for component in components for doubt in component.doubts}
    used |= {name for result in decision.candidates for veto in result.vetoes for name in veto.evidence}
    used |= {name for route in decision.routes.values() for name in route.source}
    told = [*decision.reasons, *(decision.backend.reasons if decision.backend else ())]
    told += [reason for others in decision.why_not.values() for reason in others]
    used |= {name for reason in told for name in reason.evidence}
    suggested = {fact.id for fact in facts if {suggestion.what for suggestion in fact.suggests} & set(decision.beyond)}
    return tuple(fact for fact in facts if fact.id in used | suggested)


def compared(records: Sequence[TrialRecord], plan: Plan) -> tuple[Comparison, ...]:
    """What the races of a plan say about its candidates, pair by pair."""
    launches = method().sizes[plan.settings.size].race_launches
    return compare(records, method().measuring, launches)


def _targets(plan: Plan, workloads: Sequence[Workload], records: Sequence[TrialRecord]) -> tuple[TargetsReached, ...]:
    """How soon the pilots reached their targets; those are set for their own data, not for a user's."""
    if plan.settings.data is not None:
        return ()
    return tuple(
        reached for workload in workloads for reached in targets_reached(records, workload.name, workload.targets)
    )
