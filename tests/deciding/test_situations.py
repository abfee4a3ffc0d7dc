"""Situations in which people know the answer: the first choice, known mistakes avoided, and the reasons given."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from known_answers import decide_without_pilots, reasons_given

SITUATIONS = tomllib.loads((Path(__file__).parent / "situations.toml").read_text(encoding="utf-8"))["situation"]


def named(entry: dict[str, Any]) -> str:
    return str(entry["id"])


@pytest.mark.parametrize("situation", SITUATIONS, ids=named)
def test_the_answer_is_the_one_that_people_know(situation: dict[str, Any]) -> None:
    decision = decide_without_pilots(situation["answers"])
    chosen = {decision.recommended, decision.family}
    assert chosen & set(situation["first"]) or (not situation["first"] and decision.recommended is None)
    assert decision.recommended not in situation.get("never", ())
    assert decision.verdict != "insufficient"
    assert decision.verdict in situation.get("verdict", [decision.verdict])
    assert decision.migration in situation.get("migration", [decision.migration])
    assert set(situation.get("beyond", ())) <= set(decision.beyond)
    assert set(situation.get("ships", ())) <= set(decision.hybrid.ship if decision.hybrid else ())
    assert set(situation.get("reasons", ())) <= reasons_given(decision)


def test_there_are_enough_and_each_says_why() -> None:
    assert len({named(entry) for entry in SITUATIONS}) == len(SITUATIONS) >= 30
    assert all(entry["why"].endswith(".") for entry in SITUATIONS)
