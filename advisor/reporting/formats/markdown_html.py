"""A report's Markdown as HTML that works with a keyboard and a screen reader. HTML in the Markdown stays text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markdown_it.utils import OptionsDict

_ALERT = re.compile(r"(Note|Tip|Important|Warning|Caution):")
_BAR = re.compile(r"[█░]+")


@dataclass(frozen=True)
class Entry:
    """A section in the list of contents."""

    id: str
    title: str


@dataclass(frozen=True)
class Page:
    """HTML: the title, what stands before the first section, and the sections."""

    title: str
    first_screen: str
    rest: str
    contents: tuple[Entry, ...]


def page_of(markdown: str, images: Mapping[str, str]) -> Page:
    """The HTML of a report.

    Args:
        markdown: CommonMark with tables; see the flavor ``plain``.
        images: what stands in place of an image's address; images that are not in it are shown as their text.
    """
    parser = MarkdownIt("commonmark", {"html": False, "xhtmlOut": False}).enable("table")
    tokens = parser.parse(markdown)
    contents = _headings(tokens)
    _alerts(tokens)
    _table_headers(tokens)
    _images(tokens, images)
    for name, rule in _RULES.items():
        parser.add_render_rule(name, rule)
    section = next((i for i, t in enumerate(tokens) if t.type == "heading_open" and t.tag == "h2"), len(tokens))
    title = min(_end(tokens, "h1"), section)

    def html(part: Sequence[Token]) -> str:
        return str(parser.renderer.render(part, parser.options, {}))

    return Page(html(tokens[:title]), html(tokens[title:section]), html(tokens[section:]), contents)


def _end(tokens: Sequence[Token], tag: str) -> int:
    """The place after the first heading of a level, or 0 where there is none."""
    ends = (place + 1 for place, token in enumerate(tokens) if token.type == "heading_close" and token.tag == tag)
    return next(ends, 0)


def _headings(tokens: Sequence[Token]) -> tuple[Entry, ...]:
    """Give each heading an id to link to; returns the sections."""
    used: set[str] = set()
    entries = []
    for place, token in enumerate(tokens):
        if token.type != "heading_open":
            continue
        title = _text(tokens[place + 1])
        words = re.sub(r"[^a-z0-9]+", "-", unicodedata.normalize("NFKD", title).lower()).strip("-")
        # The prefix keeps ids made of anybody's words apart from those of the page.
        name = f"section-{words}"
        while name in used:
            name += "-again"
        used.add(name)
        token.attrSet("id", name)
        if token.tag == "h2":
            entries.append(Entry(name, title))
    return tuple(entries)


def _alerts(tokens: Sequence[Token]) -> None:
    """Paragraphs that begin with ``Note:`` or the like in bold stand out; nobody's text can be in bold."""
    for paragraph, inline in pairwise(tokens):
        words = [child for child in inline.children or [] if child.content or child.type != "text"]
        if paragraph.type == "paragraph_open" and len(words) > 1 and words[0].type == "strong_open":
            found = _ALERT.fullmatch(words[1].content)
            if found:
                paragraph.attrSet("class", f"alert alert-{found[1].lower()}")


def _table_headers(tokens: Sequence[Token]) -> None:
    """Every column and every row has a header that a screen reader can name."""
    first, closing = False, False
    for token in tokens:
        if token.type == "th_open":
            token.attrSet("scope", "col")
        elif token.type == "tr_open":
            first = True
        elif token.type == "td_open" and first:
            first, closing = False, True
            token.tag = "th"
            token.attrSet("scope", "row")
        elif token.type == "td_close" and closing:
            closing = False
            token.tag = "th"


def _images(tokens: Sequence[Token], images: Mapping[str, str]) -> None:
    for token in tokens:
        for place, child in enumerate(token.children or []):
            if child.type != "image":
                continue
            address = images.get(str(child.attrs["src"]))
            if address is None and token.children is not None:
                token.children[place] = _plain(_text(child))
            else:
                child.attrSet("src", address or "")


def _plain(text: str) -> Token:
    return Token("text", "", 0, content=text)


def _text(token: Token) -> str:
    """What a reader sees of an inline token."""
    return "".join(child.content for child in token.children or [])


def _table_open(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: Any) -> str:
    return '<div class="scroll"><table>\n'


def _table_close(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: Any) -> str:
    return "</table></div>\n"


def _code_inline(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: Any) -> str:
    """A bar of text is a picture: the share stands beside it in words."""
    text = tokens[at].content
    if _BAR.fullmatch(text):
        return f'<span class="bar" aria-hidden="true">{text}</span>'
    return f"<code>{escapeHtml(text)}</code>"


def _link_open(self: RendererHTML, tokens: Sequence[Token], at: int, options: OptionsDict, env: Any) -> str:
    tokens[at].attrSet("rel", "noreferrer noopener")
    return self.renderToken(tokens, at, options, env)


_RULES: dict[str, Callable[..., str]] = {
    "table_open": _table_open,
    "table_close": _table_close,
    "code_inline": _code_inline,
    "link_open": _link_open,
}
