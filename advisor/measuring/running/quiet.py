"""Wait until others leave the processor alone, and tell the rounds of a race in which they did not.

Taking turns does not protect from a neighbour: by a core that somebody else takes, a candidate whose threads spin at
barriers, as PyTorch's do, loses far more than a candidate whose threads sleep. So their ratio moves, and can turn.
Hence a rule that is fixed before anything is measured (``[quiet]`` in ``method.toml``) and asks only what *others*
took, never what came out:

- Before a launch, before its race and after a crowded round the machine is looked at; if others are at work, the run
  waits. After a wait in vain the next wait is half as long, until it has been quiet once more; within a launch all
  waiting is bounded by a share of it. So a machine that is never quiet costs a run twice the first wait.
- A crowded round counts for nobody and stays in the record. As long as waiting has helped, all candidates race another
  round in its place, up to a share of the planned rounds.
- With too few quiet rounds, the launch counts as measured on a busy machine and resolves nothing. What others took in
  rounds that count widens the intervals, see :mod:`advisor.measuring.analysis.crowding`.

All trials stand still while anybody waits, so only others run then.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from advisor.measuring.analysis.crowding import in_the_way, taken
from advisor.measuring.machine import contention
from advisor.measuring.machine.contention import ProcessorTime
from advisor.measuring.running.events import QuietAwaited, WaitingForQuiet, Watcher, ignore
from advisor.measuring.running.host import TrialSession
from advisor.method import Quiet
from pilots.results import Contention, RaceRound

#: How often whoever waits looks whether to go on.
_SLICE_S = 0.1


@dataclass
class _Launch:
    """The launch that runs: when it began and what of it was spent waiting, in seconds."""

    began_s: float
    waited_s: float = 0.0


class QuietGate:
    """Looks after the quiet of one run.

    Args:
        rule: what counts as crowded.
        limit_s: to wait for quiet at most, the first time; 0 asks for no quiet: whatever others do, all counts.
        watch: is told when waiting begins and ends.
        is_over: ends any waiting at once.
        read: the counters of the host, given the sessions that run there; see :class:`TrialHost`.
        clock_mhz: of the host; None where it does not tell.
        spare_cores: so many cores the trials leave idle; others may take those.
        now_s: a clock that never goes back.
        sleep: waits so many seconds.
    """

    def __init__(
        self,
        rule: Quiet,
        limit_s: float,
        watch: Watcher = ignore,
        is_over: Callable[[], bool] = lambda: False,
        *,
        read: Callable[[Collection[TrialSession]], ProcessorTime],
        clock_mhz: Callable[[], float | None] = lambda: None,
        spare_cores: int = 0,
        now_s: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.rule = rule
        self.now_s = now_s
        self._limit_s = limit_s
        self._patience_s = limit_s
        self._watch = watch
        self._is_over = is_over
        self.spare_cores = spare_cores
        self._read = read
        self.clock_mhz = clock_mhz
        self._sleep = sleep
        self._launch = _Launch(now_s())
        self._untold_s = 0.0

    @property
    def asks(self) -> bool:
        """Whether this run asks for quiet at all."""
        return self._limit_s > 0

    def read(self, trials: Collection[TrialSession]) -> ProcessorTime:
        """The counters now."""
        return self._read(trials)

    def between(self, start: ProcessorTime, end: ProcessorTime, *, least: float = 0.0) -> Contention | None:
        """What others took between two readings, not yet marked; None if nobody knows."""
        found = contention.between(start, end, least=least)
        return None if found is None else replace(found, spare_cores=self.spare_cores)

    def is_crowded(self, found: Contention | None) -> bool:
        """Whether others took more than the rule allows; never where nobody asks or nobody knows."""
        if not self.asks or found is None:
            return False
        return in_the_way(found) > self.rule.crowded_cores

    def begin_launch(self) -> bool:
        """Before a launch: look, and wait if need be. Whether it is quiet now, as far as anybody asks."""
        self._launch = _Launch(self.now_s())
        quiet = self._wait(max(self._patience_s, self.rule.window_s))
        self._launch = _Launch(self.now_s())
        return quiet

    def wait(self) -> bool:
        """Within a launch, while all its processes stand still: the same, as far as its share of waiting goes."""
        spent_s = self.now_s() - self._launch.began_s - self._launch.waited_s
        left_s = self.rule.waiting_share * spent_s - self._launch.waited_s
        return self._wait(min(self._patience_s, left_s))

    def judged(self, start: ProcessorTime, end: ProcessorTime, *, starts_processes: bool = False) -> Contention | None:
        """What others took while a trial ran alone, between two readings, marked by the rule; None if nobody knows.

        Nobody does where the trial ``starts_processes`` that end with it, and the system does not tell their time.
        """
        found = self.between(start, end)
        if found is None or (starts_processes and not end.ended_told):
            return None
        return replace(found, busy=self.is_crowded(found), waited_s=self.tell_waited_s())

    def was_quiet(self) -> None:
        """Somebody saw that it is quiet: the next wait may take as long as the first."""
        self._patience_s = self._limit_s

    def tell_waited_s(self) -> float:
        """Seconds spent on looking and waiting that nobody was told yet: all of it, each second once."""
        told_s, self._untold_s = self._untold_s, 0.0
        return told_s

    def _wait(self, at_most_s: float) -> bool:
        if not self.asks:
            return True
        if at_most_s < self.rule.window_s:
            return False
        began_s, told = self.now_s(), False
        while True:
            found = self._look()
            # A look that was broken off has seen too little, or nothing.
            quiet = not self._is_over() and not self.is_crowded(found)
            waited_s = self.now_s() - began_s
            if quiet or waited_s + self.rule.window_s > at_most_s or self._is_over():
                break
            if not told and found is not None:
                self._watch(WaitingForQuiet(taken(found), at_most_s))
                told = True
        if quiet:
            self.was_quiet()
        elif not self._is_over():
            self._patience_s /= 2
        if told:
            self._watch(QuietAwaited(waited_s, quiet))
        self._launch.waited_s += waited_s
        self._untold_s += waited_s
        return quiet

    def _look(self) -> Contention | None:
        """What others take now, while every trial stands still."""
        start, until_s = self._read(()), self.now_s() + self.rule.window_s
        while (left_s := until_s - self.now_s()) > 0 and not self._is_over():
            self._sleep(min(left_s, _SLICE_S))
        return self.between(start, self._read(()))


@dataclass
class TimedAlone:
    """What others took while something was timed that has the machine to itself: ``found``, of the last time."""

    gate: QuietGate
    found: Contention | None = None

    def wait(self) -> None:
        """Wait for quiet if it was not quiet the last time, as far as the gate allows."""
        if self.found is not None and self.found.busy:
            self.gate.wait()

    @contextmanager
    def timing(self, session: TrialSession) -> Iterator[None]:
        """While this session works; nothing is found if it fails."""
        self.found, start = None, self.gate.read([session])
        yield
        self.found = self.gate.judged(start, self.gate.read([session]))


class RaceSurroundings:
    """What others take while a race goes on: which of its rounds count, and how many more there are to be.

    Args:
        gate: of the run.
        trials: the sessions that race.
        planned: rounds that are to count.
    """

    def __init__(self, gate: QuietGate, trials: Collection[TrialSession], planned: int) -> None:
        self._gate = gate
        self._trials = trials
        self._planned = planned
        self._extra = math.floor(gate.rule.extra_rounds_share * planned)
        self._open: list[int] = []
        self._rounds: list[RaceRound] = []
        self._ended = 0
        self._waiting_helps = gate.wait()
        self._waited_s = gate.tell_waited_s()
        self._start = gate.read(trials)
        self._began_s = gate.now_s()

    @property
    def expected(self) -> int:
        """Rounds that will have run in the end, as it looks now."""
        crowded = sum(race_round.crowded for race_round in self._rounds)
        return self._planned + (min(crowded, self._extra) if self._waiting_helps else 0)

    def end_round(self, number: int) -> None:
        """A round has ended and everybody stands still."""
        self._open.append(number)
        self._ended += 1
        if self._gate.now_s() - self._began_s >= self._gate.rule.window_s or number + 1 >= self.expected:
            self._close()

    def end(self) -> None:
        """No further round will be run, though more were expected."""
        if self._open:
            self._close()

    def rounds(self) -> tuple[RaceRound, ...]:
        """What each round met, in their order."""
        return tuple(self._rounds)

    def contention(self) -> Contention | None:
        """That of the race as a whole; None where nothing is known."""
        if not self._rounds:
            return None
        stolen = [race_round.stolen_share for race_round in self._rounds if race_round.stolen_share is not None]
        # Rounds of which nothing is known cannot be called crowded.
        quiet = self._ended - sum(race_round.crowded for race_round in self._rounds)
        return Contention(
            others_share=max(0.0, sum(race_round.others_share for race_round in self._rounds) / len(self._rounds)),
            stolen_share=sum(stolen) / len(stolen) if stolen else None,
            busy=quiet < self._gate.rule.least_quiet_share * self._planned,
            waited_s=self._waited_s,
            cores=self._start.cores,
            spare_cores=self._gate.spare_cores,
        )

    def _close(self) -> None:
        """Judge the rounds since the last reading, and wait if they were crowded."""
        end = self._gate.read(self._trials)
        covered_s = self._gate.now_s() - self._began_s
        found = self._gate.between(self._start, end, least=-1.0)
        crowded = self._gate.is_crowded(found)
        clock = self._gate.clock_mhz()
        if found is not None:
            self._rounds += [
                RaceRound(number, found.others_share, found.stolen_share, covered_s, crowded, clock)
                for number in self._open
            ]
        self._open.clear()
        if crowded:
            self._waiting_helps = self._gate.wait()
            self._waited_s += self._gate.tell_waited_s()
            self._start = self._gate.read(self._trials)
            self._began_s = self._gate.now_s()
        else:
            self._waiting_helps = True
            self._gate.was_quiet()
            self._start, self._began_s = end, self._began_s + covered_s
