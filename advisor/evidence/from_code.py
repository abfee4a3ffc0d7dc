"""Evidence from the pilots' own code: how much of it a team would have to own."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from advisor.evidence.from_facts import Said
from advisor.evidence.missing import missing_component
from advisor.evidence.scales import scale_for, value_of
from advisor.evidence.table import Component, Doubt, Uniform
from advisor.interview.answers import Answers
from advisor.measuring.code.size import CodeSize
from advisor.method import Method

CODE_CRITERION = "time_to_baseline"


def code_components(
    candidate: str,
    code: Sequence[CodeSize],
    ran: Collection[tuple[str, str]],
    said: Said,
    answers: Answers,
    method: Method,
) -> tuple[Component, ...]:
    """One component per workload, shifted by the relevant facts about the effort; what has no model is missing.

    Measured here is the code of pilots that ``ran`` for the asked problem, as pairs (workload, candidate); of others it
    is counted, which says the same to everybody.

    The count is exact. That it stands for effort is in doubt, and so is what the facts are worth: each the same doubt
    on every pilot.
    """
    scale = scale_for(CODE_CRITERION, answers, method)
    doubts = (Doubt("effort", "cell", Uniform(0.0, method.evidence.code_half_width)), *said.doubts)
    counted = tuple(
        Component(
            measure=f"code.operations@{size.workload}",
            label=f"code to own ({size.workload.replace('_', ' ')})",
            kind="measured" if (size.workload, candidate) in ran else "counted",
            distribution=Uniform(value_of(size.operations, scale) + said.shift, 0.0),
            raw=float(size.operations),
            raw_low=None,
            raw_high=None,
            unit="operations",
            source=(*size.files, *(fact.id for fact in said.facts)),
            as_of=None,
            note="" if size.as_run else "whole files: what of them runs was not recorded",
            scale=scale,
            doubts=doubts,
            effects=said.effects,
        )
        for size in code
        if size.candidate == candidate
    )
    none = missing_component(
        "code.operations", "code to own", "no pilot that ran has a model for it", unit="operations"
    )
    return counted or (none,)
