"""Texts with their classes."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from advisor.userdata.data_error import DataError
from advisor.userdata.profile import TextProfile
from advisor.userdata.read import Read
from advisor.userdata.texts import LONGEST_TEXT, read_texts
from pilots.prepared import PreparedTexts

REVIEWS = [(f"a fine thing number {n}", "good") if n % 3 else (f"not worth it {n}", "bad") for n in range(60)]


def written(tmp_path: Path, rows: list[tuple[str, ...]], header: tuple[str, ...] = ("body", "mood")) -> Path:
    path = tmp_path / "t.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def understood(read: Read) -> tuple[PreparedTexts, TextProfile]:
    assert isinstance(read.data, PreparedTexts) and isinstance(read.profile, TextProfile)
    return read.data, read.profile


def test_the_wordiest_column_holds_the_texts(tmp_path: Path) -> None:
    rows = [(str(n), "two words", text, mood) for n, (text, mood) in enumerate(REVIEWS)]
    path = written(tmp_path, rows, ("number", "short", "body", "mood"))
    read = read_texts(path, "mood")
    data, profile = understood(read)
    assert data.texts == tuple(text for text, _ in REVIEWS)
    assert data.labels.tolist() == [1 if mood == "good" else 0 for _, mood in REVIEWS]
    assert data.classes == 2
    assert read.remark == "The texts are taken from the column 'body'."
    assert profile.words == (5, 5, 5)
    assert (profile.found, profile.used, profile.incomplete, profile.cut) == (60, 60, 0, 0)
    named = read_texts(path, "mood", "short")
    assert understood(named)[0].texts == ("two words",) * 60 and named.remark == ""


def test_rows_without_a_text_or_a_class_are_counted(tmp_path: Path) -> None:
    path = written(tmp_path, [*REVIEWS, ("", "good"), ("  ", "bad"), ("some words here", ""), ("NA", "good")])
    data, profile = understood(read_texts(path, "mood"))
    assert (profile.used, profile.incomplete) == (61, 3)
    assert data.texts[-1] == "NA", "a text may be what stands for a gap in a table"


def test_many_texts_are_sampled_and_long_ones_cut(tmp_path: Path) -> None:
    rows = [
        ("word " * 10_000 if n == 7 else f"the text of {n}", "rare" if n % 200 == 7 else "often") for n in range(2000)
    ]
    data, profile = understood(read_texts(written(tmp_path, rows), "mood", most=100))
    assert (profile.found, data.classes) == (2000, 2)
    assert 100 <= profile.used == len(data.texts) <= 105
    assert (data.labels == 1).sum() >= 5
    assert profile.cut == 1 and max(map(len, data.texts)) == LONGEST_TEXT
    assert profile.words[2] == LONGEST_TEXT // len("word ")


def test_quoted_lines_and_any_language_are_kept(tmp_path: Path) -> None:
    rows = [(f"Zeile eins\nZeile «zwei» {n} 日本語 🙂", str(n % 2)) for n in range(40)]
    data, _ = understood(read_texts(written(tmp_path, rows), "mood"))
    assert data.texts == tuple(text for text, _ in rows)


def test_tabs_may_separate_them(tmp_path: Path) -> None:
    path = tmp_path / "t.tsv"
    path.write_text("body\tmood\n" + "".join(f"well, {text}\t{mood}\n" for text, mood in REVIEWS), encoding="utf-8")
    data, _ = understood(read_texts(path, "mood"))
    assert data.texts[1] == f"well, {REVIEWS[1][0]}"


@pytest.mark.parametrize(
    ("rows", "text_column", "message", "allowed"),
    [
        ([("yes", str(n % 2)) for n in range(40)], None, "no column looks like texts", "--text-column"),
        (REVIEWS[:9], None, "only 9 rows with a text and a class", "at least 20"),
        ([(text, "same") for text, _ in REVIEWS], None, "the same value in every row", "two or more classes"),
        ([*REVIEWS, ("one of its kind", "odd")], None, "the class 'odd' has 1 row", "at least 5 rows"),
        (REVIEWS, "mood", "cannot be the same column", ""),
        (REVIEWS, "bodi", "there is no column 'bodi'; did you mean 'body'?", "body, mood"),
    ],
)
def test_what_cannot_be_used_is_refused(
    tmp_path: Path, rows: list[tuple[str, str]], text_column: str | None, message: str, allowed: str
) -> None:
    with pytest.raises(DataError) as caught:
        read_texts(written(tmp_path, rows), "mood", text_column)
    assert message in caught.value.message
    assert allowed in caught.value.allowed


def test_a_file_of_classes_alone_has_no_texts(tmp_path: Path) -> None:
    path = written(tmp_path, [("good",), ("bad",)] * 20, ("mood",))
    with pytest.raises(DataError, match="no column looks like texts"):
        read_texts(path, "mood")


def test_the_profile_holds_no_text_no_class_and_no_other_column(tmp_path: Path) -> None:
    rows = [(f"<b>secret</b> {n} words", "=HYPERLINK(1)" if n % 2 else "[x](y)") for n in range(40)]
    shown = repr(understood(read_texts(written(tmp_path, rows), "mood"))[1])
    assert "'mood'" in shown
    for part in ("secret", "HYPER", "[x]", "body"):
        assert part not in shown
