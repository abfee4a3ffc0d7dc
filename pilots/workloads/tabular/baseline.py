"""What to beat: boosted trees, the usual first choice for tables."""

from __future__ import annotations

from typing import Any

from pilots.pilot import Data

TITLE = "gradient-boosted trees"


def build(data: Data, seed: int) -> Any:
    """An unfitted estimator with scikit-learn's default settings."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    if data.task == "regression":
        return HistGradientBoostingRegressor(random_state=seed)
    return HistGradientBoostingClassifier(random_state=seed)
