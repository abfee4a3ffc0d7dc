"""Handwritten digits as rows of 64 pixels, to be generated again."""

from __future__ import annotations

import numpy as np

from pilots.pilot import Data
from pilots.records import DataSource
from pilots.workload import Split

#: Values by which the model describes an image, each of them drawn in a training step.
LATENT = 16


def read(source: DataSource | None, split: Split) -> Data:
    """Images (rows, 64), scaled to zero mean and unit variance over all pixels of the training rows."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    digits = load_digits()
    train, test = train_test_split(
        digits.data, test_size=split.test_share, random_state=split.seed, stratify=digits.target
    )
    mean, deviation = train.mean(), train.std()
    train, test = (((part - mean) / deviation).astype(np.float32) for part in (train, test))
    return Data(
        task="generation",
        x_train=train,
        y_train=train,
        x_test=test,
        y_test=test,
        outputs=train.shape[1],
        arguments={"latent": LATENT},
        noise=LATENT,
    )
