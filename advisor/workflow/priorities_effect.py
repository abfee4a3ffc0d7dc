"""What an order of priorities does, shown while it is chosen: the weights, and who leads by facts alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np

from advisor.catalog import CANDIDATES, CRITERIA
from advisor.deciding.constraints import Given
from advisor.deciding.decide import Case, decide
from advisor.deciding.weights import draw_weights
from advisor.evidence.build import Knowledge, PilotResults, build_table
from advisor.interview.answers import Answers
from advisor.interview.conversation import PrioritiesEffect
from advisor.interview.questionnaire import missing_essential, with_defaults
from advisor.interview.questions import load_questions
from advisor.knowledge.facts import load_facts
from advisor.knowledge.routes import load_routes
from advisor.method import method

#: As many as make the shares steady to a percent: nothing of it is stored.
_DRAWS = 4000
_TITLES = {
    "points": "The points in a file win over this order. They weigh:",
    "order": "This order weighs:",
    "defaults": "Without an order, this is what counts:",
}
_STAGES = {"learning": "a first try", "prototype": "a prototype", "product": "a product", "research": "research"}
_PRIORITIES = ("priorities.order", "priorities.points")


def effect_of_priorities(answers: Answers, own_facts: Path | None = None) -> PrioritiesEffect:
    """The weights that follow from what was said, and whom they put first.

    Nobody is named where essential answers are missing, or nothing follows from them. By facts and answers alone:
    pilots come later.

    Args:
        answers: with an order of priorities; open questions count as their defaults, as when a study is decided.
        own_facts: a file of the user's own facts.

    Raises:
        AdvisorError: that file holds no valid facts.
    """
    known = with_defaults(load_questions(), answers)
    facts, routes, today = load_facts(own_facts), load_routes(), date.today()
    table = build_table(known, Knowledge(facts, routes, today), PilotResults(), tuple(CANDIDATES), method())
    weights = draw_weights(known, table.criteria, method().default_weights, method().deciding.seed, _DRAWS)

    def leader(said: Answers) -> str | None:
        decision = decide(Case(Given(said, table, facts, routes, {}), today.isoformat()), method(), draws=_DRAWS)
        if decision.recommended is None or decision.probability_best is None:
            return None
        return f"{CANDIDATES[decision.recommended].title} (best in {100 * decision.probability_best:.0f} of 100 draws)"

    passed_over = [k for k in known.choices("priorities.order") if k in table.not_applicable]
    means = zip(weights.criteria, np.mean(weights.weights, axis=0), strict=True)
    return PrioritiesEffect(
        title=_TITLES[weights.said],
        shares=[(CRITERIA[k].title, float(mean)) for k, mean in sorted(means, key=lambda item: -item[1])],
        remarks=[
            *(f"{CRITERIA[k].title} has no weight: {table.not_applicable[k]}" for k in passed_over),
            *(_leaders(known, leader) if not missing_essential(load_questions(), answers) else ()),
        ],
    )


def _leaders(answers: Answers, leader: Callable[[Answers], str | None]) -> Iterator[str]:
    first = leader(answers)
    if first is None:
        return
    yield f"By facts alone, before any pilot: {first} leads."
    if answers.choices("priorities.order"):
        stage = answers.text("project.stage")
        usual = leader(Answers({k: value for k, value in answers.said.items() if k not in _PRIORITIES}))
        yield f"With the weights usual for {_STAGES.get(stage or '', 'such a project')}: {usual}."
