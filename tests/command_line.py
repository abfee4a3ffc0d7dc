"""Running the real command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "answers.toml"
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


def refused(done: subprocess.CompletedProcess[str], exit_code: int, *parts: str) -> None:
    """Assert that a command ended with this code and one clear message, and printed no result."""
    assert "Traceback" not in done.stderr
    for part in parts:
        assert part in done.stderr
    assert (done.returncode, done.stdout) == (exit_code, "")
