"""What to beat: a linear model with as many values for each image."""

from __future__ import annotations

from typing import Any

from pilots.pilot import Array, Data

TITLE = "principal components"


class PrincipalComponents:
    """Scikit-learn's PCA, whose prediction for a row is the row as its components give it back."""

    def __init__(self, components: int, seed: int) -> None:
        from sklearn.decomposition import PCA

        self._components = PCA(components, random_state=seed)

    def fit(self, x: Array, y: Array) -> None:
        """Find the components of the rows x; y, the same rows, is not needed."""
        self._components.fit(x)

    def predict(self, x: Array) -> Array:
        """The rows x, shape (rows, pixels), from their components alone."""
        rows: Array = self._components.inverse_transform(self._components.transform(x))
        return rows


def build(data: Data, seed: int) -> Any:
    """An unfitted model with as many components as the network has latent values."""
    return PrincipalComponents(data.arguments["latent"], seed)
