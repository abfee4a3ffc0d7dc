"""Running the real command in a process of its own."""

from __future__ import annotations

import io
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pexpect  # type: ignore[import-untyped]
import pytest

from advisor.commands.app import main

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "answers.toml"
#: The example's answers for real runs, with nothing to rehearse: with a server for its target there are dozens of
#: routes, each of which has tests of its own (``measuring/test_rehearsal.py``).
EXAMPLE_FOR_REAL = (
    *("--answers", str(EXAMPLE), "--no-input"),
    *("--set", "deployment.targets=", "--set", "deployment.required="),
)
COMMAND = (sys.executable, "-m", "advisor")
#: Keeps a test that fails from hanging; nothing here takes nearly as long.
LIMIT_S = 240


def advisor(
    *args: str | Path, stdin: str = "", cwd: Path | None = None, limit_s: float = LIMIT_S, **environment: str
) -> subprocess.CompletedProcess[str]:
    """``advisor ARGS`` without a terminal."""
    return subprocess.run(
        [*COMMAND, *map(str, args)],
        input=stdin,
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=limit_s,
        check=False,
    )


def advisor_here(*args: str | Path, cwd: Path | None = None, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """``advisor ARGS`` by the same function in this process, where the program is imported already.

    For what starts nothing that goes on; a traceback goes on up.
    """
    out, err = io.StringIO(), io.StringIO()
    on_sigterm = signal.getsignal(signal.SIGTERM)
    code: object = 0
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        if cwd is not None:
            patch.chdir(cwd)
        patch.setattr(sys, "argv", ["advisor", *map(str, args)])
        patch.setattr(sys, "stdin", io.StringIO(stdin))
        patch.setenv("COLUMNS", "80")  # as where there is no terminal
        try:
            main()
        except SystemExit as ended:
            code = ended.code or 0
        finally:
            signal.signal(signal.SIGTERM, on_sigterm)
    assert isinstance(code, int)
    return subprocess.CompletedProcess(list(args), code, out.getvalue(), err.getvalue())


def refused(done: subprocess.CompletedProcess[str], exit_code: int, *parts: str) -> None:
    """Assert that a command ended with this code and one clear message, and printed no result."""
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in done.stderr
    assert (done.returncode, done.stdout) == (exit_code, "")


def undescribed(schema: object) -> object:
    """A JSON Schema without its descriptions, which versions of pydantic before 2.12 leave out for dataclasses."""
    if isinstance(schema, dict):
        return {k: undescribed(v) for k, v in schema.items() if not (k == "description" and isinstance(v, str))}
    return [undescribed(one) for one in schema] if isinstance(schema, list) else schema


NEEDS_TERMINAL = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
DOWN, UP, LEFT, ENTER = "\x1b[B", "\x1b[A", "\x1b[D", "\r"
BACK, REVIEW, CLEAR_LINE = "\x02", "\x12", "\x15"
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[=>78]|\r")


def terminal(
    *args: str | Path, redirect: str = "", size: tuple[int, int] = (60, 200), **environment: str
) -> pexpect.spawn:
    """``advisor ARGS`` in a real pseudo-terminal of ``size`` (lines, columns)."""
    command = f"{shlex.join([*COMMAND, *map(str, args)])} {redirect}"
    child = pexpect.spawn(
        "/bin/sh",
        ["-c", f"exec {command}"],
        env={
            **{k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "CI", "ACCESSIBLE")},
            "TERM": "xterm",
            # Nobody answers where the cursor is, for which every prompt would wait.
            "PROMPT_TOOLKIT_NO_CPR": "1",
            **environment,
        },
        dimensions=size,
        encoding="utf-8",
        codec_errors="replace",
        timeout=60,
    )
    child.delaybeforesend = None
    return child


def shown(screen: str) -> str:
    """What a terminal received, without what moves its cursor or sets its colours."""
    return _ESCAPES.sub("", screen)


@contextmanager
def interview(*args: str | Path, **options: object) -> Iterator[pexpect.spawn]:
    """``advisor ask ARGS`` in a terminal, which is closed at the end whatever happens."""
    child = terminal("ask", *args, **options)  # type: ignore[arg-type]
    try:
        yield child
    finally:
        child.close(force=True)


def ended(child: pexpect.spawn) -> str:
    """What was printed until the command ended."""
    child.expect(pexpect.EOF)
    child.close()
    screen = shown(child.before)
    assert "Traceback" not in screen
    return screen
