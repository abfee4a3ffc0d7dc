"""Series at a regular interval, however times are written; irregular ones are refused with the line."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from advisor.userdata.data_error import DataError
from advisor.userdata.profile import SeriesProfile
from advisor.userdata.series import read_series
from advisor.userdata.steps import as_time, instant, steps
from pilots.prepared import PreparedSeries

START = datetime(2025, 1, 31, 23, 0)
HOURS = [str(START + timedelta(hours=n)) for n in range(120)]
VALUES = [math.sin(n) for n in range(120)]


def written(tmp_path: Path, times: list[str], values: list[object] | None = None, delimiter: str = ",") -> Path:
    path = tmp_path / "s.csv"
    values = VALUES[: len(times)] if values is None else values
    lines = [f"{time}{delimiter}{value}" for time, value in zip(times, values, strict=True)]
    path.write_text("\n".join([f"when{delimiter}load", *lines]) + "\n", encoding="utf-8")
    return path


def read(path: Path, **limits: int) -> tuple[np.ndarray, SeriesProfile]:
    found = read_series(path, "when", "load", **limits)
    assert isinstance(found.data, PreparedSeries) and isinstance(found.profile, SeriesProfile)
    return found.data.values, found.profile


def days(start: date, count: int, step: int = 1) -> list[str]:
    return [str(start + timedelta(days=n * step)) for n in range(count)]


def months(count: int, day: int = 1) -> list[date]:
    return [date(2000 + n // 12, n % 12 + 1, day) for n in range(count)]


def working_days(count: int) -> list[str]:
    all_days = (date(2025, 1, 1) + timedelta(days=n) for n in range(2 * count))
    return [str(day) for day in all_days if day.weekday() < 5][:count]


def new_york(count: int, hours: int) -> list[str]:
    """Times of day in New York from before the change to summer time, or instants of every hour."""
    zone = ZoneInfo("America/New_York")
    if hours == 24:
        return [str(datetime(2025, 3, 1, 16, tzinfo=zone) + timedelta(days=n)) for n in range(count)]
    start = datetime(2025, 10, 30, 0, tzinfo=ZoneInfo("UTC"))
    return [str((start + timedelta(hours=n)).astimezone(zone)) for n in range(count)]


@pytest.mark.parametrize(
    ("times", "interval"),
    [
        (HOURS, "1 hour"),
        ([time.replace(" ", "T") + "Z" for time in HOURS], "1 hour"),
        ([str(START + timedelta(minutes=15 * n)) for n in range(120)], "15 minutes"),
        ([str(START + timedelta(seconds=n)) for n in range(120)], "1 s"),
        ([str(START + timedelta(milliseconds=250 * n)) for n in range(120)], "0.25 s"),
        ([str(START + timedelta(minutes=10 * n, seconds=n * 7 % 20)) for n in range(120)], "10 minutes"),
        (days(date(2024, 1, 1), 120), "1 day"),
        (days(date(2024, 1, 1), 120, 7), "7 days"),
        (days(date(2024, 1, 1), 120, 28), "28 days"),
        ([day.replace("-", "") for day in days(date(2024, 1, 1), 120)], "1 day"),
        (working_days(120), "1 working day"),
        ([str(month) for month in months(120)], "1 month"),
        ([str(month)[:7] for month in months(120)], "1 month"),
        ([str(month - timedelta(days=1)) for month in months(120)], "1 month"),
        ([str(month) for month in months(360)[::3]], "3 months"),
        ([f"{year}-12-31" for year in range(1900, 2020)], "1 year"),
        ([f"{year}" for year in range(1900, 2020)], "1"),
        ([f"{n / 10:.1f}" for n in range(120)], "0.1"),
        ([str(1_700_000_000 + 60 * n) for n in range(120)], "60"),
        (new_york(120, 24), "1 day"),
        (new_york(120, 1), "1 hour"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[1],
)
def test_the_interval_is_found(tmp_path: Path, times: list[str], interval: str) -> None:
    values, profile = read(written(tmp_path, times))
    assert (profile.interval, profile.interpolated) == (interval, 0)
    assert (profile.found, profile.used, profile.without_value) == (120, 120, 0)
    assert values == pytest.approx(VALUES)


def test_the_order_of_the_rows_does_not_matter(tmp_path: Path) -> None:
    shuffled = np.random.default_rng(1).permutation(120)
    values, _ = read(written(tmp_path, [HOURS[n] for n in shuffled], [VALUES[n] for n in shuffled]))
    assert values == pytest.approx(VALUES)


def test_of_a_long_series_the_last_values_are_used(tmp_path: Path) -> None:
    for order in (slice(None), slice(None, None, -1)):
        values, profile = read(written(tmp_path, HOURS[order], VALUES[order]), most=110)
        assert values == pytest.approx(VALUES[10:])
        assert (profile.found, profile.used) == (120, 110)


def test_short_gaps_are_filled_on_a_straight_line(tmp_path: Path) -> None:
    kept = [n for n in range(120) if not 20 < n < 26 and n != 50]
    values, profile = read(written(tmp_path, [HOURS[n] for n in kept], [float(n) for n in kept]))
    assert values == pytest.approx(np.arange(120))
    assert (profile.used, profile.interpolated) == (114, 6)


def test_empty_cells_are_gaps(tmp_path: Path) -> None:
    gaps: list[object] = ["" if n in (3, 40) else "NA" if n in (119,) else n for n in range(120)]
    values, profile = read(written(tmp_path, HOURS, gaps))
    assert values == pytest.approx(np.arange(119))
    assert (profile.found, profile.without_value, profile.interpolated) == (117, 3, 2)


def test_weekends_are_no_gaps_and_holidays_are(tmp_path: Path) -> None:
    every = working_days(120)
    kept = [n for n in range(120) if n not in (10, 11, 60)]
    values, profile = read(written(tmp_path, [every[n] for n in kept], [float(n) for n in kept]))
    assert (profile.interval, profile.interpolated) == ("1 working day", 3)
    assert values == pytest.approx(np.arange(120))


def test_semicolons_go_with_decimal_commas(tmp_path: Path) -> None:
    numbers = [f"{n / 10:.1f}".replace(".", ",") for n in range(120)]
    values, profile = read(written(tmp_path, numbers, numbers, delimiter=";"))
    assert values[:3] == pytest.approx([0, 0.1, 0.2])
    assert profile.interval == "0.1"


def changed(place: int, time: str) -> list[str]:
    return [*HOURS[:place], time, *HOURS[place + 1 :]]


@pytest.mark.parametrize(
    ("times", "values", "message", "place"),
    [
        (changed(30, "soon"), None, "not a time", "line 32"),
        (changed(30, ""), None, "not a time", "line 32"),
        (changed(30, "02/03/2025"), None, "not a time", "line 32"),
        (changed(0, "nan"), None, "not a time", "line 2"),
        (changed(30, "17"), None, "a time of another kind", "line 32"),
        (changed(30, HOURS[30] + "+01:00"), None, "a time of another kind", "line 32"),
        (changed(30, HOURS[29]), None, "the same time as in line 31", "line 32"),
        (changed(30, HOURS[29] + ".5"), None, "does not follow the one before it", "line 32"),
        (HOURS[:30] + HOURS[36:], None, "6 values are missing before this one", "line 32"),
        (HOURS, [*VALUES[:30], "high", *VALUES[31:]], "not a number", "line 32"),
        (HOURS, [*VALUES[:30], "1e40", *VALUES[31:]], "not a number that can be forecast", "line 32"),
        (HOURS[:99], None, "only 99 rows with a value", ""),
        (HOURS, [3.5] * 120, "the same value at all times", ""),
        (days(date(2024, 1, 1), 80, 7) + days(date(2025, 7, 8), 40), None, "does not follow", "line 82"),
        ([str(m) for m in months(119)] + ["2009-11-20"], None, "does not follow", "line 121"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_line(
    tmp_path: Path, times: list[str], values: list[object] | None, message: str, place: str
) -> None:
    with pytest.raises(DataError) as caught:
        read(written(tmp_path, times, values))
    assert message in caught.value.message
    assert caught.value.place == place


def test_a_series_with_more_gaps_than_values_is_refused(tmp_path: Path) -> None:
    every = [str(START + timedelta(hours=n)) for n in range(400)]
    kept = [n for n in range(400) if n % 3]  # one of three is missing
    with pytest.raises(DataError, match="132 of 398 values are missing"):
        read(written(tmp_path, [every[n] for n in kept], [float(n % 7) for n in kept]))


def test_times_and_values_need_columns_of_their_own(tmp_path: Path) -> None:
    path = written(tmp_path, HOURS)
    with pytest.raises(DataError, match="cannot be the same column"):
        read_series(path, "when", "when")
    with pytest.raises(DataError, match="did you mean 'when'"):
        read_series(path, "wehn", "load")
    with pytest.raises(DataError, match="did you mean 'load'"):
        read_series(path, "when", "laod")


def test_local_times_that_stand_still_are_refused(tmp_path: Path) -> None:
    """The same day and hour in ever other zones: one instant after the other, and always the same date."""
    offsets = [f"{12 - n // 60:+03d}:{59 - n % 60:02d}" for n in range(120)]
    with pytest.raises(DataError, match="does not follow"):
        read(written(tmp_path, [f"2025-01-01 00:00:00{offset}" for offset in offsets]))


some_times = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1))


@given(
    start=some_times,
    interval=st.integers(1, 10**6).map(lambda seconds: timedelta(seconds=seconds)),
    between=st.lists(st.integers(2, 6), max_size=8).flatmap(lambda some: st.permutations([1] * 20 + some)),
)
def test_any_regular_times_are_counted(start: datetime, interval: timedelta, between: list[int]) -> None:
    assume(interval % timedelta(days=1))  # whole days may be working days or months
    places = [0, *accumulate(between)]
    assert steps([start + place * interval for place in places]).places.tolist() == places


@given(some_times)
def test_times_are_read_as_they_are_written(time: datetime) -> None:
    for text in (str(time), time.isoformat(), f"{time.isoformat()}+00:00"):
        read_time = as_time(text, decimal_comma=False)
        assert read_time is not None and instant(read_time) == instant(time)
