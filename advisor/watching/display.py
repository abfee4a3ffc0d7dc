"""Which display fits where a run is watched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from types import TracebackType

from rich.console import Console

from advisor.measuring.running.events import Event, Watcher
from advisor.watching.log import PlainLog
from advisor.watching.screen import LiveScreen


class NoDisplay:
    """Shows nothing."""

    def __enter__(self) -> NoDisplay:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, event: Event) -> None:
        """Nothing."""


Display = NoDisplay | PlainLog | LiveScreen


def display_for(console: Console, environment: Mapping[str, str], *, quiet: bool) -> Display:
    """The display that fits where the console writes to, and whoever reads it.

    Nothing is drawn where nobody could watch it: into files and pipes, on terminals without a cursor or without these
    characters, in continuous integration (``CI``), and where ``ACCESSIBLE`` says that somebody listens instead.
    """
    if quiet:
        return NoDisplay()
    can_draw = console.is_terminal and not console.is_dumb_terminal and console.encoding.startswith("utf")
    watched = not wants_words(environment) and not _is_set(environment, "CI")
    return LiveScreen(console) if can_draw and watched else PlainLog(console)


def wants_words(environment: Mapping[str, str]) -> bool:
    """True where somebody listens to what is printed: then nothing is drawn, with colours or with characters."""
    return _is_set(environment, "ACCESSIBLE")


class Watching(AbstractContextManager["Watching"]):
    """Hands every event to all displays, one event at a time.

    An event that comes while another is being shown, which only a signal can bring about, waits for that. A terminal
    that has gone away takes its display with it, not the run.
    """

    def __init__(self, display: Display, *others: Watcher) -> None:
        self._display = display
        self._others = others
        self._waiting: list[Event] = []
        self._busy = False
        self._gone = False

    def __enter__(self) -> Watching:
        self._guarded(self._display.__enter__)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._guarded(self._display.__exit__, kind, error, trace)

    def __call__(self, event: Event) -> None:
        """Show the event, and what came meanwhile."""
        self._waiting.append(event)
        if self._busy:
            return
        self._busy = True
        try:
            while self._waiting:
                next_event = self._waiting.pop(0)
                for other in self._others:
                    other(next_event)
                self._guarded(self._display, next_event)
        finally:
            self._busy = False

    def _guarded(self, action: Callable[..., object], *arguments: object) -> None:
        if self._gone:
            return
        try:
            action(*arguments)
        except BrokenPipeError:
            raise
        except OSError:
            self._gone = True


def _is_set(environment: Mapping[str, str], name: str) -> bool:
    return environment.get(name, "").lower() not in ("", "0", "false", "no")
