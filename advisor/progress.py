"""Showing a run as it goes: a live screen in a terminal, plain lines elsewhere. Draws only between measurements."""

from __future__ import annotations

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn
from rich.table import Table

from advisor.measuring.events import (
    Activity,
    Event,
    LaunchStarted,
    Reading,
    RunEnded,
    RunStarted,
    TrialsFinished,
)

_FINE = ("ok", "not_comparable")


class PlainProgress:
    """One line per thing worth knowing, for logs and pipes."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __enter__(self) -> PlainProgress:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, event: Event) -> None:
        """Write the event, if it is worth a line."""
        match event:
            case RunStarted():
                self._line(f"{event.finished} of {event.trials} trials are done; {time_left(event.seconds_left)}")
            case LaunchStarted():
                self._line(f"{event.title} ({time_left(event.seconds_left)})")
            case TrialsFinished():
                for line in failures(event):
                    self._line(line)
                self._line(f"  {event.finished} of {event.trials} trials done")
            case RunEnded():
                self._line(summary(event))
            case Activity() | Reading():
                pass

    def _line(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)


class LiveProgress:
    """A bar of the trials and a table of the candidates: what each is doing and its latest numbers.

    Nothing is drawn by a timer: a refresh happens when an event comes in, and events come between measurements.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("trials, {task.fields[left]}"),
            console=console,
            auto_refresh=False,
        )
        self._task: TaskID = self._bar.add_task("starting", total=None, left="")
        self._doing: dict[str, str] = {}
        self._numbers: dict[str, dict[str, str]] = {}
        self._live = Live(self._screen(), console=console, auto_refresh=False)

    def __enter__(self) -> LiveProgress:
        self._live.__enter__()
        return self

    def __exit__(self, *exception: object) -> None:
        self._live.__exit__(None, None, None)

    def __call__(self, event: Event) -> None:
        """Take the event in and draw."""
        match event:
            case RunStarted():
                self._bar.update(
                    self._task, total=event.trials, completed=event.finished, left=time_left(event.seconds_left)
                )
            case LaunchStarted():
                self._doing.clear()
                self._bar.update(self._task, description=escape(event.title), left=time_left(event.seconds_left))
            case Activity():
                self._doing[event.candidate] = event.what
            case Reading():
                self._numbers.setdefault(event.candidate, {})[event.measure] = f"{event.value:.4g} {event.unit}"
            case TrialsFinished():
                for record in event.records:
                    self._doing.pop(record.spec.entrant, None)
                for line in failures(event):
                    self._live.console.print(line, markup=False, highlight=False, style="yellow")
                self._bar.update(
                    self._task, total=event.trials, completed=event.finished, left=time_left(event.seconds_left)
                )
            case RunEnded():
                self._doing.clear()
                self._bar.update(self._task, completed=event.finished, description="pilots", left=summary(event))
        self._live.update(self._screen(), refresh=True)

    def _screen(self) -> Group:
        table = Table(box=None, padding=(0, 2, 0, 0))
        for heading in ("candidate", "now", "training step", "held-out quality"):
            table.add_column(heading, overflow="fold")
        for candidate in dict.fromkeys((*self._numbers, *self._doing)):
            numbers = self._numbers.get(candidate, {})
            row = (candidate, self._doing.get(candidate, ""), numbers.get("step", ""), numbers.get("quality", ""))
            table.add_row(*(escape(text) for text in row))
        return Group(self._bar, table)


def progress_for(console: Console, *, quiet: bool) -> PlainProgress | LiveProgress:
    """The progress display that fits where the console writes to."""
    if quiet:
        return PlainProgress(Console(stderr=True, quiet=True))
    return LiveProgress(console) if console.is_terminal and not console.is_dumb_terminal else PlainProgress(console)


def duration(seconds: float) -> str:
    """A rough duration as people say it: ``about 4 min``."""
    return f"about {max(5, round(seconds / 5) * 5)} s" if seconds < 60 else f"about {round(seconds / 60)} min"


def time_left(seconds: float) -> str:
    """The same for what is still to come."""
    return f"{duration(seconds)} left" if seconds >= 1 else "nothing left to run"


def failures(event: TrialsFinished) -> list[str]:
    """A line for each trial that did not end well, with the last line of its error."""
    lines = []
    for record in event.records:
        if record.outcome not in _FINE:
            trial = f"{record.spec.entrant}, {record.spec.workload}, {record.spec.experiment}"
            reason = (record.error or "no message").strip().splitlines()[-1]
            lines.append(f"{trial}: {record.outcome.replace('_', ' ')}: {reason}")
    return lines


def summary(event: RunEnded) -> str:
    """How the run came out, in words."""
    parts = [f"{event.finished} trials are on disk"]
    if event.failed:
        parts.append(f"{event.failed} failed and {'is a row' if event.failed == 1 else 'are rows'} in the report")
    if event.left_out:
        what = f": {'; '.join(event.what)}" if event.what else ""
        parts.append(f"{event.left_out} did not fit into the budget{what}")
    return "; ".join(parts)
