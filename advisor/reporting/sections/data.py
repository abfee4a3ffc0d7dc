"""What the team's own data are like: counts and shares, and nothing that stands in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from advisor.reporting.inputs import ReportInputs
from advisor.reporting.words.numbers import counted, percent
from advisor.reporting.words.table import Table
from advisor.userdata.asked import FORMS
from advisor.userdata.profile import Balance, ImagesProfile, Profile, SeriesProfile, TableProfile, TextProfile

_Row = tuple[str, str]


@dataclass(frozen=True)
class Data:
    """Which data the pilots ran on, in a sentence or two, and what they are like."""

    summary: str
    profile: Table


def build_data(inputs: ReportInputs) -> Data | None:
    """The team's data; None where the pilots ran on their own, or none ran."""
    if inputs.data is None or not inputs.has_pilots:
        return None
    match inputs.data:
        case TableProfile() as table:
            what, rows = f"table {table.file}, predicting its column {table.target}", _table(table)
        case ImagesProfile() as images:
            what, rows = f"images {images.file}, predicting the class of each", _images(images)
        case TextProfile() as texts:
            what, rows = f"texts {texts.file}, predicting the column {texts.target}", _texts(texts)
        case SeriesProfile() as series:
            what = f"series {series.file}, predicting its column {series.target} over {series.time}"
            rows = _series(series)
    summary = f"The pilots ran on the team's own {what}.{_sampled(inputs.data)}"
    return Data(summary, Table(("The data", "Value"), tuple(rows)))


def _sampled(profile: Profile) -> str:
    if profile.used == profile.found:
        return ""
    match profile:
        case SeriesProfile():
            return f" It is too long for pilots: its last {profile.used:,} values were used."
        case TableProfile():
            return f" It is too large for pilots: a random sample of {profile.used:,} rows was used."
    return f" They are too many for pilots: a random sample of {profile.used:,} {FORMS[profile.kind].rows} was used."


def _used(profile: Profile, noun: str) -> _Row:
    number = f"{profile.used:,}"
    return (noun, number if profile.used == profile.found else f"{number} of {profile.found:,}")


def _table(profile: TableProfile) -> Iterator[_Row]:
    yield _used(profile, "Rows")
    if profile.without_target:
        yield ("Rows without a target, left out", f"{profile.without_target:,}")
    yield ("Columns used", f"{profile.numeric_columns} of numbers, {profile.categorical_columns} of categories")
    if profile.left_out:
        reasons = "; ".join(f"{number} ({reason})" for reason, number in profile.left_out)
        yield ("Columns left out", reasons)
    yield ("Cells missing in the columns used", _share(profile.missing_share))
    if profile.balance is None:
        yield ("Target", "a number")
    else:
        yield from _balance(profile.balance)


def _images(profile: ImagesProfile) -> Iterator[_Row]:
    yield _used(profile, "Images")
    if profile.other_files:
        yield ("Other files, passed over", f"{profile.other_files:,}")
    yield from _balance(profile.balance)
    yield ("Width", _pixels(profile.widths))
    yield ("Height", _pixels(profile.heights))
    colours = "grey" if profile.channels == 1 else "in colour"
    yield ("As the pilots see them", f"{profile.side} x {profile.side} pixels, {colours}")


def _texts(profile: TextProfile) -> Iterator[_Row]:
    yield _used(profile, "Texts")
    if profile.incomplete:
        yield ("Rows without a text or a class, left out", f"{profile.incomplete:,}")
    yield from _balance(profile.balance)
    median, most, largest = profile.words
    yield ("Words per text", f"median {median:,}, 95th percentile {most:,}, largest {largest:,}")
    if profile.cut:
        yield (f"Texts cut off after {profile.longest:,} characters", f"{profile.cut:,}")


def _series(profile: SeriesProfile) -> Iterator[_Row]:
    yield _used(profile, "Values")
    if profile.without_value:
        yield ("Rows without a value", f"{profile.without_value:,}")
    yield ("Interval", profile.interval)
    if profile.interpolated:
        yield ("Values missing in between, interpolated", f"{profile.interpolated:,}")


def _balance(balance: Balance) -> Iterator[_Row]:
    yield ("Classes", f"{balance.classes:,}")
    yield ("Share of the smallest class", _share(balance.smallest_share))
    yield ("Share of the largest class", _share(balance.largest_share))


def _share(share: float) -> str:
    """As per cent, with a decimal below ten: what is missing or rare matters then."""
    return f"{share * 100:.1f}%" if 0.0005 <= share < 0.0995 else percent(share)


def _pixels(ends: tuple[int, int]) -> str:
    low, high = ends
    return counted(low, "pixel") if low == high else f"{low:,} to {high:,} pixels"
