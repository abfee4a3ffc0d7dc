"""Situations in which people know the answer: the first choice, known mistakes avoided, and the reasons given."""

from typing import Any

import pytest
from known_answers import cases, decide_without_pilots, named, unlike

SITUATIONS = cases("situations.toml", "situation")


@pytest.mark.parametrize("situation", SITUATIONS, ids=named)
def test_the_answer_is_the_one_that_people_know(situation: dict[str, Any]) -> None:
    assert unlike(situation, decide_without_pilots(situation["answers"])) == {}


def test_there_are_enough_and_each_says_why() -> None:
    assert len({named(entry) for entry in SITUATIONS}) == len(SITUATIONS) >= 30
    assert all(entry["why"].endswith(".") for entry in SITUATIONS)
