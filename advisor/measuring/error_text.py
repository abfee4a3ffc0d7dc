"""What went wrong, in one line."""

from __future__ import annotations

import signal


def how_it_ended(returncode: int) -> str:
    """``exit code 1``, or ``signal SIGSEGV``; real-time signals have numbers alone."""
    if returncode >= 0:
        return f"exit code {returncode}"
    try:
        return f"signal {signal.Signals(-returncode).name}"
    except ValueError:
        return f"signal {-returncode}"


def headline(error: str) -> str:
    """The first line; of a traceback, which Python begins with where it went wrong, the last one."""
    lines = error.strip("\n").splitlines() or [""]
    # Of a long traceback only the end is kept, which may begin anywhere in it.
    in_traceback = lines[0].startswith(("Traceback ", " "))
    return lines[-1 if in_traceback else 0].strip()
