"""Whole decisions from small tables."""

from dataclasses import replace

import pytest
from decision_study import METHOD, case, decided, table
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.catalog import CANDIDATES
from advisor.deciding.cost import cost_of
from advisor.deciding.decide import worth_of_knowing
from advisor.deciding.stored import decision_json, load_decision
from advisor.errors import AdvisorError
from advisor.evidence.table import Missing, Triangular
from advisor.interview.answers import Answers
from advisor.measuring.analysis.series import Series

GOOD, FAIR, POOR = Triangular(0.8, 0.05), Triangular(0.7, 0.05), Triangular(0.3, 0.05)
CRITERIA = ("team_fit", "longevity", "inference_speed")


def rows(**values):
    return {name.replace("_", "-"): dict.fromkeys(CRITERIA, value) for name, value in values.items()}


def result(decision, candidate):
    (found,) = [r for r in decision.candidates if r.id == candidate]
    return found


def test_a_clear_case():
    decision = decided(table(rows(pytorch=GOOD, tensorflow=POOR)))
    assert (decision.verdict, decision.recommended, decision.family) == ("clear", "pytorch", "pytorch")
    assert decision.shortlist == ("pytorch",)
    assert decision.probability_best == 1.0
    assert decision.margin is not None and decision.margin.median == pytest.approx(0.5, abs=0.02)
    assert decision.what_would_change is not None and decision.what_would_change.runner_up == "tensorflow"
    assert sum(c.amount for c in decision.contributions) == pytest.approx(0.5, abs=0.02)
    assert decision.method.weights_from == "points"
    assert result(decision, "pytorch").without_skills == 1.0


def test_without_priorities_the_stage_decides_what_counts():
    decision = decided(
        table(rows(pytorch=GOOD, tensorflow=POOR)), {"priorities.points": {}, "project.stage": "product"}
    )
    assert decision.method.weights_from == "defaults"
    assert decision.weights["longevity"].median > decision.weights["inference_speed"].median


@pytest.mark.parametrize("value", [0.5, GOOD])
def test_identical_candidates_are_too_close(value):
    decision = decided(table(rows(pytorch=value, tensorflow=value)))
    assert decision.verdict == "too_close"
    assert set(decision.shortlist) == {"pytorch", "tensorflow"}


def test_nothing_known_about_anybody_is_insufficient():
    decision = decided(table(rows(pytorch=Missing(), tensorflow=Missing())))
    assert (decision.verdict, decision.missing_weight) == ("insufficient", pytest.approx(1.0))


def worth_in(evidence, said=None):
    return worth_of_knowing(case(evidence, said), METHOD)


def test_what_is_worth_knowing_is_what_the_decision_would_measure_next():
    unknown = {"longevity": FAIR, "inference_speed": Missing(), "memory": 0.5}
    evidence = table({"pytorch": unknown, "tensorflow": unknown})
    worth = worth_in(evidence)
    assert set(worth) == set(evidence.criteria)
    assert worth["inference_speed"] > 10 * worth["longevity"] > 0
    assert worth["memory"] == pytest.approx(0, abs=1e-9)
    following = decided(evidence, draws=METHOD.deciding.draws, seed=METHOD.deciding.seed).next_measurement
    assert following is not None
    assert (following.criterion, following.worth) == ("inference_speed", worth["inference_speed"])
    assert worth_in(evidence) == worth


def test_nothing_is_worth_knowing_where_nobody_or_one_can_be_chosen():
    evidence = table(rows(tensorflow=Missing(), keras_tensorflow=Missing(), pytorch=Missing()))
    assert set(worth_in(evidence, {"training.python": "3.14"}).values()) == {0.0}  # for PyTorch alone
    assert worth_in(table(rows(tensorflow=Missing())), {"training.python": "3.14"}) == {}


def test_a_sure_but_small_difference_is_no_clear_case():
    decision = decided(table(rows(pytorch=0.52, tensorflow=0.50)))
    assert decision.probability_best == 1.0
    assert decision.verdict == "lean"


def test_no_verdict_goes_beyond_what_stands_under_it():
    """Cited alone, the surest lead is no clear choice; with half of it measured, rehearsed or answered it is."""
    sure = table(rows(pytorch=GOOD, keras_torch=FAIR, keras_jax=POOR, tensorflow=POOR))

    def known_here(criteria):
        cells = tuple(
            replace(cell, components=tuple(replace(c, kind="cited") for c in cell.components))
            if cell.criterion not in criteria
            else cell
            for cell in sure.cells
        )
        return decided(replace(sure, cells=cells))

    nothing, a_third, all_but_one = (known_here(CRITERIA[:count]) for count in (0, 1, 2))
    assert [one.grounded_weight for one in (nothing, a_third, all_but_one)] == pytest.approx(
        [0, 1 / 3, 2 / 3], abs=0.01
    )
    assert [one.verdict for one in (nothing, a_third, all_but_one)] == ["lean", "lean", "clear"]
    assert [one.held_back for one in (nothing, a_third, all_but_one)] == [True, True, False]


def test_near_clones_do_not_weaken_their_family():
    decision = decided(table(rows(keras_torch=GOOD, keras_jax=GOOD, keras_tensorflow=GOOD, pytorch=FAIR)))
    assert decision.verdict == "clear"
    assert decision.family == "keras"
    assert decision.family_probability["keras"] > 0.95
    assert decision.probability_best is not None and 0.25 < decision.probability_best < 0.45
    assert set(decision.shortlist) == {"keras-torch", "keras-jax", "keras-tensorflow"}
    assert decision.what_would_change is not None and decision.what_would_change.runner_up == "pytorch"


def test_a_vetoed_candidate_never_ranks():
    evidence = table(rows(tensorflow=GOOD, keras_tensorflow=FAIR, pytorch=POOR))
    decision = decided(evidence, {"training.python": "3.14"})
    out = result(decision, "tensorflow")
    assert decision.recommended == "pytorch"
    assert (out.status, out.rank_probability, out.expected_loss) == ("vetoed", (), None)
    assert [(v.constraint, v.status, v.rank_had_it_passed) for v in out.vetoes] == [("python_version", "fail", 1)]
    assert "tensorflow" not in decision.family_probability
    assert "tensorflow" not in decision.pairwise
    assert result(decision, "pytorch").rank_probability == (1.0,)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=len(CANDIDATES), max_size=len(CANDIDATES)), st.integers(0, 9))
def test_vetoed_never_recommended_nor_listed_and_probabilities_add_up(values, seed):
    evidence = table({c: dict.fromkeys(CRITERIA, v) for c, v in zip(CANDIDATES, values, strict=True)})
    decision = decided(evidence, {"training.python": "3.14"}, seed=seed, draws=100)
    ruled_out = {"tensorflow", "keras-tensorflow"}
    assert {r.id for r in decision.candidates if r.status == "vetoed"} == ruled_out
    assert decision.recommended not in ruled_out and not ruled_out & set(decision.shortlist)
    assert sum(decision.family_probability.values()) == pytest.approx(1.0)


def test_an_open_constraint_makes_the_verdict_conditional():
    evidence = table(rows(pytorch=GOOD, tensorflow=POOR))
    decision = decided(evidence, unmeasured={"pytorch": "cannot be imported"})
    assert decision.verdict == "conditional"
    assert result(decision, "pytorch").status == "unknown"
    other = decided(evidence, unmeasured={"tensorflow": "cannot be imported"})
    assert other.verdict == "clear"


def test_nothing_feasible_names_the_smallest_relaxation():
    evidence = table(rows(tensorflow=GOOD, keras_tensorflow=FAIR))
    decision = decided(evidence, {"training.python": "3.14", "existing.frameworks": ("tensorflow1",)})
    assert (decision.verdict, decision.recommended, decision.shortlist) == ("none_feasible", None, ())
    assert decision.relaxation == "Giving way on the Python version lets TensorFlow back in."
    assert decision.migration == "freeze"
    assert decision.what_would_change is None and decision.next_measurement is None


def test_missing_evidence_beyond_a_third_of_the_weight_is_insufficient():
    values = rows(pytorch=GOOD, tensorflow=POOR)
    for row in values.values():
        row["longevity"] = row["inference_speed"] = Missing()
    decision = decided(table(values))
    assert decision.missing_weight == pytest.approx(2 / 3, abs=0.03)
    assert (decision.verdict, decision.recommended) == ("insufficient", None)
    assert decision.next_measurement is not None
    assert decision.next_measurement.criterion in ("longevity", "inference_speed")
    weighty = decided(table(values), {"priorities.points": {"team_fit": 100}})
    assert (weighty.verdict, weighty.missing_weight) == ("clear", 0.0)


def test_one_candidate_alone_has_nobody_to_compare_with():
    decision = decided(table(rows(pytorch=POOR)))
    assert (decision.verdict, decision.recommended) == ("clear", "pytorch")
    assert decision.margin is None and decision.what_would_change is None and decision.contributions == ()


def test_the_result_without_skills():
    values = rows(pytorch=0.5, tensorflow=0.4)
    values["pytorch"]["team_fit"], values["tensorflow"]["team_fit"] = 0.1, 1.0
    decision = decided(table(values), {"priorities.order": ("team_fit",)})
    assert decision.recommended == "tensorflow"
    assert result(decision, "pytorch").without_skills == 1.0
    assert decision.what_would_change is not None
    assert ("team_fit", "pytorch") in [(d.dropped, d.recommended) for d in decision.what_would_change.drops]


def test_same_inputs_same_decision_and_seeds_are_recorded():
    evidence = table(rows(pytorch=GOOD, tensorflow=FAIR, keras_torch=Missing()))
    first, again = decided(evidence), decided(evidence)
    assert decision_json(first) == decision_json(again)
    assert (first.method.seed, first.method.draws) == (1, 2000)


@pytest.mark.parametrize("said", [{}, {"training.python": "3.14"}, {"deployment.targets": ("android",)}])
def test_a_decision_survives_its_file(said):
    decision = decided(table(rows(pytorch=GOOD, tensorflow=FAIR)), said, draws=100)
    text = decision_json(decision)
    assert '"schema": "advisor.decision/1"' in text and "NaN" not in text
    assert load_decision(text) == decision


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda text: text[:-20], "not a decision"),
        (lambda text: "{}", "not a decision"),
        (lambda text: text.replace('"clear"', '"certain"'), "not a decision"),
        (lambda text: text.replace("advisor.decision/1", "advisor.decision/9"), "Schema 'advisor.decision/9'"),
    ],
)
def test_what_is_no_decision_is_refused(spoil, what):
    text = decision_json(decided(table(rows(pytorch=GOOD, tensorflow=POOR)), draws=100))
    with pytest.raises(AdvisorError, match=what) as raised:
        load_decision(spoil(text))
    assert raised.value.next_command == "advisor decide"


@pytest.mark.parametrize(("answering", "ratio"), [(("vision",), 0.5), ((), 1.0), (("text",), 1.0)])
def test_speed_in_the_cost_is_that_of_pilots_that_answer_where_there_are_any(answering, ratio):
    """Half as long on vision and twice as long on audio: a stand-in says as much as a pilot that answers no more."""
    steps = [
        Series("race.step_ms", workload, candidate, "default", "ms", (0, 1, 2), (ms,) * 3, ("a", "b", "c"))
        for candidate, times in (("pytorch", (1.0, 4.0)), ("tensorflow", (2.0, 2.0)))
        for workload, ms in zip(("vision", "audio"), times, strict=True)
    ]
    priced = Answers({"team.engineer_usd_hour": 100.0, "team.people": 2.0})
    found = cost_of("pytorch", "tensorflow", priced, steps, True, answering)
    assert found is not None and found.step_time_ratio == pytest.approx(ratio)


def test_cost_is_held_against_the_rival_and_not_against_the_cheapest():
    """TensorFlow is the cheapest to get going in, and nobody would choose it."""
    worth = {"pytorch": 0.9, "keras-tensorflow": 0.8, "tensorflow": 0.1}
    prices = {"team.engineer_usd_hour": 100.0, "team.people": 2.0}
    skills = {"team.pytorch": 2, "team.keras": 0, "team.tensorflow": 5}
    decision = decided(table({name: {"longevity": value} for name, value in worth.items()}), {**prices, **skills})
    assert decision.cost is not None and decision.what_would_change is not None
    assert decision.cost.compared_with == decision.what_would_change.runner_up == "keras-tensorflow"
