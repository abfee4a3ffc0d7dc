"""What runs next, and what the budget leaves no time for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from advisor.measuring.running.duration_model import DurationModel
from advisor.planning.budget import Group, Timed, TimeLeft, cut_by_worth, cut_from_the_end, group_of
from advisor.planning.plan import Launch, Plan
from pilots.records import TrialSpec

#: These run before their workload has been through the gate, and are no evidence by themselves.
_UNGATED = ("baseline", "gate")


@dataclass(frozen=True)
class LeftOut:
    """Trials of one pilot that a budget left no time for.

    ``criteria`` are what they would have told about, none for the baseline alone. ``launches_run`` of the
    ``launches_needed`` for a value ran. ``worth_least``: others were worth more per second; else ``missing_s`` is what
    the launches that are still needed would take, 0 where all those ran.
    """

    workload: str
    criteria: tuple[str, ...]
    launches_run: int
    launches_needed: int
    worth_least: bool
    missing_s: float

    @property
    def what(self) -> str:
        """What is not known for it."""
        return ", ".join(criterion.replace("_", " ") for criterion in self.criteria) or "the baseline"

    @property
    def why(self) -> str:
        """How far it came, and why no further."""
        missing = self.launches_needed - self.launches_run
        if missing <= 0:
            return f"no more than {self.launches_run} launches ran, no time was left"
        ran = f"{self.launches_run} of the {self.launches_needed} launches needed ran"
        how_far = ran if self.launches_run else "no launch was finished"
        if self.worth_least:
            return f"{how_far}, worth least per second"
        return f"{how_far}, {missing} more would take about {self.missing_s:.0f} s"

    def __str__(self) -> str:
        return f"{self.what} of {self.workload} ({self.why})"


@dataclass(frozen=True)
class Clock:
    """Seconds that a run has taken and may take; without a budget, any. ``tolerance`` is a share of the budget."""

    now_s: Callable[[], float]
    started_s: float
    budget_s: float | None
    tolerance: float

    @classmethod
    def start(cls, now_s: Callable[[], float], budget_s: float | None, tolerance: float) -> Clock:
        """The clock of a run that begins now."""
        return cls(now_s, now_s(), budget_s, tolerance)

    def spent_s(self) -> float:
        """Seconds since the run began."""
        return self.now_s() - self.started_s

    def left(self) -> TimeLeft:
        """Less than nothing once the budget is spent."""
        if self.budget_s is None:
            return TimeLeft(float("inf"), 0.0)
        return TimeLeft(self.budget_s - self.spent_s(), self.tolerance * self.budget_s)

    def is_up(self) -> bool:
        """True once the budget is overrun by as much as it may be."""
        return self.left().at_most_s <= 0


class TrialQueue:
    """The launches of a plan, one after another, as far as the budget goes.

    A first round of every workload shows how long things take; while it runs, what cannot fit is cut from the end of
    the plan. After it, what is worth least per second goes first. All of that is decided anew before each launch, from
    what is stored and the time that is left, so that a resumed run decides alike.

    Args:
        plan: every launch that is wanted.
        missing: the trials of a launch that still have to run.
        durations: predicts how long they take.
        clock: of this run.
        worth: see :func:`advisor.planning.budget.cut_by_worth`; asked for only where something has to go.
        minimum: launches that count as evidence.
    """

    def __init__(
        self,
        plan: Plan,
        missing: Callable[[Launch], tuple[TrialSpec, ...]],
        durations: DurationModel,
        clock: Clock,
        worth: Callable[[], Mapping[str, float]],
        minimum: int,
    ) -> None:
        self._plan = plan
        self._missing = missing
        self._durations = durations
        self._clock = clock
        self._worth = worth
        self._minimum = minimum
        self._not_started = list(plan.launches)
        self._kept: tuple[Launch, ...] = ()
        self._worth_least: set[Group] = set()

    def next(self) -> Launch | None:
        """The launch to start now; None where nothing is left to run, or nothing that fits."""
        timed = [timed_launch for launch in self._not_started if (timed_launch := self._timed(launch)).seconds > 0]
        left = self._clock.left()
        chosen, kept = self._first_round(timed, left)
        if chosen is None:
            kept = self._affordable(timed, left)
            chosen = kept[0] if kept else None
            self._worth_least |= self._making_room(timed, kept, left)
        self._kept = tuple(timed_launch.launch for timed_launch in kept)
        if chosen is None:
            return None
        self._not_started.remove(chosen.launch)
        return chosen.launch

    def seconds_left(self) -> float:
        """Prediction for everything that is to run and not finished."""
        seconds = sum(self._timed(launch).seconds for launch in self._kept)
        return min(seconds, max(0.0, self._clock.left().at_most_s))

    def count_left_out(self) -> int:
        """How many trials would not run, as it looks now."""
        return sum(len(self._missing(launch)) for launch in self._plan.launches if launch not in self._kept)

    def left_out(self) -> tuple[LeftOut, ...]:
        """What was left out for the budget and why, for each group of trials; to be asked for at the end."""
        by_group: dict[Group, list[Launch]] = {}
        for launch in self._plan.launches:
            if launch.stage != "gate" and self._missing(launch):
                by_group.setdefault(group_of(launch), []).append(launch)
        return tuple(self._left_out(group, launches) for group, launches in by_group.items())

    def _timed(self, launch: Launch) -> Timed:
        return Timed(launch, self._durations.predict_s(launch, self._missing(launch)))

    def _first_round(self, timed: Sequence[Timed], left: TimeLeft) -> tuple[Timed | None, Sequence[Timed]]:
        """The next launch of the first round, and what is meant to run by then; None where that round is over."""
        names = [choice.name for choice in self._plan.workloads]
        offered = cut_from_the_end(timed, names, left.seconds, self._minimum)
        closed = {timed_launch.launch.workload for timed_launch in timed if timed_launch.launch.stage == "gate"}
        for timed_launch in offered:
            gated = timed_launch.launch.stage in _UNGATED or timed_launch.launch.workload not in closed
            if timed_launch.launch.launch == 0 and gated and timed_launch.seconds <= left.at_most_s:
                return timed_launch, offered
        return None, ()

    def _affordable(self, timed: Sequence[Timed], left: TimeLeft) -> Sequence[Timed]:
        if sum(timed_launch.seconds for timed_launch in timed) <= max(0.0, left.seconds):
            return timed
        if self._clock.is_up():
            return ()
        return cut_by_worth(timed, self._begun(), self._worth(), left, self._minimum)

    def _making_room(self, timed: Sequence[Timed], kept: Sequence[Timed], left: TimeLeft) -> set[Group]:
        """Groups that have begun, are given up now, and would have fitted without the others."""
        needed = {group: 0.0 for group, begun in self._begun().items() if begun and kept}
        for timed_launch in timed:
            if timed_launch.launch.launch < self._minimum and group_of(timed_launch.launch) in needed:
                needed[group_of(timed_launch.launch)] += timed_launch.seconds
        staying = {group_of(timed_launch.launch) for timed_launch in kept}
        return {group for group, seconds in needed.items() if 0 < seconds <= left.at_most_s and group not in staying}

    def _begun(self) -> dict[Group, bool]:
        """For every group of the plan, in its order."""
        begun: dict[Group, bool] = {}
        for launch in self._plan.launches:
            if launch.stage not in _UNGATED:
                ran = len(self._missing(launch)) < len(launch.trials)
                begun[group_of(launch)] = ran or begun.get(group_of(launch), False)
        return begun

    def _left_out(self, group: Group, launches: Sequence[Launch]) -> LeftOut:
        criteria = dict.fromkeys(
            criterion for launch in launches if launch.stage != "baseline" for criterion in launch.criteria
        )
        needed = [launch for launch in launches if launch.launch < self._minimum]
        return LeftOut(
            workload=group[0],
            criteria=tuple(criteria),
            launches_run=min(launch.launch for launch in launches),
            launches_needed=self._minimum,
            worth_least=group in self._worth_least,
            missing_s=sum(self._timed(launch).seconds for launch in needed),
        )
