"""Decisions from a dozen answers, without any pilot: from facts, routes, the pilots' code and what the team said."""

import tomllib
from datetime import date
from pathlib import Path
from typing import Any

from decision_study import FACTS, METHOD, ROUTES

from advisor.catalog import CANDIDATES
from advisor.deciding.constraints import Given
from advisor.deciding.decide import Case, decide
from advisor.deciding.decision import Decision
from advisor.evidence.build import Knowledge, PilotResults, build_table
from advisor.interview.answers import Answers
from advisor.interview.questionnaire import with_defaults
from advisor.interview.questions import load_questions
from advisor.interview.values import parse
from advisor.measuring.code.size import code_sizes, code_texts, owned_files
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
    run = [one for one in _PILOTS if one.name in {choice.name for choice in choices}]
    code = code_sizes(owned_files(run, ALL), code_texts(run, ALL), {})
    table = build_table(answers, Knowledge(FACTS, ROUTES, TODAY), PilotResults(code=code), ALL, METHOD)
    return decide(Case(Given(answers, table, FACTS, ROUTES, {}), TODAY.isoformat()), METHOD, draws=draws)


def cases(name: str, kind: str) -> list[dict[str, Any]]:
    """The tables of one kind in a file beside this one."""
    text = (Path(__file__).parent / name).read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)[kind]
    return found


def named(case: dict[str, Any]) -> str:
    return str(case["id"])


def unlike(case: dict[str, Any], decision: Decision) -> dict[str, str]:
    """What a decision has other than the case expects, by the key that expects it; empty where all is right."""
    found: dict[str, str] = {}
    chosen = {decision.recommended, decision.family}
    if not (chosen & set(case["first"]) or (not case["first"] and decision.recommended is None)):
        found["first"] = str(decision.recommended)
    if decision.recommended in case.get("never", ()):
        found["never"] = str(decision.recommended)
    if decision.verdict == "insufficient" or decision.verdict not in case.get("verdict", [decision.verdict]):
        found["verdict"] = decision.verdict
    if decision.migration not in case.get("migration", [decision.migration]):
        found["migration"] = decision.migration
    if not set(case.get("beyond", ())) <= set(decision.beyond):
        found["beyond"] = str(decision.beyond)
    if not set(case.get("ships", ())) <= set(decision.hybrid.ship if decision.hybrid else ()):
        found["ships"] = str(decision.hybrid)
    if decision.recommended not in case.get("backend", [decision.recommended]):
        found["backend"] = str(decision.recommended)
    if not set(case.get("reasons", ())) <= reasons_given(decision):
        found["reasons"] = str(reasons_given(decision))
    speaking = reasons_speaking(decision)
    unsaid = [one["reason"] for one in case.get("stated", ()) if not set(one["shown_by"]) & speaking]
    if unsaid:
        found["stated"] = ", ".join(unsaid)
    return found


def reasons_given(decision: Decision) -> set[str]:
    """Ids of criteria, facts and constraints among the reasons for the choice and against the others."""
    return _reasons(decision, for_the_choice=False)


def reasons_speaking(decision: Decision) -> set[str]:
    """Those of them that speak for the choice, or may rule somebody out."""
    return _reasons(decision, for_the_choice=True)


def _reasons(decision: Decision, for_the_choice: bool) -> set[str]:
    compared = [decision.reasons, *decision.why_not.values()]
    said = [reason for reasons in compared for reason in reasons if reason.amount > 0 or not for_the_choice]
    vetoes = [veto for result in decision.candidates for veto in result.vetoes]
    names = [(reason.criterion, *reason.evidence) for reason in said]
    return {name for each in [*names, *((veto.constraint, *veto.evidence) for veto in vetoes)] for name in each}
