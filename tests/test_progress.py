from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from advisor.measuring.events import (
    Activity,
    Event,
    LaunchStarted,
    Reading,
    RunEnded,
    RunStarted,
    TrialsFinished,
)
from advisor.progress import LiveProgress, PlainProgress, duration, progress_for, summary
from pilots.records import TrialRecord, TrialSpec

SPEC = TrialSpec("race", "tabular", "smoke", "pytorch", "default", seed=0, launch=0, threads=1)
CRASHED = TrialRecord("key", SPEC, "crashed", "now", 1.0, None, None, "first line\n[/red] exit code 3")
EVENTS: list[Event] = [
    RunStarted(8, 2, 100.0),
    LaunchStarted("tabular, launch 1: race [x]", 90.0),
    Activity("pytorch", "warming up"),
    Reading("pytorch", "step", 1.2345, "ms"),
    TrialsFinished((CRASHED, replace(CRASHED, outcome="ok", error=None)), 4, 8, 60.0),
    RunEnded(8, 1, 2),
]


def console(terminal: bool) -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, force_terminal=terminal, width=100, color_system=None, _environ={"TERM": "xterm"}), out


def test_plain_lines_say_what_is_worth_saying() -> None:
    where, out = console(terminal=False)
    with progress_for(where, quiet=False) as watch:
        assert isinstance(watch, PlainProgress)
        for event in EVENTS:
            watch(event)
    lines = out.getvalue().splitlines()
    assert lines[0] == "2 of 8 trials are done; about 2 min left"
    assert lines[1] == "tabular, launch 1: race [x] (about 2 min left)"
    assert lines[2] == "pytorch, tabular, race: crashed: [/red] exit code 3"
    assert lines[3] == "  4 of 8 trials done"
    assert lines[-1] == "8 trials are on disk; 1 failed and is a row in the report; 2 did not fit into the budget"


def test_the_live_screen_shows_candidates_numbers_and_failures() -> None:
    where, out = console(terminal=True)
    with progress_for(where, quiet=False) as watch:
        assert isinstance(watch, LiveProgress)
        for event in EVENTS:
            watch(event)
    text = out.getvalue()
    for part in ("race [x]", "warming up", "1.234 ms", "[/red] exit code 3", "4/8"):
        assert part in text


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    where, out = console(terminal=True)
    with progress_for(where, quiet=True) as watch:
        for event in EVENTS:
            watch(event)
    assert out.getvalue() == "" and capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("seconds", "words"), [(1, "about 5 s"), (33, "about 35 s"), (61, "about 1 min"), (3700, "about 62 min")]
)
def test_durations_are_rough(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (RunEnded(5, 0, 0), "5 trials are on disk"),
        (RunEnded(5, 2, 0), "5 trials are on disk; 2 failed and are rows in the report"),
    ],
)
def test_the_end_in_words(ended: RunEnded, words: str) -> None:
    assert summary(ended) == words
