"""A study as it is on disk at one moment: all that a decision or a report is made from, read once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from advisor.interview import people
from advisor.interview.answers import Answers
from advisor.interview.collect import stored_answers
from advisor.knowledge.facts import Fact, load_facts
from advisor.measuring.code.size import CodeSize, code_sizes, reached_files
from advisor.measuring.machine.fingerprint import Machine
from advisor.planning.own_workload import kept_workloads
from advisor.planning.plan import Plan
from advisor.study import ANSWERS, FACTS, PLAN, TRIALS, Study
from advisor.workflow.study_files import StudyCode, StudyMachine, load_code, load_machine, load_plan
from pilots.records import TrialRecord
from pilots.workload import Workload

#: Versions of packages by candidate and distribution.
Versions = Mapping[str, Mapping[str, str]]
#: Files of a study that decide as they are.
_DECIDING = (ANSWERS, FACTS, PLAN, TRIALS)


@dataclass(frozen=True)
class Snapshot:
    """What a study holds. Everything after the measuring is a function of it, of the day and of the method.

    Attributes:
        name: of the study, as a report shows it.
        answers: what was said, without defaults.
        people: what each person said for themselves, by name.
        plan: what is to be measured.
        on_machine: what the trials ran on, and what the last run left out.
        records: the trials of this plan, on this machine, with these versions: nothing else is pooled with them.
        code: what each candidate took.
        facts: the built-in facts and the study's own.
        has_own_facts: the study has any.
        workloads: of the plan.
        digests: SHA-256 of each file of the study that decides as it is, by its name.
    """

    name: str
    answers: Answers
    people: Mapping[str, Answers]
    plan: Plan
    on_machine: StudyMachine
    records: tuple[TrialRecord, ...]
    code: StudyCode
    facts: tuple[Fact, ...]
    has_own_facts: bool
    workloads: tuple[Workload, ...]
    digests: Mapping[str, str]

    @property
    def machine(self) -> Machine:
        """What the trials ran on."""
        return self.on_machine.machine

    @property
    def versions(self) -> Versions:
        """What was installed there."""
        return self.on_machine.versions

    @cached_property
    def code_sizes(self) -> tuple[CodeSize, ...]:
        """How much code each candidate took on each workload."""
        return code_sizes(self.code.sizes, self.code.texts, reached_files(self.records))


def load_snapshot(study: Study) -> Snapshot:
    """Read a study.

    Raises:
        AdvisorError: there is no plan yet, or a file of the study is damaged.
    """
    plan, on_machine = load_plan(study), load_machine(study)
    own_facts = study.path(FACTS) if study.path(FACTS).exists() else None
    return Snapshot(
        # An absolute path names a machine and often a person; the report travels.
        name=study.name if study.folder.is_absolute() else str(study.folder),
        answers=stored_answers(study),
        people=people.own_answers(study),
        plan=plan,
        on_machine=on_machine,
        records=planned_records(study, plan, on_machine.versions, on_machine.machine.id),
        code=load_code(study),
        facts=load_facts(own_facts),
        has_own_facts=own_facts is not None,
        workloads=kept_workloads(study, plan),
        digests={name: digest(_content(study, name)) for name in _DECIDING}
        | {f"{people.FOLDER}/{path.name}": digest(path.read_bytes()) for path in people.files(study)},
    )


def planned_records(study: Study, plan: Plan, versions: Versions, machine_id: str) -> tuple[TrialRecord, ...]:
    """The records of this plan, on this machine, with these versions: nothing else is pooled with them."""
    return study.trials(planned_keys(plan, versions, machine_id))


def planned_keys(plan: Plan, versions: Versions, machine_id: str) -> frozenset[str]:
    """The keys of their trials, run or not."""
    known = {candidate: dict(found) for candidate, found in versions.items()}
    return frozenset(spec.key(known[spec.candidate], machine_id) for spec in plan.trials if spec.candidate in known)


def digest(*parts: bytes) -> str:
    """The SHA-256 of those of the parts, in hexadecimal digits."""
    found = hashlib.sha256()
    for part in parts:
        found.update(hashlib.sha256(part).digest())
    return found.hexdigest()


def _content(study: Study, name: str) -> bytes:
    return study.path(name).read_bytes() if study.path(name).exists() else b""
