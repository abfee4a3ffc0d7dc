"""Small evidence tables by hand, and a whole decision from them."""

from advisor.deciding.constraints import Given
from advisor.deciding.decide import Case, decide
from advisor.evidence.table import (
    Cell,
    Component,
    Distribution,
    EvidenceTable,
    Launches,
    Missing,
    Triangular,
    Uniform,
    ValueScale,
)
from advisor.interview.answers import Answers
from advisor.knowledge.facts import load_facts
from advisor.knowledge.routes import load_routes
from advisor.method import method

FACTS = load_facts()
ROUTES = load_routes()
METHOD = method()
STEP = ValueScale(20.0, 0.2, True)
KINDS = {Launches: "measured", Uniform: "answered", Triangular: "rehearsed", Missing: "missing"}


def component(
    distribution: Distribution, measure: str = "m", raw: tuple[float, float, float] | None = None
) -> Component:
    low, middle, high = raw or (None, None, None)
    kind = KINDS[type(distribution)]
    return Component(measure, measure, kind, distribution, middle, low, high, "ms", ("source",), None)


def exactly(value: float) -> Triangular:
    return Triangular(value, 0.0)


def table(values: dict[str, dict[str, Distribution | float]]) -> EvidenceTable:
    """``values[candidate][criterion]``: a distribution, or a value known exactly."""
    criteria = tuple(next(iter(values.values())))
    cells = tuple(
        Cell(i, k, (component(exactly(v) if isinstance(v, (int, float)) else v),))
        for i, row in values.items()
        for k, v in row.items()
    )
    return EvidenceTable(tuple(values), criteria, cells, {})


def case(evidence: EvidenceTable, said=None, *, unmeasured=None, series=(), lifted=(), people=None) -> Case:
    """Every criterion counts alike unless priorities are given; ``{}`` in their place gives the default weights."""
    said = dict(said or {})
    if not {"priorities.points", "priorities.order"} & said.keys():
        said["priorities.points"] = dict.fromkeys(evidence.criteria, 100.0)
    given = Given(Answers(said), evidence, FACTS, ROUTES, unmeasured or {}, frozenset(lifted))
    return Case(given, "2026-11-20", series=series, people=people or {})


def decided(evidence: EvidenceTable, said=None, *, draws=2000, seed=1, **more):
    return decide(case(evidence, said, **more), METHOD, seed=seed, draws=draws)
