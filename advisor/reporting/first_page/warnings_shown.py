"""What a reader must know before trusting the numbers, in sentences that end in what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from advisor.catalog import CANDIDATES
from advisor.knowledge.facts import Fact, is_stale
from advisor.measuring.analysis import crowding
from advisor.measuring.analysis.epoch_ends import idlings
from advisor.measuring.machine.fingerprint import Machine
from advisor.measuring.running.trial_queue import LeftOut
from advisor.method import method
from advisor.planning.plan import Plan
from advisor.reporting.words.names import joined
from pilots.records import TrialRecord

#: Load over a minute, told in machine files of before; each trial now tells what others took while it ran.
_NO_LONGER_GIVEN = frozenset({"busy"})


def cautions(
    plan: Plan, machine: Machine, facts: Sequence[Fact], today: date, left_out: Sequence[str]
) -> tuple[str, ...]:
    """What a reader must know before trusting the numbers, each with what to do about it."""
    warnings = [
        f"{warning.message} {warning.action}" for warning in machine.warnings if warning.id not in _NO_LONGER_GIVEN
    ]
    warnings += [f"{_title(candidate)} did not run here: {reason}." for candidate, reason in plan.unavailable.items()]
    warnings += plan.notes
    if left_out:
        warnings.append(f"Other answers rule these out, so they do not count: {', '.join(left_out)}.")
    stale = [fact.id for fact in facts if is_stale(fact, today)]
    if stale:
        warnings.append(f"Facts past their review date count for less: {', '.join(stale)}.")
    return tuple(warnings)


def contention_cautions(records: Sequence[TrialRecord]) -> tuple[str, ...]:
    # Those on a busy machine have a sentence of their own, at the top.
    share = crowding.taken_by_others([race for race in crowding.of_races(records) if not race.busy])
    if share <= method().measuring.contention_warned_share:
        return ()
    return (
        f"Others took {share:.0%} of the processor's time while the candidates raced, so that fewer differences could "
        "be resolved. Measure again at a quieter time or on a machine of your own.",
    )


def idle_cautions(records: Sequence[TrialRecord]) -> tuple[str, ...]:
    """Trainings in which the processor idled for longer than is usual, of each candidate and pilot the worst."""
    worst: dict[tuple[str, str, str], float] = {}
    for idling in idlings(records):
        if idling.share > method().measuring.idle_warned_share:
            name = (idling.candidate, idling.lane, idling.workload)
            worst[name] = max(worst.get(name, 0.0), idling.share)
    return tuple(
        f"While {_title(candidate)}{'' if lane == 'default' else f' ({lane})'} trained {workload.replace('_', ' ')}, "
        f"the processor idled for {share:.0%} of the time. Read in the section of that pilot where it waited, before "
        "you take its times for those of computing."
        for (candidate, lane, workload), share in worst.items()
    )


def budget_cautions(left_out: Sequence[LeftOut | str]) -> tuple[str, ...]:
    """What the budget left no time for. Studies of before hold it in phrases."""
    if not left_out:
        return ()
    return (
        f"Left out for the budget: {'; '.join(_together(left_out))}. With fewer than "
        f"{method().measuring.minimum_launches} launches a value counts as missing. Run again with a larger --budget: "
        "what is stored is kept.",
    )


def _together(left_out: Sequence[LeftOut | str]) -> Iterator[str]:
    """Pilots of which the same is left out for the same reason are told of at once."""
    pilots: dict[tuple[str, str], list[str]] = {}
    for found in left_out:
        if isinstance(found, str):
            yield found
        else:
            pilots.setdefault((found.what, found.why), []).append(found.workload.replace("_", " "))
    for (what, why), names in pilots.items():
        yield f"{what} of {joined(names)} ({why})"


def _title(candidate: str) -> str:
    return CANDIDATES[candidate].title if candidate in CANDIDATES else "The scikit-learn baseline"
