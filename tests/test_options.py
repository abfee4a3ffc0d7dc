from __future__ import annotations

from pathlib import Path

import pytest

from advisor.errors import AdvisorError
from advisor.options import candidate_list, changes, interpreters, seconds


@pytest.mark.parametrize(
    ("text", "expected"), [("90s", 90), ("10m", 600), ("1h", 3600), ("5", 300), ("0.5h", 1800), ("1.5m", 90)]
)
def test_times(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "s", "0s", "-1m", "nan", "infs", "1d", "ten", "1e400s"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(AdvisorError, match="not a time"):
        seconds(text)


def test_candidates_come_in_the_order_of_the_catalog_and_once() -> None:
    assert candidate_list("tensorflow, pytorch,pytorch") == ("pytorch", "tensorflow")


def test_interpreters_are_assigned_to_candidates() -> None:
    assert interpreters(["pytorch=/a/b=c"]) == {"pytorch": "/a/b=c"}
    with pytest.raises(AdvisorError, match="no candidate"):
        interpreters(["torch=/a"])


def test_only_what_was_named_changes() -> None:
    assert changes(None, None, None, None, None, None) == {"pilots": True}
    named = changes("quick", "2m", "pytorch", None, None, 3, no_pilots=True)
    assert named == {"size": "quick", "budget_s": 120.0, "candidates": ("pytorch",), "seed": 3, "pilots": False}


def test_a_table_is_checked_and_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text("x,y\n" + "".join(f"{i},{'ab'[i % 2]}\n" for i in range(40)))
    source = changes(None, None, None, path, "y", None)["data"]
    assert (source.target, Path(source.path)) == ("y", path.resolve())
    assert len(source.sha256) == 64
