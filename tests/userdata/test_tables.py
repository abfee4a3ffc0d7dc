"""Good tables are understood, bad ones refused with the place and the remedy."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.userdata.data_error import DataError
from advisor.userdata.profile import TableProfile
from advisor.userdata.read import Read
from advisor.userdata.tables import read_table
from pilots.prepared import PreparedTable

CLASSES = "".join(f"{number * 0.5},{'yes' if number % 2 else 'no'}\n" for number in range(40))


def table(tmp_path: Path, text: str, target: str = "y", **limits: int) -> tuple[PreparedTable, TableProfile]:
    path = tmp_path / "t.csv"
    path.write_text(text, "utf-8")
    return understood(read_table(path, target, **limits))


def understood(read: Read) -> tuple[PreparedTable, TableProfile]:
    assert isinstance(read.data, PreparedTable) and isinstance(read.profile, TableProfile)
    return read.data, read.profile


def refused(tmp_path: Path, content: str | bytes, target: str = "y") -> DataError:
    path = tmp_path / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DataError) as caught:
        read_table(path, target)
    assert caught.value.file == "t.csv"
    assert caught.value.where.startswith("t.csv")
    return caught.value


def test_a_plain_table(tmp_path: Path) -> None:
    read, profile = table(tmp_path, "x,y\n" + CLASSES)
    assert read.target.tolist() == [0, 1] * 20
    assert (read.classes, read.categories) == (2, ())
    assert read.numeric[:3].tolist() == [[0], [0.5], [1]]
    assert read.categorical.shape == (40, 0)
    assert (profile.found, profile.used, profile.missing_share) == (40, 40, 0)
    assert profile.balance is not None
    assert vars(profile.balance) == {"classes": 2, "smallest_share": 0.5, "largest_share": 0.5}


def test_semicolons_go_with_decimal_commas(tmp_path: Path) -> None:
    read, _ = table(tmp_path, ("x,y\n" + CLASSES).replace(",", ";").replace(".", ","))
    assert read.numeric[:3].tolist() == [[0], [0.5], [1]]


@pytest.mark.parametrize("gap", ["", "NA", "n/a", "NaN", "null", "?", " "])
def test_gaps_are_counted(tmp_path: Path, gap: str) -> None:
    rows = "".join(
        f"{gap if number % 4 == 0 else number * 0.3},{gap if number % 2 else 'ab'[number % 4 // 2]},{number % 2}\n"
        for number in range(40)
    )
    read, profile = table(tmp_path, "x,c,y\n" + rows)
    assert np.isnan(read.numeric).sum() == 10
    assert (read.categorical == -1).sum() == 20
    assert set(read.categorical.ravel().tolist()) == {-1, 0, 1} and read.categories == (2,)
    assert profile.missing_share == pytest.approx((0.25 + 0.5) / 2)


def test_rows_without_a_target_are_left_out_and_counted(tmp_path: Path) -> None:
    read, profile = table(tmp_path, "x,y\n" + CLASSES + "1,\n2,NA\n")
    assert len(read.target) == profile.used == profile.found == 40
    assert profile.without_target == 2


@pytest.mark.parametrize(
    ("name", "cell", "reason"),
    [
        ("note", lambda number: f"text {number}", "free text or an identifier"),
        ("number", lambda number: str(1000 + number), "an identifier"),
        ("customer_id", lambda number: str(number * number), "an identifier"),
        ("unit", lambda number: "kg", "the same value in every row"),
        ("later", lambda number: "", "empty"),
    ],
)
def test_useless_columns_are_dropped_with_a_reason(tmp_path: Path, name: str, cell, reason: str) -> None:
    rows = "".join(f"{number % 9},{cell(number)},{number % 2}\n" for number in range(120))
    read, profile = table(tmp_path, f"x,{name},y\n" + rows)
    assert (read.numeric.shape[1], read.categorical.shape[1]) == (1, 0)
    ((found, count),) = profile.left_out
    assert count == 1 and found.startswith(reason)


def test_what_numbers_the_rows_does_so_in_a_sample_too(tmp_path: Path) -> None:
    rows = "".join(f"{number % 9},{1000 + number},{number % 2}\n" for number in range(120))
    _, profile = table(tmp_path, "x,number,y\n" + rows, most_rows=30)
    assert (profile.found, profile.used, profile.numeric_columns) == (120, 30, 1)


@pytest.mark.parametrize(
    ("value", "classes", "first"),
    [
        (lambda number: number % 3, 3, [0, 1, 2]),
        (lambda number: f"{number % 2}.0" if number < 30 else number % 2, 2, [0, 1, 0]),
        (lambda number: 30 - (number % 4) * 10, 4, [3, 2, 1]),
        (lambda number: number % 2 + 0.5, 2, [0, 1, 0]),
        (lambda number: number * 3, 0, [0, 3, 6]),
        (lambda number: number % 12 + 0.5, 0, [0.5, 1.5, 2.5]),
        (lambda number: "cab"[number % 3], 3, [2, 0, 1]),
    ],
)
def test_the_task_follows_from_the_target(tmp_path: Path, value, classes: int, first: list[float]) -> None:
    rows = "".join(f"{number % 7},{value(number)}\n" for number in range(60))
    read, profile = table(tmp_path, "x,y\n" + rows)
    assert (read.classes, read.target[:3].tolist()) == (classes, first)
    assert read.target.dtype == (np.int64 if classes else np.float64)
    assert (profile.balance.classes if profile.balance else 0) == classes


def test_a_huge_table_is_sampled_and_keeps_its_rare_class(tmp_path: Path) -> None:
    rows = "".join(f"{number}.5,{'rare' if number % 1000 == 999 else 'often'}\n" for number in range(6000))
    read, profile = table(tmp_path, "x,y\n" + rows, most_rows=100)
    assert (profile.found, read.classes) == (6000, 2)
    assert 100 <= profile.used == len(read.target) <= 105
    assert (read.target == 1).sum() >= 5
    assert (np.diff(read.numeric[:, 0]) > 0).all(), "not in the order of the file"
    # Drawn from the whole file, and the same every time.
    assert read.numeric.min() < 500 and read.numeric.max() > 5500
    again, _ = table(tmp_path, "x,y\n" + rows, most_rows=100)
    assert (again.numeric == read.numeric).all()


def test_wide_tables_are_held_to_as_many_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("advisor.userdata.tables.MOST_CELLS", 200)
    _, profile = table(tmp_path, "a,b,c,d,y\n" + "".join(f"1.5,2,{n}.5,4,{n % 2}\n" for n in range(90)))
    assert (profile.found, profile.used) == (90, 40)


@pytest.mark.parametrize(
    ("content", "message", "place"),
    [
        (b"x,y\n" + b"1,\n" * 30, "no row has a value in the target", ""),
        (b"x,y\n" + b"1,a\n2,b\n" * 9, "only 18 rows", ""),
        (b"x,y\n" + b"1,a\n2,a\n" * 20, "the same value in every row", ""),
        (b"x,y\n" + b"1,a\n2,b\n" * 20 + b"3,rare\n", "the class 'rare' has 1 row", ""),
        (b"y\n" + b"a\nb\n" * 20, "no column is left", ""),
        (b"x,y\n" + b"1,a\n1,b\n" * 20, "no column is left", ""),
        (b"x,y\n" + b"1,a\n2,b\n" * 20 + b"1e40,a\n", "too large to train on", "line 42"),
        (b"x,y\n" + b"1,a\n2,b\n" * 20 + b"9" * 180 + b",a\n", "too large to train on", "line 42"),
        (b"y,x\n" + b"".join(b"%d.5,%d\n" % (n, n % 7) for n in range(40)) + b"-2e30,1\n", "too large", "line 42"),
    ],
)
def test_tables_that_cannot_be_used_are_refused_with_the_place(
    tmp_path: Path, content: bytes, message: str, place: str
) -> None:
    error = refused(tmp_path, content)
    assert message in error.message
    assert error.place == place


def test_the_profile_holds_no_value_and_no_name_but_that_of_the_target(tmp_path: Path) -> None:
    classes = ("=cmd|' /C calc'!A0", "**bold**")
    rows = "".join(f"{number % 9},secret-{number},hidden{number % 2},{classes[number % 2]}\n" for number in range(60))
    _, profile = table(tmp_path, "size,note,group,y\n" + rows)
    shown = repr(profile)
    assert "'y'" in shown
    for part in ("secret", "hidden", "size", "note", "group", "cmd", "bold"):
        assert part not in shown


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300) | st.text(alphabet="xy,;\n\t\"'1.?a ", max_size=300).map(str.encode))
def test_any_file_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    try:
        _, profile = understood(read_table(path, "y"))
    except DataError as error:
        assert error.message
    else:
        assert profile.used >= 20


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(st.floats(-1e30, 1e30) | st.none(), min_size=30, max_size=60),
    groups=st.lists(st.sampled_from(["a", "b,", 'c"', "d\ne", " f ", None]), min_size=60, max_size=60),
    delimiter=st.sampled_from(",;\t|"),
)
def test_numbers_and_categories_come_back_as_written(
    tmp_path: Path, cells: list[float | None], groups: list[str | None], delimiter: str
) -> None:
    rows = [
        ["" if cell is None else repr(cell), groups[number] or "", number % 3 * 2.5, number % 2]
        for number, cell in enumerate(cells)
    ]
    path = tmp_path / "t.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows([["x", "c", "z", "y"], *rows])
    read, profile = understood(read_table(path, "y"))
    # The column z is always of use; the others may turn out not to be.
    left_out = sum(count for _, count in profile.left_out)
    assert read.numeric.shape[1] + read.categorical.shape[1] + left_out == 3
    if read.numeric.shape[1] == 2:
        expected = [np.nan if cell is None else cell for cell in cells]
        np.testing.assert_array_equal(read.numeric[:, 0], expected)
    if read.categorical.shape[1] == 1:
        names = [group.strip() if group else None for group in groups[: len(cells)]]
        known = sorted({name for name in names if name})
        assert read.categorical[:, 0].tolist() == [known.index(name) if name else -1 for name in names]
        assert read.categories == (len(known),)
