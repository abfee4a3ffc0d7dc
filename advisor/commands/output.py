"""Where commands print: results on standard output, everything else on standard error."""

from __future__ import annotations

import shlex
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from advisor.userdata.prepare import Tell
    from advisor.watching.stream import Stream


@dataclass(frozen=True)
class Line:
    """A line of a listing.

    ``style`` is a colour or weight, or empty. The first ``hang`` characters are a label or a margin, by which later
    lines are indented; with ``label_only`` they alone have the style. A ``command`` is to be copied: where it has to be
    folded, a shell still reads it as one command.
    """

    text: str
    style: str = ""
    hang: int = 0
    label_only: bool = False
    command: bool = False


#: Columns of a table in a file or a pipe, where lines are as long as they are.
_WIDE = 1000
#: Lines of a listing are not folded to less than this, whatever the terminal says of itself.
_NARROWEST = 20


def console(*, stderr: bool = False) -> Console:
    """Where to print; texts come from anywhere, so nothing in them is taken for markup."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


def errors() -> Console:
    """Where everything but results is printed."""
    return console(stderr=True)


def confirm(question: str) -> bool:
    """Ask whoever is at the terminal, and take anything but a yes for a no; nobody is there where none is read from.

    Raises:
        KeyboardInterrupt: somebody ended it in place of an answer.
    """
    if sys.stdin is None or not sys.stdin.isatty():
        return False
    import typer

    from advisor.watching.words import printable

    try:
        return typer.confirm(printable(question), default=False, err=True)
    except typer.Abort as error:
        raise KeyboardInterrupt from error


def show(out: Console, line: Line | str) -> None:
    """Print a line of a listing. In a terminal it is folded at words to the width that is there."""
    from rich.text import Text

    if isinstance(line, str):
        line = Line(line)
    label = Text(line.text[: line.hang], style=line.style)
    body = Text(line.text[line.hang :], style="" if line.label_only else line.style)
    if not out.is_terminal:
        out.print(label + body)
        return
    room = max(_NARROWEST, out.width - line.hang - (2 if line.command else 0))
    if line.command and any(len(word) > room for word in body.plain.split()):
        out.print(label + body, no_wrap=True, overflow="ignore", crop=False)  # in pieces it would be another command
        return
    folded = body.wrap(out, room, overflow="fold")
    for number, part in enumerate(folded):
        more = Text(" \\" if line.command and number < len(folded) - 1 else "")
        part.rstrip()
        out.print((label if number == 0 else Text(" " * line.hang)) + part + more)


def print_table(out: Console, table: Table) -> None:
    """Print a table as wide as the terminal is; in a file or a pipe as wide as it needs to be."""
    if not out.is_terminal:
        out.width = _WIDE
    out.print(table, soft_wrap=False)


def stream_of(as_json: bool) -> Stream:
    """What happens, as lines of JSON on standard output where that is wanted."""
    from advisor.watching.stream import Stream

    return Stream(sys.stdout if as_json else None, resume=same_command())


def tell(quiet: bool) -> Tell:
    """Where remarks on the user's data go."""
    return (lambda sentence: None) if quiet else (lambda sentence: errors().print(sentence))


def same_command() -> str:
    """What was typed, to be typed again."""
    return shlex.join(["advisor", *sys.argv[1:]])
