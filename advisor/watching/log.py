"""The calm log: a line for each thing worth knowing, for files, pipes and screen readers."""

from __future__ import annotations

from rich.console import Console

from advisor.measuring.analysis.race_state import RaceState
from advisor.measuring.running.events import (
    Activity,
    BlockRaced,
    EpochLearned,
    Event,
    LaunchStarted,
    QuietAwaited,
    RaceJudged,
    RunEnded,
    RunStarted,
    Stopping,
    TrialsFinished,
    WaitingForQuiet,
)
from advisor.watching.words import (
    STOPPING,
    awaited,
    printable,
    raced,
    resolved,
    summary,
    time_left,
    waiting,
    warnings,
)


class PlainLog:
    """Writes lines in words alone: no colours, nothing that moves."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._said: set[tuple[str, ...]] = set()

    def __enter__(self) -> PlainLog:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, event: Event) -> None:
        """Write the event, if it is worth a line."""
        match event:
            case RunStarted():
                self._line(f"{event.finished} of {event.trials} trials are done; {time_left(event.seconds_left)}")
            case LaunchStarted():
                self._line(f"{printable(event.title)} ({time_left(event.seconds_left)})")
            case TrialsFinished():
                for warning in warnings(event):
                    self._line(f"  warning: {warning}")
                self._line(f"  {event.finished} of {event.trials} trials done")
            case RaceJudged():
                self._judged(event.standing)
            case WaitingForQuiet():
                self._line(f"  {waiting(event)}")
            case QuietAwaited():
                self._line(f"  {awaited(event)}")
            case Stopping():
                self._line(STOPPING)
            case RunEnded():
                self._line(summary(event))
            case Activity() | BlockRaced() | EpochLearned():
                pass

    def _judged(self, standing: RaceState) -> None:
        self._line(f"  {raced(standing)}")
        for pair, sentence in resolved(standing):
            if pair not in self._said:  # the first judgement stands
                self._said.add(pair)
                self._line(f"  {sentence}")

    def _line(self, text: str) -> None:
        self._console.print(text, markup=False, highlight=False, emoji=False, soft_wrap=True)
