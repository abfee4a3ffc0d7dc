"""Which pilots answer for the problem that was named: its own, or those that come nearest to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from advisor.errors import AdvisorError
from advisor.interview.answers import Answers
from advisor.userdata.asked import FORMS
from pilots.records import DataKind
from pilots.workload import Workload

#: Where a size runs few of them: pilots of the asked problem, and pilots that stand in for it.
_FEW_FITTING = 1
_FEW_STAND_INS = 2


@dataclass(frozen=True)
class WorkloadChoice:
    """A pilot task of the study. ``stands_in`` is true where no pilot exists for the asked problem."""

    name: str
    stands_in: bool
    why: str


def choose_workloads(
    answers: Answers, workloads: Sequence[Workload], kind: DataKind | None
) -> tuple[WorkloadChoice, ...]:
    """The pilots for the problem that was named, or else those that stand in for it; the most telling first.

    The user's own data need the workloads that take data of this ``kind``, whatever the problem is called. A problem
    that is not settled counts as ``other``: of none of the kinds that can be named.

    Raises:
        AdvisorError: no workload takes the data.
    """
    in_order = sorted(workloads, key=lambda workload: (workload.order, workload.name))
    if kind is not None:
        return _taking(in_order, kind)
    problem = answers.text("project.problem")
    fitting = [workload for workload in in_order if problem in workload.problems]
    if problem is not None and fitting:
        why = f"the problem is {_words(problem)}"
        return tuple(WorkloadChoice(workload.name, stands_in=False, why=why) for workload in fitting)
    standing_in = [workload for workload in in_order if (problem or "other") in workload.stands_in_for]
    return tuple(
        WorkloadChoice(
            workload.name, True, f"{_gap(problem)}; it stands in: {workload.stands_in_for[problem or 'other']}"
        )
        for workload in standing_in
    )


def _taking(workloads: Sequence[Workload], kind: DataKind) -> tuple[WorkloadChoice, ...]:
    why = f"it runs on your own {FORMS[kind].noun}"
    taking = tuple(WorkloadChoice(workload.name, False, why) for workload in workloads if workload.accepts == kind)
    if not taking:
        raise AdvisorError(
            f"No pilot runs on {FORMS[kind].noun} yet.",
            where=FORMS[kind].option,
            allowed=", ".join(FORMS[workload.accepts].option for workload in workloads if workload.accepts is not None),
        )
    return taking


def choose_named(answers: Answers, workloads: Sequence[Workload], names: Sequence[str]) -> tuple[WorkloadChoice, ...]:
    """The pilots that were named, in their order; those that do not answer for the problem count as stand-ins."""
    problem = answers.text("project.problem")
    return tuple(
        WorkloadChoice(workload.name, stands_in=problem not in workload.problems, why="it was asked for")
        for workload in sorted(workloads, key=lambda workload: (workload.order, workload.name))
        if workload.name in names
    )


def few(choices: Sequence[WorkloadChoice]) -> tuple[WorkloadChoice, ...]:
    """The pilots where time is short: one pilot that fits, or two that stand in."""
    return tuple(choices[: _FEW_STAND_INS if any(choice.stands_in for choice in choices) else _FEW_FITTING])


def _gap(problem: str | None) -> str:
    if problem is None:
        return "the problem is not settled"
    if problem == "other":
        return "there is no pilot for another kind of problem"
    return f"there is no pilot for {_words(problem)} yet"


def _words(problem: str) -> str:
    return problem.replace("_", " ")
