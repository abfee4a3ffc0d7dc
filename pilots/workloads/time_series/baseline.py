"""What to beat: boosted trees on the past values, the usual first choice for forecasts from a window."""

from __future__ import annotations

from typing import Any

from pilots.pilot import Data

TITLE = "gradient-boosted trees on past values"


def build(data: Data, seed: int) -> Any:
    """An unfitted estimator with scikit-learn's default settings."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(random_state=seed)
