"""Command-line options as settings."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.arguments import PilotOptions
from advisor.catalog import CANDIDATES
from advisor.errors import AdvisorError, ExitCode
from advisor.options import candidate_list, changes, interpreters, seconds

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


def test_a_table_is_known_by_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a,b\n" + "".join(f"{number % 7}.5,{'xy'[number % 2]}\n" for number in range(40))
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    source = changes(PilotOptions(data=Path("t.csv"), target="b"))["data"]
    assert Path(source.path).is_absolute()
    assert Path(source.path).samefile(tmp_path / "t.csv")
    assert (source.target, source.sha256) == ("b", hashlib.sha256(text.encode()).hexdigest())


def test_a_table_and_its_target_need_each_other(tmp_path: Path) -> None:
    with pytest.raises(AdvisorError, match="--target names a column of --data"):
        changes(PilotOptions(target="b"))
    with pytest.raises(AdvisorError, match="needs the column to predict"):
        changes(PilotOptions(data=tmp_path / "t.csv"))
