"""The line of an error that says what went wrong."""

from __future__ import annotations


def headline(error: str) -> str:
    """The first line; of a traceback, which Python begins with where it went wrong, the last one."""
    lines = error.strip("\n").splitlines() or [""]
    # Of a long traceback only the end is kept, which may begin anywhere in it.
    in_traceback = lines[0].startswith(("Traceback ", " "))
    return lines[-1 if in_traceback else 0].strip()
