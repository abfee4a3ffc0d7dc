"""Record a real session in a real terminal as the animated picture of the README.

    python docs/record_session.py [docs/session.svg]

The smallest study there is: an interview answered with Enter, the plan, the pilots in two candidates, the verdict.
What is shown is what the terminal showed; only waiting is cut short. Needs a shell and the packages pyte and pexpect.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape, quoteattr

COLUMNS, ROWS = 100, 30
PROMPT = "$ "
ENTER = "\r"
CANDIDATES = "pytorch,tensorflow"
FIRST = f"advisor run churn --quick --smoke --candidates {CANDIDATES} --dry-run"
SECOND = "advisor run churn"

#: A frame stands at least so long, and at most; what the terminal did not change for longer is waiting.
_SHORTEST_S, _LONGEST_S, _READ_S, _LAST_S = 0.25, 1.5, 4.0, 8.0
#: The screen is looked at no more often; in a long run that would be thousands of pictures.
_LOOK_S = 0.25
_QUIET_S, _LIMIT_S, _MOST_ANSWERS = 1.0, 600.0, 80

_CELL_W, _CELL_H, _MARGIN = 8.4, 18, 16
_BACKGROUND, _FOREGROUND = "#1b1f27", "#d5d9e0"
_COLOURS = {
    "black": "#5c6370", "red": "#f0717b", "green": "#98c379", "brown": "#e5c07b", "blue": "#61afef",
    "magenta": "#c678dd", "cyan": "#56b6c2", "white": "#e6e6e6", "default": _FOREGROUND,
}  # fmt: skip


@dataclass(frozen=True)
class Run:
    """Neighbouring characters of one look, from a column on. ``colour`` is one of SVG's."""

    column: int
    text: str
    colour: str
    bold: bool


#: What one row of the screen shows.
Line = tuple[Run, ...]


@dataclass(frozen=True)
class Frame:
    """All rows of the screen, and how long they stood."""

    lines: tuple[Line, ...]
    seconds: float


def record() -> list[Frame]:
    """Drive the session and take down what the terminal showed.

    Raises:
        TimeoutError: the session did not come to its end.
    """
    with TemporaryDirectory() as folder:
        terminal = Terminal(Path(folder))
        try:
            terminal.type(FIRST)
            for _ in range(_MOST_ANSWERS):
                terminal.wait()
                if terminal.at_prompt:
                    break
                terminal.send(ENTER)
            terminal.hold(_READ_S)
            terminal.type(SECOND)
            while not terminal.at_prompt:
                terminal.wait()
            return terminal.frames()
        finally:
            terminal.close()


class Terminal:
    """A shell in a pseudo-terminal, and what it looks like."""

    def __init__(self, folder: Path) -> None:
        import pexpect
        import pyte

        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        own = {"PATH": path, "PS1": PROMPT, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "HOME": str(folder)}
        kept = {name: os.environ[name] for name in ("PYTHONPATH", "LD_LIBRARY_PATH") if name in os.environ}
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.Stream(self._screen)
        self._child = pexpect.spawn(
            "/bin/sh", [], cwd=folder, env={**kept, **own}, dimensions=(ROWS, COLUMNS), encoding="utf-8"
        )
        # Programs ask where the cursor is; a terminal answers.
        self._screen.write_process_input = self._child.send
        self._until = time.monotonic() + _LIMIT_S
        self._held: dict[int, float] = {}
        self._shots: list[tuple[float, tuple[Line, ...]]] = []
        self.wait()

    @property
    def at_prompt(self) -> bool:
        """True if the shell waits for a command."""
        row = self._screen.display[self._screen.cursor.y]
        return row.rstrip() == PROMPT.rstrip() and self._screen.cursor.x == len(PROMPT)

    def type(self, command: str) -> None:
        """Type a command, some letters at a time, and start it."""
        for start in range(0, len(command), 6):
            self.send(command[start : start + 6])
            self._look(0.1)
        self.send(ENTER)
        self._look(_LOOK_S)

    def send(self, keys: str) -> None:
        """Press keys."""
        self._child.send(keys)

    def hold(self, seconds: float) -> None:
        """Let what is shown now stand at least so long in the recording."""
        self._held[len(self._shots) - 1] = seconds

    def wait(self) -> None:
        """Until nothing has changed for a moment."""
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < _QUIET_S:
            if self._look(_LOOK_S):
                quiet_since = time.monotonic()
            if time.monotonic() > self._until:
                raise TimeoutError("\n".join(self._screen.display))

    def frames(self) -> list[Frame]:
        """What was seen so far; waiting is cut short."""
        times = [moment for moment, _ in self._shots]
        stood = [after - before for before, after in pairwise(times)]
        seconds = [*(min(_LONGEST_S, max(_SHORTEST_S, one)) for one in stood), _LAST_S]
        seconds = [max(one, self._held.get(number, 0.0)) for number, one in enumerate(seconds)]
        return [Frame(lines, one) for (_, lines), one in zip(self._shots, seconds, strict=True)]

    def close(self) -> None:
        """End the shell and all that it started."""
        self._child.close(force=True)

    def _look(self, seconds: float) -> bool:
        """Read for a moment; True if the screen has changed."""
        import pexpect

        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            try:
                self._stream.feed(self._child.read_nonblocking(4096, timeout=left))
            except pexpect.TIMEOUT:
                break
        lines = tuple(_line(self._screen.buffer[row], COLUMNS) for row in range(ROWS))
        if self._shots and self._shots[-1][1] == lines:
            return False
        self._shots.append((time.monotonic(), lines))
        return True


def _line(cells: object, columns: int) -> Line:
    """A row of pyte's screen as runs; blanks at its end, and blanks between runs of any look, are left out."""
    runs: list[Run] = []
    for column in range(columns):
        cell = cells[column]  # type: ignore[index]
        colour = _COLOURS.get(cell.fg, f"#{cell.fg}" if len(cell.fg) == 6 else _FOREGROUND)
        last = runs[-1] if runs else None
        if last and (last.colour, last.bold) == (colour, cell.bold) and last.column + len(last.text) == column:
            runs[-1] = Run(last.column, last.text + cell.data, colour, cell.bold)
        elif cell.data.strip():
            runs.append(Run(column, cell.data, colour, cell.bold))
    return tuple(Run(run.column, run.text.rstrip(), run.colour, run.bold) for run in runs)


def svg(frames: Sequence[Frame], title: str) -> str:
    """The frames as one picture, which plays for ever, or shows its last frame to who wants no motion.

    Each different row is drawn once; frames stand below one another and are pulled through a window.
    """
    width, height = round(COLUMNS * _CELL_W), ROWS * _CELL_H
    rows = {
        line: f"r{number}" for number, line in enumerate(dict.fromkeys(one for f in frames for one in f.lines if one))
    }
    total_s = sum(frame.seconds for frame in frames)
    last = -height * (len(frames) - 1)
    style = (
        f"text{{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre}}.b{{font-weight:700}}"
        f"#film{{animation:play {total_s:.1f}s step-end infinite}}@keyframes play{{{''.join(_keys(frames, height))}}}"
        f"@media(prefers-reduced-motion:reduce){{#film{{animation:none;transform:translateY({last}px)}}}}"
    )
    outer_w, outer_h = width + 2 * _MARGIN, height + 2 * _MARGIN
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {outer_w} {outer_h}" width="{outer_w}" role="img">',
        f"<title>{escape(title)}</title><style>{style}</style>",
        f'<rect width="{outer_w}" height="{outer_h}" rx="10" fill="{_BACKGROUND}" stroke="#6b7280"/><defs>',
        *(f'<g id="{name}">{"".join(_texts(line))}</g>' for line, name in rows.items()),
        f'</defs><svg x="{_MARGIN}" y="{_MARGIN}" width="{width}" height="{height}"><g id="film">',
    ]
    for number, frame in enumerate(frames):
        for row, line in enumerate(frame.lines):
            if line:
                y = number * height + (row + 1) * _CELL_H - 5
                parts.append(f'<use href="#{rows[line]}" y="{y}"/>')
    return "".join([*parts, "</g></svg></svg>\n"])


def _keys(frames: Sequence[Frame], height: int) -> Iterator[str]:
    total_s, at_s = sum(frame.seconds for frame in frames), 0.0
    for number, frame in enumerate(frames):
        yield f"{100 * at_s / total_s:.3f}%{{transform:translateY({-height * number}px)}}"
        at_s += frame.seconds


def _texts(line: Line) -> Iterator[str]:
    for run in line:
        weight = ' class="b"' if run.bold else ""
        length = len(run.text) * _CELL_W
        yield (
            f'<text x="{run.column * _CELL_W:.1f}" textLength="{length:.1f}" fill={quoteattr(run.colour)}{weight}>'
            f"{escape(run.text)}</text>"
        )


def main() -> None:
    """Record and write the picture."""
    path = Path(sys.argv[1] if sys.argv[1:] else "docs/session.svg")
    picture = svg(record(), f"A session: {FIRST}, then {SECOND}")
    path.write_text(picture, encoding="utf-8")
    print(f"{path}: {len(picture) / 1000:.0f} kB", file=sys.stderr)


if __name__ == "__main__":
    main()
