"""Rows of numbers and categories: the breast cancer data of scikit-learn, or the user's own table."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from pilots import prepared
from pilots.pilot import Array, Data
from pilots.prepared import PreparedTable
from pilots.records import DataSource
from pilots.workload import Split


def read(source: DataSource | None, split: Split) -> Data:
    """Numbers prepared by what the training rows alone tell, then numbers of categories, 0 for a missing category.

    Raises:
        ValueError: the user's table cannot be read, or scaled.
    """
    if source is None:
        from sklearn.datasets import load_breast_cancer
        from sklearn.preprocessing import StandardScaler

        bunch = load_breast_cancer()
        return _split(bunch.data, bunch.target, "classification", StandardScaler(), split)
    table = prepared.table(source)
    features = np.column_stack([table.numeric, table.categorical])
    task: Literal["classification", "regression"] = "classification" if table.classes else "regression"
    # One more category for what is missing.
    categories = tuple(count + 1 for count in table.categories)
    data = _split(features, table.target, task, _preprocessing(table), split, categories)
    if not all(np.isfinite(part).all() for part in (data.x_train, data.x_test, data.y_train, data.y_test)):
        raise ValueError("some numbers of the table are too far from the others to be scaled")
    return data


def _preprocessing(table: PreparedTable) -> Any:
    """Median, an indicator and scaling for numbers; categories from 1 on."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    columns = list(range(table.numeric.shape[1] + table.categorical.shape[1]))
    numeric, categorical = columns[: table.numeric.shape[1]], columns[table.numeric.shape[1] :]
    impute = SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True)
    return ColumnTransformer(
        [
            ("numeric", make_pipeline(impute, StandardScaler()), numeric),
            ("categorical", FunctionTransformer(_from_one), categorical),
        ]
    )


def _from_one(numbers: Array) -> Array:
    return np.add(numbers, 1)


def _split(
    features: Array,
    target: Array,
    task: Literal["classification", "regression"],
    scaler: Any,
    split: Split,
    categories: tuple[int, ...] = (),
) -> Data:
    from sklearn.model_selection import train_test_split

    x_train, x_test, y_train, y_test = train_test_split(
        features,
        target,
        test_size=split.test_share,
        random_state=split.seed,
        stratify=target if task == "classification" else None,
    )
    outputs = 1
    if task == "classification":
        outputs = int(target.max()) + 1
        y_train, y_test = y_train.astype(np.int64), y_test.astype(np.int64)
    else:
        mean, deviation = y_train.mean(), y_train.std() or 1.0
        y_train, y_test = (((y - mean) / deviation).astype(np.float32) for y in (y_train, y_test))
    return Data(
        task=task,
        x_train=np.ascontiguousarray(scaler.fit_transform(x_train), np.float32),
        y_train=y_train,
        x_test=np.ascontiguousarray(scaler.transform(x_test), np.float32),
        y_test=y_test,
        outputs=outputs,
        arguments={"categories": categories} if categories else {},
    )
