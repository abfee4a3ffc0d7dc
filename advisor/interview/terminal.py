"""Is there somebody to ask, and in which way?"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from advisor.errors import AdvisorError, ExitCode
from advisor.interview.conversation import Screen

#: A question takes about so much, its choices beside.
_LEAST_COLUMNS, _LEAST_LINES = 40, 14
_OFF = ("", "0", "false", "no")


def in_terminal() -> bool:
    """True if a person can read questions and type answers: standard input and standard error are a terminal."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def require_terminal(missing: Sequence[str]) -> None:
    """Make sure that there is somebody to ask, before anything is asked.

    Args:
        missing: the keys that would be asked for.

    Raises:
        AdvisorError: there is no terminal (exit code 3).
    """
    if in_terminal():
        return
    keys = ", ".join(missing) or "nothing essential, so that --no-input goes on with what there is"
    raise AdvisorError(
        f"There are questions to ask and no terminal to ask them in. Missing: {keys}.",
        allowed="--answers FILE, --set key=value (repeatable), or --defaults",
        next_command="answer with these options, or run `advisor ask` in a terminal",
        exit_code=ExitCode.INPUT_REQUIRED,
    )


def plain_wanted() -> bool:
    """True where ``ACCESSIBLE`` asks for plain lines, or the terminal is too small or too simple to draw lists in."""
    size = os.get_terminal_size(sys.stderr.fileno())
    return (
        os.environ.get("ACCESSIBLE", "").lower() not in _OFF
        or os.environ.get("TERM") == "dumb"
        # A terminal that does not know its size says 0; it is used as if it had a usual size.
        or 0 < size.columns < _LEAST_COLUMNS
        or 0 < size.lines < _LEAST_LINES
    )


@contextmanager
def open_screen() -> Iterator[Screen]:
    """The screen that suits the terminal. The library that draws lists is only loaded to draw them."""
    if plain_wanted():
        from advisor.interview.plain_prompts import PlainScreen

        yield PlainScreen(sys.stdin.buffer, sys.stderr)
        return
    from advisor.interview.prompts import drawn_screen

    with drawn_screen() as screen:
        yield screen
