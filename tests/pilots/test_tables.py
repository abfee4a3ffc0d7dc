"""Good tables are understood, bad ones refused with the place and the remedy."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pilots.tables import Table, TableError, read_table

CLASSES = "".join(f"{number * 0.5},{'yes' if number % 2 else 'no'}\n" for number in range(40))


def table(tmp_path: Path, text: str, target: str = "y") -> Table:
    path = tmp_path / "t.csv"
    path.write_text(text, "utf-8")
    return read_table(path, target)


def refused(tmp_path: Path, content: str | bytes, target: str = "y") -> TableError:
    path = tmp_path / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(TableError) as caught:
        read_table(path, target)
    assert caught.value.file == "t.csv"
    assert str(caught.value).startswith(caught.value.where)
    return caught.value


def test_a_plain_table(tmp_path: Path) -> None:
    read = table(tmp_path, "x,y\n" + CLASSES)
    assert read.classes == ("no", "yes")
    assert read.target.tolist() == [0, 1] * 20
    assert [column.kind for column in read.columns] == ["numeric"]
    assert read.profile.rows == 40
    assert read.profile.classes == (("no", 20), ("yes", 20))
    assert read.profile.missing_share == 0
    assert read.profile.task == "classification"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    text = "x,y\n" + CLASSES
    assert table(tmp_path, text.replace(",", delimiter)).profile.rows == 40


def test_semicolons_go_with_decimal_commas(tmp_path: Path) -> None:
    text = ("x,y\n" + CLASSES).replace(",", ";").replace(".", ",")
    read = table(tmp_path, text)
    assert read.columns[0].values[:3].tolist() == [0.0, 0.5, 1.0]


def test_a_byte_order_mark_quotes_and_blank_lines_are_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b'\xef\xbb\xbf"x",note,y\r\n' + b'1,"a, ""b""",0\r\n\r\n2,c,1\r\n' * 20)
    read = read_table(path, "y")
    assert [column.name for column in read.columns] == ["x", "note"]
    assert read.profile.rows == 40


@pytest.mark.parametrize("gap", ["", "NA", "n/a", "NaN", "null", "?", " "])
def test_gaps_are_counted(tmp_path: Path, gap: str) -> None:
    rows = "".join(
        f"{gap if number % 4 == 0 else number * 0.3},{gap if number % 2 else 'ab'[number % 4 // 2]},{number % 2}\n"
        for number in range(40)
    )
    read = table(tmp_path, "x,c,y\n" + rows)
    assert [column.kind for column in read.columns] == ["numeric", "categorical"]
    assert np.isnan(read.columns[0].values).sum() == 10
    assert (read.columns[1].values == -1).sum() == 20
    assert read.profile.missing_share == pytest.approx((0.25 + 0.5) / 2)


def test_rows_without_a_target_are_left_out_and_counted(tmp_path: Path) -> None:
    read = table(tmp_path, "x,y\n" + CLASSES + "1,\n2,NA\n")
    assert read.profile.rows == 40
    assert read.profile.rows_without_target == 2


@pytest.mark.parametrize(
    ("name", "cell", "reason"),
    [
        ("note", lambda number: f"text {number}", "free text or an identifier: 120 different values"),
        ("number", lambda number: str(1000 + number), "an identifier"),
        ("customer_id", lambda number: str(number * number), "an identifier"),
        ("unit", lambda number: "kg", "the same value in every row"),
        ("later", lambda number: "", "empty"),
    ],
)
def test_useless_columns_are_dropped_with_a_reason(tmp_path: Path, name: str, cell, reason: str) -> None:
    rows = "".join(f"{number % 9},{cell(number)},{number % 2}\n" for number in range(120))
    read = table(tmp_path, f"x,{name},y\n" + rows)
    assert [column.name for column in read.columns] == ["x"]
    (dropped,) = read.profile.dropped
    assert dropped.name == name
    assert dropped.reason.startswith(reason)


@pytest.mark.parametrize(
    ("value", "task", "classes"),
    [
        (lambda number: number % 3, "classification", ("0", "1", "2")),
        (lambda number: f"{number % 2}.0", "classification", ("0", "1")),
        (lambda number: (number % 4) * 10, "classification", ("0", "10", "20", "30")),
        (lambda number: number % 2 + 0.5, "classification", ("0.5", "1.5")),
        (lambda number: number * 3, "regression", ()),
        (lambda number: number % 12 + 0.5, "regression", ()),
    ],
)
def test_the_task_follows_from_the_target(tmp_path: Path, value, task: str, classes: tuple[str, ...]) -> None:
    rows = "".join(f"{number % 7},{value(number)}\n" for number in range(60))
    read = table(tmp_path, "x,y\n" + rows)
    assert read.profile.task == task
    assert read.classes == classes


@pytest.mark.parametrize(
    ("content", "message", "line"),
    [
        (b"", "is empty", None),
        (b"\n\n", "is empty", None),
        (b"x,y\n", "a header and no rows", None),
        (b"x,y\n1,a\n2,caf\xe9\n", "not UTF-8", 3),
        (b"x,y\n1,a\n2\n", "1 cells, but the header has 2", 3),
        (b'x,y\n"1\n1",a\n2,b,c\n', "3 cells, but the header has 2", 4),
        (b'x,y\n1,a\n"2,b\n', "not a well-formed table", 3),
        (b"x,x,y\n1,1,a\n", "'x' occurs more than once", 1),
        (b"x,y\n" + b"1,\n" * 30, "no row has a value in the target", None),
        (b"x,y\n" + b"1,a\n2,b\n" * 9, "only 18 rows", None),
        (b"x,y\n" + b"1,a\n2,a\n" * 20, "the same value in every row", None),
        (b"x,y\n" + b"1,a\n2,b\n" * 20 + b"3,rare\n", "the class 'rare' has 1 row", None),
        (b"y\n" + b"a\nb\n" * 20, "no column is left", None),
        (b"x,y\n" + b"1,a\n1,b\n" * 20, "no column is left", None),
    ],
)
def test_bad_files_are_refused_with_the_place(tmp_path: Path, content: bytes, message: str, line: int | None) -> None:
    error = refused(tmp_path, content)
    assert message in error.message
    assert error.line == line


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="cannot be read"):
        read_table(tmp_path / "none.csv", "y")
    with pytest.raises(TableError, match="cannot be read"):
        read_table(tmp_path, "y")


def test_a_misspelt_target_gets_the_nearest_name(tmp_path: Path) -> None:
    error = refused(tmp_path, "size,Survived\n1,0\n", target="survivd")
    assert "did you mean 'Survived'?" in error.message
    assert error.allowed == "size, Survived"


def test_the_profile_holds_no_values_but_class_names(tmp_path: Path) -> None:
    rows = "".join(f"{number % 9},secret-{number},{'no' if number % 2 else 'yes'}\n" for number in range(60))
    assert "secret" not in repr(table(tmp_path, "x,note,y\n" + rows).profile)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=300) | st.text(alphabet="xy,;\n\t\"'1.?a ", max_size=300).map(str.encode))
def test_any_file_is_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    try:
        read = read_table(path, "y")
    except TableError as error:
        assert error.message
    else:
        assert read.profile.rows >= 20


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 3)) | st.none(), min_size=30, max_size=60),
    delimiter=st.sampled_from(",;\t|"),
)
def test_numbers_come_back_as_written(tmp_path: Path, cells: list[float | None], delimiter: str) -> None:
    text = io.StringIO()
    # The column z is always of use, so that x may turn out not to be.
    rows = [["" if cell is None else repr(cell), number % 3 * 2.5, number % 2] for number, cell in enumerate(cells)]
    csv.writer(text, delimiter=delimiter).writerows([["x", "z", "y"], *rows])
    path = tmp_path / "t.csv"
    path.write_text(text.getvalue(), "utf-8")
    read = read_table(path, "y")
    by_name = {column.name: column for column in read.columns}
    if "x" in by_name:
        expected = [np.nan if cell is None else cell for cell in cells]
        np.testing.assert_array_equal(by_name["x"].values, expected)
    else:
        assert read.profile.dropped[0].name == "x"
