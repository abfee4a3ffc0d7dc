"""What went wrong, in one line."""

from __future__ import annotations

import re
import signal

_NAMED = re.compile(r"[A-Za-z_][\w.]*(Error|Exception|Violation|Unsupported)\b.*:")
_LONGEST = 300


def how_it_ended(returncode: int) -> str:
    """``exit code 1``, or ``signal SIGSEGV``; real-time signals have numbers alone."""
    if returncode >= 0:
        return f"exit code {returncode}"
    try:
        return f"signal {signal.Signals(-returncode).name}"
    except ValueError:
        return f"signal {-returncode}"


def headline(error: str) -> str:
    """The first line; the last line of a traceback, which Python begins with where it went wrong."""
    lines = error.strip("\n").splitlines() or [""]
    # Of a long traceback only the end is kept, which may begin anywhere in it.
    in_traceback = lines[0].startswith(("Traceback ", " "))
    return lines[-1 if in_traceback else 0].strip()


def naming_line(error: str) -> str:
    """The line that names an error: exporters add advice below it, which a traceback then ends with.

    A line that ends with a colon, such as the place in a runtime's source, says what is wrong in the next line.
    """
    lines: list[str] = []
    for line in filter(None, map(str.strip, error.splitlines())):
        if lines and lines[-1].endswith(":") and _NAMED.match(lines[-1]):
            lines[-1] += f" {line}"
        else:
            lines.append(line)
    named = [line for line in lines if _NAMED.match(line)]
    line = named[-1] if named else headline(error)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]} ..."
