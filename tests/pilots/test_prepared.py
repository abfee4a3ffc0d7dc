"""What is written for the trials is read back as it was, and nothing else is."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from prepared_data import stored

from pilots import prepared
from pilots.prepared import Prepared, PreparedImages, PreparedSeries, PreparedTable, PreparedTexts

READERS: dict[type[Prepared], Callable[..., Any]] = {
    PreparedTable: prepared.table,
    PreparedImages: prepared.images,
    PreparedTexts: prepared.texts,
    PreparedSeries: prepared.series,
}
rows = st.shared(st.integers(1, 6))
columns = st.integers(0, 3)
floats = st.floats(allow_nan=True, allow_infinity=False)
numbers = st.integers(-1, 5)


def table(dtype: type, elements: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(rows, columns).flatmap(lambda shape: arrays(dtype, shape, elements=elements))


labels = rows.flatmap(lambda number: arrays(np.int64, number, elements=numbers))
data = st.one_of(
    st.builds(
        PreparedTable,
        numeric=table(np.float64, floats),
        categorical=table(np.int32, numbers),
        categories=st.lists(st.integers(1, 9), max_size=3).map(tuple),
        target=labels | rows.flatmap(lambda number: arrays(np.float64, number, elements=floats)),
        classes=st.integers(0, 9),
    ),
    st.builds(
        PreparedImages,
        images=st.tuples(rows, st.integers(1, 3), st.integers(1, 3), st.sampled_from([1, 3])).flatmap(
            lambda shape: arrays(np.uint8, shape)
        ),
        labels=labels,
        classes=st.integers(2, 9),
    ),
    st.builds(
        PreparedTexts,
        texts=st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=6).map(tuple),
        labels=labels,
        classes=st.integers(2, 9),
    ),
    st.builds(PreparedSeries, values=rows.flatmap(lambda number: arrays(np.float64, number, elements=floats))),
)


@given(data)
def test_what_is_written_is_read_back(written: Prepared) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "prepared.npz"
        read = READERS[type(written)](stored(path, written))
    assert type(read) is type(written)
    for name, value in vars(written).items():
        found = getattr(read, name)
        if isinstance(value, np.ndarray):
            assert found.dtype == value.dtype
            np.testing.assert_array_equal(found, value)
        else:
            assert (type(found), found) == (type(value), value)


def test_the_same_data_give_the_same_bytes(tmp_path: Path) -> None:
    one, other = (PreparedTexts(("a", "ä b"), np.array([0, 1]), 2) for _ in range(2))
    assert stored(tmp_path / "one.npz", one).sha256 == stored(tmp_path / "other.npz", other).sha256


def test_other_data_than_were_planned_with_are_refused(tmp_path: Path) -> None:
    source = stored(tmp_path / "prepared.npz", PreparedSeries(np.arange(5.0)))
    stored(tmp_path / "prepared.npz", PreparedSeries(np.arange(6.0)))
    with pytest.raises(ValueError, match=r"prepared\.npz have changed since the pilots were planned"):
        prepared.series(source)


def test_missing_data_are_told_as_such(tmp_path: Path) -> None:
    source = stored(tmp_path / "prepared.npz", PreparedSeries(np.arange(5.0)))
    with pytest.raises(ValueError, match=r"gone\.npz cannot be read: No such file"):
        prepared.series(replace(source, path=str(tmp_path / "gone.npz")))


def test_objects_that_would_run_code_are_not_read(tmp_path: Path) -> None:
    path = tmp_path / "prepared.npz"
    np.savez(path, values=np.array([{"an": "object"}], dtype=object))
    source = stored(tmp_path / "other.npz", PreparedSeries(np.arange(5.0)))
    planted = replace(source, path=str(path), sha256=hashlib.sha256(path.read_bytes()).hexdigest())
    with pytest.raises(ValueError, match="allow_pickle=False"):
        prepared.series(planted)
