"""A report as one HTML file: the report's Markdown made into HTML, with a panel that weighs it anew.

The file loads nothing: styles, scripts and figures are in it, and its content security policy forbids the rest.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from advisor.reporting.document import Document
from advisor.reporting.formats.markdown_html import Page, page_of
from advisor.reporting.formats.render import render, templates_folder
from advisor.reporting.formats.what_if import WhatIfPanel
from advisor.reporting.pictures.figures import ASSETS, Figure
from advisor.reporting.words.numbers import percent

_SCRIPTS = ("html/smaa.js", "html/what_if.js")
_STYLE = "html/report.css"
#: What may stand as it is in the address of an image, in an attribute in quotation marks; base64 would be longer.
_UNTOUCHED = " /:;=,.()'!?*@$+~-<>"


def render_html(
    document: Document, figures: Sequence[Figure], what_if: WhatIfPanel | None, *, template: Path | None = None
) -> str:
    """The report as HTML.

    Args:
        document: what to render, with pictures of the ``figures``.
        figures: drawn into the file.
        what_if: what the panel computes with; None: no panel.
        template: the user's own Markdown template.

    Raises:
        AdvisorError: the template cannot be read or has a mistake.
    """
    folder = templates_folder()
    style = (folder / _STYLE).read_text(encoding="utf-8")
    script = "\n".join((folder / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    page = _page(document, figures, template)
    return (
        _environment(folder)
        .get_template("html/report.html.j2")
        .render(
            policy=_policy(style, script),
            style=Markup(style),
            script=Markup(script),
            heading=document.heading,
            meta=document.meta,
            title=Markup(page.title),
            first_screen=Markup(page.first_screen),
            rest=Markup(page.rest),
            contents=page.contents,
            what_if=what_if,
        )
    )


def _page(document: Document, figures: Sequence[Figure], template: Path | None) -> Page:
    images = {f"{ASSETS}/{figure.file_name}": _data_address(figure.svg) for figure in figures}
    return page_of(render(document, template=template, flavor="plain"), images)


@cache
def _environment(folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    filters: dict[str, Callable[..., Any]] = {"percent": percent, "json_block": _json_block}
    environment.filters |= filters
    return environment


def _policy(style: str, script: str) -> str:
    """Nothing may be loaded or sent; of scripts and styles, these and no other run."""
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_digest(script)}'",
            f"style-src '{_digest(style)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _digest(text: str) -> str:
    return f"sha256-{base64.b64encode(sha256(text.encode()).digest()).decode('ascii')}"


def _data_address(svg: str) -> str:
    """An SVG as an address. Ours hold no text of anybody's, so that quotation marks may change places."""
    single = svg if "'" in svg else svg.replace('"', "'")
    return f"data:image/svg+xml,{quote(single.replace(chr(10), ' '), safe=_UNTOUCHED)}"


def _json_block(what_if: WhatIfPanel) -> Markup:
    """JSON that nothing in it can take out of its element."""
    text = json.dumps(asdict(what_if), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))
