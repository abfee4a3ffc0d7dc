"""Decisions that real teams published: the same choice, known mistakes avoided, and the reasons that they gave.

What is known to come out otherwise is pinned with its reason, so that it is noticed when it changes.
"""

from typing import Any

import pytest
from known_answers import cases, decide_without_pilots, named, unlike

PUBLISHED = cases("published.toml", "decision")


@pytest.mark.parametrize("published", PUBLISHED, ids=named)
def test_the_decision_is_the_published_one(published: dict[str, Any]) -> None:
    expected = set(published.get("known_miss", {}).get("keys", ()))
    found = unlike(published, decide_without_pilots(published["answers"]))
    assert set(found) == expected, found


def test_there_are_enough_and_each_says_where_it_stands() -> None:
    assert len({named(entry) for entry in PUBLISHED}) == len(PUBLISHED) >= 30
    for entry in PUBLISHED:
        assert entry["sources"] and 2015 < entry["year"] <= 2026, named(entry)
        assert entry["published"].endswith("."), named(entry)


def test_most_come_out_as_published() -> None:
    missed = [entry["known_miss"] for entry in PUBLISHED if "known_miss" in entry]
    # Eight of 59 since not sure widens, no verdict is clear without pilots, and a fact was added; see docs/deciding.md.
    assert len(missed) <= len(PUBLISHED) // 7
    assert all(miss["keys"] and miss["why"].endswith(".") for miss in missed)
