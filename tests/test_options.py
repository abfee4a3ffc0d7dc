"""Command-line options as settings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.catalog import CANDIDATES
from advisor.commands.common_options import PilotOptions
from advisor.commands.option_values import candidate_list, changes, interpreters, pilot_list, seconds
from advisor.errors import AdvisorError, ExitCode
from advisor.userdata.asked import FORMS, UserData
from pilots import workload as workloads

NOTHING = PilotOptions()


@pytest.mark.parametrize(
    ("text", "expected"), [("90s", 90), ("10m", 600), ("1h", 3600), ("1.5m", 90), ("2", 120), ("1e2s", 100)]
)
def test_times(text: str, expected: float) -> None:
    assert seconds(text) == expected


@given(number=st.integers(1, 10**6), unit=st.sampled_from(["s", "m", "h"]))
def test_every_whole_time_is_read(number: int, unit: str) -> None:
    assert seconds(f"{number}{unit}") == number * {"s": 1, "m": 60, "h": 3600}[unit]


@pytest.mark.parametrize("text", ["", "s", "soon", "0", "-3m", "nan", "inf", "1d", "5 minutes"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(AdvisorError, match="is not a time") as error:
        seconds(text)
    assert (error.value.where, error.value.allowed) == ("--budget", "90s, 10m or 1h")


@given(st.lists(st.sampled_from(list(CANDIDATES)), min_size=1))
def test_candidates_come_in_the_order_of_the_catalog(names: list[str]) -> None:
    assert candidate_list(" , ".join(names)) == tuple(name for name in CANDIDATES if name in names)


@pytest.mark.parametrize("text", ["", ",", " , "])
def test_no_candidate_is_refused(text: str) -> None:
    with pytest.raises(AdvisorError, match="No candidate"):
        candidate_list(text)


def test_an_unknown_candidate_gets_a_suggestion() -> None:
    with pytest.raises(AdvisorError, match="Did you mean pytorch") as error:
        candidate_list("keras-torch,pytroch")
    assert error.value.where == "--candidates"
    with pytest.raises(AdvisorError) as other:
        candidate_list("qqqq")
    assert "Did you mean" not in other.value.what


def test_interpreters_are_read() -> None:
    assert interpreters(["pytorch=/a/b=c", "tensorflow=python3"]) == {"pytorch": "/a/b=c", "tensorflow": "python3"}
    assert interpreters([]) == {}


@pytest.mark.parametrize("text", ["pytorch", "pytorch=", "=/usr/bin/python", "torch=/usr/bin/python"])
def test_a_mistaken_interpreter_names_its_own_option(text: str) -> None:
    with pytest.raises(AdvisorError) as error:
        interpreters([text])
    assert error.value.where == "--python"
    assert error.value.exit_code == ExitCode.USAGE


def test_only_what_was_named_changes() -> None:
    assert changes(NOTHING) == {"pilots": True}
    assert changes(NOTHING, no_pilots=True) == {"pilots": False}
    assert changes(PilotOptions(quick=True, budget="1m", candidates="tensorflow", seed=0)) == {
        "pilots": True,
        "size": "quick",
        "budget_s": 60,
        "candidates": ("tensorflow",),
        "seed": 0,
    }


@pytest.mark.parametrize("tuned", [True, False])
def test_the_tuned_lane_is_left_to_the_size_unless_it_was_named(tuned: bool) -> None:
    assert "tuned" not in changes(NOTHING)
    assert changes(PilotOptions(tuned=tuned))["tuned"] is tuned


@pytest.mark.parametrize(
    ("asked", "data"),
    [
        (PilotOptions(data=Path("t.csv"), target="b"), UserData("table", "t.csv", "b")),
        (PilotOptions(images=Path("photos")), UserData("images", "photos")),
        (PilotOptions(text=Path("t.csv"), target="b"), UserData("text", "t.csv", "b")),
        (PilotOptions(text=Path("t.csv"), target="b", text_column="c"), UserData("text", "t.csv", "b", None, "c")),
        (PilotOptions(series=Path("t.csv"), target="b", time="d"), UserData("series", "t.csv", "b", "d")),
    ],
)
def test_data_are_named_and_not_read_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: PilotOptions, data: UserData
) -> None:
    monkeypatch.chdir(tmp_path)
    found = changes(asked)["data"]
    assert found == replace(data, path=str(tmp_path.resolve() / data.path))
    assert found.words == tuple(
        word
        for option, value in (
            (FORMS[data.kind].option, data.path),
            ("--time", data.time),
            ("--target", data.target),
            ("--text-column", data.text_column),
        )
        if value is not None
        for word in (option, value)
    )


FILE = Path("t.csv")


@pytest.mark.parametrize(
    ("asked", "what", "usage"),
    [
        (
            PilotOptions(target="b"),
            "--target names a column of --data or --text or --series, which is missing.",
            "--data",
        ),
        (PilotOptions(time="b"), "--time names a column of --series, which is missing.", "--series"),
        (PilotOptions(text_column="b"), "--text-column names a column of --text, which is missing.", "--text"),
        (PilotOptions(data=FILE), "--data needs the column to predict: --target COLUMN.", "--data"),
        (PilotOptions(text=FILE), "--text needs the column to predict: --target COLUMN.", "--text"),
        (PilotOptions(series=FILE, target="b"), "--series needs the column of the times: --time COLUMN.", "--series"),
        (PilotOptions(series=FILE, time="b"), "--series needs the column to predict: --target COLUMN.", "--series"),
        (PilotOptions(images=FILE, target="b"), "--images has no use for --target.", "--images"),
        (PilotOptions(data=FILE, target="b", time="c"), "--data has no use for --time.", "--data"),
        (PilotOptions(series=FILE, target="b", time="c", text_column="d"), "has no use for --text-column.", "--series"),
    ],
)
def test_data_and_their_columns_need_each_other(asked: PilotOptions, what: str, usage: str) -> None:
    with pytest.raises(AdvisorError) as error:
        changes(asked)
    assert what in error.value.what
    assert error.value.next_command.startswith(f"advisor run {usage} ")


def test_a_study_has_data_of_one_kind() -> None:
    with pytest.raises(AdvisorError, match="of one kind, but --data and --series were named") as error:
        changes(PilotOptions(series=FILE, data=FILE, target="b", time="c"))
    assert error.value.allowed == "one of --data, --images, --text, --series"


def test_pilots_are_named_in_any_order_or_all() -> None:
    assert pilot_list("vision, tabular") == ("tabular", "vision")
    assert pilot_list(" all ") == workloads.names()
    with pytest.raises(AdvisorError, match=r"no pilot 'visoin'\. Did you mean vision") as error:
        pilot_list("visoin")
    assert error.value.where == "--pilots"
    assert "measured_series" in error.value.allowed


def test_named_pilots_take_the_place_of_the_users_own_and_exclude_it() -> None:
    assert changes(PilotOptions(pilots="text")) == {"pilots": True, "named": ("text",), "workload": None}
    with pytest.raises(AdvisorError, match="exclude each other"):
        changes(PilotOptions(pilots="text", workload=Path("churn")))
