"""What halving or doubling one judgement changes, against doing it all over again."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from decision_study import METHOD, ROUTES, case, component, decided, exactly, table

from advisor.deciding.constraints import Given
from advisor.deciding.decide import Case, decide
from advisor.deciding.stress import _stretched, shares_of_uncertainty
from advisor.deciding.values import ValueDraws
from advisor.evidence.build import Knowledge, PilotResults, build_table
from advisor.evidence.table import Cell, EvidenceTable, ValueScale
from advisor.interview.answers import Answers
from advisor.knowledge.facts import Effect, Fact
from advisor.measuring.code.size import CodeSize

BOTH = ("pytorch", "tensorflow")
TODAY = date(2026, 11, 20)


def fact(name: str, **effects: float) -> Fact:
    return Fact(
        id=name,
        text="Something.",
        as_of=date(2026, 1, 1),
        review_by=date(2027, 1, 1),
        source="somewhere",
        confidence="H",
        effects=tuple(
            Effect(criterion="longevity", candidates=(candidate,), effect=effect)
            for candidate, effect in effects.items()
        ),
    )


def by_facts(*facts: Fact, code: tuple[CodeSize, ...] = (), method=METHOD, points=None, said=None):
    answers = Answers({"priorities.points": points or {"longevity": 100.0}, **(said or {})})
    evidence = build_table(answers, Knowledge(facts, ROUTES, TODAY), PilotResults(code=code), BOTH, method)
    given = Given(answers, evidence, facts, ROUTES, {}, frozenset())
    return decide(Case(given, TODAY.isoformat()), method, seed=1, draws=4000)


FACTS = (fact("X1", pytorch=0.2), fact("X2", tensorflow=0.15), fact("X3", pytorch=0.01, tensorflow=0.01))


def test_facts_on_which_the_choice_hangs_are_those_that_turn_it_when_all_is_done_again():
    decision = by_facts(*FACTS)
    assert decision.stress is not None and decision.stress.facts_tried == 3
    told = {(one.fact, one.times): (one.verdict, one.recommended) for one in decision.stress.facts}
    for place, one in enumerate(FACTS):
        for times in (0.5, 2.0):
            changed = one.model_copy(
                update={
                    "effects": tuple(e.model_copy(update={"effect": e.effect * times}) for e in one.effects),
                }
            )
            again = by_facts(*FACTS[:place], changed, *FACTS[place + 1 :])
            assert told.get((one.id, times), (decision.verdict, decision.recommended))[1] == again.recommended
    assert {fact for fact, _ in told} == {"X1", "X2"}
    assert told["X2", 2.0][1] == "tensorflow"


def about(name: str, **effect) -> Fact:
    return fact(name).model_copy(update={"effects": (Effect(**effect),)})


ONNX = {"deployment.targets": ("desktop",), "deployment.accepts": ("onnx",)}
FILES = {"formats": ("onnx",)}


@pytest.mark.parametrize(
    ("criterion", "said", "more", "effect", "decisive"),
    [
        ("longevity", {}, fact("X1", pytorch=0.12, tensorflow=0.05), 0.1, {"when": {"team.growth": ("hiring",)}}),
        ("deployment", ONNX, about("X1", criterion="deployment", candidates=("pytorch",), effect=-0.08), -0.1, FILES),
    ],
    ids=["open", "formats"],
)
def test_what_may_hold_or_is_about_a_format_is_stressed_as_when_all_is_done_again(
    criterion, said, more, effect, decisive
):
    """What is about files counts by a route of such a file, and what hangs on an open answer in half of the draws."""

    def done(worth: float):
        telling = about("X2", criterion=criterion, candidates=("tensorflow",), effect=worth, **decisive)
        return by_facts(more, telling, points={criterion: 100.0}, said=said)

    decision = done(effect)
    assert decision.stress is not None and decision.stress.facts_tried == 2
    told = {one.times: one.recommended for one in decision.stress.facts if one.fact == "X2"}
    again = {times: done(effect * times).recommended for times in (0.5, 2.0)}
    assert {times: told.get(times, decision.recommended) for times in again} == again
    assert len({decision.recommended, *again.values()}) == 2


def test_a_reason_names_a_fact_about_the_format_of_a_route():
    telling = about("X2", criterion="deployment", candidates=("tensorflow",), effect=-0.1, **FILES)
    decision = by_facts(telling, points={"deployment": 100.0}, said=ONNX)
    assert decision.recommended == "pytorch"
    assert "X2" in {name for reason in decision.reasons for name in reason.evidence}


def test_a_fact_that_no_cell_cites_is_not_tried():
    decision = decided(table({"pytorch": {"longevity": 0.6}, "tensorflow": {"longevity": 0.5}}))
    assert decision.stress is not None
    assert (decision.stress.facts_tried, decision.stress.facts) == (0, ())


def test_a_fact_moves_only_the_part_of_a_cell_that_cites_it():
    """0.15 less on half of the cell is 0.075 less; that much leaves the lead of 0.09, and 0.1 less on all of it not."""
    evidence = table({"pytorch": {"longevity": 0.5}, "tensorflow": {"longevity": 0.56}})
    cited = replace(component(exactly(0.8), "facts@longevity"), source=("X1",), effects=(("X1", 0.3),))
    cells = (Cell("pytorch", "longevity", (cited, component(exactly(0.5), "other"))), evidence.cells[1])
    planted = EvidenceTable(evidence.candidates, evidence.criteria, cells, {})
    whole = replace(cells[0], components=(replace(cited, distribution=exactly(0.65), effects=(("X1", 0.2),)),))
    for cell, turned in ((cells[0], []), (whole, [0.5])):
        decision = decide(case(replace(planted, cells=(cell, cells[1]))), METHOD, seed=1, draws=500)
        assert decision.recommended == "pytorch" and decision.stress is not None
        assert [one.times for one in decision.stress.facts if one.recommended == "tensorflow"] == turned


def test_the_anchors_of_code_are_stretched_as_if_it_had_been_counted_on_them():
    code = (CodeSize("vision", "pytorch", 60, ("a.py",)), CodeSize("vision", "tensorflow", 30, ("a.py",)))
    points = {"longevity": 90.0, "time_to_baseline": 100.0}
    leaning = fact("X1", pytorch=0.22)
    decision = by_facts(leaning, code=code, points=points)
    assert decision.stress is not None
    told = {(one.anchor, one.times): (one.verdict, one.recommended) for one in decision.stress.anchors}
    anchor = METHOD.anchors["time_to_baseline"]
    for end in ("barely_acceptable", "good_enough"):
        for times in (0.5, 2.0):
            moved = anchor.model_copy(update={end: getattr(anchor, end) * times})
            method = METHOD.model_copy(update={"anchors": {**METHOD.anchors, "time_to_baseline": moved}})
            again = by_facts(leaning, code=code, points=points, method=method)
            expected = (again.verdict, again.recommended)
            assert told.get((end, times), (decision.verdict, decision.recommended)) == expected
    assert told


@pytest.mark.parametrize(
    ("anchors", "left"),
    [
        ((20.0, 10.0), {("barely_acceptable", 2.0), ("good_enough", 0.5)}),
        ((18.0, 10.0), {("barely_acceptable", 2.0), ("good_enough", 0.5)}),
        ((250.0, 10.0), {(end, times) for end in ("barely_acceptable", "good_enough") for times in (0.5, 2.0)}),
    ],
)
def test_narrow_anchors_are_stretched_as_far_as_they_leave_a_scale(anchors, left):
    """Half of 20 leaves no scale down to 10, and a division by nothing; half of 18 turns better and worse round."""
    scale = ValueScale(*anchors, True)
    counted = replace(component(exactly(0.5), "code.operations@vision"), scale=scale)
    evidence = EvidenceTable(
        ("pytorch",), ("time_to_baseline",), (Cell("pytorch", "time_to_baseline", (counted,)),), {}
    )
    drawn = ValueDraws(("pytorch",), ("time_to_baseline",), np.array([[[0.2]], [[0.8]]]), {})
    found = {(end, times): moved[0, 0] for end, times, moved in _stretched(drawn, evidence, ("pytorch",))}
    assert found.keys() == left
    assert all(worse <= better for worse, better in found.values())


def test_shares_add_up_to_one_where_weights_and_values_hang_on_the_same_answer():
    """Without a stage both turn out with it: each alone explains most of the variance."""
    stage = np.repeat([0.0, 1.0], 500)
    weights = np.stack([0.4 + 0.2 * stage, 0.6 - 0.2 * stage], axis=1)
    values = np.zeros((1000, 2, 2))
    values[:, 0, 0], values[:, 0, 1] = 0.6 + 0.3 * stage, 0.3
    shares = shares_of_uncertainty(ValueDraws(BOTH, ("a", "b"), values, {}), weights, *BOTH)
    assert shares.priorities + shares.evidence + shares.both == pytest.approx(1.0)
    opposed = shares_of_uncertainty(ValueDraws(BOTH, ("a", "b"), values[::-1], {}), weights, *BOTH)
    assert opposed.priorities + opposed.evidence == pytest.approx(1.0) and opposed.both == 0.0
    assert 0 < opposed.priorities < opposed.evidence


def test_where_the_uncertainty_comes_from_by_hand():
    """Weights that vary by themselves, values that do, and both: the variances of sums and products."""
    random = np.random.default_rng(0)
    moving = np.clip(0.5 + 0.1 * random.standard_normal(20_000), 0, 1)
    still = np.full_like(moving, 0.5)

    def shares(weight, first, second):
        weights = np.stack([weight, 1 - weight], axis=1)
        values = np.stack([np.stack([first, second], axis=1), np.zeros((len(first), 2))], axis=2)
        return shares_of_uncertainty(ValueDraws(BOTH, ("a", "b"), values, {}), weights, *BOTH)

    other = random.permutation(moving)
    alone = shares(moving, still + 0.2, still)
    assert (alone.priorities, alone.evidence) == (pytest.approx(1.0), pytest.approx(0.0))
    known = shares(still, moving, still)
    assert (known.priorities, known.evidence) == (pytest.approx(0.0), pytest.approx(1.0))
    both = shares(moving, other + 0.2, still)
    # (0.1 * 0.2)^2, (0.5 * 0.1)^2 and (0.1 * 0.1)^2
    parts = np.array([0.0004, 0.0025, 0.0001]) / 0.003
    assert [both.priorities, both.evidence, both.both] == pytest.approx(list(parts), abs=0.02)
    nothing = shares(still, still, still)
    assert (nothing.priorities, nothing.evidence, nothing.both) == (0.0, 0.0, 0.0)
