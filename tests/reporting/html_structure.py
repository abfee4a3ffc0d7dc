"""What a browser makes of an HTML report, as far as the standard library can tell: elements, ids, texts, addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "img", "input", "link", "br", "hr"}


@dataclass
class Element:
    """One element: its attributes, and the text in it that is not in an element below."""

    tag: str
    attributes: dict[str, str]
    parents: tuple[str, ...]
    text: str = ""


@dataclass
class Structure:
    """A parsed page. ``texts`` are what a reader reads, in order; scripts, styles and data are left out."""

    elements: list[Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def all(self, *tags: str) -> list[Element]:
        """Every element with one of these tags, in order."""
        return [element for element in self.elements if element.tag in tags]

    def shape(self) -> list[str]:
        """The elements in order, without words."""
        return [f"{len(element.parents)} {element.tag}" for element in self.elements]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found = Structure()
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"an attribute twice: {tag} {attrs}"
        element = Element(tag, {name: value or "" for name, value in attrs}, tuple(one.tag for one in self.open))
        self.found.elements.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open[-1].tag == tag, f"</{tag}> in {[one.tag for one in self.open]}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open:
            self.open[-1].text += data
            if self.open[-1].tag not in ("script", "style"):
                self.found.texts.append(data)


def parse(html: str) -> Structure:
    """The elements of a page.

    Raises:
        AssertionError: an element is not closed where it should be.
    """
    parser = _Parser()
    parser.feed(html)
    parser.close()
    assert not parser.open, [element.tag for element in parser.open]
    return parser.found
