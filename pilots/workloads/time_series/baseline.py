"""What to beat: boosted trees on the past values, the usual first choice for forecasts from a window."""

from __future__ import annotations

from typing import Any

import numpy as np

from pilots.pilot import Array, Data

TITLE = "gradient-boosted trees on past values"


def build(data: Data, seed: int) -> Any:
    """An unfitted estimator with scikit-learn's default settings."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    return HistGradientBoostingRegressor(random_state=seed)


def simpler(data: Data) -> dict[str, Any]:
    """Forecasts that need no model of the series."""
    return {"the seasonal naive forecast": SeasonalNaive()}


class SeasonalNaive:
    """Says that a value comes back after a season (Hyndman and Athanasopoulos, Forecasting, section 5.2).

    The season is found in training: the place in a window whose past values are nearest to the targets.
    """

    def fit(self, x: Array, y: Array) -> None:
        """Find the season in windows x (rows, past values) and targets y (rows,)."""
        misfits = np.square(np.subtract(x, np.expand_dims(y, 1))).mean(axis=0)
        self._place = int(np.argmin(misfits))

    def predict(self, x: Array) -> Array:
        """The value a season before, (rows,)."""
        forecast: Array = x[:, self._place]
        return forecast
