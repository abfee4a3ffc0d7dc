"""Time that passes while the processor idles, and the line of Python that waited meanwhile."""

from __future__ import annotations

import sys
import threading
import time
from collections import defaultdict
from pathlib import Path
from types import FrameType, TracebackType

from pilots import processor_use
from pilots.epoch_records import TimeUse, Wait

#: Of the process's processor time to the time on the clock: below this a stretch counts as idle. Half a thread that
#: works would be above it, and what a process does while it waits is far below.
IDLE_BELOW = 0.2
_LOOK_EVERY_S = 0.02
#: Reading how long threads stood ready takes longer, so it is done this often, and where the processor seems idle.
_READ_EVERY_S = 1.0
_MOST_FRAMES = 12
_OURS = Path(__file__).parent
_MOST_PLACES = 5


class IdleWatch:
    """A thread that looks fifty times a second whether the process works, and where not, what its main thread does.

    It sleeps in between, and a look is two clocks read, about a microsecond; what it costs what it watches is for
    ``python -m benchmarks idle_watch`` to show. A stretch between two looks is idle where processor time, and time in
    which threads stood ready and waited for a core, together are less than :data:`IDLE_BELOW` of it. It sees nothing
    that is shorter than two looks.
    A main thread that waits without letting go of Python's lock is seen when it is over, at the line that follows.

    It begins at :meth:`resume`. On an accelerator the processor idles rightly: ``watched = False`` reads the counters
    alone.
    """

    def __init__(self, *, watched: bool = True) -> None:
        self._watched = watched
        self._main = threading.main_thread().ident
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, name="idle watch", daemon=True)
        self._waits: dict[tuple[str, ...], list[float]] = defaultdict(list)
        self._goes_on: tuple[str, ...] | None = None
        self._running = False
        self._wall_s = self._processor_s = 0.0
        self._delays_s: list[float | None] = []
        self._switches: list[tuple[int, int] | None] = []
        self._mark = (0.0, 0.0)
        self._reading = self._began = processor_use.read()
        self._read_at = self._began_at = 0.0

    def __enter__(self) -> IdleWatch:
        if self._watched:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.pause()
        self._over.set()
        if self._watched:
            self._thread.join()

    def resume(self) -> None:
        """What is timed begins, or goes on."""
        with self._lock:
            self._running, self._goes_on = True, None
            self._reading = self._began = processor_use.read()
            self._mark = time.perf_counter(), time.process_time()
            self._read_at = self._began_at = self._mark[0]

    def pause(self) -> None:
        """What is timed stands still, or is over; does nothing where it does already."""
        with self._lock:
            if not self._running:
                return
            self._account()
            self._running = False
            use = self._began.until(processor_use.read())
            self._wall_s += time.perf_counter() - self._began_at
            self._processor_s += use.processor_s
            self._delays_s.append(use.run_delay_s)
            known = use.voluntary_switches is not None and use.involuntary_switches is not None
            self._switches.append((use.voluntary_switches or 0, use.involuntary_switches or 0) if known else None)

    def use(self) -> TimeUse:
        """What became of the time so far, up to the last pause."""
        delays = [delay for delay in self._delays_s if delay is not None]
        switches = [pair for pair in self._switches if pair is not None]
        waits = [Wait(sum(seconds), len(seconds), place) for place, seconds in self._waits.items()]
        waits.sort(key=lambda wait: -wait.seconds)
        return TimeUse(
            wall_s=self._wall_s,
            processor_s=self._processor_s,
            run_delay_s=sum(delays) if len(delays) == len(self._delays_s) else None,
            voluntary_switches=sum(count for count, _ in switches) if len(switches) == len(self._switches) else None,
            involuntary_switches=sum(count for _, count in switches) if len(switches) == len(self._switches) else None,
            idle_s=sum(wait.seconds for wait in waits) if self._watched else None,
            waits=tuple(waits[:_MOST_PLACES]),
        )

    def _look(self) -> None:
        while not self._over.wait(_LOOK_EVERY_S):
            with self._lock:
                if self._running:
                    self._account()

    def _account(self) -> None:
        """Close the stretch since the last look: idle or not."""
        now, processor = time.perf_counter(), time.process_time()
        seconds, worked_s = now - self._mark[0], processor - self._mark[1]
        if seconds < _LOOK_EVERY_S:  # the next look has it as well; before a pause, it is too short to be seen
            return
        self._mark = now, processor
        if worked_s >= IDLE_BELOW * seconds:
            self._goes_on = None
            if now - self._read_at > _READ_EVERY_S:
                self._reading, self._read_at = processor_use.read(), now
            return
        reading = processor_use.read()
        ready_s = self._reading.until(reading).run_delay_s or 0.0
        self._reading, self._read_at = reading, now
        if worked_s + ready_s >= IDLE_BELOW * seconds or not self._watched:
            self._goes_on = None
            return
        frame = sys._current_frames().get(self._main or 0)
        while frame is not None and frame.f_code.co_filename == __file__:
            frame = frame.f_back
        place = _place(frame)
        if place == self._goes_on:
            self._waits[place][-1] += seconds
        else:
            self._waits[place].append(seconds)
        self._goes_on = place


def _place(frame: FrameType | None) -> tuple[str, ...]:
    """The lines of Python that a thread is in, the innermost first: ``file:line function``, without folders of the
    user's."""
    lines: list[str] = []
    while frame is not None and len(lines) < _MOST_FRAMES:
        code = frame.f_code
        lines.append(f"{_short(code.co_filename)}:{frame.f_lineno} {code.co_name}")
        frame = frame.f_back
    return tuple(lines)


def _short(file: str) -> str:
    """From the package on for what is installed or ours, else the name of the file alone."""
    path = Path(file)
    if path.is_relative_to(_OURS):
        return str(path.relative_to(_OURS.parent))
    for place, folder in reversed(list(enumerate(path.parts))):
        if folder in ("site-packages", "dist-packages"):
            return "/".join(path.parts[place + 1 :])
    return path.name
