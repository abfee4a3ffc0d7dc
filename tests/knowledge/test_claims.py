"""The claims as shipped: complete, grounded, and refused with the file and the table where they are not."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from advisor.catalog import CANDIDATES, TARGETS
from advisor.claims.claims import claims_about, load_claims
from advisor.claims.rules import PairTest, RuntimesTest
from advisor.errors import AdvisorError
from advisor.knowledge.facts import load_facts
from pilots import workload as workloads

FOUND = load_claims()
CLAIMS = FOUND.claims

GOOD = """
[[articles]]
id = "S0"
title = "One"
[[articles]]
id = "S1"
title = "Another"
[[claims]]
id = "C1"
text = "PyTorch is faster than TensorFlow."
seeds = ["S0"]
kind = "measured"
[[claims.tests]]
kind = "pairs"
measure = "race.step_ms"
first = ["pytorch"]
second = ["tensorflow"]
expect = "less"
[[claims]]
id = "C2"
text = "PyTorch is slower than TensorFlow."
seeds = ["S1"]
kind = "fact"
settled = { verdict = "false", facts = ["P01"], why = "Somebody looked." }
[[contradictions]]
about = "Which is faster?"
sides = [["C1"], ["C2"]]
"""


def test_all_articles_are_there_and_ids_are_unique():
    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS) >= 75
    named = {seed for claim in CLAIMS for seed in claim.seeds}
    assert named == {article.id for article in FOUND.articles} == {"S0", "S1", "S2", "S3", "S4"}


@pytest.mark.parametrize("claim", [one for one in CLAIMS if "Keras" not in one.text], ids=lambda claim: claim.id)
def test_tensorflow_without_keras_does_not_answer_alone_for_tensorflow(claim):
    for test in claim.tests:
        for side in (getattr(test, "first", ()), getattr(test, "second", ()), getattr(test, "candidates", ())):
            assert "tensorflow" not in side or "keras-tensorflow" in side


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.id)
def test_every_claim_is_a_sentence_and_stands_somewhere(claim):
    assert claim.text.endswith(".") and len(claim.text) < 130
    assert claim.tests or claim.settled or claim.untestable
    for reason in (claim.note, claim.settled and claim.settled.why, claim.untestable and claim.untestable.why):
        assert not reason or (reason.endswith(".") and len(reason) < 200)
    assert claim.kind != "opinion" or claim.untestable


def test_cited_facts_exist():
    cited = {name for claim in CLAIMS if claim.settled for name in claim.settled.facts}
    assert cited <= {fact.id for fact in load_facts()}


@pytest.mark.parametrize("claim", [claim for claim in CLAIMS if claim.when], ids=lambda claim: claim.id)
def test_conditions_name_questions_and_choices_that_exist(claim):
    questions = tomllib.loads(files("advisor.interview").joinpath("questions.toml").read_text("utf-8"))
    known = {q["id"]: {c["value"] for c in q.get("choices", [])} for q in questions["question"]}
    known["deployment.targets"] = set(TARGETS)
    for key, accepted in claim.when.items():
        assert set(accepted) <= {*known[key], "*"}, key


def test_filters_match_a_pilot_that_there_is():
    networks = {name: workloads.load(name).network.casefold() for name in workloads.names()}
    for test in (test for claim in CLAIMS for test in claim.tests):
        assert set(test.pilots) <= set(networks)
        assert not test.networks or any(word in network for word in test.networks for network in networks.values())
        assert all(word == word.casefold() for word in test.networks)


def test_claims_that_keras_is_slower_ask_every_backend_in_both_lanes_and_in_general():
    (slower,) = [test for claim in CLAIMS if claim.id == "C02" for test in claim.tests]
    assert isinstance(slower, PairTest)
    assert {b for _, b in slower.pairs} == {name for name in CANDIDATES if name.startswith("keras")}
    assert (slower.lanes, slower.of) == (("default", "tuned"), "most")


def test_what_says_consistently_is_meant_always_and_what_says_up_to_of_the_largest_gain():
    meant = {(claim.id, test.of) for claim in CLAIMS for test in claim.tests}
    assert {("C01", "every"), ("C08", "some")} <= meant
    (gain,) = [test for claim in CLAIMS if claim.id == "C08" for test in claim.tests]
    assert isinstance(gain, RuntimesTest) and (gain.low, gain.high) == (None, 0.77)


def test_every_contradiction_has_claims_on_each_side():
    assert len(FOUND.contradictions) >= 7
    for one in FOUND.contradictions:
        assert one.about.endswith("?")
        assert set(one.claims) <= {claim.id for claim in CLAIMS}


def read(tmp_path: Path, text: str):
    file = tmp_path / "claims.toml"
    file.write_text(text, encoding="utf-8")
    return load_claims(file)


def test_a_file_of_ones_own_is_read(tmp_path):
    found = read(tmp_path, GOOD)
    assert [claim.id for claim in found.claims] == ["C1", "C2"]
    assert found.contradictions[0].claims == ("C1", "C2")
    assert found.claims[0].tests[0].pairs == (("pytorch", "tensorflow"),)


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('id = "C1"', 'id = "X1"', "id"),
        ('id = "C2"', 'id = "C1"', "C1 stands here twice"),
        ('seeds = ["S0"]', 'seeds = ["S9"]', "seeds"),
        ('seeds = ["S0"]', "seeds = []", "seeds"),
        ('id = "S1"', 'id = "S0"', "S0 stands here twice"),
        ('title = "One"', 'title = ""', "title"),
        ('kind = "pairs"', 'kind = "guess"', "tests"),
        ('measure = "race.step_ms"', 'measure = "race.speed"', "unknown measure 'race.speed'"),
        ('first = ["pytorch"]', 'first = ["torch"]', "unknown candidate 'torch'"),
        ('expect = "less"', 'expect = "between"', "needs low, high or both"),
        ('expect = "less"', 'expect = "less"\nlow = 1.0', "takes neither low nor high"),
        ('expect = "less"', "low = 2.0\nhigh = 1.0", "must lie below high"),
        ('expect = "less"', 'expect = "less"\nlanes = ["fast"]', "lanes"),
        ('expect = "less"', 'expect = "less"\nof = "all"', "of"),
        ('expect = "less"', 'expect = "less"\nwidth = 1', "width"),
        ('kind = "measured"', 'kind = "opinion"', "an opinion has no test"),
        ('kind = "measured"', 'kind = "measured"\nuntestable = {obstacle = "opinion", why = "x"}', "not untestable"),
        ('facts = ["P01"], ', "", "facts: Field required"),
        ('facts = ["P01"]', "facts = []", "at least 1 item"),
        ('settled = { verdict = "false", facts = ["P01"], why = "Somebody looked." }', "", "every claim stands"),
        ('settled = { verdict = "false", facts = ["P01"], why = "Somebody looked." }', 'untestable = { obstacle = "opinion", why = "x", experiment = "debug" }', "only where the obstacle"),  # noqa: E501
        ('kind = "fact"', 'kind = "fact"\nuntested = "all of it"', "what the tests leave out"),
        ('[["C1"], ["C2"]]', '[["C1"], ["C3"]]', "there is no claim C3"),
        ('[["C1"], ["C2"]]', '[["C1"], []]', "a side names no claim"),
        ('[["C1"], ["C2"]]', '[["C1"], ["C1"]]', "C1 stands here twice"),
        ('[["C1"], ["C2"]]', '[["C1"]]', "sides"),
        ("[[contradictions]]", "[[contradiction]]", "`contradiction` is not known here"),
        ("[[claims]]", "[[claims]", "not valid TOML"),
    ],
)  # fmt: skip
def test_mistakes_are_refused_with_their_place(tmp_path, old, new, what):
    assert old in GOOD
    with pytest.raises(AdvisorError, match=re.escape(what)) as caught:
        read(tmp_path, GOOD.replace(old, new, 1))
    assert caught.value.where.startswith(str(tmp_path / "claims.toml"))


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(AdvisorError, match="cannot be read"):
        load_claims(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [("C15", ["C15"]), (" c15 ", ["C15"]), ("tpus", ["C13", "C71"]), ("Keras TENSORFLOW alone", ["C15", "C16"])],
)
def test_claims_are_found_by_id_and_by_words(wanted, ids):
    assert [claim.id for claim in claims_about(CLAIMS, wanted)] == ids


def test_all_claims_where_nothing_is_wanted():
    assert claims_about(CLAIMS, None) == CLAIMS


@pytest.mark.parametrize(
    ("wanted", "what"), [("C999", "no claim C999"), ("pytroch", "No claim speaks about 'pytroch'"), (" ", "No claim")]
)
def test_what_nobody_claims_is_told(wanted, what):
    with pytest.raises(AdvisorError, match=what) as caught:
        claims_about(CLAIMS, wanted)
    assert (caught.value.where, caught.value.next_command) == ("--about", "advisor claims")


def test_a_way_that_reports_recommend_is_not_refuted_by_others_that_work_as_well():
    (claim,) = [one for one in CLAIMS if one.id == "C67"]
    assert claim.tests == () and claim.settled is not None
    assert claim.settled.verdict == "true in part"
