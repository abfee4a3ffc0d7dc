"""What a budget leaves time for: from the end of the plan at first, then by what knowing more is worth.

Before anything was timed, the plan is cut from its end. Once a first round has shown how long things take, what is
worth least per second goes first: the expected value of knowing a criterion exactly (``deciding.information``), summed
over the criteria that a launch answers, and divided by the seconds that it is predicted to take.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from advisor.planning.plan import Launch, Plan

#: A workload, and what is measured of it.
Group = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Timed:
    """A launch that has something to run, and the seconds which that is predicted to take: more than none."""

    launch: Launch
    seconds: float


@dataclass(frozen=True)
class TimeLeft:
    """Seconds to the end of the budget, and those by which it may be overrun to finish what has begun."""

    seconds: float
    grace_s: float

    @property
    def at_most_s(self) -> float:
        """Seconds until nothing more may start."""
        return self.seconds + self.grace_s


def group_of(launch: Launch) -> Group:
    """What counts as evidence together: the baseline tells nothing without the networks it is compared with."""
    return (launch.workload, "pilots" if launch.stage == "baseline" else launch.stage)


def cut_from_the_end(
    timed: Sequence[Timed], workloads: Sequence[str], time_left_s: float, minimum: int
) -> tuple[Timed, ...]:
    """The launches that remain when whole rounds go from the end, down to ``minimum``, and then whole workloads.

    The first workload of the plan remains even where it does not fit: only a trial shows that it takes too long.

    Args:
        timed: in the order of the plan.
        workloads: all of the plan, in its order.
        time_left_s: seconds.
        minimum: launches that count as evidence.
    """
    kept = list(timed)
    last = max((timed_launch.launch.launch for timed_launch in kept), default=0)
    while last >= minimum and _seconds(kept) > time_left_s:
        kept = [timed_launch for timed_launch in kept if timed_launch.launch.launch < last]
        last -= 1
    for name in reversed(workloads[1:]):
        if _seconds(kept) > time_left_s:
            kept = [timed_launch for timed_launch in kept if timed_launch.launch.workload != name]
    return tuple(kept)


def cut_by_worth(
    timed: Sequence[Timed], begun: Mapping[Group, bool], worth: Mapping[str, float], time_left: TimeLeft, minimum: int
) -> tuple[Timed, ...]:
    """The launches that remain when those go that are worth least per second.

    First single launches beyond ``minimum`` go, then whole groups of which nothing has run, then whole groups that
    have begun: with fewer launches than the minimum a value counts as missing, so that half a group is worth nothing.
    Only to finish what has begun may the budget be overrun. What went and fits after all, because something larger went
    after it, comes back. A gate stays as long as anything of its workload does.

    Args:
        timed: in the order of the plan.
        begun: whether some launch has run, for every group of the plan in its order; of two groups that are worth the
            same, the later goes first.
        worth: of knowing a criterion exactly, by criterion.
        time_left: that of the budget.
        minimum: launches that count as evidence.
    """
    selection = _Selection(timed, begun, worth, minimum)
    selection.drop_launches_beyond_the_minimum(time_left.seconds)
    selection.drop_groups(time_left.seconds, that_have_begun=False)
    selection.drop_groups(time_left.at_most_s, that_have_begun=True)
    selection.bring_back(time_left)
    return tuple(timed_launch for timed_launch in timed if timed_launch in selection)


def expected_cuts(plan: Plan, minimum: int) -> tuple[str, ...]:
    """What the budget will leave out if the first estimates are right, in sentences; empty without a budget."""
    budget_s = plan.settings.budget_s
    if budget_s is None:
        return ()
    timed = [Timed(launch, launch.estimated_s) for launch in plan.launches]
    names = [choice.name for choice in plan.workloads]
    kept = cut_from_the_end(timed, names, budget_s, minimum)
    found = []
    wanted, count = (len({timed_launch.launch.launch for timed_launch in some}) for some in (timed, kept))
    if count < wanted:
        found.append(f"The budget is expected to allow {count} launches of each trial in place of {wanted}.")
    staying = {timed_launch.launch.workload for timed_launch in kept}
    found += [f"The pilot {name} is not expected to fit into the budget." for name in names if name not in staying]
    if _seconds(kept) > budget_s:
        found.append(
            f"The smallest plan that counts as evidence takes about {_seconds(kept) / 60:.0f} min, more than the "
            "budget: what does not fit is left out, and its values stay missing."
        )
    if found:
        found.append("These are first estimates: the run goes by what launches really take.")
    return tuple(found)


@dataclass(frozen=True, eq=False)
class _Unit:
    """The launches with the same number of one group."""

    group: Group
    number: int
    parts: tuple[Timed, ...]

    @property
    def seconds(self) -> float:
        return _seconds(self.parts)


class _Selection:
    """What is kept of some launches, and what had to go, in that order. See :func:`cut_by_worth`."""

    def __init__(
        self, timed: Sequence[Timed], begun: Mapping[Group, bool], worth: Mapping[str, float], minimum: int
    ) -> None:
        self._begun = begun
        self._order = list(begun)
        self._worth = worth
        self._minimum = minimum
        self._gates_s = {
            timed_launch.launch.workload: timed_launch.seconds
            for timed_launch in timed
            if timed_launch.launch.stage == "gate"
        }
        self._all = _units(timed)
        self._kept = list(self._all)
        self._gone: list[list[_Unit]] = []

    def __contains__(self, timed_launch: Timed) -> bool:
        if timed_launch.launch.stage == "gate":
            return any(unit.group[0] == timed_launch.launch.workload for unit in self._kept)
        return any(timed_launch in unit.parts for unit in self._kept)

    def drop_launches_beyond_the_minimum(self, until_s: float) -> None:
        """One by one, the last of a group first."""
        while not self._fits(until_s):
            last = {unit.group: unit for unit in self._kept if unit.number >= self._minimum}
            if not last:
                return
            self._drop([min(last.values(), key=self._value_of_one)])

    def drop_groups(self, until_s: float, *, that_have_begun: bool) -> None:
        """Each as a whole."""
        wanted = [group for group in reversed(self._order) if self._begun[group] is that_have_begun]
        groups = [[unit for unit in self._kept if unit.group == group] for group in wanted]
        for units in sorted(filter(None, groups), key=self._value):
            if not self._fits(until_s):
                self._drop(units)

    def bring_back(self, time_left: TimeLeft) -> None:
        """What fits by now, the most valuable first, and nothing before those of its group that come earlier."""
        for units in reversed(self._gone):
            first = units[0]
            earlier = [unit for unit in self._all if unit.group == first.group and unit.number < first.number]
            finishing = self._begun[first.group] and first.number < self._minimum
            until_s = time_left.at_most_s if finishing else time_left.seconds
            if all(unit in self._kept for unit in earlier) and self._fits(until_s, units):
                self._kept += units

    def _drop(self, units: list[_Unit]) -> None:
        self._kept = [unit for unit in self._kept if unit not in units]
        self._gone.append(units)

    def _fits(self, until_s: float, more: Sequence[_Unit] = ()) -> bool:
        """Whether what is kept ends in time, and ``more`` with it; a gate runs once for all that needs it."""
        units = [*self._kept, *more]
        gated = {unit.group[0] for unit in units}
        gates_s = sum(self._gates_s.get(workload, 0.0) for workload in gated)
        return gates_s + sum(unit.seconds for unit in units) <= until_s

    def _value(self, units: Sequence[_Unit]) -> float:
        """Worth per second."""
        parts = [part for unit in units for part in unit.parts]
        criteria = {criterion for part in parts for criterion in part.launch.criteria}
        # A criterion that is not judged here is worth nothing.
        return sum(self._worth.get(criterion, 0.0) for criterion in criteria) / _seconds(parts)

    def _value_of_one(self, unit: _Unit) -> tuple[float, int, int]:
        """Of two launches that are worth the same, the later counts as less."""
        return (self._value([unit]), -unit.number, -self._order.index(unit.group))


def _units(timed: Iterable[Timed]) -> list[_Unit]:
    parts: dict[tuple[Group, int], list[Timed]] = {}
    for timed_launch in timed:
        if timed_launch.launch.stage != "gate":
            parts.setdefault((group_of(timed_launch.launch), timed_launch.launch.launch), []).append(timed_launch)
    return [_Unit(group, number, tuple(some)) for (group, number), some in parts.items()]


def _seconds(timed: Iterable[Timed]) -> float:
    return sum(timed_launch.seconds for timed_launch in timed)
