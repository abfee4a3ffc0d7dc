"""The live screen: the race as it goes, in as many lines and columns as the terminal has."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from advisor.measuring.running.events import BlockRaced, EpochLearned, Event, LaunchStarted, RunStarted, TrialsFinished
from advisor.method import method
from advisor.watching.board import Board, RaceLane
from advisor.watching.sparkline import bar, sparkline, track
from advisor.watching.words import printable, raced, rate, time_left, warnings

#: Blocks follow one another ten times a second: nobody could read that, and each drawing makes the run longer.
_DRAW_AGAIN_S = 0.25
#: From these widths on there is room for what the candidates do, for intervals, and for bars and longer words.
_NOW, _INTERVAL, _WIDE = 80, 104, 128
_GAP = "  "
_TRACK = 30


class LiveScreen:
    """Progress, the race and the learning curves.

    Nothing is drawn by a timer: a refresh happens when an event comes in, and events come between measurements. What
    should not be missed is printed above the screen, where it stays.

    Args:
        console: a terminal.
        now_s: a clock that never goes back, in seconds.
    """

    def __init__(self, console: Console, now_s: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._now_s = now_s
        self._board = Board()
        self._drawn_s = float("-inf")
        self._told_s = now_s()
        self._live = Live(self._picture(), console=console, auto_refresh=False)

    def __enter__(self) -> LiveScreen:
        self._live.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._live.__exit__(None, None, None)

    def __call__(self, event: Event) -> None:
        """Take the event in and draw."""
        self._board.take(event)
        now_s = self._now_s()
        if isinstance(event, RunStarted | LaunchStarted | TrialsFinished):
            self._told_s = now_s
        if isinstance(event, BlockRaced | EpochLearned) and now_s - self._drawn_s < _DRAW_AGAIN_S:
            return
        for warning in warnings(event) if isinstance(event, TrialsFinished) else ():
            self._live.console.print(Text(f"warning: {warning}", style="yellow"))
        self._live.update(self._picture(), refresh=True)
        self._drawn_s = now_s

    def _picture(self) -> Group:
        """At most as many lines as the terminal has; what goes first where they do not suffice is named last."""
        size = self._console.size
        board = self._board
        lines = [self._progress(size.width), self._title()]
        if board.message and not board.ended:
            lines.append(Text(board.message, style="bold"))
        room = size.height - 1 - len(lines)
        table = _table(board, size.width)
        extra = [Text(f"noise: {board.noise}", style="dim")] if board.noise else []
        extra += [Text(raced(standing)) for standing in board.elsewhere] if board.ended else []
        if len(table) + len(extra) + 1 <= room:
            table = [Text(), *table, *extra]
        elif len(table) > room:
            hidden = len(table) - max(0, room - 1)
            table = [*table[: max(0, room - 1)], Text(f"... and {hidden} more; a higher window shows them")][:room]
        lines += table
        for line in lines:
            line.no_wrap, line.overflow = True, "ellipsis"
        return Group(*lines[: max(1, size.height - 1)])

    def _progress(self, width: int) -> Text:
        board = self._board
        if board.ended:
            return Text(board.message, style="bold")
        left_s = max(0.0, board.seconds_left - (self._now_s() - self._told_s))
        if not board.trials:
            return Text("starting")
        # While something runs, it is not nothing that is left.
        told = time_left(max(1.0, left_s) if board.seconds_left >= 1 else 0.0)
        text = f"{board.finished} of {board.trials} trials, {told}"
        length = min(_TRACK, width - len(text) - 1)
        drawn = f"{track(board.finished / board.trials, length)} " if length >= 5 else ""
        return Text.assemble((drawn, "green"), text)

    def _title(self) -> Text:
        board = self._board
        round_ = f", round {board.round[0]} of {board.round[1]}" if board.round else ""
        return Text(printable(board.title) + round_, style="bold")


def _table(board: Board, width: int) -> list[Text]:
    """A heading and a line for each candidate; nothing before any has begun."""
    if not board.lanes:
        return []
    columns = _columns(board, width)
    widths = [max(column.width, *(len(column.cell(lane)) for lane in board.lanes)) for column in columns]
    heading = _line([column.heading for column in columns], columns, widths)
    heading.stylize("dim")
    return [heading, *[_line([column.cell(lane) for column in columns], columns, widths) for lane in board.lanes]]


@dataclass(frozen=True)
class _Column:
    """Of at least ``width`` characters, so that the table does not move about while it fills."""

    heading: str
    width: int
    cell: Callable[[RaceLane], str]
    is_number: bool = False


def _columns(board: Board, width: int) -> list[_Column]:
    best = max((board.per_s(lane) or 0.0 for lane in board.lanes), default=0.0)
    low, high = board.range_of_scores()
    curve = 6 if width < _NOW else 12 if width < _WIDE else 24
    wanted = {
        "candidate": _Column("candidate", 9, lambda lane: lane.entrant),
        "now": _Column("now", 16, lambda lane: board.doing.get(lane.entrant, "")),
        "bar": _Column("", 12, lambda lane: bar((board.per_s(lane) or 0.0) / best, 12) if best else ""),
        "rate": _Column("examples/s", 10, lambda lane: rate(found) if (found := board.per_s(lane)) else "", True),
        "interval": _Column(f"{_confidence()} interval", 18, lambda lane: _interval(board, lane)),
        "verdict": _Column("verdict", 16, lambda lane: board.verdict(lane, named=width >= _WIDE)),
        "curve": _Column("learning", curve + 5, lambda lane: _curve(lane, low, high, curve)),
    }
    room = {"now": _NOW, "interval": _INTERVAL, "bar": _WIDE}
    return [column for name, column in wanted.items() if width >= room.get(name, 0)]


def _line(cells: Sequence[str], columns: Sequence[_Column], widths: Sequence[int]) -> Text:
    padded = [
        printable(cell).rjust(width) if column.is_number else printable(cell).ljust(width)
        for cell, column, width in zip(cells, columns, widths, strict=True)
    ]
    return Text(_GAP.join(padded).rstrip())


def _confidence() -> str:
    return f"{method().measuring.confidence:.0%}"


def _interval(board: Board, lane: RaceLane) -> str:
    throughput = board.throughput(lane)
    if throughput is None:
        return ""
    if throughput.low is None or throughput.high is None:
        return "after 2 launches"
    return f"{rate(throughput.low)} to {rate(throughput.high)}"


def _curve(lane: RaceLane, low: float, high: float, width: int) -> str:
    if not lane.curve:
        return ""
    return f"{sparkline(lane.curve, low, high, width)} {lane.curve[-1]:.2f}"
