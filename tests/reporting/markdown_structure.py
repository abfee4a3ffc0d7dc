"""What a Markdown reader makes of a report: its front matter, and its structure without its words."""

from __future__ import annotations

import json
import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

_JARGON = re.compile(
    r"SMAA|probabilit|stochastic|weight|criteri|\bseed|\blaunch|\blane\b|interval|percentile|\bp9\d|parity|baseline|"
    r"epoch|\bbatch|draws|readings|margin|veto|MiB|\bms\b|->|→",
    re.IGNORECASE,
)
_UNESCAPED_PIPE = re.compile(r"(?<!\\)\|")


def parse(markdown: str) -> list[Token]:
    """Tokens of CommonMark with tables."""
    return MarkdownIt("commonmark").enable("table").parse(markdown)


def split_front_matter(report: str) -> tuple[dict[str, object], str]:
    """The front matter, read as the small part of YAML that a decision record needs, and the rest.

    Raises:
        AssertionError: the report has no front matter, or a line of it is neither ``key: value`` nor an item.
    """
    opening, matter, body = report.split("---\n", 2)
    assert opening == ""
    found: dict[str, object] = {}
    items: list[object] = []
    for line in matter.splitlines():
        if item := re.fullmatch(r"  - (\".*\")", line):
            items.append(json.loads(item[1]))
            continue
        entry = re.fullmatch(r"([a-z0-9-]+):(?: (.*))?", line)
        assert entry is not None, line
        key, value = entry[1], entry[2]
        if value is None:
            items = []
            found[key] = items
        else:
            found[key] = json.loads(value) if value[0] in '"[' else value
    return found, body


def ragged_rows(markdown: str) -> list[str]:
    """Rows of tables that have another number of cells than their header; parsers pad them silently."""
    lines = markdown.splitlines()
    ragged = []
    for token in parse(markdown):
        if token.type == "table_open" and token.map is not None:
            rows = lines[token.map[0] : token.map[1]]
            pipes = len(_UNESCAPED_PIPE.findall(rows[0]))
            ragged += [row for row in rows if len(_UNESCAPED_PIPE.findall(row)) != pipes]
    return ragged


def structure(markdown: str) -> list[str]:
    """Every element of a document in order, without its text."""
    found: list[str] = []
    for token in parse(markdown):
        found.append(f"{token.type} {token.tag}")
        for child in token.children or []:
            if not (child.type == "text" and found[-1] == "text"):
                found.append(child.type)
    return found


def jargon(text: str) -> list[str]:
    """Words of the method, and units that people who do not measure do not know."""
    return _JARGON.findall(text)


def raw_html(markdown: str) -> list[str]:
    """Every line of HTML that a reader would take for HTML."""
    found: list[str] = []
    for token in parse(markdown):
        if token.type == "html_block":
            found += token.content.splitlines()
        found += [child.content for child in token.children or [] if child.type == "html_inline"]
    return [line for line in found if line.strip()]


def links(markdown: str) -> list[str]:
    """The address of every link."""
    children = [child for token in parse(markdown) for child in token.children or []]
    return [str(child.attrs["href"]) for child in children if child.type == "link_open"]


def images(markdown: str) -> list[tuple[str, str]]:
    """Address and alt text of every image."""
    children = [child for token in parse(markdown) for child in token.children or []]
    return [(str(child.attrs["src"]), child.content) for child in children if child.type == "image"]


def table_after(markdown: str, text: str) -> list[dict[str, str]]:
    """The rows of the first table below the first line that contains ``text``, each cell under its header.

    Raises:
        AssertionError: there is no such line, or no table below it.
    """
    lines = markdown.splitlines()
    start = next((number for number, line in enumerate(lines) if text in line), None)
    assert start is not None, f"nothing says {text!r}"
    rows: list[list[str]] = []
    for token in parse("\n".join(lines[start + 1 :])):
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows:
            rows[-1].append("".join(child.content for child in token.children or []))
        elif token.type == "table_close":
            break
    assert rows, f"no table below {text!r}"
    header, *body = rows
    return [dict(zip(header, row, strict=True)) for row in body]
