"""The gate of an exported model: what passes, what does not, and what it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.measuring.rehearsing.artifact_gate import agreement, check_outputs
from advisor.method import method
from pilots.kept_model import SampleRows

LIMITS = method().rehearsing
RNG = np.random.default_rng(1)
LOGITS = RNG.normal(size=(200, 3)).astype(np.float32)
VALUES = RNG.normal(size=(200, 1)).astype(np.float32)
CLASSES = SampleRows("classification", np.zeros((200, 1), np.float32), LOGITS.argmax(axis=1), LOGITS)
NUMBERS = SampleRows("regression", np.zeros((200, 1), np.float32), VALUES[:, 0], VALUES)


def turned(share: float) -> np.ndarray:
    """Outputs of which the first rows predict another class."""
    outputs = LOGITS.copy()
    rows = round(share * len(outputs))
    outputs[:rows] = np.roll(outputs[:rows], 1, axis=1)
    return outputs


@pytest.mark.parametrize(
    ("sample", "found", "precision", "words"),
    [
        (CLASSES, LOGITS, "float32", ""),
        (CLASSES, LOGITS * np.float32(1 + 5e-5), "float32", ""),
        (CLASSES, LOGITS * np.float32(1 + 5e-4), "float32", "an output differs by 0.0005"),
        (CLASSES, LOGITS * np.float32(1.1), "reduced", ""),
        (CLASSES, np.zeros_like(LOGITS), "float32", "an output differs by 1"),
        (CLASSES, turned(0.01), "reduced", ""),
        (CLASSES, turned(0.1), "reduced", "only 90.0% of the rows are predicted alike, wanted are 97%"),
        (CLASSES, LOGITS[:, :2], "float32", "the outputs have the shape (200, 2)"),
        (CLASSES, LOGITS[:1], "reduced", "the outputs have the shape (1, 3)"),
        (CLASSES, np.where(LOGITS > 2, np.nan, LOGITS), "reduced", "outputs are no finite numbers"),
        (CLASSES, np.where(LOGITS > 2, np.inf, LOGITS), "float32", "outputs are no finite numbers"),
        (CLASSES, LOGITS.astype(str), "float32", "the outputs are no numbers"),
        (NUMBERS, VALUES, "float32", ""),
        (NUMBERS, VALUES + np.float32(0.02), "reduced", ""),
        (NUMBERS, VALUES + np.float32(0.5), "reduced", "only 0.0% of the rows are predicted alike"),
    ],
)
def test_what_passes(sample: SampleRows, found: np.ndarray, precision, words: str):
    check = check_outputs(sample, found, precision, LIMITS)
    assert (words in check.error) if words else (check.error == "")
    assert (check.worst_error is None) == any(w in words for w in ("shape", "finite", "no numbers"))


def test_a_metric_that_falls_is_said():
    """Rows in which the model was right, all of them among the few that are predicted otherwise."""
    limits = LIMITS.model_copy(update={"least_agreement": 0.9})
    assert "the metric fell by 0.050 to 0.950" in check_outputs(CLASSES, turned(0.05), "reduced", limits).error


@given(st.floats(0, 1), st.floats(0, 1))
def test_agreement_falls_with_the_rows_that_differ(one: float, other: float):
    less, more = sorted((one, other))
    shares = [
        agreement("classification", turned(share).astype(float), LOGITS.astype(float), 0.1) for share in (less, more)
    ]
    assert shares[0] >= shares[1]
    assert all(0 <= share <= 1 for share in shares)
