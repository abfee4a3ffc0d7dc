"""Whatever a text contains, a Markdown reader gives back the same text and nothing else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_structure import parse, ragged_rows

from advisor.reporting.formats import escape
from advisor.reporting.words.table import Code, Table

HOSTILE = st.text(
    st.one_of(st.sampled_from("\\`*_[]<>|~$#-+=&!()1.) \n\t:;{}%'\"a"), st.characters(exclude_categories=["Cs"])),
    max_size=40,
)


def _text(markdown: str) -> str:
    """The words of a document that is nothing but one paragraph of text."""
    opening, inline, closing = parse(markdown)
    assert (opening.type, closing.type) == ("paragraph_open", "paragraph_close")
    assert {child.type for child in inline.children or []} <= {"text"}
    return "".join(child.content for child in inline.children or [])


@given(HOSTILE)
def test_inline_text_is_read_back_as_it_was(text: str) -> None:
    expected = escape.one_line(text)
    if expected:
        assert _text(escape.inline(text)) == expected


@given(HOSTILE)
def test_a_heading_keeps_its_text(text: str) -> None:
    tokens = parse(f"# A {escape.inline(text)}")
    assert [token.type for token in tokens] == ["heading_open", "inline", "heading_close"]
    assert "".join(child.content for child in tokens[1].children or []) == f"A {escape.one_line(text)}".strip()


@given(HOSTILE)
def test_code_is_read_back_as_it_was(text: str) -> None:
    expected = escape.one_line(text)
    if expected:
        children = parse(f"a {escape.code(text)} b")[1].children or []
        assert [(child.type, child.content) for child in children][1] == ("code_inline", expected)


@given(HOSTILE, HOSTILE)
def test_cells_keep_their_text_and_tables_their_shape(first: str, second: str) -> None:
    markdown = escape.table(Table(("A", "B"), ((first, Code(second)),)))
    assert ragged_rows(markdown) == []
    cells = [token for token in parse(markdown) if token.type == "inline"][2:]
    contents = ["".join(child.content for child in cell.children or []) for cell in cells]
    assert contents == [escape.one_line(first), escape.one_line(second)]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_a_code_block_cannot_be_closed_from_within(text: str) -> None:
    tokens = parse(escape.code_block(f"{text}\n```\n````"))
    assert [token.type for token in tokens] == ["fence"]


@given(HOSTILE)
def test_front_matter_is_one_quoted_line(text: str) -> None:
    quoted = escape.yaml_text(text)
    assert "\n" not in quoted
    assert json.loads(quoted) == escape.one_line(text)


def test_a_link_ends_where_it_should() -> None:
    markdown = escape.link("a](b) <i>", "https://example.org/x) [y](z")
    children = parse(markdown)[1].children or []
    assert [child.type for child in children] == ["link_open", "text", "link_close"]
    assert children[0].attrs["href"] == "https://example.org/x%29%20%5By%5D%28z"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("step_ms of keras-tensorflow", "step_ms of keras-tensorflow"),
        ("-0.5 and 3.15.1", "-0.5 and 3.15.1"),
        ("C# 9", "C# 9"),
        ("a\u202eb\x00c", "abc"),
    ],
)
def test_harmless_text_stays_readable(text: str, expected: str) -> None:
    assert escape.inline(text) == expected


def test_what_is_markdown_already_is_left_alone() -> None:
    assert isinstance(escape.inline("x"), escape.Markdown)
    assert escape.alert(("a | b", "c"), "note", style="alert") == "> [!NOTE]\n> a \\| b\n>\n> c"
    assert escape.alert(("a", "b"), "note", style="quote") == "> **Note:** a\n>\n> **Note:** b"
    assert escape.alert(("a", "b"), "note", style="paragraph") == "**Note:** a\n\n**Note:** b"


def test_ragged_tables_are_refused() -> None:
    with pytest.raises(ValueError, match="2 cells"):
        Table(("A",), (("1", "2"),))
