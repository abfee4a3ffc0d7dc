"""Decisions from a dozen answers, without any pilot: from facts, routes, the pilots' code and what the team said."""

from datetime import date
from typing import Any

from decision_study import FACTS, METHOD, ROUTES

from advisor.catalog import CANDIDATES
from advisor.deciding.constraints import Given
from advisor.deciding.decide import Case, decide
from advisor.deciding.decision import Decision
from advisor.evidence.build import build_table
from advisor.interview.answers import Answers
from advisor.interview.questionnaire import with_defaults
from advisor.interview.questions import load_questions
from advisor.interview.values import parse
from advisor.measuring.code_size import code_sizes
from advisor.planning.choice import choose_workloads, few
from pilots import workload as workloads

TODAY = date(2026, 11, 25)
ALL = tuple(CANDIDATES)
_QUESTIONS = {question.id: question for question in load_questions()}
_PILOTS = tuple(workloads.load(name) for name in workloads.names())


def answers_of(said: dict[str, Any]) -> Answers:
    """Answers as they stand in a file, every key and value checked, what was not said filled in as a run does."""
    parsed = Answers({key: parse(_QUESTIONS[key], value) for key, value in said.items()})
    complete = with_defaults(load_questions(), parsed)
    assert set(said) <= set(complete.said), "another answer rules one of these out"
    return complete


def decide_without_pilots(said: dict[str, Any], draws: int = 4000) -> Decision:
    answers = answers_of(said)
    choices = few(choose_workloads(answers, _PILOTS, None))
    code = code_sizes([one for one in _PILOTS if one.name in {choice.name for choice in choices}], ALL)
    table = build_table(answers, [], FACTS, ROUTES, ALL, METHOD, TODAY, (), code=code)
    return decide(Case(Given(answers, table, FACTS, ROUTES, {}), TODAY.isoformat()), METHOD, draws=draws)


def reasons_given(decision: Decision) -> set[str]:
    """Ids of criteria, facts and constraints among the reasons for the choice and against the others."""
    compared = [decision.reasons, *decision.why_not.values()]
    found = {name for reasons in compared for reason in reasons for name in (reason.criterion, *reason.evidence)}
    vetoes = [veto for result in decision.candidates for veto in result.vetoes]
    return found | {name for veto in vetoes for name in (veto.constraint, *veto.evidence)}
