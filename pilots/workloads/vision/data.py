"""Handwritten digits: grey images of 8 x 8 pixels, ten classes."""

from __future__ import annotations

import numpy as np

from pilots.pilot import Data
from pilots.records import DataSource
from pilots.workload import Split


def read(source: DataSource | None, split: Split) -> Data:
    """Images (rows, 8, 8, 1), scaled to zero mean and unit variance over all pixels of the training rows."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    images = digits.images[..., np.newaxis]
    x_train, x_test, y_train, y_test = train_test_split(
        images, digits.target, test_size=split.test_share, random_state=split.seed, stratify=digits.target
    )
    mean, deviation = x_train.mean(), x_train.std()
    return Data(
        task="classification",
        x_train=((x_train - mean) / deviation).astype(np.float32),
        y_train=y_train.astype(np.int64),
        x_test=((x_test - mean) / deviation).astype(np.float32),
        y_test=y_test.astype(np.int64),
        outputs=len(digits.target_names),
    )
