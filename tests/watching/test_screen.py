"""The live screen on recorded consoles of many sizes: it fits, says what the races say, and swallows nothing."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from watched_run import FAILED, MEASURING, WORKLOAD, events, judged, races

from advisor.catalog import CANDIDATES
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
from advisor.measuring.running.trial_queue import LeftOut
from advisor.watching.screen import LiveScreen
from advisor.watching.words import STOPPING, summary
from pilots.records import Lane

BOTH: tuple[Lane, ...] = ("default", "tuned")


def terminal(width: int = 120, height: int = 40, **settings: object) -> Console:
    return Console(
        file=io.StringIO(), force_terminal=True, width=width, height=height, record=True, _environ={"TERM": "xterm"},
        highlight=False, emoji=False, **settings,
    )  # fmt: skip


class Clock:
    """Stands still, so that blocks and epochs are not drawn, or goes on with every look, so that they are."""

    def __init__(self, *, ticking: bool = False) -> None:
        self.ticking = ticking
        self._now_s = 0.0

    def __call__(self) -> float:
        self._now_s += self.ticking
        return self._now_s


def pictures(told: list[Event], width: int = 120, height: int = 40, *, last: int = 1) -> list[list[str]]:
    """What stood on the screen after each of the last events, as lines."""
    console, clock = terminal(width, height), Clock()
    shown = []
    with LiveScreen(console, clock) as watch:
        for number, event in enumerate(told):
            if number == len(told) - last:
                console.export_text()
                clock.ticking = True
            watch(event)
            if number >= len(told) - last:
                shown.append(console.export_text(styles=False).splitlines())
    return shown


def picture(told: list[Event], width: int = 120, height: int = 40) -> list[str]:
    return pictures(told, width, height)[0]


def before_the_end(launches: int = 3, lanes: tuple[Lane, ...] = ("default",)) -> list[Event]:
    return events(launches, lanes=lanes)[:-1]


def row_of(lines: list[str], entrant: str) -> str:
    return next(line for line in lines if re.match(rf"{re.escape(entrant)}( {{2}}|$)", line))


@pytest.mark.parametrize(("width", "height"), [(20, 3), (60, 6), (60, 40), (80, 10), (104, 24), (128, 9), (200, 60)])
def test_it_fits_whatever_the_terminal_is(width: int, height: int) -> None:
    for lines in pictures([*before_the_end(lanes=BOTH), Stopping()], width, height, last=15):
        assert 1 <= len(lines) < height
        assert max(map(len, lines)) <= width


def test_what_each_width_has_room_for() -> None:
    headings = {
        width: next(line for line in picture(before_the_end(), width) if line.startswith("candidate")).split()
        for width in (60, 80, 104, 128)
    }
    assert headings[60] == ["candidate", "examples/s", "verdict", "learning"]
    assert headings[80] == ["candidate", "now", "examples/s", "verdict", "learning"]
    assert headings[104] == ["candidate", "now", "examples/s", "95%", "interval", "verdict", "learning"]
    assert headings[128] == headings[104]
    assert "█" in row_of(picture(before_the_end(), 128), "pytorch").split("pytorch")[1].split("1")[0]


@pytest.mark.parametrize("launches", [1, 2, 3, 5])
def test_verdicts_are_those_of_the_report(launches: int) -> None:
    lines = picture(before_the_end(launches), 140)
    found = judged(races(launches))
    ahead = max(found.throughputs, key=lambda one: one.examples_per_s)
    words = {frozenset((pair.first, pair.second)): pair for pair in found.comparisons if pair.between == "candidates"}
    for one in found.throughputs:
        if one == ahead:
            continue
        pair = words[frozenset((one.candidate, ahead.candidate))]
        row = row_of(lines, one.entrant)
        if launches < MEASURING.minimum_launches:
            assert pair.word == "not resolved" and "not resolved yet" in row
        else:
            said = {"equivalent": f"the same as {ahead.candidate}"}.get(pair.word, f"slower than {ahead.candidate}")
            assert said in row
    if launches >= 3:
        assert "faster than 3 of 4" in row_of(lines, ahead.entrant)
        assert f"{ahead.low:,.0f} to {ahead.high:,.0f}" in row_of(lines, ahead.entrant)
    if launches == 1:
        assert "after 2 launches" in row_of(lines, ahead.entrant)


def test_lanes_have_lines_of_their_own_and_the_control_has_none() -> None:
    lines = picture(before_the_end(lanes=BOTH), 140)
    for candidate in CANDIDATES:
        assert row_of(lines, candidate) and row_of(lines, f"{candidate} (tuned)")
    assert not [line for line in lines if "control" in line]
    (noise,) = [line for line in lines if line.startswith("noise: ")]
    assert re.fullmatch(r"noise: pytorch against its own copy took 0\.9\d to 1\.0\d times as long", noise)


def test_a_low_window_says_what_it_hides() -> None:
    lines = picture(before_the_end(lanes=BOTH), 100, 9)
    assert lines[-1] == "... and 6 more; a higher window shows them"


def test_it_moves_while_candidates_race() -> None:
    told = before_the_end(1)
    last = max(number for number, event in enumerate(told) if isinstance(event, BlockRaced))
    lines = picture(told[: last + 1], 120)
    assert lines[1] == f"{WORKLOAD}, launch 1: race, learn, round 12 of 12"
    assert "racing" in row_of(lines, "tensorflow")
    assert "not resolved yet" in row_of(lines, "tensorflow")


def test_curves_grow_and_begin_anew() -> None:
    told: list[Event] = [RunStarted(9, 0, 60), LaunchStarted("t", "vision", 0, 60), Activity("pytorch", "training")]
    told += [EpochLearned("pytorch", epoch, 3, score) for epoch, score in ((1, 0.2), (2, 0.6), (3, 0.9))]
    assert "▁▅█ 0.90" in row_of(picture(told), "pytorch")
    told.append(EpochLearned("pytorch", 1, 3, 0.4))
    assert row_of(picture(told), "pytorch").endswith("  █ 0.40")


def test_blocks_are_not_drawn_one_by_one() -> None:
    console = terminal()
    now_s = 0.0
    with LiveScreen(console, lambda: now_s) as watch:
        watch(LaunchStarted("t", "vision", 0, 60))
        console.export_text()
        for number in range(10):
            watch(BlockRaced("pytorch", number, 10, 1.0, 32_000))
        assert console.export_text() == ""
        now_s = 0.3
        watch(BlockRaced("pytorch", 9, 10, 1.0, 32_000))
        assert console.export_text().count("32,000") == 1


def test_time_goes_on_between_events() -> None:
    console = terminal()
    now_s = 0.0
    with LiveScreen(console, lambda: now_s) as watch:
        watch(RunStarted(9, 0, 600))
        assert "0 of 9 trials, about 10 min left" in console.export_text()
        now_s = 240.0
        watch(Activity("pytorch", "training"))
        assert "about 6 min left" in console.export_text()
        now_s = 900.0  # longer than was predicted
        watch(Activity("pytorch", "predicting"))
        assert "about 5 s left" in console.export_text()
        watch(TrialsFinished((), 9, 9, 0))
        assert "9 of 9 trials, nothing left to run" in console.export_text()


def test_warnings_stay_above_the_screen_and_nothing_in_them_is_obeyed() -> None:
    told: list[Event] = [
        RunStarted(4, 1, 600),
        LaunchStarted("tabular [x], launch 1: race", "tabular", 0, 300),
        Activity("keras-torch", "warming up [/]"),
        TrialsFinished((FAILED, replace(FAILED, error="clears \x1b[2J the \x07 screen")), 3, 4, 20),
    ]
    shown = "\n".join(pictures(told, last=2)[0] + pictures(told)[0])
    for part in (
        "tabular [x], launch 1: race",
        "warming up [/]",
        "warning: keras-torch, tabular, race: out of memory: killed in [/red] [bold]layer[0]",
        "clears \N{REPLACEMENT CHARACTER}[2J the \N{REPLACEMENT CHARACTER} screen",
    ):
        assert part in shown


def test_it_says_that_it_is_stopping_and_how_it_ended() -> None:
    assert STOPPING in picture([*before_the_end(1), Stopping()])
    ended = RunEnded(finished=3, failed=1, left_out=1, what=(LeftOut("vision", ("memory",), 1, 2, True, 0.0),))
    assert picture([*before_the_end(1), ended], 200)[0].endswith(f"1 did not fit into the budget: {ended.what[0]}")
    assert picture([*before_the_end(1), ended], 60)[0] == f"{summary(ended)[:59]}…"


def test_at_the_end_every_race_is_there() -> None:
    told = before_the_end(3)
    other = replace(judged(races(3)), workload="text")
    lines = picture([*told, RaceJudged(other), RunEnded(90, 0, 0)], 160)
    assert lines[:2] == ["90 trials are on disk", "pilots: vision"]
    assert lines[-1].startswith("race on text after 3 launches, examples/s: pytorch 1")
    (mean,) = [one for one in other.throughputs if one.candidate == "tensorflow"]
    assert f"  {mean.examples_per_s:,.0f}  " in row_of(lines, "tensorflow")  # no longer that of the last race alone


def test_an_interrupt_leaves_the_terminal_as_it_was() -> None:
    console = terminal()
    with pytest.raises(KeyboardInterrupt), LiveScreen(console) as watch:
        watch(RunStarted(4, 1, 600))
        raise KeyboardInterrupt
    assert isinstance(console.file, io.StringIO)
    screen, hide, show = console.file.getvalue(), "\x1b[?25l", "\x1b[?25h"
    assert hide in screen
    assert screen.rfind(show) > screen.rfind(hide)


@pytest.mark.parametrize("no_color", [False, True])
def test_colours_carry_nothing_alone(no_color: bool) -> None:
    console = terminal(no_color=no_color)
    with LiveScreen(console, Clock(ticking=True)) as watch:
        for event in [*before_the_end(1), TrialsFinished((FAILED,), 3, 4, 20)]:
            watch(event)
    assert isinstance(console.file, io.StringIO)
    colours = set(re.findall(r"\x1b\[(3\d)m", console.file.getvalue()))
    assert colours == (set() if no_color else {"32", "33"})
    assert "warning: " in console.file.getvalue()


CANDIDATE = st.sampled_from(["pytorch", "tensorflow (tuned)", "pytorch (control)", "baseline", "[/x] [red]\x1b[2J"])
ANY_EVENT = st.one_of(
    st.builds(RunStarted, st.integers(0, 99), st.integers(0, 99), st.floats(0, 1e6)),
    st.builds(LaunchStarted, st.text(max_size=40), st.sampled_from(["vision", "text"]), st.just(0), st.floats(0, 1e6)),
    st.builds(Activity, CANDIDATE, st.text(max_size=20)),
    st.builds(BlockRaced, CANDIDATE, st.integers(0, 9), st.just(10), st.just(1.0), st.floats(1e-3, 1e9)),
    st.builds(EpochLearned, CANDIDATE, st.integers(1, 3), st.just(3), st.floats(-1e6, 1)),
    st.builds(TrialsFinished, st.just((FAILED,)), st.integers(0, 99), st.integers(0, 99), st.floats(0, 1e6)),
    st.just(RaceJudged(judged(races(3)))),
    st.just(Stopping()),
    st.builds(RunEnded, st.integers(0, 99), st.integers(0, 3), st.integers(0, 3)),
)


@settings(max_examples=25)
@given(st.lists(ANY_EVENT, min_size=1, max_size=12), st.integers(1, 210), st.integers(2, 30))
def test_any_events_in_any_order_fit_into_any_terminal(told: list[Event], width: int, height: int) -> None:
    lines = picture(told, width, height)
    live = [line for line in lines if "warning" not in line][-(height - 1) :]
    assert len(live) <= max(1, height - 1)
    assert "\x1b[2J" not in "\n".join(lines)
