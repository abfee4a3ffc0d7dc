"""The user's series: a column of times and a column of values, brought to one value at every step."""

from __future__ import annotations

import heapq
import math
from itertools import pairwise
from pathlib import Path

import numpy as np

from advisor.userdata.cells import LARGEST, as_number
from advisor.userdata.files import open_rows
from advisor.userdata.profile import SeriesProfile
from advisor.userdata.read import Read
from advisor.userdata.rows import Rows
from advisor.userdata.steps import Irregular, Time, alike, as_time, instant, steps
from pilots.pilot import Array
from pilots.prepared import PreparedSeries

#: The last values, since order matters; more make a pilot longer and tell no more about frameworks.
MOST_VALUES = 20_000
MINIMUM_VALUES = 100
#: So many values in a row may be missing between two others; they are put on the straight line between these ...
LONGEST_GAP = 5
#: ... and no more than this share of all values.
MOST_INTERPOLATED_SHARE = 0.2

_TIMES = "dates or times after ISO 8601, such as 2026-03-01 or 2026-03-01 14:30, or numbers"

#: Order, row, time and value.
_Point = tuple[float, int, Time, float]


def read_series(path: Path, time: str, target: str, *, most: int = MOST_VALUES) -> Read:
    """Read a series, in whatever order its rows stand.

    Args:
        path: a CSV, TSV or Parquet file.
        time: the column of the times.
        target: the column of the values.
        most: of a longer series the last values are read.

    Raises:
        DataError: the file or a column cannot be used, two times are the same, or the times follow no interval.
        AdvisorError: a package that reads such files is missing.
    """
    with open_rows(path) as rows:
        time_place, value_place = rows.column(time), rows.column(target)
        if time == target:
            raise rows.fault("the times and the values cannot be the same column", column=time)
        latest: list[_Point] = []
        found = without_value = 0
        kind: Time | None = None
        for number, cells in rows.cells:
            when = _time(rows, cells[time_place].strip(), kind, number, time)
            kind = kind or when
            value = _value(rows, cells[value_place].strip(), number, target)
            if math.isnan(value):
                without_value += 1
                continue
            found += 1
            keep = heapq.heappush if len(latest) < most else heapq.heappushpop
            keep(latest, (instant(when), number, when, value))
    if found < MINIMUM_VALUES:
        raise rows.fault(f"only {found} rows with a value", column=target, allowed=f"at least {MINIMUM_VALUES} values")
    latest.sort()
    values, interval = _at_every_step(rows, latest, time)
    if not values.std():
        raise rows.fault("the same value at all times", column=target)
    profile = SeriesProfile(
        kind="series",
        file=rows.file,
        time=time,
        target=target,
        found=found,
        used=len(latest),
        without_value=without_value,
        interval=interval,
        interpolated=len(values) - len(latest),
    )
    return Read(PreparedSeries(values), profile)


def _time(rows: Rows, cell: str, kind: Time | None, number: int, column: str) -> Time:
    when = as_time(cell, rows.decimal_comma)
    if when is None:
        raise rows.fault("not a time", number, column, allowed=_TIMES)
    if kind is not None and not alike(kind, when):
        raise rows.fault("a time of another kind than those before it", number, column, allowed=f"all of them {_TIMES}")
    return when


def _value(rows: Rows, cell: str, number: int, column: str) -> float:
    value = as_number(cell, rows.decimal_comma)
    if value is None or abs(value) > LARGEST:
        allowed = f"numbers up to {LARGEST:g}; an empty cell where there is none"
        raise rows.fault("not a number that can be forecast", number, column, allowed=allowed)
    return value


def _at_every_step(rows: Rows, points: list[_Point], column: str) -> tuple[Array, str]:
    """The values, those between two others interpolated, and the interval in words."""
    for (before, earlier_row, _, _), (after, row, _, _) in pairwise(points):
        if before == after:
            raise rows.fault(f"the same time as in {rows.unit} {earlier_row}", row, column, allowed="each time once")
    try:
        found = steps([when for _, _, when, _ in points])
    except Irregular as irregular:
        allowed = "values at a regular interval, of which some may be missing"
        message = "the time does not follow the one before it at the interval of the others"
        raise rows.fault(message, points[irregular.place][1], column, allowed=allowed) from irregular
    gaps = np.diff(found.places) - 1
    widest = int(gaps.argmax())
    if gaps[widest] > LONGEST_GAP:
        raise rows.fault(
            f"{gaps[widest]} values are missing before this one (interval: {found.interval})",
            points[widest + 1][1],
            column,
            allowed=f"at most {LONGEST_GAP} in a row: fill the gap, or begin the series after it",
        )
    every = np.arange(found.places[-1] + 1)
    missing = len(every) - len(points)
    if missing > MOST_INTERPOLATED_SHARE * len(every):
        raise rows.fault(
            f"{missing} of {len(every)} values are missing (interval: {found.interval})",
            column=column,
            allowed=f"at most {MOST_INTERPOLATED_SHARE:.0%}",
        )
    values = np.array([value for _, _, _, value in points])
    return np.interp(every, found.places.astype(np.int64), values), found.interval
