"""What to beat: a support-vector machine on the pixels."""

from __future__ import annotations

from typing import Any

from pilots.pilot import Data

TITLE = "support-vector machine"


def build(data: Data, seed: int) -> Any:
    """An unfitted estimator with scikit-learn's default settings (radial kernel); it draws no random numbers."""
    from sklearn.svm import SVC

    return SVC()
