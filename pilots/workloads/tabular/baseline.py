"""What to beat: boosted trees, the usual first choice for a table."""

from __future__ import annotations

from typing import Any

from pilots.pilot import Data

TITLE = "gradient-boosted trees"


def build(data: Data, seed: int) -> Any:
    """An unfitted estimator with scikit-learn's default settings; it is told which columns hold categories."""
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

    columns = data.x_train.shape[1]
    categories = range(columns - len(data.arguments.get("categories", ())), columns)
    kind = HistGradientBoostingClassifier if data.task == "classification" else HistGradientBoostingRegressor
    return kind(categorical_features=list(categories) or None, random_state=seed)
