"""Text files of rows: what was written is read, and what is broken is named by its line."""

from __future__ import annotations

import csv
import io
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.userdata import delimited
from advisor.userdata.data_error import DataError
from advisor.userdata.files import open_rows


def read(path: Path) -> tuple[tuple[str, ...], list[tuple[int, list[str]]]]:
    with open_rows(path) as rows:
        return rows.header, list(rows.cells)


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "t.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    header, rows = read(written(tmp_path, "x,y\n1,a\n2,b\n".replace(",", delimiter)))
    assert (header, rows) == (("x", "y"), [(2, ["1", "a"]), (3, ["2", "b"])])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_on_any_system(tmp_path: Path, end: str) -> None:
    header, rows = read(written(tmp_path, f"x,y{end}1,a{end}{end}2,b"))
    assert (header, rows) == (("x", "y"), [(2, ["1", "a"]), (4, ["2", "b"])])


def test_a_byte_order_mark_quotes_and_names_left_out_are_no_obstacle(tmp_path: Path) -> None:
    header, rows = read(written(tmp_path, b'\xef\xbb\xbf"x",,y\r\n' + b'1,"a, ""b""\r\nc",0\r\n2,c,1\r\n'))
    assert header == ("x", "column_2", "y")
    assert rows == [(2, ["1", 'a, "b"\r\nc', "0"]), (4, ["2", "c", "1"])]


def test_remarks_at_the_top_are_passed_over_and_counted(tmp_path: Path) -> None:
    header, rows = read(written(tmp_path, "# from where\n# and when; in full\nx,y\n1,# 2\n# 3,4\n"))
    assert (header, rows) == (("x", "y"), [(4, ["1", "# 2"]), (5, ["# 3", "4"])])


@pytest.mark.parametrize(
    ("content", "message", "place"),
    [
        (b"", "is empty", ""),
        (b"\n\n", "is empty", ""),
        (b"# only a remark\n", "is empty", ""),
        (b"x,y\n", "a header and no rows", ""),
        (b"x,y\n1,a\n2,caf\xe9\n", "not UTF-8", "line 3"),
        ("x,y\n1,a\n".encode("utf-16"), "a NUL byte", "line 1"),
        (b"x,y\n1,a\n\x00\n", "a NUL byte", "line 3"),
        (b"x,y\n1,a\n2\n", "1 cells, but the header has 2", "line 3"),
        (b"# remark\nx,y\n1,a\n2\n", "1 cells, but the header has 2", "line 4"),
        (b'x,y\n"1\n1",a\n2,b,c\n', "3 cells, but the header has 2", "line 4"),
        (b'x,y\n1,a\n"2,b\n', "not a well-formed table", "line 3"),
        (b'x,y\n1,a\n"2" 3,b\n', "not a well-formed table", "line 3"),
        (b"x,y\n1," + b"a" * 1_000_001 + b"\n", "field larger than field limit", "line 2"),
        (b'x,y\n1,"' + b"never closed\n" * 100_000, "field larger than field limit", "line 2"),
        (b"x,x,y\n1,1,a\n", "'x' occurs more than once", "line 1"),
        (b"# remark\nx,x,y\n1,1,a\n", "'x' occurs more than once", "line 2"),
    ],
)
def test_broken_files_are_refused_with_the_line(tmp_path: Path, content: bytes, message: str, place: str) -> None:
    with pytest.raises(DataError) as caught:
        read(written(tmp_path, content))
    assert message in caught.value.message
    assert (caught.value.file, caught.value.place) == ("t.csv", place)


def test_a_file_without_line_ends_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_LONGEST_LINE", 100)
    with pytest.raises(DataError, match="a line of more than 100 characters") as caught:
        read(written(tmp_path, "x,y\n" + "1,2,3" * 100))
    assert caught.value.place == "line 2"


def test_an_error_on_the_way_names_its_line_however_late(tmp_path: Path) -> None:
    path = written(tmp_path, b"x,y\n" + b"1,a\n" * 5000 + b"\xff,b\n")
    with pytest.raises(DataError, match="not UTF-8") as caught:
        read(path)
    assert caught.value.place == "line 5002"


def test_long_texts_are_read(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    _, rows = read(written(tmp_path, "x,y\n1," + "a" * 900_000 + "\n"))
    assert len(rows[0][1][1]) == 900_000
    assert csv.field_size_limit() == before


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read: No such file"):
        read(tmp_path / "none.csv")
    with pytest.raises(DataError, match="cannot be read: Is a directory"):
        read(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(DataError, match="not a regular file"):
        read(tmp_path / "pipe.csv")


def test_a_misspelt_column_gets_the_nearest_name(tmp_path: Path) -> None:
    with open_rows(written(tmp_path, "size,Survived\n1,0\n")) as rows, pytest.raises(DataError) as caught:
        rows.column("survivd")
    assert caught.value.message == "there is no column 'survivd'; did you mean 'Survived'?"
    assert caught.value.where == "t.csv, line 1, column 'survivd'"
    assert caught.value.allowed == "size, Survived"


def test_of_very_many_columns_some_are_listed(tmp_path: Path) -> None:
    header = ",".join(f"c{number}" for number in range(100))
    with open_rows(written(tmp_path, f"{header}\n{header}\n")) as rows, pytest.raises(DataError) as caught:
        rows.column("nothing like them")
    assert caught.value.allowed.endswith("c29 and 70 more")


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=70),
    delimiter=st.sampled_from(",;\t|"),
    # With lines that end in a line feed alone, Python's writer leaves carriage returns without the quotes they need.
    style=st.sampled_from([("\r\n", csv.QUOTE_MINIMAL), ("\r\n", csv.QUOTE_ALL), ("\n", csv.QUOTE_ALL)]),
)
def test_cells_come_back_as_they_were_written(
    tmp_path: Path, rows: list[list[str]], delimiter: str, style: tuple[str, int]
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=style[0], quoting=style[1]).writerows([["a", "b", "c"], *rows])
    header, found = read(written(tmp_path, text.getvalue()))
    assert header == ("a", "b", "c")
    assert [cells for _, cells in found] == rows
    assert [line for line, _ in found] == sorted({line for line, _ in found})
