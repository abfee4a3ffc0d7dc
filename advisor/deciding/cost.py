"""Money beside the verdict: people's time against the compute bill. Not a criterion, it would count both twice."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from advisor.catalog import CANDIDATES
from advisor.deciding.decision import Cost
from advisor.evidence.from_answers import weeks_until_productive
from advisor.interview.answers import Answers
from advisor.measuring.analysis.series import Series

HOURS_PER_WEEK = 40.0
#: Assumed where nobody said how long the work must live.
DEFAULT_HORIZON_YEARS = 1.0


def cost_of(
    recommended: str,
    rival: str | None,
    answers: Answers,
    series: Sequence[Series],
    comparable_speeds: bool,
    answering: Collection[str] = (),
) -> Cost | None:
    """Cost of choosing ``recommended`` over its rival.

    Args:
        recommended: the candidate chosen.
        rival: what would be chosen in its place, the runner-up of another family; None where there is nothing else.
        answers: prices, people, skills and horizon.
        series: measured step times.
        comparable_speeds: whether the step times speak for the hardware asked about.
        answering: workloads that answer for the asked problem; where both candidates were measured on any of them, no
            stand-in counts.

    Returns:
        None where the price of an hour or the number of people was not answered, or there is no rival.
    """
    usd_hour, people = answers.number("team.engineer_usd_hour"), answers.number("team.people")
    if usd_hour is None or people is None or rival is None:
        return None
    more_weeks = weeks_until_productive(recommended, answers).median - weeks_until_productive(rival, answers).median
    people_usd = more_weeks * HOURS_PER_WEEK * people * usd_hour
    ratio = _step_time_ratio(series, recommended, rival, answering) if comparable_speeds else None
    years = answers.number("project.horizon_years") or DEFAULT_HORIZON_YEARS
    bill = break_even_usd_month(people_usd, ratio, 12 * years) if ratio is not None else None
    return Cost(
        compared_with=rival,
        people_usd=people_usd,
        step_time_ratio=ratio,
        break_even_compute_usd_month=bill,
        explanation=_explain(recommended, rival, people_usd, ratio, bill, years),
    )


def break_even_usd_month(people_usd: float, step_time_ratio: float, months: float) -> float | None:
    """The monthly compute bill at which a difference in speed pays for a difference in people's time.

    ``people_usd`` and ``step_time_ratio`` are those of one choice relative to another. None where no bill does it:
    the choice is better on both, or on neither.
    """
    saved_share = 1.0 - step_time_ratio
    if people_usd * saved_share <= 0:
        return None
    return people_usd / (months * saved_share)


def _step_time_ratio(series: Sequence[Series], first: str, second: str, answering: Collection[str]) -> float | None:
    """Geometric mean over the workloads on which both were measured, those that answer if any do; None without any.

    With its share of an epoch's end, where that was timed for everybody.
    """
    logs = {
        (s.candidate, s.workload): sum(map(math.log, s.values)) / len(s.values)
        for measure in ("race.step_ms", "epochs.step_ms")
        for s in series
        if s.measure == measure and s.lane == "default" and s.values
    }
    workloads = {w for c, w in logs if c == first} & {w for c, w in logs if c == second}
    if not workloads:
        return None
    workloads = workloads & set(answering) or workloads
    return math.exp(sum(logs[first, w] - logs[second, w] for w in sorted(workloads)) / len(workloads))


def _explain(
    recommended: str, other: str, people_usd: float, ratio: float | None, bill: float | None, years: float
) -> str:
    first, second = CANDIDATES[recommended].title, CANDIDATES[other].title
    more = "more" if people_usd >= 0 else "less"
    people = f"Getting the team going costs {abs(people_usd):,.0f} USD {more} in {first} than in {second}."
    if ratio is None:
        return f"{people} Their training speeds were not measured on the hardware that is planned."
    speed = f"The same training takes {ratio:.2f} times as long."
    if bill is None:
        return f"{people} {speed} No compute bill changes which of the two is cheaper."
    side = "cheaper" if ratio < 1 else "more expensive"
    return f"{people} {speed} Over {years:g} years {first} is {side} from {bill:,.0f} USD of compute a month."
