"""What the report says about the team's own data: counts and shares, in plain words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_decision import decision
from report_study import study_inputs

from advisor.reporting.document import build_document
from advisor.reporting.formats.render import render
from advisor.userdata.profile import Balance, ImagesProfile, Profile, SeriesProfile, TableProfile, TextProfile

BALANCE = Balance(3, 0.004, 0.9)
LEFT_OUT = (("empty", 1), ("an identifier: whole numbers, each once", 2))


@pytest.mark.parametrize(
    ("profile", "summary", "rows"),
    [
        (
            TableProfile("table", "churn.csv", "churned", 2_500_000, 100_000, 12, 3, 2, LEFT_OUT, BALANCE, 0.0123),
            "The pilots ran on the team's own table churn.csv, predicting its column churned. It is too large for "
            "pilots: a random sample of 100,000 rows was used.",
            (
                ("Rows", "100,000 of 2,500,000"),
                ("Rows without a target, left out", "12"),
                ("Columns used", "3 of numbers, 2 of categories"),
                ("Columns left out", "1 (empty); 2 (an identifier: whole numbers, each once)"),
                ("Cells missing in the columns used", "1.2%"),
                ("Classes", "3"),
                ("Share of the smallest class", "0.4%"),
                ("Share of the largest class", "90%"),
            ),
        ),
        (
            TableProfile("table", "t.csv", "price", 90, 90, 0, 3, 0, (), None, 0.0),
            "The pilots ran on the team's own table t.csv, predicting its column price.",
            (
                ("Rows", "90"),
                ("Columns used", "3 of numbers, 0 of categories"),
                ("Cells missing in the columns used", "0%"),
                ("Target", "a number"),
            ),
        ),
        (
            ImagesProfile("images", "photos", 1200, 1200, 4, Balance(2, 0.5, 0.5), (640, 4000), (480, 480), 32, 3),
            "The pilots ran on the team's own images photos, predicting the class of each.",
            (
                ("Images", "1,200"),
                ("Other files, passed over", "4"),
                ("Classes", "2"),
                ("Share of the smallest class", "50%"),
                ("Share of the largest class", "50%"),
                ("Width", "640 to 4,000 pixels"),
                ("Height", "480 pixels"),
                ("As the pilots see them", "32 x 32 pixels, in colour"),
            ),
        ),
        (
            TextProfile("text", "t.csv", "mood", 30_000, 20_000, 7, BALANCE, (12, 80, 4000), 3, 10_000),
            "The pilots ran on the team's own texts t.csv, predicting the column mood. They are too many for pilots: a "
            "random sample of 20,000 texts was used.",
            (
                ("Texts", "20,000 of 30,000"),
                ("Rows without a text or a class, left out", "7"),
                ("Classes", "3"),
                ("Share of the smallest class", "0.4%"),
                ("Share of the largest class", "90%"),
                ("Words per text", "median 12, 95th percentile 80, largest 4,000"),
                ("Texts cut off after 10,000 characters", "3"),
            ),
        ),
        (
            SeriesProfile("series", "load.csv", "hour", "mw", 30_000, 20_000, 5, "1 hour", 2),
            "The pilots ran on the team's own series load.csv, predicting its column mw over hour. It is too long for "
            "pilots: its last 20,000 values were used.",
            (
                ("Values", "20,000 of 30,000"),
                ("Rows without a value", "5"),
                ("Interval", "1 hour"),
                ("Values missing in between, interpolated", "2"),
            ),
        ),
    ],
    ids=lambda value: value.kind if hasattr(value, "kind") else "",
)
def test_what_the_teams_own_data_are_like(profile: Profile, summary: str, rows: tuple[tuple[str, str], ...]) -> None:
    study = replace(study_inputs(decision("clear")), data=profile)
    data = build_document(study).context.data
    assert data is not None
    assert (data.summary, data.profile.rows) == (summary, rows)
    report = render(build_document(study))
    assert summary in report and f"| {rows[0][0]} | {rows[0][1]} |" in report


def test_without_data_of_the_teams_or_without_pilots_nothing_is_said_of_them() -> None:
    profile = SeriesProfile("series", "load.csv", "hour", "mw", 300, 300, 0, "1 hour", 0)
    assert build_document(study_inputs(decision("clear"))).context.data is None
    unmeasured = replace(study_inputs(decision("lean", pilots=False), pilots=False), data=profile)
    assert build_document(unmeasured).context.data is None
