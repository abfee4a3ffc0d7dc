"""Parquet says the same as the CSV that was made into it."""

from __future__ import annotations

import builtins
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from advisor.errors import AdvisorError
from advisor.userdata.data_error import DataError
from advisor.userdata.files import open_rows
from advisor.userdata.tables import read_table


def read(path: Path) -> list[list[str]]:
    with open_rows(path) as rows:
        assert rows.unit == "row"
        found = list(rows.cells)
    assert [number for number, _ in found] == list(range(1, len(found) + 1))
    return [cells for _, cells in found]


def written(path: Path, **columns: Any) -> Path:
    parquet.write_table(pa.table(columns), path)
    return path


def test_the_same_table_is_understood_alike(tmp_path: Path) -> None:
    number = np.arange(90)
    size = [None if n % 10 == 0 else n % 7 * 0.25 for n in range(90)]
    colour = [None if n % 11 == 0 else "rgb"[n % 3] for n in range(90)]
    kind = [f"kind {n % 2}" for n in range(90)]
    written(tmp_path / "t.parquet", number=number, size=size, colour=colour, kind=kind)
    lines = [
        f"{n},{'' if s is None else s},{c or ''},{k}" for n, s, c, k in zip(number, size, colour, kind, strict=True)
    ]
    (tmp_path / "t.csv").write_text("\n".join(["number,size,colour,kind", *lines]), encoding="utf-8")
    one, other = (read_table(tmp_path / f"t.{suffix}", "kind") for suffix in ("parquet", "csv"))
    for name, value in vars(one.data).items():
        np.testing.assert_array_equal(value, getattr(other.data, name))
    assert {**vars(one.profile), "file": ""} == {**vars(other.profile), "file": ""}


def test_what_it_is_shows_in_its_first_bytes(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", a=[1, 2], b=["x", "y"])
    assert read(path) == [["1", "x"], ["2", "y"]]


@pytest.mark.parametrize(
    ("values", "cells"),
    [
        (pa.array([1.5, None, float("nan")]), ["1.5", "", "nan"]),
        (pa.array([True, None, False]), ["True", "", "False"]),
        (pa.array(["a", "", None]).dictionary_encode(), ["a", "", ""]),
        (pa.array([Decimal("1.50"), Decimal("-2.25"), None]), ["1.50", "-2.25", ""]),
        (pa.array([dt.date(2026, 3, 1), None, dt.date(2026, 3, 2)]), ["2026-03-01", "", "2026-03-02"]),
        (
            pa.array([0, 1_000_000_001, None], pa.timestamp("ns")),
            ["1970-01-01 00:00:00", "1970-01-01 00:00:01", ""],
        ),
        (
            pa.array([0, 86_400_000, None], pa.timestamp("ms", "America/New_York")),
            ["1969-12-31 19:00:00-05:00", "1970-01-01 19:00:00-05:00", ""],
        ),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)
def test_values_become_what_a_csv_would_have(tmp_path: Path, values: pa.Array, cells: list[str]) -> None:
    assert [row[0] for row in read(written(tmp_path / "t.parquet", v=values, other=[1, 2, 3]))] == cells


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    numbers=st.lists(st.floats(allow_nan=False, allow_infinity=False) | st.none(), min_size=1, max_size=30),
    text=st.text(st.characters(exclude_categories=["Cs"])),
)
def test_numbers_and_texts_come_back(tmp_path: Path, numbers: list[float | None], text: str) -> None:
    columns = {"v": pa.array(numbers, pa.float64()), "t": [text] * len(numbers)}
    found = read(written(tmp_path / "t.parquet", **columns))
    assert [None if row[0] == "" else float(row[0]) for row in found] == numbers
    assert {row[1] for row in found} == {text}


@pytest.mark.parametrize("content", [b"", b"no Parquet", b"PAR1", b"PAR1" + b"\0" * 100 + b"PAR1"])
def test_what_is_not_parquet_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t.parquet").write_bytes(content)
    with pytest.raises(DataError, match="not a Parquet file that can be read") as caught:
        read(tmp_path / "t.parquet")
    assert caught.value.file == "t.parquet"
    assert "\n" not in caught.value.message


def test_one_cut_off_or_spoilt_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "t.parquet", v=np.arange(10_000.0))
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError):
        read(path)
    path.write_bytes(whole[:4] + b"\xff" * 3000 + whole[3004:])
    with pytest.raises(DataError):
        read(path)


def test_one_without_rows_or_with_two_columns_of_a_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no rows"):
        read(written(tmp_path / "t.parquet", v=pa.array([], pa.float64())))
    parquet.write_table(pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["v", "v"]), tmp_path / "u.parquet")
    with pytest.raises(DataError, match="'v' occurs more than once"):
        read(tmp_path / "u.parquet")


def test_a_time_that_python_cannot_hold_is_refused_with_its_rows(tmp_path: Path) -> None:
    path = written(tmp_path / "t.parquet", v=pa.array([0] * 1500 + [2**60], pa.timestamp("ms")))
    with pytest.raises(DataError, match="a value cannot be read") as caught:
        read(path)
    assert caught.value.place == "rows 1001 to 1501"


def test_a_missing_column_has_no_line(tmp_path: Path) -> None:
    with open_rows(written(tmp_path / "t.parquet", size=[1])) as rows, pytest.raises(DataError) as caught:
        rows.column("siez")
    assert (caught.value.place, caught.value.allowed) == ("", "size")
    assert "did you mean 'size'?" in caught.value.message


def test_without_pyarrow_the_command_that_installs_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written(tmp_path / "t.parquet", v=[1])
    real = builtins.__import__

    def without(name: str, *args: Any, **options: Any) -> Any:
        if name.split(".")[0] == "pyarrow":
            raise ModuleNotFoundError(f"No module named {name!r}")
        return real(name, *args, **options)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(AdvisorError, match="needs the package pyarrow") as caught:
        read(path)
    assert caught.value.next_command == "python -m pip install pyarrow"
