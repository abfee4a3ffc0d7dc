"""Evidence tables of what a test says."""

from datetime import date

from advisor.catalog import CANDIDATES
from advisor.evidence.build import Knowledge, PilotResults, build_table
from advisor.interview.answers import Answers
from advisor.knowledge.facts import Fact, load_facts
from advisor.knowledge.routes import load_routes
from advisor.measuring.analysis.series import Series
from advisor.method import method

METHOD = method()
TODAY = date(2026, 11, 20)
ALL = tuple(CANDIDATES)


def steps(candidate: str, *values: float, measure="race.step_ms", workload="vision") -> Series:
    launches = tuple(range(len(values)))
    return Series(
        measure, workload, candidate, "default", "ms", launches, values, tuple(f"{candidate}{i}" for i in launches)
    )


def table(
    said=None, series=(), candidates=ALL, facts=None, today=TODAY, same=True, comparable=None, stand_ins=(), code=()
):
    pairs = {("vision", c) for c in ALL} if comparable is None else comparable
    knowledge = Knowledge(load_facts() if facts is None else facts, load_routes(), today)
    pilots = PilotResults(series, pairs, same, stand_ins, code)
    return build_table(Answers(said or {}), knowledge, pilots, candidates, METHOD)


def fact(effect, *, when=None, confidence="H", review_by=date(2027, 1, 1), name="X1"):
    return Fact(
        id=name,
        text="Something.",
        as_of=date(2026, 1, 1),
        review_by=review_by,
        source="somewhere",
        confidence=confidence,
        effects=({"criterion": "longevity", "candidates": ("pytorch",), "effect": effect, "when": when or {}},),
    )
