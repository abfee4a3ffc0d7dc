"""Images of a few classes: handwritten digits as scikit-learn ships them, or the user's own images."""

from __future__ import annotations

import numpy as np

from pilots import prepared
from pilots.pilot import Array, Data
from pilots.records import DataSource
from pilots.workload import Split


def read(source: DataSource | None, split: Split) -> Data:
    """Images (rows, height, width, channels), scaled by mean and deviation over all pixels of the training rows.

    Digits are grey images of 8 x 8 pixels; the user's are grey or have three colours.

    Raises:
        ValueError: the user's images cannot be read.
    """
    if source is None:
        from sklearn.datasets import load_digits

        digits = load_digits()
        return _split(digits.images[..., np.newaxis], digits.target, len(digits.target_names), split)
    own = prepared.images(source)
    # Half the memory of what numpy would compute in.
    return _split(own.images.astype(np.float32), own.labels, own.classes, split)


def _split(images: Array, labels: Array, classes: int, split: Split) -> Data:
    from sklearn.model_selection import train_test_split

    x_train, x_test, y_train, y_test = train_test_split(
        images, labels, test_size=split.test_share, random_state=split.seed, stratify=labels
    )
    mean, deviation = x_train.mean(), x_train.std() or 1.0
    return Data(
        task="classification",
        x_train=((x_train - mean) / deviation).astype(np.float32),
        y_train=y_train.astype(np.int64),
        x_test=((x_test - mean) / deviation).astype(np.float32),
        y_test=y_test.astype(np.int64),
        outputs=classes,
    )
