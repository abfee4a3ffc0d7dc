from __future__ import annotations

import pytest

from advisor.catalog import CANDIDATES
from advisor.measuring.code_size import code_sizes, owned_lines
from pilots import workload as workloads

MODEL = '''"""A model."""

import layers


def build():
    """What it builds."""
    # a comment
    return [
        Dense(1),
    ]
'''
LAYERS = '''class Dense:
    """A layer."""

    def call(self, x):
        return scale(x)


class Conv:
    size = 3


def scale(x):
    return 2 * x
'''


@pytest.mark.parametrize(
    ("own", "shared", "lines"),
    [
        ([MODEL, "x = 1\n"], [], 5),
        ([MODEL, "x = 1\n"], [LAYERS], 5 + 3 + 2),  # Conv is not used, scale is, through Dense
        ([MODEL, 'x = """two\nlines"""\n'], [], 6),
        ([MODEL, "x = 1\n", "x = 1\n"], [], 6),
        (["", ""], [], 0),
    ],
)
def test_counts_code_that_is_used_and_nothing_else(own: list[str], shared: list[str], lines: int) -> None:
    assert owned_lines(own, shared) == lines


def test_layout_does_not_count() -> None:
    spaced = MODEL.replace("\n\n", "\n\n\n# more\n\n")
    assert owned_lines([spaced], []) == owned_lines([MODEL], [])


def test_counts_every_candidate_on_every_workload() -> None:
    sizes = code_sizes(map(workloads.load, workloads.names()), tuple(CANDIDATES))
    assert {(size.workload, size.candidate) for size in sizes} == {
        (name, candidate) for name in workloads.names() for candidate in CANDIDATES
    }
    assert all(0 < size.training_lines < size.lines for size in sizes)
    assert all(size.lines > 5 for size in sizes)
