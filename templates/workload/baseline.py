"""My workload: what the networks have to beat, in scikit-learn. May be deleted, as generation has none."""

from __future__ import annotations

from typing import Any

from pilots.pilot import Data

TITLE = "gradient-boosted trees"


def build(data: Data, seed: int) -> Any:
    """An unfitted estimator; each row comes flattened."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    return HistGradientBoostingClassifier(random_state=seed)
