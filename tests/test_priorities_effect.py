"""What an order of priorities does is what the decision makes of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import EXAMPLE, advisor_here

from advisor.catalog import CRITERIA
from advisor.interview.answers import Answers
from advisor.interview.answers_file import load
from advisor.workflow.priorities_effect import effect_of_priorities

TEAM = load(EXAMPLE)
BY_TITLE = {criterion.title: id for id, criterion in CRITERIA.items()}


def with_order(*order: str) -> Answers:
    return Answers({**TEAM.said, "priorities.order": order})


def test_the_shares_are_those_of_the_decision(decided: Path) -> None:
    effect = effect_of_priorities(TEAM)
    decision = json.loads(advisor_here("decide", decided).stdout)
    assert sum(share for _, share in effect.shares) == pytest.approx(1)
    shares = {BY_TITLE[title]: share for title, share in effect.shares}
    assert shares.keys() == decision["weights"].keys()
    for criterion, share in shares.items():
        assert decision["weights"][criterion]["low"] < share < decision["weights"][criterion]["high"]
    assert list(shares)[:4] == list(TEAM.choices("priorities.order"))


def test_it_names_who_leads_by_this_order_and_who_by_the_usual_weights() -> None:
    by_team = effect_of_priorities(with_order("team_fit", "time_to_baseline")).remarks
    usual = effect_of_priorities(with_order()).remarks
    assert [line.partition(":")[0] for line in by_team] == [
        "By facts alone, before any pilot",
        "With the weights usual for a product",
    ]
    # Without an order, the usual weights are what there is.
    assert [line.partition(":")[0] for line in usual] == ["By facts alone, before any pilot"]
    assert by_team[1].partition(": ")[2].removesuffix(".") == usual[0].partition(": ")[2].removesuffix(" leads.")


def test_a_criterion_that_does_not_apply_is_told_and_has_no_share() -> None:
    effect = effect_of_priorities(with_order("scaling", "memory"))
    assert effect.remarks[0] == "Scaling has no weight: Training stays on one device."
    assert "Scaling" not in dict(effect.shares)
    assert effect.shares[0][0] == "Memory"


def test_nobody_leads_where_too_little_is_known() -> None:
    effect = effect_of_priorities(Answers({"priorities.order": ("memory",)}))
    assert effect.shares[0][0] == "Memory" and effect.remarks == []


def test_nobody_leads_where_nobody_may() -> None:
    old = {**with_order("memory").said, "training.python": "3.2"}
    assert effect_of_priorities(Answers(old)).remarks == []


def test_points_win_and_it_says_so() -> None:
    effect = effect_of_priorities(Answers({**with_order("memory").said, "priorities.points": {"longevity": 100.0}}))
    assert "points in a file win" in effect.title
    assert effect.shares[0] == ("Longevity", 1.0)
