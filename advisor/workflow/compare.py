"""Two studies side by side: what differs between people, machines or dates, and which difference turns the answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from advisor.deciding.decide import Case, decide
from advisor.deciding.decision import Decision
from advisor.interview.answers import NOT_SURE, Answers, Value
from advisor.interview.answers_file import replaced
from advisor.interview.questions import load_questions
from advisor.method import method
from advisor.study import Study
from advisor.workflow.assess import WhatIf, case_of
from advisor.workflow.snapshot import Snapshot, load_snapshot
from advisor.workflow.study_files import StudyMachine

#: Values of a criterion that differ by less say the same.
WORTH_SAYING = 0.05
#: Whether a single answer turns the recommendation is seen in fewer draws than the decision itself takes.
_DRAWS = 4000


@dataclass(frozen=True)
class AnswerDifference:
    """An answer that differs, as each study has it, and who the first would be recommended with the second's."""

    key: str
    first: str
    second: str
    recommended: str | None


@dataclass(frozen=True)
class ValueDifference:
    """Mean values of a candidate on a criterion that differ, in [0, 1], and the kinds of evidence they rest on."""

    candidate: str
    criterion: str
    first: float
    second: float
    kinds: tuple[str, str]


@dataclass(frozen=True)
class StudyComparison:
    """What two studies say and how they differ.

    ``answers_turn_it``: the first study's evidence with the second's answers recommends what the second does;
    ``evidence_turns_it``: the second's evidence with the first's answers does. Both are False where both studies
    recommend the same. ``circumstances`` are differences in machine and versions, in words.
    """

    names: tuple[str, str]
    decisions: tuple[Decision, Decision]
    answers: tuple[AnswerDifference, ...]
    values: tuple[ValueDifference, ...]
    circumstances: tuple[str, ...]
    answers_turn_it: bool
    evidence_turns_it: bool

    @property
    def agree(self) -> bool:
        """Whether both recommend the same candidate, or neither any."""
        first, second = self.decisions
        return first.recommended == second.recommended


def compare_studies(first: Study, second: Study, *, today: date) -> StudyComparison:
    """Compare two studies that have a plan.

    Raises:
        AdvisorError: one of them has none yet, or a file of it is damaged.
    """
    studies = load_snapshot(first), load_snapshot(second)
    said = studies[0].answers, studies[1].answers
    own = case_of(studies[0], today=today), case_of(studies[1], today=today)
    decisions = decide(own[0], method()), decide(own[1], method())
    theirs = decisions[1].recommended
    differ = decisions[0].recommended != theirs

    def with_answers_of(study: Snapshot, answers: Answers) -> str | None:
        return _quick(case_of(study, today=today, what_if=WhatIf(answers))).recommended

    return StudyComparison(
        names=(first.name, second.name),
        decisions=decisions,
        answers=tuple(_answers(studies[0], own, said, today)),
        values=tuple(_values(decisions)),
        circumstances=tuple(_circumstances(studies[0].on_machine, studies[1].on_machine)),
        answers_turn_it=differ and with_answers_of(studies[0], said[1]) == theirs,
        evidence_turns_it=differ and with_answers_of(studies[1], said[0]) == theirs,
    )


def _answers(
    study: Snapshot, own: tuple[Case, Case], said: tuple[Answers, Answers], today: date
) -> Iterator[AnswerDifference]:
    """Answers with defaults filled in are compared; only what was said can be taken over."""
    before = _quick(own[0]).recommended
    for question in load_questions():
        key = question.id
        values = tuple(case.given.answers.said.get(key) for case in own)
        if values[0] == values[1]:
            continue
        taken = said[1].said.get(key)
        recommended = None
        if taken is not None:
            changed = case_of(study, today=today, what_if=WhatIf(_with(said[0], key, taken)))
            after = _quick(changed).recommended
            recommended = after if after != before else None
        yield AnswerDifference(key, _shown(values[0]), _shown(values[1]), recommended)


def _with(answers: Answers, key: str, value: Value) -> Answers:
    """One answer changed; what it makes contradictory falls away rather than being refused."""
    kept = dict(answers.said)
    if key == "deployment.targets" and isinstance(value, tuple):
        required = tuple(target for target in answers.choices("deployment.required") if target in value)
        kept["deployment.required"] = required
    if key == "deployment.required" and isinstance(value, tuple):
        targets = answers.choices("deployment.targets")
        kept["deployment.targets"] = tuple(dict.fromkeys((*targets, *value)))
    return replaced(Answers(kept), Answers({key: value}))


def _quick(case: Case) -> Decision:
    return decide(case, method(), draws=_DRAWS)


def _values(decisions: tuple[Decision, Decision]) -> Iterator[ValueDifference]:
    second = {candidate.id: candidate.criteria for candidate in decisions[1].candidates}
    for candidate in decisions[0].candidates:
        for criterion, ours in candidate.criteria.items():
            theirs = second.get(candidate.id, {}).get(criterion)
            if theirs is not None and abs(ours.value - theirs.value) >= WORTH_SAYING:
                yield ValueDifference(candidate.id, criterion, ours.value, theirs.value, (ours.kind, theirs.kind))


def _circumstances(first: StudyMachine, second: StudyMachine) -> Iterator[str]:
    for what in ("system", "cpu", "usable_cores", "memory_mib", "accelerators", "python"):
        ours, theirs = getattr(first.machine, what), getattr(second.machine, what)
        if ours != theirs:
            yield f"{what.replace('_', ' ')}: {_plain(ours)} against {_plain(theirs)}"
    for candidate, versions in first.versions.items():
        other = second.versions.get(candidate, {})
        for package, version in versions.items():
            if package in other and other[package] != version:
                yield f"{package} of {candidate}: {version} against {other[package]}"


def _shown(value: Value | None) -> str:
    return "not answered" if value is None else _plain(value)


def _plain(value: object) -> str:
    if value == NOT_SURE:
        return "not sure"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key} {_plain(entry)}" for key, entry in value.items())
    return f"{value:g}" if isinstance(value, float) else str(value)
