"""Conditions on answers."""

import pytest

from advisor.interview.answers import NOT_SURE, Answers
from advisor.interview.conditions import holds

SAID = Answers({"project.stage": "product", "team.pytorch": 3, "deployment.targets": (), "team.jax": NOT_SURE})


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({}, True),
        ({"project.stage": ("product", "research")}, True),
        ({"project.stage": ("research",)}, False),
        ({"team.pytorch": ("3",)}, True),
        ({"team.pytorch": (">=3",)}, True),
        ({"team.pytorch": (">=4",)}, False),
        ({"team.pytorch": ("<=2.5", ">=5")}, False),
        ({"team.pytorch": ("<=3",)}, True),
        ({"project.stage": (">=1",)}, False),
        ({"deployment.targets": ("*",)}, False),
        ({"team.jax": (">=0",)}, None),
        ({"team.jax": ("*",), "project.stage": ("research",)}, False),
        ({"team.keras": ("1",)}, None),
    ],
)
def test_conditions(condition, expected):
    assert holds(condition, SAID) is expected
