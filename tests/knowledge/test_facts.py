"""The fact base: valid as shipped, and refused with the file and the table where it is not."""

import tomllib
from collections.abc import Sequence
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import pytest

from advisor.catalog import CANDIDATES, CRITERIA, TARGETS
from advisor.errors import AdvisorError
from advisor.knowledge.computed import COMPUTED
from advisor.knowledge.facts import NOT_BY_FACTS, Effect, Fact, is_stale, load_facts, supports_python

FACTS = load_facts()

GOOD = """
[[facts]]
id = "X1"
text = "Something."
as_of = 2026-01-01
review_by = 2027-01-01
source = "somewhere"
confidence = "M"
"""
GOOD_FORMAT = 'effects = [{ criterion = "deployment", candidates = ["pytorch"], effect = -0.1, formats = ["onnx"] }]'


def test_ids_are_unique_and_there_are_enough():
    assert len({fact.id for fact in FACTS}) == len(FACTS) >= 35


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact.id)
def test_conditions_name_questions_and_choices_that_exist(fact):
    questions = tomllib.loads(files("advisor.interview").joinpath("questions.toml").read_text("utf-8"))
    known = {q["id"]: {c["value"] for c in q.get("choices", [])} for q in questions["question"]}
    known["deployment.targets"] = set(TARGETS)
    for condition in [entry.when for entry in (*fact.effects, *fact.excludes)]:
        for key, accepted in condition.items():
            assert set(accepted) <= known[key], key


@pytest.mark.parametrize(
    "criterion", [c for c in CRITERIA if c not in NOT_BY_FACTS | {"deployment", "time_to_baseline"}]
)
@pytest.mark.parametrize("candidate", CANDIDATES)
def test_every_candidate_has_a_fact_that_always_counts(candidate, criterion):
    """Otherwise a candidate would look uncertain only because nobody wrote about it."""
    assert any(
        effect.criterion == criterion and candidate in effect.candidates and not effect.when
        for fact in FACTS
        for effect in fact.effects
    )


def test_facts_end_their_sentences_and_are_no_longer_than_three_lines():
    for fact in FACTS:
        assert fact.text.endswith(".") and len(fact.text) < 260, fact.id


def test_stale_from_the_day_after_its_review_date():
    fact = FACTS[0]
    assert not is_stale(fact, fact.review_by)
    assert is_stale(fact, fact.review_by + timedelta(days=1))


@pytest.mark.parametrize(
    ("candidate", "version", "expected"),
    [
        ("pytorch", "3.14", (True, ("P01",))),
        ("tensorflow", "3.14", (False, ("T02",))),
        ("tensorflow", "3.10", (True, ("T02",))),
        ("keras-tensorflow", "3.10.4", (False, ("K02",))),
        ("keras-tensorflow", "3.12", (True, ("K02", "T02"))),
        ("keras-torch", "3.16", (False, ("P01",))),
        ("keras-jax", "3.10", (False, ("K02", "A08"))),
        ("keras-jax", "3.11", (True, ("K02", "A08"))),
        ("keras-jax", "3.15", (True, ("K02", "A08"))),
        ("keras-jax", "3.16", (False, ("A08",))),
    ],
)
def test_python_versions(candidate, version, expected):
    assert supports_python(FACTS, candidate, version) == expected


def test_python_of_an_unknown_candidate_is_unknown():
    assert supports_python((), "pytorch", "3.12") is None


def test_a_python_version_that_is_none_is_refused():
    with pytest.raises(AdvisorError, match="not a Python version"):
        supports_python(FACTS, "pytorch", "three")


def test_extra_facts_are_added_and_replace_those_of_the_same_id(tmp_path: Path):
    extra = tmp_path / "ours.toml"
    extra.write_text(GOOD + GOOD.replace("X1", "T01").replace("Something", "Ours"), "utf-8")
    merged = {fact.id: fact for fact in load_facts(extra)}
    assert len(merged) == len(FACTS) + 1
    assert merged["X1"].as_of == date(2026, 1, 1)
    assert merged["T01"].text == "Ours."


@pytest.mark.parametrize(
    ("text", "what", "where"),
    [
        ("[[facts", "not valid TOML", "ours.toml"),
        ("[[fact]]\nid = 'X1'", "`fact` is not known", "ours.toml"),
        ("facts = 3", "must be a list", "ours.toml"),
        (GOOD.replace('"M"', '"sure"'), "confidence", "[[facts]] number 1, id X1"),
        (GOOD.replace("2027", "2025"), "must lie after", "id X1"),
        (GOOD + 'candidates = ["caffe"]', "unknown candidate 'caffe'", "id X1"),
        (GOOD + 'targets = ["toaster"]', "unknown target 'toaster'", "id X1"),
        (GOOD + 'colour = "red"', "colour", "id X1"),
        (GOOD + GOOD, "stands here twice", "[[facts]]"),
        (
            GOOD + 'effects = [{ criterion = "team_fit", candidates = ["pytorch"], effect = 0.1 }]',
            "unknown criterion for facts 'team_fit'",
            "id X1",
        ),
        (
            GOOD + 'effects = [{ criterion = "longevity", candidates = ["pytorch"], effect = 0.5 }]',
            "effects.0.effect",
            "id X1",
        ),
        (
            GOOD
            + 'effects = [{ criterion = "longevity", candidates = ["pytorch"], effect = 0, when = { x = ["y"] } }]',
            "group.question",
            "id X1",
        ),
    ],
)
def test_mistakes_name_the_file_and_the_table(tmp_path: Path, text, what, where):
    extra = tmp_path / "ours.toml"
    extra.write_text(text, "utf-8")
    with pytest.raises(AdvisorError) as raised:
        load_facts(extra)
    assert what in raised.value.what
    assert where in raised.value.where and "ours.toml" in raised.value.where


def effects_of(*criteria: str, when: str = "") -> str:
    entries = (
        f'{{ criterion = "{name}", candidates = ["pytorch"], effect = 0.1{", when = " + when if when else ""} }}'
        for name in criteria
    )
    return f"effects = [{', '.join(entries)}]\n"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (
            effects_of("longevity", "operations"),
            "it has effects on longevity and operations: say in `different_reasons` why these are different reasons, "
            "or leave all but one criterion out",
        ),
        (effects_of("longevity", "operations") + 'different_reasons = " "', "say in `different_reasons`"),
        (effects_of("longevity") + 'different_reasons = "Two."', "no such"),
        (
            effects_of("time_to_baseline", when='{ "existing.frameworks" = ["keras2"] }'),
            "hangs on existing.frameworks would count it twice: the weeks until the team is productive are computed",
        ),
        (
            effects_of("deployment", when='{ "deployment.accepts" = ["onnx"] }'),
            "the routes to the targets are computed",
        ),
        (GOOD_FORMAT.replace("deployment", "longevity"), "allowed with the criterion deployment"),
        (GOOD_FORMAT.replace("onnx", "caffe"), "unknown format 'caffe'"),
    ],
)
def test_one_reason_counts_once_in_facts_of_ones_own_too(tmp_path: Path, text: str, what: str) -> None:
    extra = tmp_path / "ours.toml"
    extra.write_text(GOOD + text, "utf-8")
    with pytest.raises(AdvisorError) as raised:
        load_facts(extra)
    assert what in raised.value.what and "id X1" in raised.value.where


@pytest.mark.parametrize(
    "text",
    [
        effects_of("longevity", "operations") + 'different_reasons = "Ours."',
        effects_of("longevity", "longevity"),
        effects_of("longevity", when='{ "existing.frameworks" = ["keras2"] }'),  # not what team fit asks for
        GOOD_FORMAT,
    ],
)
def test_several_reasons_that_are_argued_are_taken(tmp_path: Path, text: str) -> None:
    extra = tmp_path / "ours.toml"
    extra.write_text(GOOD + text, "utf-8")
    assert load_facts(extra)[-1].id == "X1"


def test_the_fact_that_counted_twice_is_refused_when_it_is_planted_again(tmp_path: Path) -> None:
    """Keras 2 code moves to Keras 3 cheaply: team fit computes that, and time to a first model counted it again."""
    (fact,) = [fact for fact in FACTS if fact.id == "K20"]
    planted = tmp_path / "facts.toml"
    effect = effects_of("time_to_baseline", when='{ "existing.frameworks" = ["keras2"] }').replace("0.1", "0.15")
    planted.write_text(GOOD.replace("X1", fact.id) + effect.replace("pytorch", "keras-tensorflow"), "utf-8")
    with pytest.raises(AdvisorError, match="would count it twice"):
        load_facts(planted)
    assert not fact.effects


def counted_twice(facts: Sequence[Fact]) -> dict[str, str]:
    """What breaks the rule that one reason counts once, by the fact; of facts that no reader looked at."""
    found = {}
    for fact in facts:
        if len({effect.criterion for effect in fact.effects}) > 1 and not fact.different_reasons:
            found[fact.id] = "several criteria"
        for effect in fact.effects:
            for part in COMPUTED:
                if effect.criterion in part.criteria and set(effect.when) & set(part.reads):
                    found[fact.id] = part.what
    return found


def test_no_fact_counts_a_reason_twice() -> None:
    assert counted_twice(FACTS) == {}
    (keras_2,) = [fact for fact in FACTS if fact.id == "K20"]
    effort = Effect.model_construct(
        criterion="time_to_baseline",
        candidates=("keras-tensorflow",),
        effect=0.15,
        when={"existing.frameworks": ("keras2",)},
    )
    assert counted_twice([keras_2.model_copy(update={"effects": (effort,)})]) == {
        "K20": "the weeks until the team is productive"
    }
    (eager,) = [fact for fact in FACTS if fact.id == "K06"]
    assert counted_twice([eager.model_copy(update={"different_reasons": ""})]) == {"K06": "several criteria"}


def test_what_is_argued_is_argued_in_sentences() -> None:
    argued = [fact.different_reasons for fact in FACTS if fact.different_reasons]
    assert len(argued) == len(set(argued)) + 1  # what PyTorch and JAX weigh is the same argument
    assert all(text.endswith(".") for text in argued)


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(AdvisorError, match="cannot be read"):
        load_facts(tmp_path / "none.toml")


def test_what_comes_to_onnx_by_the_same_converter_is_marked_down_alike():
    """Keras on JAX and on PyTorch each export some models by themselves and take tf2onnx for the others."""
    (converter,) = [fact for fact in FACTS if fact.id == "T18"]
    worth = {name: effect.effect for effect in converter.effects for name in effect.candidates}
    assert worth["keras-jax"] == worth["keras-torch"] > worth["tensorflow"] == worth["keras-tensorflow"]


def test_what_a_route_states_is_no_second_reason_for_deployment():
    guide = [fact for fact in FACTS if fact.id == "K05"]
    assert [fact.effects for fact in guide] == [()]
