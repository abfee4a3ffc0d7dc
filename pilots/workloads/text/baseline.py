"""What to beat: how often each word occurs, weighted by how rare it is, and a linear model on that."""

from __future__ import annotations

from typing import Any

from pilots.pilot import Array, Data

TITLE = "TF-IDF and logistic regression"


def build(data: Data, seed: int) -> Any:
    """An unfitted estimator on the same numbers of words; scikit-learn's default settings but for more iterations."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    return make_pipeline(TfidfVectorizer(analyzer=_words), LogisticRegression(max_iter=1000, random_state=seed))


def _words(row: Array) -> list[int]:
    """The numbers of a text's words; padding is no word."""
    return [int(number) for number in row if number]
