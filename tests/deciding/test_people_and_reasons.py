"""Several people, the backend within a family, and what reasons rest on."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from decision_study import METHOD, case, component, decided, table
from known_answers import decide_without_pilots

from advisor.catalog import CANDIDATES, family_of
from advisor.deciding.decide import decide
from advisor.deciding.decision import Contribution
from advisor.deciding.people import pooled_weights
from advisor.deciding.reasons import WORTH_SAYING, reasons
from advisor.evidence.table import Cell, EvidenceTable, Triangular
from advisor.interview.answers import Answers
from advisor.knowledge.facts import Fact

CRITERIA = ("team_fit", "longevity")
SPLIT = {"pytorch": {"team_fit": 0.8, "longevity": 0.3}, "tensorflow": {"team_fit": 0.3, "longevity": 0.8}}
DEFAULTS = METHOD.default_weights


def ordered(*criteria):
    return Answers({"priorities.order": criteria})


def test_everybody_gets_an_equal_share_of_the_draws():
    people = {"ada": ordered("team_fit"), "grace": ordered("longevity"), "alan": ordered("longevity")}
    pooled = pooled_weights(Answers(), people, CRITERIA, DEFAULTS, 1, 30_000)
    assert pooled.said == "people"
    # Alone: 3/4 and 1/4, by the rank-order centroid.
    np.testing.assert_allclose(pooled.weights.mean(axis=0), [(0.75 + 2 * 0.25) / 3, (0.25 + 2 * 0.75) / 3], atol=0.01)


def test_the_decision_says_who_alone_would_be_recommended_what():
    people = {"ada": ordered("team_fit"), "grace": ordered("longevity"), "alan": ordered("longevity")}
    decision = decided(table(SPLIT), people=people)
    assert decision.recommended == "tensorflow"
    assert [(p.name, p.recommended, p.agrees) for p in decision.people] == [
        ("ada", "pytorch", False),
        ("grace", "tensorflow", True),
        ("alan", "tensorflow", True),
    ]
    assert all(sum(p.probability_best.values()) == pytest.approx(1) for p in decision.people)


def test_one_person_alone_is_nobody_to_disagree_with():
    decision = decided(table(SPLIT), people={"ada": ordered("team_fit")})
    assert (decision.recommended, decision.people, decision.method.weights_from) == ("pytorch", (), "order")


def rows(**values):
    return {name.replace("_", "-"): dict.fromkeys(CRITERIA, value) for name, value in values.items()}


def test_the_backend_is_a_question_of_its_own():
    good, better, best = (Triangular(mode, 0.02) for mode in (0.6, 0.65, 0.8))
    decision = decided(table(rows(pytorch=0.2, keras_jax=good, keras_torch=better, keras_tensorflow=best)))
    backend = decision.backend
    assert backend is not None
    assert (backend.recommended, backend.runner_up, backend.verdict) == ("keras-tensorflow", "keras-torch", "clear")
    assert backend.margin.median == pytest.approx(0.15, abs=0.01)
    assert decided(table(rows(pytorch=best, keras_jax=good))).backend is None


def test_near_clones_leave_the_backend_open_while_the_family_is_clear():
    good = Triangular(0.8, 0.05)
    decision = decided(table(rows(pytorch=0.2, keras_jax=good, keras_torch=good)))
    assert decision.verdict == "clear" and decision.backend is not None
    assert decision.backend.verdict == "too_close"


SERVED = {
    "project.problem": "vision",
    "project.stage": "product",
    "architecture.novelty": "standard",
    "deployment.targets": ["python_server", "microcontroller"],
    "training.hardware": ["cpu"],
    "training.os": "linux",
    "team.pytorch": 3,
    "team.keras": 2,
    "team.tensorflow": 1,
}


def test_reasons_are_the_contributions_worth_saying_and_name_what_tells_the_two_apart():
    decision = decide_without_pilots(SERVED)
    assert decision.what_would_change is not None
    amounts = {c.criterion: c.amount for c in decision.contributions}
    assert {r.criterion: r.amount for r in decision.reasons} == {
        name: amount for name, amount in amounts.items() if abs(amount) >= WORTH_SAYING
    }
    assert [abs(r.amount) for r in decision.reasons] == sorted((abs(r.amount) for r in decision.reasons), reverse=True)
    assert all(r.text and r.evidence for r in decision.reasons)
    assert decision.why_not[decision.what_would_change.runner_up] == decision.reasons


def test_every_other_candidate_is_told_why_not_whether_it_can_be_chosen_or_not():
    decision = decide_without_pilots({**SERVED, "training.python": "3.14"})
    assert any(result.status == "vetoed" for result in decision.candidates)
    assert set(decision.why_not) == set(CANDIDATES) - {decision.recommended}
    assert all(any(reason.amount > 0 for reason in reasons) for reasons in decision.why_not.values())


def test_a_reason_of_skill_gives_the_weeks_and_one_of_deployment_the_routes():
    decision = decide_without_pilots(SERVED)
    every = [reason for reasons in decision.why_not.values() for reason in reasons]
    fit = next(reason for reason in every if reason.criterion == "team_fit")
    assert "Weeks until the team is productive: " in fit.text and "team.pytorch" in fit.evidence
    routes = next(reason for reason in every if reason.criterion == "deployment")
    assert "LiteRT for Microcontrollers" in routes.text


def test_a_fact_speaks_for_the_side_it_helps():
    """Facts quoted for a criterion move the lead in the direction of its contribution."""
    decision = decide_without_pilots(SERVED)
    longevity = [r for r in decision.why_not["tensorflow"] if r.criterion == "longevity"]
    assert longevity and "T06" in longevity[0].evidence and "P03" not in longevity[0].evidence


@pytest.mark.parametrize(("effects", "quoted"), [((0.1, 0.05, 0.05, 0.05), 3), ((0.1, 0.1, 0.05), 2), ((0.1,), 1)])
def test_a_fact_worth_as_much_as_a_quoted_one_is_quoted_too(effects, quoted):
    facts = [
        Fact.model_validate(
            {
                "id": f"X{place}",
                "text": f"Fact {place}.",
                "candidates": ["pytorch"],
                "source": "here",
                "as_of": date(2026, 11, 1),
                "review_by": date(2027, 11, 1),
                "confidence": "H",
            }
        )
        for place in range(1, len(effects) + 1)
    ]
    cites = replace(component(Triangular(0.5, 0.1)), measure="facts@debugging")
    worth = tuple((f"X{place}", effect) for place, effect in enumerate(effects, 1))
    cells = (
        Cell("pytorch", "debugging", (replace(cites, effects=worth),)),
        Cell("tensorflow", "debugging", (cites,)),
    )
    evidence = EvidenceTable(("pytorch", "tensorflow"), ("debugging",), cells, {})
    (reason,) = reasons([Contribution("debugging", 0.1)], evidence, "pytorch", "tensorflow", facts)
    assert reason.text == " ".join(f"Fact {place}." for place in range(1, quoted + 1))


def test_lifting_a_constraint_lets_a_candidate_back_in():
    evidence = table(rows(tensorflow=0.9, pytorch=0.3))
    said = {"training.python": "3.14"}
    assert decided(evidence, said).recommended == "pytorch"
    lifted = decided(evidence, said, lifted=["python_version"])
    assert (lifted.recommended, lifted.lifted) == ("tensorflow", ("python_version",))


def test_adding_members_to_a_family_never_flips_two_others():
    base = {name: dict.fromkeys(CRITERIA, Triangular(0.5 + 0.02 * n, 0.3)) for n, name in enumerate(CANDIDATES)}
    everybody = decide(case(table(base)), METHOD, seed=1, draws=2000)
    loss = {r.id: r.expected_loss for r in everybody.candidates}
    for left_out in CANDIDATES:
        few = {name: row for name, row in base.items() if name != left_out}
        decision = decide(case(table(few)), METHOD, seed=1, draws=2000)
        order = sorted(few, key=lambda name: next(r.expected_loss for r in decision.candidates if r.id == name))
        assert order == sorted(few, key=lambda name: loss[name])
    assert {family_of(name) for name in CANDIDATES} == set(everybody.family_probability)


def test_what_is_frozen_leaves_the_framework_that_it_is_in():
    code = {"existing.frameworks": ["tensorflow2"], "existing.pain": ["install_size"], "existing.size": "small"}
    package = {"deployment.targets": ["python_package"], "deployment.installers": "public"}
    decision = decide_without_pilots(
        {"project.problem": "audio", "project.stage": "product", "project.trains": "no", **code, **package}
    )
    assert decision.migration == "freeze" and decision.hybrid is not None
    assert decision.hybrid.ship["python_package"].startswith("TensorFlow → ONNX → ONNX Runtime")
