"""Listings in real terminals of different widths: nothing is wider than the terminal, and nothing is lost."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pexpect  # type: ignore[import-untyped]
import pytest
from command_line import COMMAND, LIMIT_S, ROOT, advisor_here
from rich.cells import cell_len
from rich.console import Console

from advisor.catalog import CANDIDATES
from advisor.commands.output import Line, show

NEEDS_TERMINAL = pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")
NO_INTERPRETERS = [word for name in CANDIDATES for word in ("--python", f"{name}=/opt/none/bin/python")]


def in_terminal(width: int, *words: str | Path, **environment: str) -> str:
    """What a terminal of so many columns is sent."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "CI", "COLUMNS", "LINES")}
    child = pexpect.spawn(
        "/bin/sh",
        ["-c", f"exec {shlex.join([*COMMAND, *map(str, words)])}"],
        env={**kept, "TERM": "xterm-256color", **environment},
        dimensions=(50, width),
        encoding="utf-8",
        timeout=LIMIT_S,
    )
    try:
        return str(child.read())
    finally:
        child.close()


def characters(text: str) -> Counter[str]:
    """All but white space, and the backslash at the end of a command's line that goes on."""
    return Counter("".join(re.sub(r" \\\r?\n", " ", text).split()))


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory, decided: Path) -> Path:
    """Two studies in one folder: that of the example's answers, and one of somebody with other ones."""
    folder = tmp_path_factory.mktemp("two")
    shutil.copytree(decided, folder / "one")
    shutil.copytree(decided, folder / "other")
    answers = ("--set", "team.pytorch=5", "--set", "project.title=what a rather [long] title, with 日本語 and مرحبا")
    assert advisor_here("run", folder / "other", "--no-input", "--no-pilots", "-q", *answers).returncode == 0
    return folder


LISTINGS: dict[str, list[str]] = {
    "facts": ["facts"],
    "claims": ["claims"],
    "claims of a study": ["claims", str(ROOT / "examples" / "wake-word"), "--about", "C15"],
    "plan": ["plan", "one", "--quick"],
    "compare": ["compare", "one", "other"],
}


@pytest.fixture(scope="module")
def piped(two: Path) -> Callable[[str], str]:
    """All that a listing prints where no terminal is."""

    @cache
    def of(name: str) -> str:
        done = advisor_here(*LISTINGS[name], cwd=two)
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    return of


@NEEDS_TERMINAL
@pytest.mark.parametrize("width", [60, 80, 200])
@pytest.mark.parametrize("name", LISTINGS)
def test_listings_fit_and_lose_nothing(
    two: Path, piped: Callable[[str], str], monkeypatch: pytest.MonkeyPatch, name: str, width: int
) -> None:
    monkeypatch.chdir(two)
    shown = COLOURS.sub("", in_terminal(width, *LISTINGS[name]))
    assert max(cell_len(line) for line in shown.splitlines()) <= width
    assert characters(shown) == characters(piped(name))


@NEEDS_TERMINAL
def test_the_doctor_fits(tmp_path: Path) -> None:
    shown = COLOURS.sub("", in_terminal(60, "doctor", *NO_INTERPRETERS))
    lines = shown.splitlines()
    assert max(map(len, lines)) <= 60
    assert any(line.startswith("missing ") for line in lines)
    assert any(line.startswith("           ") for line in lines)  # an action that goes on
    assert {line.split()[0] for line in lines if line[:1].strip()} <= {"ok", "warning", "missing", "extra", "Importing"}


@NEEDS_TERMINAL
def test_decision_json_is_never_folded(two: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(two)
    piped = advisor_here("decide", "one", cwd=two)
    assert in_terminal(60, "decide", "one").replace("\r\n", "\n") == piped.stdout


@NEEDS_TERMINAL
@pytest.mark.parametrize("words", [["facts", "--about", "longevity"], ["claims", "--about", "C15"]])
def test_no_color_means_none(words: list[str]) -> None:
    plain = in_terminal(80, *words, NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-7]", plain)
    coloured = in_terminal(80, *words)
    assert "\x1b[" in coloured
    assert COLOURS.sub("", coloured) == COLOURS.sub("", plain)


def on_screen(text: str, width: int, hang: int) -> list[str]:
    out = Console(width=width, force_terminal=True, color_system=None, highlight=False, markup=False, emoji=False)
    with out.capture() as captured:
        show(out, Line(text, hang=hang, command="advisor" in text))
    return captured.get().splitlines()


@pytest.mark.parametrize(
    ("text", "hang", "lines"),
    [
        ("C01  one two three four five six", 5, ["C01  one two three four", "     five six"]),
        ("-> advisor run s --pilots vision", 3, ["-> advisor run s \\", "   --pilots vision"]),
        ("-> Close other programs, then wait", 3, ["-> Close other programs,", "   then wait"]),
        (f"     {'x' * 30}", 5, [f"     {'x' * 20}", f"     {'x' * 10}"]),
        (f"-> advisor run {'x' * 30}", 3, [f"-> advisor run {'x' * 30}"]),
        ("a [red]b[/red] :smile:", 0, ["a [red]b[/red] :smile:"]),
        ("", 0, [""]),
    ],
)
def test_lines_are_folded_at_words(text: str, hang: int, lines: list[str]) -> None:
    assert [line.rstrip() for line in on_screen(text, 25, hang)] == lines
