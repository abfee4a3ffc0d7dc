"""Scores of which each test row is known: the first rows are wrong, as many as the score says."""

from __future__ import annotations

from collections.abc import Sequence

from advisor.measuring.analysis.series import RowLosses


def row_losses(score: float, rows: int) -> tuple[float, ...]:
    """The losses of one training on so many rows."""
    wrong = round((1 - score) * rows)
    return (1.0,) * wrong + (0.0,) * (rows - wrong)


def losses_of(scores: Sequence[float], rows: int = 2000) -> RowLosses:
    """Those of one training for each score; a worse one is wrong where a better one is, and on more rows."""
    return RowLosses(tuple(row_losses(score, rows) for score in scores), rows, 1.0)
