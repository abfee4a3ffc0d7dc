"""The way from answers to a report, stage by stage. Each function takes what is on disk one stage further."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from advisor.catalog import CANDIDATES
from advisor.claimed import judged_by_study
from advisor.deciding.constraints import Given
from advisor.deciding.decide import decide, worth_of_knowing
from advisor.deciding.stored import decision_json
from advisor.errors import AdvisorError
from advisor.evidence.build import build_table
from advisor.evidence.from_trials import unmeasured_candidates
from advisor.evidence.relevance import same_hardware
from advisor.evidence.table import EvidenceTable
from advisor.interview.answers import Answers
from advisor.interview.collect import require_essential, stored_answers
from advisor.interview.questionnaire import unused, with_defaults
from advisor.interview.questions import load_questions
from advisor.knowledge.facts import Fact, is_stale, load_facts
from advisor.knowledge.routes import Routes, load_routes
from advisor.measuring import contention
from advisor.measuring.code_size import code_sizes
from advisor.measuring.comparison import Comparison, compare, noise_floor
from advisor.measuring.events import Watcher
from advisor.measuring.interpreters import Interpreters, find_interpreters
from advisor.measuring.machine import Machine, fingerprint
from advisor.measuring.schedule import Run, run_plan
from advisor.measuring.series import TargetsReached, series, targets_reached
from advisor.method import method
from advisor.planning.own_workload import keep_code, kept_workloads, offer
from advisor.planning.plan import Plan, Settings, make_plan
from advisor.reporting.document import build_document
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.pictures import draw_all
from advisor.reporting.render import Flavor
from advisor.reporting.write import write_report
from advisor.study import ANSWERS, DECISION, PLAN, TRIALS, Study
from advisor.study_files import StudyMachine, load_machine, load_plan, store_machine, stored_settings
from advisor.userdata.prepare import Tell, prepare_data, silent
from pilots.records import TrialRecord
from pilots.workload import Workload


@dataclass(frozen=True)
class Prepared:
    """A study that is ready to run its trials."""

    plan: Plan
    machine: Machine
    interpreters: Interpreters


def prepare(study: Study, changed: Mapping[str, Any], python: Mapping[str, str], tell: Tell = silent) -> Prepared:
    """Look at data, machine and interpreters, make the plan; write ``plan.json`` and ``machine.json``.

    Args:
        study: whose lock is held and whose interview is over.
        changed: the settings that were asked for now; the others stay as the study was planned before.
        python: interpreters by candidate, where they are not this one.
        tell: see :func:`prepare_data`.

    Raises:
        AdvisorError: an answer is missing; an interpreter, the user's data or the user's own workload cannot be used;
            or the study cannot be written.
    """
    answers = stored_answers(study)
    require_essential(study, answers)
    settings = replace(stored_settings(study) or Settings(), **changed)
    offered = offer(settings, study)
    machine = fingerprint()
    interpreters = find_interpreters(settings.candidates, python)
    data = prepare_data(study, settings.data, tell) if settings.data else None
    plan = make_plan(
        answers,
        replace(settings, workload=offered.folder),
        method(),
        unavailable={**interpreters.unavailable, **offered.unavailable},
        workloads=offered.workloads,
        threads=machine.usable_cores,
        data=data,
    )
    keep_code(study, offered.folder)
    study.write(PLAN, plan.to_json())
    store_machine(study, replace(_last_run(study, machine), machine=machine, versions=interpreters.versions))
    return Prepared(plan, machine, interpreters)


def run_pilots(study: Study, prepared: Prepared, watch: Watcher, *, retry_failed: bool = False) -> None:
    """Run the trials that are not on disk yet; add the noise they found, and what was left out, to ``machine.json``."""
    limit_mib = prepared.machine.memory_limit_mib or prepared.machine.memory_mib
    run = Run(
        interpreters=prepared.interpreters.found,
        machine_id=prepared.machine.id,
        memory_limit_mib=limit_mib * method().measuring.memory_limit_share,
        method=method(),
    )
    versions = prepared.interpreters.versions
    # What an earlier run left out may run now, and nobody knows what is left if this one is stopped.
    store_machine(study, StudyMachine(prepared.machine, versions))
    left_out = run_plan(
        prepared.plan,
        run,
        study.trials(),
        study.append_trials,
        watch,
        retry_failed=retry_failed,
        worth=lambda: _worth(study, prepared),
    )
    comparisons = _compared(_planned(study.trials(), prepared.plan, versions, prepared.machine.id), prepared.plan)
    floors = {choice.name: noise_floor(comparisons, choice.name) for choice in prepared.plan.workloads}
    found = {name: floor for name, floor in floors.items() if floor is not None}
    store_machine(study, StudyMachine(prepared.machine, versions, found, left_out))


def assess(study: Study, *, today: date, extra_facts: Path | None = None) -> ReportInputs:
    """Evidence and decision from what the study holds. Starts no process and needs no framework.

    Raises:
        AdvisorError: there is no plan yet, or a file of the study is damaged.
    """
    said = stored_answers(study)
    answers = with_defaults(load_questions(), said)
    plan = load_plan(study)
    workloads = kept_workloads(study, plan)
    on_disk = load_machine(study)
    machine, versions = on_disk.machine, on_disk.versions
    records = _planned(study.trials(), plan, versions, machine.id)
    measured = series(records)
    comparisons = _compared(records, plan)
    facts, routes = load_facts(extra_facts), load_routes()
    table = _evidence(answers, plan, workloads, machine, records, facts, routes, today)
    decision = decide(
        answers,
        table,
        series=measured,
        facts=facts,
        routes=routes,
        unmeasured={**unmeasured_candidates(records), **plan.unavailable},
        method=method(),
        same_hardware=same_hardware(answers, machine),
    )
    return ReportInputs(
        # An absolute path names a machine and often a person; the report travels.
        study=study.name if study.folder.is_absolute() else str(study.folder),
        title=answers.text("project.title") or "this project",
        date=today,
        answers=answers,
        machine=machine,
        records=records,
        series=measured,
        comparisons=comparisons,
        evidence=table,
        decision=decision,
        versions=versions,
        facts=_cited(facts, table),
        warnings=(
            *_warnings(plan, machine, facts, today, unused(load_questions(), said)),
            *_contention_warnings(records),
            *_budget_warnings(on_disk.left_out),
        ),
        targets=_targets(plan, workloads, records),
        data=plan.data,
        claims=judged_by_study(records, comparisons, measured, workloads, plan.settings.candidates, facts),
        commands=commands_to_reproduce(plan),
        inputs_sha256=inputs_hash(study),
        method=method(),
    )


def decide_and_store(study: Study, *, today: date) -> ReportInputs:
    """Assess the study and write ``decision.json``; see :func:`assess`."""
    inputs = assess(study, today=today)
    study.write(DECISION, decision_json(inputs.decision))
    return inputs


def report_study(
    study: Study, inputs: ReportInputs, *, template: Path | None = None, flavor: Flavor = "github"
) -> Path:
    """Draw the figures and write ``report.md``; returns its path.

    Raises:
        AdvisorError: the template has a mistake, or the study cannot be written; the old report is untouched.
    """
    figures = draw_all(inputs)
    return write_report(study.folder, build_document(inputs, figures), figures, template=template, flavor=flavor)


def comparable_pairs(records: Sequence[TrialRecord]) -> frozenset[tuple[str, str]]:
    """Pairs (workload, candidate) that passed the parity gate."""
    return frozenset(
        (record.spec.workload, record.spec.candidate)
        for record in records
        if record.spec.experiment == "parity" and record.spec.lane == "default" and record.outcome == "ok"
    )


def inputs_hash(study: Study) -> str:
    """SHA-256 over the answers and the trials: two reports with the same one rest on the same inputs."""
    digest = hashlib.sha256()
    for name in (ANSWERS, TRIALS):
        path = study.path(name)
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()


def commands_to_reproduce(plan: Plan) -> tuple[str, ...]:
    """The commands that repeat the study elsewhere, beside its ``answers.toml``."""
    settings = plan.settings
    words = ["advisor run --answers answers.toml --no-input"]
    if settings.size != "standard":
        words.append(f"--{settings.size}")
    if settings.candidates != Settings().candidates:
        words.append(f"--candidates {','.join(settings.candidates)}")
    if settings.tuned is not None:
        words.append("--tuned" if settings.tuned else "--no-tuned")
    if settings.budget_s is not None:
        words.append(f"--budget {settings.budget_s:.0f}s")
    if settings.workload is not None:
        words.append(shlex.join(["--workload", Path(settings.workload.path).name]))
    if settings.named:
        words.append(f"--pilots {','.join(settings.named)}")
    if settings.data is not None:
        words.append(shlex.join(settings.data.words))
    if settings.seed:
        words.append(f"--seed {settings.seed}")
    if not settings.pilots:
        words.append("--no-pilots")
    return (" ".join(words), "advisor report STUDY    # renders again from the stored trials")


def _last_run(study: Study, machine: Machine) -> StudyMachine:
    """What the last run found out on this machine: another plan changes nothing about it."""
    with suppress(AdvisorError):
        before = load_machine(study)
        if before.machine.id == machine.id:
            return before
    return StudyMachine(machine, {})


def _evidence(
    answers: Answers,
    plan: Plan,
    workloads: Sequence[Workload],
    machine: Machine,
    records: Sequence[TrialRecord],
    facts: Sequence[Fact],
    routes: Routes,
    today: date,
) -> EvidenceTable:
    return build_table(
        answers,
        series(records),
        facts,
        routes,
        plan.settings.candidates,
        method(),
        today,
        comparable_pairs(records),
        same_hardware=same_hardware(answers, machine),
        stand_ins=[choice.name for choice in plan.workloads if choice.stands_in],
        code=code_sizes(workloads, plan.settings.candidates),
    )


def _worth(study: Study, prepared: Prepared) -> dict[str, float]:
    """What knowing each criterion exactly is worth, by what is stored now."""
    answers = with_defaults(load_questions(), stored_answers(study))
    records = _planned(study.trials(), prepared.plan, prepared.interpreters.versions, prepared.machine.id)
    facts, routes = load_facts(), load_routes()
    plan, workloads = prepared.plan, kept_workloads(study, prepared.plan)
    table = _evidence(answers, plan, workloads, prepared.machine, records, facts, routes, date.today())
    unmeasured = {**unmeasured_candidates(records), **prepared.plan.unavailable}
    return worth_of_knowing(Given(answers, table, facts, routes, unmeasured), method())


def _planned(
    records: Sequence[TrialRecord], plan: Plan, versions: Mapping[str, Mapping[str, str]], machine_id: str
) -> tuple[TrialRecord, ...]:
    """The records of this plan, on this machine, with these versions: nothing else is pooled with them."""
    keys = {spec.key(dict(versions[spec.candidate]), machine_id) for spec in plan.trials if spec.candidate in versions}
    return tuple(record for record in records if record.key in keys)


def _cited(facts: Sequence[Fact], table: EvidenceTable) -> tuple[Fact, ...]:
    used = {source for cell in table.cells for component in cell.components for source in component.source}
    return tuple(fact for fact in facts if fact.id in used)


def _compared(records: Sequence[TrialRecord], plan: Plan) -> tuple[Comparison, ...]:
    launches = method().sizes[plan.settings.size].race_launches
    return compare(records, method().measuring, launches, method().deciding.seed)


def _targets(plan: Plan, workloads: Sequence[Workload], records: Sequence[TrialRecord]) -> tuple[TargetsReached, ...]:
    """How soon the pilots reached their targets; those are set for their own data, not for a user's."""
    if plan.settings.data is not None:
        return ()
    return tuple(reached for one in workloads for reached in targets_reached(records, one.name, one.targets))


def _warnings(
    plan: Plan, machine: Machine, facts: Sequence[Fact], today: date, left_out: Sequence[str]
) -> tuple[str, ...]:
    """What a reader must know before trusting the numbers, each with what to do about it."""
    warnings = [f"{warning.message} {warning.action}" for warning in machine.warnings]
    warnings += [f"{_title(candidate)} did not run here: {reason}." for candidate, reason in plan.unavailable.items()]
    warnings += plan.notes
    if left_out:
        warnings.append(f"Other answers rule these out, so they do not count: {', '.join(left_out)}.")
    stale = [fact.id for fact in facts if is_stale(fact, today)]
    if stale:
        warnings.append(f"Facts past their review date count for less: {', '.join(stale)}.")
    return tuple(warnings)


def _contention_warnings(records: Sequence[TrialRecord]) -> tuple[str, ...]:
    share = contention.taken_by_others(contention.of_races(records))
    if share <= method().measuring.contention_warned_share:
        return ()
    return (
        f"Others took {share:.0%} of the processor's time while the candidates raced, so that fewer differences could "
        "be resolved. Measure again at a quieter time or on a machine of your own.",
    )


def _budget_warnings(left_out: Sequence[str]) -> tuple[str, ...]:
    if not left_out:
        return ()
    return (
        f"Left out for the budget: {'; '.join(left_out)}. With fewer than {method().measuring.minimum_launches} "
        "launches a value counts as missing. Run again with a larger --budget: what is stored is kept.",
    )


def _title(candidate: str) -> str:
    return CANDIDATES[candidate].title if candidate in CANDIDATES else "The scikit-learn baseline"
