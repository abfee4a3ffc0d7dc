"""My workload: its data, the same rows for every candidate."""

from __future__ import annotations

import numpy as np

from pilots.pilot import Data
from pilots.records import DataSource
from pilots.workload import Split


def read(source: DataSource | None, split: Split) -> Data:
    """Rows of numbers in three classes, scaled by what the training rows alone tell.

    Each candidate calls this in a process of its own and has to get the same rows: whatever is drawn, is drawn with a
    fixed seed. Here it is made up; to read data of your own, put a file beside this one and read it here:

        features = np.loadtxt(Path(__file__).with_name("rows.csv"), delimiter=",", skiprows=1)

    Some of the training rows are held back, the same for every candidate, to choose the epoch whose score counts:
    `[data] validation_share` in workload.toml, 0.15 without. Rows that you choose yourself for this go into `x_valid`
    and `y_valid`. Rows of a series have to be in the order of time, with `overlap_rows` saying how many neighbours on
    each side share values with a row, so that no value is on both sides of a split; leave as many out before x_test.

    Args:
        source: data that `advisor run` was given in place of these, for `pilots.prepared` to read; None without, and
            always where workload.toml does not say which kind it `accepts`.
        split: how many rows to hold out, and the seed by which to choose them.
    """
    from sklearn.datasets import make_classification
    from sklearn.model_selection import train_test_split

    features, classes = make_classification(
        n_samples=1200, n_features=12, n_informative=8, n_classes=3, class_sep=1.5, random_state=split.seed
    )
    x_train, x_test, y_train, y_test = train_test_split(
        features, classes, test_size=split.test_share, random_state=split.seed, stratify=classes
    )
    mean, deviation = x_train.mean(axis=0), x_train.std(axis=0)
    return Data(
        task="classification",
        # The first axis is rows. float32; or int32 where the numbers are those of words.
        x_train=((x_train - mean) / deviation).astype(np.float32),
        x_test=((x_test - mean) / deviation).astype(np.float32),
        # Classes are int64, from 0; values to predict are float32, standardised on the training rows.
        y_train=y_train.astype(np.int64),
        y_test=y_test.astype(np.int64),
        # The width of the last layer: the number of classes, or 1 for a value.
        outputs=3,
    )
