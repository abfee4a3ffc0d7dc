"""Plain text into Markdown. Whatever a text contains, it stays text: no structure, no markup, no HTML.

Escapes follow CommonMark 0.31 (sections 2.4 backslash escapes, 6.1 code spans) and the tables of GitHub
Flavored Markdown 0.29.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from typing import Literal

from advisor.reporting.words.table import Cell, Code, Link, Span, Table

#: Characters that mean something anywhere in a line; ``$`` because GitHub sets mathematics between two of them.
_SPECIAL = re.compile(r"[\\`*\[\]<>|~$]")
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_HASH = re.compile(r"(?<!\S)#")
_LINE_START = re.compile(r"^(?:[-+](?=[\s+-]|$)|=(?==|$))")
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
#: What none of these occurs in needs no escape; nearly every cell of a table is such a text.
_MAY_NEED_ESCAPE = re.compile(r"[\\`*\[\]<>|~$_&#]|^[-+=\d]")
_BACKTICKS = re.compile(r"`+")
#: Control characters, halves of surrogate pairs, and characters that change the direction of what follows.
_DROPPED_CATEGORIES = frozenset({"Cc", "Cs"})
_BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_URL_UNSAFE = re.compile(r"[\s<>\\()|`]")


AlertStyle = Literal["alert", "quote", "paragraph"]


class Markdown(str):
    """Text that is Markdown already and must not be escaped again."""

    __slots__ = ()


def one_line(text: str) -> str:
    """The text in one line: white space collapsed, control and direction characters gone."""
    if not text.isprintable():  # nearly every text is, and a report has many
        text = "".join(character for character in text if character.isspace() or _printable(character))
    return " ".join(text.split())


def inline(text: object) -> Markdown:
    """Plain text that is shown as it is, in a sentence, a heading or a cell."""
    line = one_line(str(text))
    if not _MAY_NEED_ESCAPE.search(line):
        return Markdown(line)
    escaped = _SPECIAL.sub(r"\\\g<0>", line)
    for pattern in (_UNDERSCORE, _ENTITY, _HASH, _LINE_START):
        escaped = pattern.sub(r"\\\g<0>", escaped)
    return Markdown(_NUMBERED.sub(r"\1\\\2", escaped))


def code(text: object) -> Markdown:
    """A code span; its fence is longer than any run of backticks in the text. Not for cells: see :func:`cell`."""
    line = one_line(str(text))
    if not line:
        return Markdown("")
    fence = "`" * (_longest_run(line) + 1)
    padding = " " if line.startswith("`") or line.endswith("`") else ""
    return Markdown(f"{fence}{padding}{line}{padding}{fence}")


def code_block(text: object, language: str = "") -> Markdown:
    """A fenced block that nothing in the text can close; control characters are dropped, line ends and columns kept."""
    lines = ["".join(filter(_printable, line.expandtabs())) for line in str(text).splitlines()]
    fence = "`" * max(3, _longest_run("\n".join(lines)) + 1)
    return Markdown("\n".join([f"{fence}{language}", *lines, fence]))


def link(text: object, url: str) -> Markdown:
    """A link whose address cannot end early."""
    safe = _URL_UNSAFE.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), url)
    return Markdown(f"[{inline(text)}]({safe})")


def cell(content: Cell) -> Markdown:
    """The content of one table cell."""
    spans = content if isinstance(content, tuple) else (content,)
    return Markdown("".join(_cell_span(span) for span in spans).strip())


def table(content: Table) -> Markdown:
    """A table with as many cells in each row as in its header."""
    lines = [
        _row(inline(title) for title in content.header),
        _row("---" for _ in content.header),
        *[_row(cell(each) for each in row) for row in content.rows],
    ]
    return Markdown("\n".join(lines))


def alert(texts: Iterable[str], word: str, *, style: AlertStyle) -> Markdown:
    """Texts not to be overlooked: an alert as GitHub has them, or a quote or paragraphs with the word in bold."""
    if style == "alert":
        return Markdown(f"> [!{word.upper()}]\n" + "\n>\n".join(f"> {inline(text)}" for text in texts))
    lines = [f"**{word.capitalize()}:** {inline(text)}" for text in texts]
    return Markdown("\n>\n".join(f"> {line}" for line in lines) if style == "quote" else "\n\n".join(lines))


def yaml_text(text: object) -> Markdown:
    """A double-quoted YAML scalar; JSON strings are a subset of it."""
    return Markdown(json.dumps(one_line(str(text)), ensure_ascii=False))


def _cell_span(span: Span) -> str:
    if isinstance(span, Code):
        return code(span.text).replace("|", r"\|")
    if isinstance(span, Link):
        return link(span.text, span.url)
    # White space around a piece separates it from its neighbours.
    lead = " " if span[:1].isspace() else ""
    trail = " " if span[-1:].isspace() else ""
    return f"{lead}{inline(span)}{trail}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)


def _printable(character: str) -> bool:
    return unicodedata.category(character) not in _DROPPED_CATEGORIES and character not in _BIDIRECTIONAL
