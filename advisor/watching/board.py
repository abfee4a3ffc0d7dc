"""What there is to show of a run at any moment, worked out from its events; how it looks is another matter."""

from __future__ import annotations

import statistics
from collections import defaultdict
from dataclasses import dataclass, field

from advisor.measuring.analysis.race_state import RaceState, Throughput
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
from advisor.watching.words import NOT_RESOLVED, STOPPING, noise, summary, verdict, waiting

_NOBODY = "baseline"
#: What one candidate after the other does before a race.
_IN_TURN = ("starting", "warming up")


@dataclass
class RaceLane:
    """One line of the race on a workload; ``curve`` has the scores of the last training run, epoch by epoch."""

    entrant: str
    blocks_per_s: list[float] = field(default_factory=list)
    curve: list[float] = field(default_factory=list)

    @property
    def per_s(self) -> float | None:
        """Examples per second in the race that is running or has ended last: the median over its blocks."""
        return statistics.median(self.blocks_per_s) if self.blocks_per_s else None


class Board:
    """Takes events in; what can be read off it is always up to date."""

    def __init__(self) -> None:
        self.trials = 0
        self.finished = 0
        self.seconds_left = 0.0
        self.title = "starting"
        self.workload = ""
        self.round: tuple[int, int] | None = None
        self.doing: dict[str, str] = {}
        self.message = ""
        self.ended = False
        self._lanes: dict[str, dict[str, RaceLane]] = defaultdict(dict)
        self._standings: dict[str, RaceState] = {}

    def take(self, event: Event) -> None:
        """Keep what the event tells."""
        match event:
            case RunStarted() | TrialsFinished():
                self.trials, self.finished, self.seconds_left = event.trials, event.finished, event.seconds_left
                if isinstance(event, TrialsFinished):
                    self._stand_still(event)
            case LaunchStarted():
                self.title, self.workload, self.seconds_left = event.title, event.workload, event.seconds_left
                self.doing.clear()
                self.round = None
            case Activity():
                self._begin(event)
            case BlockRaced():
                self.doing[event.candidate] = "racing"
                self.round = (event.round + 1, event.rounds)
                if lane := self._lane(event.candidate, control=event.control):
                    lane.blocks_per_s.append(event.examples_per_s)
            case EpochLearned():
                if lane := self._lane(event.candidate):
                    if event.epoch == 1:
                        lane.curve.clear()
                    lane.curve.append(event.metric)
            case RaceJudged():
                self._standings[event.standing.workload] = event.standing
            case WaitingForQuiet():
                self.message = self.message or waiting(event)
            case QuietAwaited():
                self.message = STOPPING if self.message == STOPPING else ""
            case Stopping():
                self.message = STOPPING
            case RunEnded():
                self.finished, self.message, self.ended = event.finished, summary(event), True
                self.title = f"pilots: {self.workload}" if self.workload else "pilots"
                self.doing.clear()
                self.round = None

    @property
    def lanes(self) -> tuple[RaceLane, ...]:
        """The lines of the race on the workload that runs now, or ran last."""
        known = self._lanes[self.workload]
        for throughput in self.standing.throughputs if self.standing else ():
            known.setdefault(throughput.entrant, RaceLane(throughput.entrant))
        return tuple(known.values())

    @property
    def standing(self) -> RaceState | None:
        """How the races on that workload stand."""
        return self._standings.get(self.workload)

    @property
    def elsewhere(self) -> tuple[RaceState, ...]:
        """How the races on the other workloads stand."""
        return tuple(standing for workload, standing in self._standings.items() if workload != self.workload)

    @property
    def noise(self) -> str:
        """What a candidate shows against its own copy, in words; empty where that is not known."""
        return noise(self.standing) if self.standing else ""

    def throughput(self, lane: RaceLane) -> Throughput | None:
        """What the finished races say of a candidate."""
        found = self.standing.throughputs if self.standing else ()
        return next((throughput for throughput in found if throughput.entrant == lane.entrant), None)

    def verdict(self, lane: RaceLane, *, named: bool) -> str:
        """See :func:`advisor.watching.words.verdict`."""
        throughput = self.throughput(lane)
        if self.standing is not None and throughput is not None:
            return verdict(self.standing, throughput, named=named)
        barred = [pair for pair in self.standing.comparisons if pair.word == "not comparable"] if self.standing else []
        mine = [pair for pair in barred if lane.entrant in (pair.first, pair.second)]
        if mine:
            return "not comparable"
        return NOT_RESOLVED if lane.blocks_per_s else ""

    def per_s(self, lane: RaceLane) -> float | None:
        """Examples per second: of the race that is running, else of those that are on disk."""
        throughput = self.throughput(lane)
        return throughput.examples_per_s if throughput and self.round is None else lane.per_s

    def range_of_scores(self) -> tuple[float, float]:
        """The lowest and the highest score of any curve of this workload, so that curves can be compared."""
        scores = [score for lane in self.lanes for score in lane.curve]
        return (min(scores), max(scores)) if scores else (0.0, 1.0)

    def _lane(self, entrant: str, *, control: bool = False) -> RaceLane | None:
        """None of control copies, which race beside their originals and are nobody's candidates."""
        if control or entrant == _NOBODY:
            return None
        return self._lanes[self.workload].setdefault(entrant, RaceLane(entrant))

    def _begin(self, event: Activity) -> None:
        if event.what in _IN_TURN:
            self.doing |= {other: "ready" for other, what in self.doing.items() if what in _IN_TURN}
        self.doing[event.candidate] = event.what
        lane = self._lane(event.candidate, control=event.control)
        if lane and event.what == "warming up":  # a new race
            lane.blocks_per_s.clear()

    def _stand_still(self, event: TrialsFinished) -> None:
        for record in event.records:
            self.doing.pop(str(record.spec.entrant), None)
            if record.spec.experiment == "race":
                self.round = None
