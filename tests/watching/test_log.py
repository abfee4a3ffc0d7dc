"""The calm log, which is also what screen readers get; and which display is taken where."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

import pytest
from rich.console import Console
from watched_run import FAILED, SPEC, events, gate, judged, races

from advisor.measuring.running.events import (
    Activity,
    BlockRaced,
    EpochLearned,
    Event,
    LaunchStarted,
    RaceJudged,
    RunEnded,
    RunStarted,
    Stopping,
    TrialsFinished,
)
from advisor.watching.display import NoDisplay, Watching, display_for
from advisor.watching.log import PlainLog
from advisor.watching.screen import LiveScreen
from advisor.watching.words import STOPPING, duration, summary, time_left, warnings
from pilots.records import Lane, TrialRecord
from pilots.results import Contention

FINE = TrialRecord("l", SPEC, "not_comparable", "", 1.0, None, None, "a reason that the gate has told")
RUN: tuple[Event, ...] = (
    RunStarted(trials=4, finished=1, seconds_left=600),
    LaunchStarted("tabular [x], launch 1: race", "tabular", 0, 300),
    Activity("keras-torch", "warming up [/]"),
    BlockRaced("keras-torch", 0, 4, 1.23456, 25920.0),
    EpochLearned("keras-torch", 1, 2, 0.9),
    TrialsFinished((FAILED, FINE), 3, 4, 20),
    Stopping(),
    RunEnded(finished=3, failed=1, left_out=1),
)


def logged(told: tuple[Event, ...] | list[Event], **settings: object) -> list[str]:
    file = io.StringIO()
    with PlainLog(Console(file=file, width=60, **settings)) as watch:
        for event in told:
            watch(event)
    return file.getvalue().splitlines()


def test_a_log_gets_one_line_per_thing_worth_knowing() -> None:
    assert logged(RUN) == [
        "1 of 4 trials are done; about 10 min left",
        "tabular [x], launch 1: race (about 5 min left)",
        "  warning: keras-torch, tabular, race: out of memory: killed in [/red] [bold]layer[0]",
        "  3 of 4 trials done",
        STOPPING,
        "3 trials are on disk; 1 failed and is a row in the report; 1 did not fit into the budget",
    ]


def test_nothing_but_words_even_in_a_terminal() -> None:
    lines = logged(events(), force_terminal=True, color_system="truecolor")
    assert not [line for line in lines if not line.isprintable()]


def test_verdicts_are_told_once_as_they_are_reached() -> None:
    lines = logged([RaceJudged(judged(races(launches))) for launches in (1, 2, 3, 4)])
    told = [line for line in lines if " is " in line]
    assert lines[0].startswith("  race on vision after 1 launch of the 3 needed, examples/s: ")
    assert not [line for line in lines[:2] if " is " in line]
    assert len(told) == len(set(told)) == 10  # every pair of five
    assert [line for line in told if line.startswith("  vision: pytorch is the same as keras-jax (step time 1.00, ")]
    assert [line for line in told if line.startswith("  vision: keras-torch is slower than tensorflow (step time 1.7")]


def test_lanes_are_told_apart() -> None:
    lanes: tuple[Lane, ...] = ("default", "tuned")
    lines = logged([RaceJudged(judged(races(3, lanes=lanes)))])
    assert [line for line in lines if line.startswith("  vision: pytorch (tuned) is faster than by default (step")]
    compiled = "  vision: keras-torch (tuned) is slower than tensorflow (tuned)"
    assert [line for line in lines if line.startswith(compiled)]


@pytest.mark.parametrize(
    ("terminal", "environment", "expected"),
    [
        (True, {"TERM": "xterm"}, LiveScreen),
        (True, {"TERM": "dumb"}, PlainLog),
        (False, {"TERM": "xterm"}, PlainLog),
        (True, {"TERM": "xterm", "ACCESSIBLE": "1"}, PlainLog),
        (True, {"TERM": "xterm", "ACCESSIBLE": "0"}, LiveScreen),
        (True, {"TERM": "xterm", "CI": "true"}, PlainLog),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, LiveScreen),
    ],
)
def test_the_display_fits_the_terminal_and_who_reads_it(
    terminal: bool, environment: Mapping[str, str], expected: type
) -> None:
    console = Console(file=io.StringIO(), force_terminal=terminal, _environ=environment)
    assert type(display_for(console, environment, quiet=False)) is expected
    assert type(display_for(console, environment, quiet=True)) is NoDisplay


def test_a_terminal_without_these_characters_gets_words() -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="latin-1")
    console = Console(file=file, force_terminal=True, _environ={"TERM": "xterm"})
    assert type(display_for(console, {}, quiet=False)) is PlainLog


def test_quiet_is_quiet(capfd: pytest.CaptureFixture[str]) -> None:
    with Watching(display_for(Console(stderr=True), os.environ, quiet=True)) as watch:
        for event in RUN:
            watch(event)
    assert capfd.readouterr() == ("", "")


def test_an_event_from_a_signal_waits_until_the_other_is_shown() -> None:
    told: list[Event] = []

    def slow(event: Event) -> None:
        if event == RUN[0]:
            watch(Stopping())  # as the handler of a signal does, wherever it interrupts
        told.append(event)

    with Watching(NoDisplay(), slow) as watch:
        watch(RUN[0])
    assert told == [RUN[0], Stopping()]


def test_a_terminal_that_has_gone_does_not_end_the_run() -> None:
    parent, child = os.openpty()
    told: list[Event] = []
    file = os.fdopen(child, "w", encoding="utf-8")
    with Watching(LiveScreen(Console(file=file, force_terminal=True, width=80)), told.append) as watch:
        watch(RUN[0])
        os.close(parent)
        for event in RUN[1:]:
            watch(event)
    assert told == list(RUN)
    with suppress(OSError):  # there is nobody to write the rest to
        file.close()


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
    assert str(spec.entrant) == name
    (line,) = warnings(TrialsFinished((replace(FAILED, spec=spec),), 1, 1, 0))
    assert line.startswith(f"{name}, tabular, race: out of memory")


def test_who_is_not_the_same_model_is_told_once() -> None:
    other = gate("tensorflow", passed=False)
    assert warnings(TrialsFinished((gate("pytorch"), other), 2, 9, 9)) == (
        "tensorflow, vision, parity: not comparable: failed the parity gate",
    )
    assert warnings(TrialsFinished((replace(FINE, spec=replace(SPEC, experiment="learn")),), 2, 9, 9)) == ()


@pytest.mark.parametrize(("share", "told"), [(0.04, 0), (0.3, 1)])
def test_a_crowded_machine_is_told_once_per_race(share: float, told: int) -> None:
    records = tuple(races(1, contention=Contention(share, None)))
    found = warnings(TrialsFinished(records, 6, 9, 9))
    assert len(found) == told
    assert all(line.startswith("others took 30% of the processor's time during this race") for line in found)
