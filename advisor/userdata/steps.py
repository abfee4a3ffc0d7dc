"""Times as steps of a calendar: how far apart the values of a series are, and where some are missing."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from advisor.userdata.cells import as_number
from pilots.pilot import Array

Time = datetime | float

#: A value may come this share of the interval early or late.
_JITTER = 0.05
#: From this many days on, and unless they are whole weeks, values are counted in months, which differ in length.
_SHORTEST_MONTH_DAYS = 27
_WEEK_DAYS = 7
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTH = re.compile(r"\d{4}-\d{2}")
_SECONDS = {"day": 86400, "hour": 3600, "minute": 60}
_BY_MONTHS = {1: "1 month", 3: "3 months", 12: "1 year"}


def as_time(cell: str, decimal_comma: bool) -> Time | None:
    """A date or time after ISO 8601 (``2026-03-01 14:30``, ``2026-03``), or a number; None where it is neither."""
    try:
        return datetime.fromisoformat(f"{cell}-01" if _MONTH.fullmatch(cell) else cell)
    except ValueError:
        number = as_number(cell, decimal_comma)
        return None if number is None or math.isnan(number) else number


def alike(first: Time, other: Time) -> bool:
    """Whether two times can be compared: both numbers, or both dates, with or both without an offset from UTC."""
    if isinstance(first, datetime) and isinstance(other, datetime):
        return (first.tzinfo is None) == (other.tzinfo is None)
    return isinstance(first, float) and isinstance(other, float)


@dataclass(frozen=True)
class Steps:
    """``places`` int64: the step at which each value stands, from 0. ``interval``: how long a step is, in words."""

    places: Array
    interval: str


class Irregular(ValueError):
    """Times that follow no interval; ``place`` is the index of the first time that is off."""

    def __init__(self, place: int) -> None:
        super().__init__(f"the time at {place} is off")
        self.place = place


def steps(times: Sequence[Time]) -> Steps:
    """The steps at which rising times stand.

    Dates, or times that are the same on each day, are counted in days; in working days where most are a day apart and
    none is at a weekend; in months where they are about a month or more apart. Other times are counted in seconds,
    numbers as they are.

    Raises:
        Irregular: a time is not a whole number of intervals after the time before it.
    """
    dates = [time for time in times if isinstance(time, datetime)]
    if not dates:
        places, interval = _counted(np.array([instant(time) for time in times]))
        return Steps(places, f"{interval:g}")
    if len({date.time() for date in dates}) == 1:
        return _by_days(np.array([date.date() for date in dates], "datetime64[D]"))
    places, seconds = _counted(np.array([instant(date) for date in dates]))
    return Steps(places, _in_words(seconds))


def instant(time: Time) -> float:
    """What times are ordered by: seconds, where those without an offset are taken for UTC; or the number itself."""
    if isinstance(time, float):
        return time
    return ((time if time.tzinfo else time.replace(tzinfo=UTC)) - _EPOCH) / timedelta(seconds=1)


def _by_days(days: Array) -> Steps:
    between = np.diff(days).astype(np.int64)
    if np.median(between) >= _SHORTEST_MONTH_DAYS and (between % _WEEK_DAYS).any():
        places, interval = _counted(days.astype("datetime64[M]").astype(np.int64))
        return Steps(places, _BY_MONTHS.get(round(interval), f"{interval:.0f} months"))
    if np.median(between) == 1 and bool(np.is_busday(days).all()):
        return Steps(_counted(np.busday_count(days[0], days))[0], "1 working day")
    places, interval = _counted(days.astype(np.int64))
    return Steps(places, _in_words(interval * _SECONDS["day"]))


def _counted(offsets: Array) -> tuple[Array, float]:
    """Offsets in whole intervals after the first offset, and the mean interval; the usual interval is the median."""
    between = np.diff(offsets)
    usual = float(np.median(between))
    if usual <= 0:  # local times with different offsets may stand still, or go back
        raise Irregular(1)
    whole = np.rint(between / usual)
    off = np.flatnonzero((whole < 1) | (np.abs(between - whole * usual) > _JITTER * usual))
    if len(off):
        raise Irregular(int(off[0]) + 1)
    places = np.concatenate([[0], np.cumsum(whole)]).astype(np.int64)
    return places, float((offsets[-1] - offsets[0]) / places[-1])


def _in_words(seconds: float) -> str:
    if seconds >= _SECONDS["minute"]:
        seconds = round(seconds)  # where times come a little early or late
    for unit, length in _SECONDS.items():
        if seconds >= length and seconds % length == 0:
            number = round(seconds / length)
            return f"{number} {unit}" + ("s" if number > 1 else "")
    return f"{seconds:g} s"
