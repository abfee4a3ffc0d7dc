"""The way from answers to a report, stage by stage. Each function takes what is on disk one stage further."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from advisor.deciding.decide import worth_of_knowing
from advisor.deciding.stored import decision_json
from advisor.errors import AdvisorError
from advisor.interview.collect import require_essential, stored_answers
from advisor.knowledge.facts import load_facts
from advisor.measuring.analysis.comparison import noise_floor
from advisor.measuring.code.size import code_texts, owned_files
from advisor.measuring.machine.fingerprint import Machine, fingerprint
from advisor.measuring.machine.interpreters import Interpreters, find_interpreters
from advisor.measuring.running.events import Watcher
from advisor.measuring.running.local_host import LocalHost
from advisor.measuring.running.schedule import Run, run_plan
from advisor.measuring.running.supervisor import TrialLimits
from advisor.method import method
from advisor.planning.own_workload import keep_code, kept_workloads, offer
from advisor.planning.plan import Plan, Settings, make_plan
from advisor.reporting.document import build_document
from advisor.reporting.formats.html import render_html
from advisor.reporting.formats.private import anonymous, without_secrets
from advisor.reporting.formats.render import Flavor
from advisor.reporting.formats.what_if import build_what_if
from advisor.reporting.formats.write import WrittenFormat, write_report
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.pictures.pictures import draw_all
from advisor.study import DECISION, FACTS, PLAN, Study
from advisor.userdata.asked import UserData
from advisor.userdata.prepare import ReadyData, Tell, kept_data, prepare_data, silent
from advisor.workflow.assess import assess, case_of
from advisor.workflow.consent import Confirm, data_were_named, nobody, require_code, require_data
from advisor.workflow.snapshot import load_snapshot, planned_records
from advisor.workflow.study_files import (
    StudyCode,
    StudyMachine,
    load_machine,
    store_code,
    store_machine,
    stored_settings,
    study_settings,
)


@dataclass(frozen=True)
class PreparedStudy:
    """A study that is ready to run its trials; ``part`` is what of its plan runs now, None: all of it."""

    plan: Plan
    machine: Machine
    interpreters: Interpreters
    part: Plan | None = None

    @property
    def running(self) -> Plan:
        """What runs now."""
        return self.part or self.plan


def prepare(
    study: Study,
    changed: Mapping[str, Any],
    python: Mapping[str, str],
    tell: Tell = silent,
    confirm: Confirm = nobody,
) -> PreparedStudy:
    """Look at data, machine and interpreters, make the plan; write ``plan.json``, ``code.json`` and
    ``machine.json``.

    Args:
        study: whose lock is held and whose interview is over.
        changed: the settings that were asked for now; the others stay as the study was planned before.
        python: interpreters by candidate, where they are not the interpreter that runs now.
        tell: see :func:`prepare_data`.
        confirm: asks whether code and files that the study alone names may be run and read.

    Raises:
        AdvisorError: an answer is missing; an interpreter, the user's data or the user's own workload cannot be used,
            or only the study names them; or the study cannot be written.
    """
    answers = stored_answers(study)
    before = stored_settings(study) if changed.get("rehearsed") else study_settings(study)
    settings = replace(before or Settings(), **{"rehearsed": (), **changed})
    if not settings.rehearsed:  # which speaks about targets, not about a team
        require_essential(study, answers)
    offered = offer(settings, study)
    require_code(study, offered, named="workload" in changed, confirm=confirm)
    machine = fingerprint()
    interpreters = find_interpreters(settings.candidates, python)
    data = _data(study, settings.data, "data" in changed, tell, confirm) if settings.data else None
    plan = make_plan(
        answers,
        replace(settings, workload=offered.folder),
        method(),
        unavailable={**interpreters.unavailable, **offered.unavailable},
        workloads=offered.workloads,
        threads=machine.usable_cores,
        data=data,
        installed={name: interpreter.installed for name, interpreter in interpreters.found.items()},
    )
    keep_code(study, offered.folder)
    ran, candidates = kept_workloads(study, plan), plan.settings.candidates
    store_code(study, StudyCode(owned_files(ran, candidates), code_texts(ran, candidates)))
    study.write(PLAN, plan.to_json())
    store_machine(study, replace(_last_run(study, machine), machine=machine, versions=interpreters.versions))
    return PreparedStudy(plan, machine, interpreters)


def _data(study: Study, asked: UserData, named: bool, tell: Tell, confirm: Confirm) -> ReadyData:
    """The prepared copy of the data; of such as the study alone names, the copy that it brings, if it brings one."""
    if not named and not data_were_named(study, asked) and (kept := kept_data(study, asked)) is not None:
        return kept
    require_data(study, asked, named=named, confirm=confirm)
    return prepare_data(study, asked, tell)


def run_pilots(
    study: Study,
    prepared: PreparedStudy,
    watch: Watcher,
    *,
    retry_failed: bool = False,
    wants_to_stop: Callable[[], bool] = lambda: False,
) -> None:
    """Run the trials that are not on disk yet; add the noise they found, and what was left out, to ``machine.json``.

    Raises:
        AdvisorError: the study cannot be written.
        KeyboardInterrupt: see :func:`advisor.measuring.running.schedule.run_plan`.
    """
    versions = prepared.interpreters.versions
    limit_mib = prepared.machine.memory_limit_mib or prepared.machine.memory_mib
    measuring = method().measuring
    host = LocalHost(
        {candidate: found.python for candidate, found in prepared.interpreters.found.items()},
        TrialLimits(measuring.trial_timeout_s, limit_mib * measuring.memory_limit_share),
        prepared.machine.id,
        versions,
    )
    # What an earlier run left out may run now, and nobody knows what is left if this run is stopped.
    before = _last_run(study, prepared.machine)
    store_machine(study, before if prepared.part else StudyMachine(prepared.machine, versions))
    left_out = run_plan(
        prepared.running,
        Run(host, method()),
        study.trials(),
        study.append_trials,
        watch,
        retry_failed=retry_failed,
        # What knowing each criterion exactly is worth, by what is stored now.
        worth=lambda: worth_of_knowing(case_of(load_snapshot(study), today=date.today()), method()),
        wants_to_stop=wants_to_stop,
    )
    if prepared.part:  # it says nothing about the rest
        return
    records = planned_records(study, prepared.plan, versions, prepared.machine.id)
    floors = {
        workload.name: noise_floor(records, workload.name, method().measuring) for workload in prepared.plan.workloads
    }
    found = {name: floor.ratio for name, floor in floors.items() if floor is not None}
    store_machine(study, StudyMachine(prepared.machine, versions, found, left_out))


def decide_and_store(study: Study, *, today: date) -> ReportInputs:
    """Assess the study and write ``decision.json``; see :func:`assess`."""
    inputs = assess(load_snapshot(study), today=today)
    study.write(DECISION, decision_json(inputs.decision))
    return inputs


def report_study(
    study: Study,
    inputs: ReportInputs,
    *,
    template: Path | None = None,
    flavor: Flavor = "github",
    format: WrittenFormat = "md",
    redact: bool = False,
) -> Path:
    """Draw the figures and write ``report.md``, or another format that belongs into a study; returns its path.

    Raises:
        AdvisorError: the template has a mistake, or the study cannot be written; the old report is untouched.
    """
    with _collector_paused():
        figures = draw_all(anonymous(inputs) if redact else inputs) if format == "md" else ()
        document = build_document(inputs, figures, redact=redact)
        return write_report(study.folder, document, figures, template=template, flavor=flavor, format=format)


def html_text(inputs: ReportInputs, *, template: Path | None = None, redact: bool = False) -> str:
    """Draw the figures and render the report as one HTML file.

    Raises:
        AdvisorError: the template has a mistake.
    """
    with _collector_paused():
        shown = anonymous(inputs) if redact else inputs
        figures = draw_all(shown)
        panel = build_what_if(shown)
        if panel is not None:  # what is packed is numbers, which may look like a path or a token
            panel = replace(without_secrets(panel), packed=panel.packed)
        return render_html(build_document(inputs, figures, redact=redact), figures, panel, template=template)


def keep_facts(study: Study, path: Path) -> None:
    """Keep the user's facts in the study, so that its report can be derived from the study alone.

    Raises:
        AdvisorError: the file does not hold valid facts, or the study cannot be written; the old facts are untouched.
    """
    load_facts(path)
    study.write(FACTS, path.read_text(encoding="utf-8"))


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Without the collector of cycles, which would walk all trials again for every few thousand pieces of text."""
    was_on = gc.isenabled()
    gc.disable()
    gc.freeze()  # else the first collection afterwards walks all that is there
    try:
        yield
    finally:
        gc.unfreeze()
        if was_on:
            gc.enable()


def _last_run(study: Study, machine: Machine) -> StudyMachine:
    """What the last run found out on this machine: another plan changes nothing about it."""
    with suppress(AdvisorError):
        before = load_machine(study)
        if before.machine.id == machine.id:
            return before
    return StudyMachine(machine, {})
