"""A document in the format it is wanted in."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Literal

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from advisor.errors import AdvisorError
from advisor.reporting.document import Document
from advisor.reporting.formats import escape

Flavor = Literal["github", "gitlab", "plain"]
Format = Literal["md", "adr", "brief", "json"]

#: The built-in templates by format; ``json`` has none.
TEMPLATES = {"md": "report.md.j2", "adr": "adr.md.j2", "brief": "brief.md.j2"}
_ALERTS: dict[Flavor, escape.AlertStyle] = {"github": "alert", "gitlab": "quote", "plain": "paragraph"}
#: What evaluating an expression of somebody else's template can raise besides Jinja's own errors.
_EXPRESSION_ERRORS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def render(
    document: Document, *, template: Path | None = None, flavor: Flavor = "github", format: Format = "md"
) -> str:
    """The document as text that ends in a line end.

    Every expression of a template is escaped for Markdown unless a filter has made Markdown of it (``code``,
    ``code_block``, ``table``, ``alert``, ``yaml``). All templates, the user's own too, run in Jinja's sandbox.

    Args:
        document: what to render.
        template: the user's own; it may include the partials of the built-in template.
        flavor: ``github`` has alerts and folds long parts away; ``gitlab`` has quotes in place of alerts, which every
            version shows, and no HTML; ``plain`` drops the front matter as well, for tools that know only Markdown.
        format: ``md`` is the whole report, ``adr`` a short decision record, ``brief`` a page for people who will not
            read more, ``json`` the document itself, for programs.

    Raises:
        AdvisorError: the template cannot be read or has a mistake; says in which file and line.
    """
    if format == "json":
        return json.dumps(asdict(document), indent=2, allow_nan=False) + "\n"
    if template is not None and not template.is_file():
        raise AdvisorError(
            "There is no such template.",
            where=str(template),
            next_command="name an existing file, or leave --template out",
        )
    name = TEMPLATES[format] if template is None else template.name
    folders = (templates_folder(),) if template is None else (template.parent, templates_folder())
    environment = _environment(folders, flavor)
    try:
        text = environment.get_template(name).render(document=document, flavor=flavor)
    except (TemplateError, OSError, *_EXPRESSION_ERRORS) as error:
        raise AdvisorError(
            f"The template cannot be rendered: {str(error).rstrip('.')}.",
            where=_place(error, folders) or str(template or name),
            next_command="mend the template, or leave --template out",
        ) from error
    return text.strip("\n") + "\n"


def templates_folder() -> Path:
    """Where the templates lie: in the package when installed, else at the top of the checkout."""
    package = Path(str(files("advisor")))
    installed = package / "templates"
    return installed if installed.is_dir() else package.parent / "templates"


@cache  # with it, templates are compiled once
def _environment(folders: tuple[Path, ...], flavor: Flavor) -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # HTML escaping would be wrong here: finalize escapes for Markdown instead
        finalize=_escaped,
    )
    environment.filters |= filters(flavor)
    return environment


def filters(flavor: Flavor) -> dict[str, Callable[..., escape.Markdown]]:
    """The filters that make Markdown, by name; besides them a template has those of Jinja."""
    return {
        "inline": escape.inline,
        "cell": escape.cell,
        "code": escape.code,
        "code_block": escape.code_block,
        "table": escape.table,
        "alert": partial(escape.alert, style=_ALERTS[flavor]),
        "yaml": escape.yaml_text,
    }


def _escaped(value: object) -> escape.Markdown:
    return value if isinstance(value, escape.Markdown) else escape.inline(value)


def _place(error: BaseException, folders: Sequence[Path]) -> str:
    """File and line of the template in which an error arose; Jinja puts both into the traceback."""
    if isinstance(error, TemplateSyntaxError):
        return f"{error.filename or error.name}:{error.lineno}"
    place, traceback = "", error.__traceback__
    while traceback is not None:
        file = Path(traceback.tb_frame.f_code.co_filename)
        if any(file.is_relative_to(folder) for folder in folders) and file.suffix != ".py" and file.is_file():
            place = f"{file}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return place
