"""What a template can use, read off the view model itself, so that the page cannot say anything else."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any, get_args, get_type_hints

from advisor.reporting.document import Document
from advisor.reporting.words.table import Code, Link, Table

_INTRODUCTION = """\
# What a template can use

`advisor report --template FILE` renders a Jinja2 template, in Jinja's sandbox. It is given `document`, which is the
`Document` below, and `flavor`, a text: `github`, `gitlab` or `plain`. Every text is plain: what a template prints is
escaped for Markdown unless it comes out of one of the filters. A name that does not exist is an error. The built-in
templates may be included: `{% include "partials/summary.md.j2" %}`. `advisor report --format json` prints the values.

| filter | makes of |
| --- | --- |
| `code` | a text: a code span |
| `code_block("sh")` | a text: a fenced block that nothing in it can close |
| `table` | a `Table`: a table |
| `cell` | the content of one cell: Markdown |
| `inline` | a text: the text, escaped; what happens without a filter |
| `alert("note")` | texts: an alert, or what the flavor has in its place |
| `yaml` | a text: a quoted YAML scalar, for front matter |
"""


def describe_model() -> str:
    """The view model as Markdown: each type with its meaning and its fields, from the document down."""
    parts = [_INTRODUCTION]
    for kind in _reached(Document):
        parts.append(f"## {kind.__name__}\n\n{inspect.cleandoc(kind.__doc__ or '')}\n")
        hints = get_type_hints(kind)
        rows = [f"| `{field.name}` | {_type_text(hints[field.name])} |" for field in fields(kind)]
        parts.append("\n".join(["| field | type |", "| --- | --- |", *rows]) + "\n")
    return "\n".join(parts)


def _reached(kind: type) -> Iterator[Any]:
    """The dataclasses that a type leads to, each once, itself first; tables and what stands in them last."""
    waiting: list[Any] = [kind]
    seen = set[Any]()
    last = (Table, Code, Link)
    while waiting:
        here = waiting.pop(0)
        if here in seen or here in last:
            continue
        seen.add(here)
        yield here
        for hint in get_type_hints(here).values():
            waiting += [part for part in _parts(hint) if is_dataclass(part)]
    yield from last


def _parts(hint: Any) -> Iterator[Any]:
    arguments = get_args(hint)
    if not arguments:
        yield hint
    for argument in arguments:
        yield from _parts(argument)


def _type_text(hint: Any) -> str:
    """A type as people say it: ``Table or nothing``, ``several of Workload``."""
    arguments = [argument for argument in get_args(hint) if argument is not Ellipsis]
    if not arguments:
        names = {"str": "text", "bool": "yes or no", "NoneType": "nothing", "int": "number", "float": "number"}
        return names.get(hint.__name__, f"`{hint.__name__}`")
    texts = [_type_text(argument) for argument in arguments]
    origin = getattr(hint, "__origin__", None)
    if origin is dict:
        return f"{texts[1]} by name"
    if origin is tuple:
        return f"several of {texts[0]}" if Ellipsis in get_args(hint) else f"a pair of {' and '.join(texts)}"
    return " or ".join(dict.fromkeys(texts))
