"""Evidence and decision from what a study holds, or would hold if something were otherwise."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable

from advisor import __version__
from advisor.deciding.constraints import Given, require_constraints
from advisor.deciding.decide import Case, decide, worth_of_knowing
from advisor.deciding.decision import Decision
from advisor.evidence.build import build_table
from advisor.evidence.from_trials import unmeasured_candidates
from advisor.evidence.rehearsed import with_rehearsed
from advisor.evidence.relevance import same_hardware
from advisor.evidence.table import EvidenceTable
from advisor.interview.answers import Answers
from advisor.interview.answers_file import parse_what_if
from advisor.interview.collect import answers_from, require_essential, stored_answers
from advisor.interview.people import FOLDER as PEOPLE
from advisor.interview.people import people_of
from advisor.interview.questionnaire import unused, with_defaults
from advisor.interview.questions import load_questions
from advisor.knowledge.facts import Fact, is_stale, load_facts
from advisor.knowledge.routes import load_routes
from advisor.measuring.analysis.comparison import Comparison, compare
from advisor.measuring.analysis.series import TargetsReached, series, targets_reached
from advisor.measuring.code.size import code_sizes, reached_files
from advisor.measuring.machine.fingerprint import Machine
from advisor.method import method
from advisor.planning.own_workload import kept_workloads
from advisor.planning.plan import Plan
from advisor.planning.reproducing import commands_to_reproduce
from advisor.reporting.first_page.warnings_shown import budget_cautions, cautions, contention_cautions, idle_cautions
from advisor.reporting.inputs import ReportInputs
from advisor.study import ANSWERS, FACTS, PLAN, TRIALS, Study
from advisor.workflow.snapshot import load_code, load_machine, load_plan
from pilots.records import TrialRecord
from pilots.routes import routes as export_routes
from pilots.workload import Workload

#: Versions of packages by candidate and distribution.
Versions = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class WhatIf:
    """What is to be otherwise than the study has it; nothing of it is stored.

    Attributes:
        answers: in place of those in the study; None: those.
        lifted: constraints that are not to count, by id.
    """

    answers: Answers | None = None
    lifted: frozenset[str] = frozenset()


def what_if(study: Study, changes: Sequence[str], lifted: Sequence[str], file: str | None = None) -> WhatIf:
    """What the options of ``advisor decide`` ask for.

    Args:
        study: whose answers are changed.
        changes: ``key=value`` each; of a table, ``key.entry=value``.
        lifted: ids of constraints.
        file: answers in place of the study's, ``-`` for standard input; None: those of the study.

    Raises:
        AdvisorError: the file is no valid answers file, an essential answer is missing, or a change cannot be made.
    """
    answers = stored_answers(study) if file is None else answers_from(file)
    if file is not None:
        require_essential(study, answers, file)
    for text in changes:
        answers = parse_what_if(text, answers)
    return WhatIf(answers, frozenset(lifted))


def assess(study: Study, *, today: date) -> ReportInputs:
    """Evidence and decision from what the study holds. Starts no process and needs no framework.

    Raises:
        AdvisorError: there is no plan yet, or a file of the study is damaged.
    """
    from advisor.claims.judge_study import judged_by_study  # which a decision alone does without

    said = stored_answers(study)
    answers = with_defaults(load_questions(), said)
    plan = load_plan(study)
    on_disk = load_machine(study)
    machine, versions = on_disk.machine, on_disk.versions
    records = planned_records(study, plan, versions, machine.id)
    case = _case(study, answers, plan, machine, records, today)
    facts, table = case.given.facts, case.given.table
    decision = decide(case, method())
    comparisons, workloads = compared(records, plan), kept_workloads(study, plan)
    code = load_code(study)
    sizes = code_sizes(code.sizes, code.texts, reached_files(records))
    return ReportInputs(
        # An absolute path names a machine and often a person; the report travels.
        study=study.name if study.folder.is_absolute() else str(study.folder),
        title=answers.text("project.title") or "this project",
        date=today,
        answers=answers,
        machine=machine,
        records=records,
        series=tuple(case.series),
        comparisons=comparisons,
        evidence=table,
        decision=decision,
        versions=versions,
        facts=_cited(facts, table, decision),
        warnings=(
            *cautions(plan, machine, facts, today, unused(load_questions(), said)),
            *contention_cautions(records),
            *idle_cautions(records),
            *budget_cautions(on_disk.left_out),
        ),
        targets=_targets(plan, workloads, records),
        data=plan.data,
        claims=judged_by_study(records, comparisons, case.series, workloads, sizes, facts),
        code=sizes,
        code_texts=code.texts,
        answering=tuple(case.answering),
        commands=commands_to_reproduce(plan),
        inputs_sha256=inputs_hash(study, today),
        method=method(),
        people=case.people,
    )


def case_of(study: Study, *, today: date, what_if: WhatIf | None = None) -> Case:
    """What the study's decision is made from, or would be made from if something were otherwise.

    Raises:
        AdvisorError: there is no plan yet, a file of the study is damaged, or there is no such constraint.
    """
    asked = what_if or WhatIf()
    require_constraints(asked.lifted)
    answers = with_defaults(load_questions(), asked.answers or stored_answers(study))
    plan, on_disk = load_plan(study), load_machine(study)
    records = planned_records(study, plan, on_disk.versions, on_disk.machine.id)
    return _case(study, answers, plan, on_disk.machine, records, today, asked.lifted)


def worth_so_far(study: Study, plan: Plan, machine: Machine, versions: Versions) -> dict[str, float]:
    """What knowing each criterion exactly is worth, by what is stored now."""
    answers = with_defaults(load_questions(), stored_answers(study))
    records = planned_records(study, plan, versions, machine.id)
    return worth_of_knowing(_case(study, answers, plan, machine, records, date.today()), method())


def inputs_hash(study: Study, today: date) -> str:
    """64 hexadecimal digits over everything that a verdict depends on, as :func:`inputs_of` lists it.

    The first half is over the study, the second over the program: two reports with the same first half rest on the same
    study, and with the same second half on the same method and knowledge. Half of a SHA-256 each.
    """
    found = inputs_of(study, today)
    halves = (
        {name: part for name, part in found.items() if (name in _OF_PROGRAM) is program} for program in (False, True)
    )
    return "".join(_digest(json.dumps(half, sort_keys=True).encode())[:32] for half in halves)


_OF_PROGRAM = ("knowledge", "past_review", "method", "rules", "version")
#: What turns a study into a verdict: modules and whole packages, by where they stand.
_RULES: Mapping[str, tuple[str, ...]] = {
    "advisor": ("catalog.py", "deciding", "evidence", "interview", "knowledge", "measuring"),
    "pilots": ("routes.py", "targets"),
}


def inputs_of(study: Study, today: date) -> dict[str, str]:
    """Everything that a verdict depends on, by name, each as a SHA-256; nothing that decides nothing is among it.

    Of the machine what trials are known by, and what training is held against: its load, what a run left out and the
    like decide nothing. Of the day, which facts and routes are past their review date by then.
    """
    on_disk, code, knowledge = load_machine(study), load_code(study), files("advisor.knowledge")
    machine = (on_disk.machine.id, on_disk.machine.accelerators, {k: dict(v) for k, v in on_disk.versions.items()})
    people = {path.name: _digest(path.read_bytes()) for path in sorted(study.path(PEOPLE).glob("*.toml"))}
    stale = [fact.id for fact in _facts(study) if is_stale(fact, today)]
    stale += [f"{route.target} {route.format}" for route in load_routes().routes if today > route.review_by]
    kept = {name: study.path(name).read_bytes() if study.path(name).exists() else b"" for name in _KEPT}
    cited = [knowledge.joinpath(name).read_bytes() for name in ("facts.toml", "routes.toml")]
    cited += [files("advisor.claims").joinpath("claims.toml").read_bytes()]
    return {
        **{name: _digest(data) for name, data in kept.items()},
        "people": _digest(json.dumps(people, sort_keys=True).encode()),
        "machine": _digest(json.dumps(machine, sort_keys=True).encode()),
        "code": _digest(json.dumps([repr(code.sizes), sorted(code.texts.items())]).encode()),
        "knowledge": _digest(*cited, files("advisor.interview").joinpath("questions.toml").read_bytes()),
        "past_review": _digest(json.dumps(stale).encode()),
        "method": _digest(files("advisor").joinpath("method.toml").read_bytes()),
        "rules": _digest(*_sources()),
        "version": _digest(__version__.encode()),
    }


#: Files of a study that decide as they are.
_KEPT = (ANSWERS, FACTS, PLAN, TRIALS)


def _sources() -> Iterator[bytes]:
    """The source of every module of :data:`_RULES`, in a fixed order."""
    for package, places in _RULES.items():
        for place in places:
            yield from (module.read_bytes() for module in _modules(files(package).joinpath(place)))


def _modules(place: Traversable) -> Iterator[Traversable]:
    """A module, or all those in a folder and below."""
    if place.is_dir():
        for within in sorted(place.iterdir(), key=lambda path: path.name):
            yield from _modules(within)
    elif place.name.endswith(".py"):
        yield place


def _digest(*parts: bytes) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(hashlib.sha256(part).digest())
    return found.hexdigest()


def comparable_pairs(records: Sequence[TrialRecord]) -> frozenset[tuple[str, str]]:
    """Pairs (workload, candidate) that passed the parity gate."""
    return frozenset(
        (record.spec.workload, record.spec.candidate)
        for record in records
        if record.spec.experiment == "parity" and record.spec.lane == "default" and record.outcome == "ok"
    )


def _case(
    study: Study,
    answers: Answers,
    plan: Plan,
    machine: Machine,
    records: Sequence[TrialRecord],
    today: date,
    lifted: frozenset[str] = frozenset(),
) -> Case:
    """Everything a decision is made from."""
    facts = _facts(study)
    stand_ins = [choice.name for choice in plan.workloads if choice.stands_in]
    routes = with_rehearsed(
        load_routes(),
        records,
        export_routes(),
        stand_ins,
        method().measuring.confidence,
        own_model=plan.settings.workload is not None,
    )
    people, code = people_of(study, answers), load_code(study)
    measured = series(records)
    here = same_hardware(answers, machine)
    table = build_table(
        answers,
        measured,
        facts,
        routes,
        plan.settings.candidates,
        method(),
        today,
        comparable_pairs(records),
        same_hardware=here,
        stand_ins=stand_ins,
        code=code_sizes(code.sizes, code.texts, reached_files(records)),
        people=tuple(people.values()),
    )
    unmeasured = {**unmeasured_candidates(records), **plan.unavailable}
    return Case(
        given=Given(answers, table, facts, routes, unmeasured, lifted),
        as_of=today.isoformat(),
        series=measured,
        answering=[choice.name for choice in plan.workloads if not choice.stands_in],
        people=people,
        same_hardware=here,
    )


def _facts(study: Study) -> tuple[Fact, ...]:
    """The built-in facts and those that the study keeps."""
    own = study.path(FACTS)
    return load_facts(own if own.exists() else None)


def planned_records(study: Study, plan: Plan, versions: Versions, machine_id: str) -> tuple[TrialRecord, ...]:
    """The records of this plan, on this machine, with these versions: nothing else is pooled with them."""
    return study.trials(planned_keys(plan, versions, machine_id))


def planned_keys(plan: Plan, versions: Versions, machine_id: str) -> frozenset[str]:
    """The keys of their trials, run or not."""
    known = {candidate: dict(found) for candidate, found in versions.items()}
    return frozenset(spec.key(known[spec.candidate], machine_id) for spec in plan.trials if spec.candidate in known)


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
    suggested = {fact.id for fact in facts if {one.what for one in fact.suggests} & set(decision.beyond)}
    return tuple(fact for fact in facts if fact.id in used | suggested)


def compared(records: Sequence[TrialRecord], plan: Plan) -> tuple[Comparison, ...]:
    """What the races of a plan say about its candidates, pair by pair."""
    launches = method().sizes[plan.settings.size].race_launches
    return compare(records, method().measuring, launches)


def _targets(plan: Plan, workloads: Sequence[Workload], records: Sequence[TrialRecord]) -> tuple[TargetsReached, ...]:
    """How soon the pilots reached their targets; those are set for their own data, not for a user's."""
    if plan.settings.data is not None:
        return ()
    return tuple(reached for one in workloads for reached in targets_reached(records, one.name, one.targets))
