"""A fact whose condition is open counts by the chance that it holds: drawn, and the same for everybody."""

from datetime import date

import numpy as np
import pytest
from known_answers import ALL, FACTS, METHOD, ROUTES, TODAY, answers_of, cases

from advisor.deciding.turning_out import turned_out
from advisor.deciding.values import draw_values
from advisor.evidence.build import Knowledge, PilotResults, build_table
from advisor.evidence.table import EvidenceTable
from advisor.interview.answers import NOT_SURE, Answers
from advisor.interview.open_answers import still_open
from advisor.interview.questions import load_questions
from advisor.knowledge.facts import Effect, Fact

DRAWS, SEED = 4000, 1
HIRING = {"team.growth": ("hiring",)}


def fact(name: str, effects: dict[str, float], when=None) -> Fact:
    return Fact(
        id=name,
        text="Something.",
        as_of=date(2026, 1, 1),
        review_by=date(2027, 1, 1),
        source="somewhere",
        confidence="H",
        effects=tuple(
            Effect(criterion="longevity", candidates=(candidate,), effect=effect, when=when or {})
            for candidate, effect in effects.items()
        ),
    )


ALWAYS = fact("X1", dict.fromkeys(ALL, 0.0))
OPEN = fact("X2", {"pytorch": 0.3, "tensorflow": -0.2}, HIRING)


def table(said: dict, facts=(ALWAYS, OPEN)) -> EvidenceTable:
    return build_table(Answers(said), Knowledge(facts, ROUTES, TODAY), PilotResults(), ALL, METHOD)


def longevity(evidence: EvidenceTable) -> dict[str, np.ndarray]:
    values = draw_values(evidence, SEED, DRAWS, METHOD.deciding.family_share).values
    at = evidence.criteria.index("longevity")
    return {candidate: values[:, i, at] for i, candidate in enumerate(evidence.candidates)}


def test_it_counts_by_its_chance_and_widens():
    neither, either, both = (longevity(table(said)) for said in (
        {"team.growth": "stable"}, {"team.growth": NOT_SURE}, {"team.growth": "hiring"},
    ))  # fmt: skip
    for candidate in ("pytorch", "tensorflow"):
        halfway = (neither[candidate].mean() + both[candidate].mean()) / 2
        assert either[candidate].mean() == pytest.approx(halfway, abs=0.01)
        assert either[candidate].std() > 1.5 * max(neither[candidate].std(), both[candidate].std())
    np.testing.assert_array_equal(either["keras-jax"], neither["keras-jax"])


def test_how_an_answer_turns_out_is_the_same_for_all_candidates():
    drawn = longevity(table({}))
    opened = still_open(HIRING, Answers())
    assert opened is not None
    hiring = turned_out(opened, SEED, DRAWS)
    assert hiring.mean() == pytest.approx(1 / 2, abs=0.03)
    for candidate, effect in (("pytorch", 0.3), ("tensorflow", -0.2)):
        apart = drawn[candidate][hiring].mean() - drawn[candidate][~hiring].mean()
        assert apart == pytest.approx(effect, abs=0.02)


def test_answers_that_exclude_one_another_never_hold_together():
    conditions = ({"training.os": (one,)} for one in ("linux", "wsl", "windows", "macos"))
    opened = [still_open(condition, Answers({"project.trains": "yes"})) for condition in conditions]
    held = np.stack([turned_out(one, SEED, DRAWS) for one in opened if one is not None])
    np.testing.assert_array_equal(held.sum(axis=0), 1)


def test_where_nothing_else_is_known_an_open_fact_makes_nothing_known():
    assert table({}, [OPEN]).cell("pytorch", "longevity").missing
    assert not table({"team.growth": "hiring"}, [OPEN]).cell("pytorch", "longevity").missing


def test_it_says_which_facts_count_by_chance():
    (component,) = table({}).cell("pytorch", "longevity").components
    ((name, chance),) = [(doubt.name, doubt.shape.chance) for doubt in component.doubts]
    assert (name, chance) == ("X2", 1 / 2)
    assert component.source == ("X1",)


@pytest.mark.parametrize("situation", cases("situations.toml", "situation")[::6], ids=lambda one: one["id"])
def test_not_sure_about_the_problem_widens_what_is_known(situation):
    """On average over how it may turn out; before, what hung on the problem vanished, and all was narrower."""
    (problem,) = [question for question in load_questions() if question.id == "project.problem"]
    said = dict(answers_of(situation["answers"]).said)

    def spread(answer: str) -> np.ndarray:
        answers, knowledge = Answers({**said, "project.problem": answer}), Knowledge(FACTS, ROUTES, TODAY)
        evidence = build_table(answers, knowledge, PilotResults(), ALL, METHOD)
        drawn = draw_values(evidence, SEED, 1000, METHOD.deciding.family_share)
        return drawn.values[:, :, drawn.criteria.index("ecosystem")].std(axis=0)

    known = np.mean([spread(answer) for answer in problem.values], axis=0)
    assert (spread(NOT_SURE) > known).all()
