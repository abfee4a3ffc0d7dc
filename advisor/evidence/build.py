"""The evidence table from everything that is known: trials, answers, facts and routes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from advisor.catalog import BASELINE, CRITERIA
from advisor.evidence.from_answers import team_fit_component
from advisor.evidence.from_code import CODE_CRITERION, code_components
from advisor.evidence.from_facts import fact_component, route_components, what_facts_say
from advisor.evidence.from_rehearsals import memory_components, serving_components, speed_components
from advisor.evidence.from_trials import trial_components
from advisor.evidence.relevance import not_applicable
from advisor.evidence.stand_ins import weighed
from advisor.evidence.table import Cell, Component, EvidenceTable
from advisor.interview.answers import Answers
from advisor.knowledge.facts import Fact
from advisor.knowledge.routes import Routes
from advisor.measuring.analysis.series import Series
from advisor.measuring.code.size import CodeSize
from advisor.measuring.measures import measures
from advisor.method import Method


@dataclass(frozen=True)
class Knowledge:
    """Facts and routes to the targets; those past their review date on the day ``today`` count for less."""

    facts: Sequence[Fact]
    routes: Routes
    today: date


@dataclass(frozen=True)
class PilotResults:
    """What the pilots showed of the candidates; their code is counted even where none ran.

    Attributes:
        series: measurements; those of the baseline are ignored.
        comparable: pairs (workload, candidate) that passed the parity gate; all others count as missing.
        same_hardware: see :func:`advisor.evidence.relevance.same_hardware`.
        stand_ins: workloads that were run because there is none for the asked problem; they weigh less.
        code: how much of it a team would own, by candidate and workload.
    """

    series: Sequence[Series] = ()
    comparable: Collection[tuple[str, str]] = ()
    same_hardware: bool = True
    stand_ins: Collection[str] = ()
    code: Sequence[CodeSize] = ()

    @property
    def ran(self) -> set[tuple[str, str]]:
        """Pairs (workload, candidate) that were measured, without workloads that stand in."""
        found = (measurement for measurement in self.series if measurement.workload not in self.stand_ins)
        return {(measurement.workload, measurement.candidate) for measurement in found}

    @property
    def criteria(self) -> set[str]:
        """The criteria that anything measured on a candidate counts for."""
        names = {measurement.measure for measurement in self.series if measurement.candidate != BASELINE}
        return {measure.counts.criterion for measure in measures().values() if measure.counts and measure.name in names}


def build_table(
    answers: Answers,
    knowledge: Knowledge,
    pilots: PilotResults,
    candidates: Sequence[str],
    method: Method,
    *,
    people: Sequence[Answers] = (),
) -> EvidenceTable:
    """Every candidate on every criterion that applies to the answers.

    Args:
        answers: what the team said.
        knowledge: facts and routes, the rehearsed routes among them.
        pilots: what was measured and counted on them.
        candidates: ids of the catalog, in the order of the table.
        method: anchors, half-widths and the launches needed.
        people: the answers of several people, each whole, where more than one person answered about the team.
    """
    facts, routes, today = knowledge.facts, knowledge.routes, knowledge.today
    left_out = not_applicable(answers, method.default_weights)
    criteria = tuple(criterion for criterion in CRITERIA if criterion not in left_out)
    ran, measured = pilots.ran, pilots.criteria

    def components(candidate: str, criterion: str) -> tuple[Component, ...]:
        if criterion == "team_fit":
            return (team_fit_component(candidate, people or (answers,), method),)
        # What was measured counts alone; facts speak where nobody measured, so that nothing counts twice.
        if criterion in measured:
            found = trial_components(
                candidate, criterion, answers, pilots.series, method, pilots.comparable, pilots.same_hardware
            )
            if criterion == "inference_speed":
                found += speed_components(candidate, answers, routes, candidates, method)
            if criterion == "memory":
                found += memory_components(candidate, answers, routes, candidates, method)
            return found
        if criterion == "deployment":
            return route_components(candidate, answers, facts, routes, method, today)
        if criterion == CODE_CRITERION and pilots.code:
            said = what_facts_say(candidate, criterion, answers, facts, method.cited_half_width, today)
            return code_components(candidate, pilots.code, ran, said, answers, method)
        cited = fact_component(candidate, criterion, answers, facts, method.cited_half_width, today)
        if criterion == "operations":
            return (cited, *serving_components(candidate, answers, routes, candidates, method))
        return (cited,)

    return EvidenceTable(
        candidates=tuple(candidates),
        criteria=criteria,
        cells=tuple(
            Cell(i, k, weighed(components(i, k), pilots.stand_ins, method)) for i in candidates for k in criteria
        ),
        not_applicable=left_out,
    )
