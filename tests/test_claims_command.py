"""``advisor claims``: with and without a study, by words and by id, for people and for programs."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from command_line import ROOT, advisor_here, refused

from advisor.claims.claims import load_claims
from advisor.commands.claims_listing import Listing, listing

TODAY = date(2026, 11, 25)
ALL = load_claims().claims


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished study that comes with advisor: every candidate in both lanes on one pilot, on a CPU."""
    return Path(shutil.copytree(ROOT / "examples" / "study", tmp_path_factory.mktemp("example") / "study"))


@pytest.fixture(scope="module")
def by_study(example: Path) -> Listing:
    return listing(example, None, TODAY)


def text(found: Listing) -> str:
    return "\n".join(line.text for line in found.lines())


def test_without_a_study_facts_settle_some_and_the_others_say_how_they_would_be_tested() -> None:
    found = listing(None, None, TODAY)
    assert len(found.claims) == len(ALL)
    assert {one.verdict for one in found.claims} == {
        "false",
        "outdated",
        "true in part",
        "supported by a dated fact",
        "not tested here",
        "cannot be tested",
    }
    shown = text(found)
    assert all(f"{claim.id:5} {claim.text}" in shown for claim in ALL)
    assert "      -> advisor run --pilots all\n" in shown
    assert found.legend().startswith(f"{len(ALL)} claims. S0: ") and "S4: " in found.legend()


def test_with_a_study_claims_are_held_against_its_trials(by_study: Listing, example: Path) -> None:
    verdicts = {one.claim.id: one.verdict for one in by_study.claims}
    assert verdicts["C01"] == "refuted here"  # "consistently", and Keras on JAX is faster
    assert verdicts["C02"] == "not resolved here"  # in general, and the tuned lane was not run
    assert verdicts["C28"] == "not resolved here"  # few rows do not show that scores are equal within a point
    assert verdicts["C32"] == "mostly confirmed here"  # less code in Keras, on most pilots
    assert verdicts["C22"] == "cannot be tested"  # it speaks of a GPU
    assert verdicts["C20"] == "not resolved here"  # of two ways to use TensorFlow, on three pilots
    assert verdicts["C60"] == "outdated"
    order = [line.text.split(" · ")[0].strip() for line in by_study.lines() if " · measured · " in line.text]
    assert order == sorted(order, key=list(dict.fromkeys(order)).index)
    assert order[0] == "refuted here"
    assert f"-> advisor run {example} --tuned" in text(by_study)


def test_one_claim_is_shown_finding_by_finding(example: Path) -> None:
    shown = text(listing(example, "c15", TODAY))
    assert shown.count(" times that with TensorFlow: ") == 16  # two rules on eight pilots, by default
    assert (
        "has to be at most 1.5 times that with TensorFlow, in more than half of the cases, by default and tuned."
        in shown
    )
    assert "contradicts C16: " in shown


def test_json_holds_rules_findings_and_facts(by_study: Listing) -> None:
    found = {one["id"]: one for one in json.loads(by_study.json())}
    assert set(found) == {claim.id for claim in ALL}
    race = found["C02"]
    assert (race["verdict"], race["seeds"], race["kind"]) == ("not resolved here", ["S0"], "measured")
    (test,) = race["tests"]
    assert {finding["bearing"] for finding in test["findings"]} == {"for", "against", "open"}
    assert all(finding["low"] <= finding["centre"] <= finding["high"] for finding in test["findings"])
    assert race["rules"] == [test["rule"]]
    assert found["C60"]["facts"][0]["id"] == "P11"
    assert found["C16"]["contradicts"] == ["C01", "C15"]


def test_the_command_prints_claims_on_standard_output(tmp_path: Path) -> None:
    done = advisor_here("claims", "--about", "TPU", cwd=tmp_path)
    assert (done.returncode, done.stderr[:9]) == (0, "2 claims.")
    assert done.stdout.startswith("C71 ")
    assert list(tmp_path.iterdir()) == []
    programs = advisor_here("claims", "--about", "C37", "--json", cwd=tmp_path)
    assert json.loads(programs.stdout)[0]["verdict"] == "false"


@pytest.mark.parametrize(
    ("args", "exit_code", "parts"),
    [
        (("--about", "C9999"), 2, ["There is no claim C9999", "--about", "advisor claims"]),
        (("--about", "pytroch"), 2, ["No claim speaks about 'pytroch'", "--about", "advisor claims"]),
        (("nowhere",), 3, ["There is no such study", "advisor run nowhere"]),
    ],
)
def test_mistakes_are_told(tmp_path: Path, args: tuple[str, ...], exit_code: int, parts: list[str]) -> None:
    refused(advisor_here("claims", *args, cwd=tmp_path), exit_code, *parts)
