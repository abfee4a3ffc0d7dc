"""The worked example of docs/deciding.md: every number on the page is the program's."""

from pathlib import Path

import pytest
from decision_study import decided, table

PAGE = " ".join((Path(__file__).parents[2] / "docs" / "deciding.md").read_text(encoding="utf-8").split())
VALUES = {
    "pytorch": {"deployment": 0.90, "longevity": 0.60, "team_fit": 0.20},
    "keras-tensorflow": {"deployment": 0.90, "longevity": 0.45, "team_fit": 0.70},
}
ORDER = {"priorities.order": ("deployment", "longevity", "team_fit")}


@pytest.fixture(scope="module")
def decision():
    return decided(table(VALUES), ORDER, draws=200_000)


def shown(number, digits=3):
    return f"{number:.{digits}f}"


def test_the_lead_and_what_it_is_made_of(decision):
    parts = {c.criterion: c.amount for c in decision.contributions}
    assert decision.recommended == "keras-tensorflow"
    assert f"Keras leads by {shown(sum(parts.values()))}." in PAGE
    assert f"(0.70 - 0.20) = {shown(parts['team_fit'])}" in PAGE
    assert f"(0.60 - 0.45) = {shown(-parts['longevity'])}" in PAGE
    assert parts["deployment"] == pytest.approx(0, abs=1e-9)
    for candidate in VALUES:
        (found,) = [c for c in decision.candidates if c.id == candidate]
        mean = {"deployment": 11 / 18, "longevity": 5 / 18, "team_fit": 2 / 18}
        worth = sum(mean[k] * found.criteria[k].value for k in mean)
        assert f"= {shown(worth)}" in PAGE


def test_where_it_flips(decision):
    (flip,) = [f for f in decision.what_would_change.weights if f.criterion == "team_fit"]
    assert f"t = {shown(flip.weight_at_flip)}" in PAGE
    assert f"a weight of {flip.weight_at_flip:.0%} instead of {flip.weight_now:.0%}" in PAGE


def test_the_word(decision):
    assert f"in {decision.family_probability['keras']:.0%} of the readings" in PAGE
    assert decision.verdict == "too_close" and "too close to call" in PAGE
