"""What a run shows: lines for logs, a live screen for people, nothing when asked to be quiet."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console

from advisor.measuring.events import Activity, Event, LaunchStarted, Reading, RunEnded, RunStarted, TrialsFinished
from advisor.progress import LiveProgress, PlainProgress, duration, failures, progress_for, summary, time_left
from pilots.records import Lane, TrialRecord, TrialSpec

SPEC = TrialSpec("race", "tabular", "smoke", "keras-torch", "default", 0, 0, 1)
FAILED = TrialRecord("k", SPEC, "out_of_memory", "", 1.0, None, None, "first line\nkilled in [/red] [bold]layer[0]\n")
FINE = TrialRecord("l", SPEC, "not_comparable", "", 1.0, None, None, "a reason that is no failure")
RUN: tuple[Event, ...] = (
    RunStarted(trials=4, finished=1, seconds_left=600),
    LaunchStarted("tabular [x], launch 1: race", 300),
    Activity("keras-torch", "warming up [/]"),
    Reading("keras-torch", "step", 1.23456, "ms"),
    Reading("keras-torch", "quality", 0.9, "after epoch 1 of 2"),
    TrialsFinished((FAILED, FINE), 3, 4, 20),
    RunEnded(finished=3, failed=1, left_out=1),
)


def shown(*, terminal: bool, quiet: bool = False) -> str:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=terminal, width=120, color_system=None, _environ={"TERM": "xterm"})
    with progress_for(console, quiet=quiet) as watch:
        for event in RUN:
            watch(event)
    return screen.getvalue()


def test_a_log_gets_one_line_per_thing_worth_knowing() -> None:
    assert shown(terminal=False).splitlines() == [
        "1 of 4 trials are done; about 10 min left",
        "tabular [x], launch 1: race (about 5 min left)",
        "keras-torch, tabular, race: out of memory: killed in [/red] [bold]layer[0]",
        "  3 of 4 trials done",
        "3 trials are on disk; 1 failed and is a row in the report; 1 did not fit into the budget",
    ]


def test_a_terminal_gets_the_numbers_as_they_come() -> None:
    screen = shown(terminal=True)
    for part in (
        "keras-torch",
        "warming up [/]",
        "1.235 ms",
        "0.9 after epoch 1 of 2",
        "tabular [x], launch 1: race",
        "about 10 min left",
        "out of memory: killed in [/red] [bold]layer[0]",
        "3/4",
        "1 did not fit into the budget",
    ):
        assert part in screen
    assert "no failure" not in screen


def test_the_bar_follows_what_the_budget_leaves_to_run() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120, color_system=None, _environ={"TERM": "xterm"})
    with LiveProgress(console) as watch:
        watch(RunStarted(9, 1, 60))
        watch(TrialsFinished((FINE,), 2, 5, 30))
    assert "1/9" in screen.getvalue()
    assert "2/5" in screen.getvalue()


def test_quiet_is_quiet(capfd: pytest.CaptureFixture[str]) -> None:
    assert shown(terminal=True, quiet=True) == ""
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("terminal", "term", "expected"),
    [(True, "xterm", LiveProgress), (True, "dumb", PlainProgress), (False, "xterm", PlainProgress)],
)
def test_the_display_fits_the_terminal(terminal: bool, term: str, expected: type) -> None:
    console = Console(file=io.StringIO(), force_terminal=terminal, _environ={"TERM": term})
    assert type(progress_for(console, quiet=False)) is expected


def test_an_interrupt_leaves_the_terminal_as_it_was() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=100, _environ={"TERM": "xterm"})
    with pytest.raises(KeyboardInterrupt), progress_for(console, quiet=False) as watch:
        watch(RUN[0])
        raise KeyboardInterrupt
    hide, show = "\x1b[?25l", "\x1b[?25h"
    assert hide in screen.getvalue()
    assert screen.getvalue().rfind(show) > screen.getvalue().rfind(hide)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "about 5 s"), (31, "about 30 s"), (59.9, "about 60 s"), (60, "about 1 min"), (3600, "about 60 min")],
)
def test_durations_are_rough(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_nothing_left_is_said() -> None:
    assert time_left(0) == "nothing left to run"
    assert time_left(10) == "about 10 s left"
    assert summary(RunEnded(5, 0, 0)) == "5 trials are on disk"
    assert "2 failed and are rows" in summary(RunEnded(5, 2, 0))
    ended = summary(RunEnded(5, 0, 3, ("memory of vision (why)", "training speed of vision (why)")))
    assert ended.endswith("3 did not fit into the budget: memory of vision (why); training speed of vision (why)")


@pytest.mark.parametrize(
    ("lane", "control", "name"),
    [
        ("default", False, "keras-torch"),
        ("tuned", False, "keras-torch (tuned)"),
        ("default", True, "keras-torch (control)"),
        ("tuned", True, "keras-torch (tuned, control)"),
    ],
)
def test_a_failed_trial_names_its_lane(lane: Lane, control: bool, name: str) -> None:
    spec = replace(SPEC, lane=lane, control=control)
    assert spec.entrant == name
    (line,) = failures(TrialsFinished((replace(FAILED, spec=spec),), 1, 1, 0))
    assert line.startswith(f"{name}, tabular, race: out of memory")


def test_a_lane_that_is_done_leaves_the_screen_and_the_other_stays() -> None:
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=120, color_system=None, _environ={"TERM": "xterm"})
    tuned = replace(FINE, spec=replace(SPEC, lane="tuned"))
    with LiveProgress(console) as watch:
        for event in (
            RunStarted(2, 0, 60),
            Activity("keras-torch", "racing by default"),
            Activity("keras-torch (tuned)", "racing compiled"),
        ):
            watch(event)
        screen.seek(0)
        screen.truncate()
        watch(TrialsFinished((tuned,), 1, 2, 30))
        shown_last = screen.getvalue()
    assert "racing by default" in shown_last
    assert "racing compiled" not in shown_last
