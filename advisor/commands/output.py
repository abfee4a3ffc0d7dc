"""Where commands print: results on standard output, everything else on standard error."""

from __future__ import annotations

import re
import shlex
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from advisor.userdata.prepare import Tell
    from advisor.watching.stream import Stream

#: Columns of a table in a file or a pipe, where lines are as long as they are.
_WIDE = 1000
#: Lines of a listing are not folded to less than this, whatever the terminal says of itself.
_NARROWEST = 20
#: What follows an arrow is a command, or an instruction in words.
_COMMAND = re.compile(r"(?:-> )?(?:advisor|python|sudo|xcode-select|\S*/python[\d.]*) ")


def console(*, stderr: bool = False) -> Console:
    """Where to print; texts come from anywhere, so nothing in them is taken for markup."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


def errors() -> Console:
    """Where everything but results is printed."""
    return console(stderr=True)


def show(out: Console, text: str, *, style: str = "", hang: int = 0, first_only: bool = False) -> None:
    """Print a line of a listing. In a terminal it is folded at words to the width that is there.

    Args:
        out: where to print.
        text: the line.
        style: of the whole line.
        hang: how far later lines are indented; so much of the text is a label or a margin.
        first_only: only the label has the style.
    """
    from rich.text import Text

    label, body = Text(text[:hang], style=style), Text(text[hang:], style="" if first_only else style)
    if not out.is_terminal:
        out.print(label + body)
        return
    command = _COMMAND.match(body.plain)
    room = max(_NARROWEST, out.width - hang - (2 if command else 0))
    if command and any(len(word) > room for word in body.plain.split()):
        out.print(label + body, no_wrap=True, overflow="ignore", crop=False)  # in pieces it would be another command
        return
    lines = body.wrap(out, room, overflow="fold")
    for number, line in enumerate(lines):
        more = Text(" \\" if command and number < len(lines) - 1 else "")  # so that what is copied is the command
        line.rstrip()
        out.print((label if number == 0 else Text(" " * hang)) + line + more)


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
