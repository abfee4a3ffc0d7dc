"""When compiling pays, against cases worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from advisor.measuring.analysis.break_even import Pays, break_evens
from advisor.measuring.analysis.comparison import Comparison, Ratio, Word
from pilots.records import Lane, TrialRecord, TrialSpec
from pilots.results import RaceBlock, RaceResult


def raced(
    lane: Lane, launch: int, first_step_s: float, step_ms: Sequence[float], *, session: str = "", control: bool = False
) -> TrialRecord:
    spec = TrialSpec("race", "vision", "quick", "pytorch", lane, launch, launch, threads=2, control=control)
    blocks = tuple(RaceBlock(number, 20, 20 * ms / 1000, 0.0) for number, ms in enumerate(step_ms))
    name = session or f"session {launch}"
    result = RaceResult("race", name, 32, 1.0, 0.1, first_step_s, 32, 1.0, True, blocks, tuple(range(len(blocks))))
    return TrialRecord(f"{lane} {launch} {name} {control}", spec, "ok", "2026-11-21T12:00:00+00:00", 1.0, None, result)


def judged(word: Word, ratio: float = 0.75, low: float = 0.5, high: float = 0.9) -> Comparison:
    found = Ratio(ratio, low, high, launches=3, rounds=9, outliers=0, confidence=0.98)
    return Comparison("vision", "tuned", "lanes", "pytorch", "pytorch", word, found)


#: First steps are 3, 5 and 4 s longer, default steps take 2, 4 and 8 ms: medians over blocks with an outlier each.
LAUNCHES = (
    *(raced("default", launch, 0.5, [ms, ms, 50 * ms]) for launch, ms in enumerate((2.0, 4.0, 8.0))),
    *(raced("tuned", launch, 0.5 + extra, [1.0]) for launch, extra in enumerate((3.0, 5.0, 4.0))),
)


def test_compile_cost_divided_by_the_time_saved_per_step() -> None:
    (found,) = break_evens(LAUNCHES, [judged("faster")])
    assert (found.workload, found.candidate, found.lane, found.pays) == ("vision", "pytorch", "tuned", "after")
    assert found.compile_s == pytest.approx(4.0)  # the median of 3, 5 and 4
    assert found.steps is not None
    assert found.steps.centre == pytest.approx(4000)  # 4 s / (4 ms, the geometric mean, times 1 - 0.75)
    assert (found.steps.low, found.steps.high) == (pytest.approx(2000), pytest.approx(10000))


def test_after_that_many_steps_both_lanes_took_equally_long() -> None:
    (found,) = break_evens(LAUNCHES, [judged("faster")])
    assert found.steps is not None and found.compile_s is not None
    default_s, tuned_s = found.steps.centre * 0.004, found.compile_s + found.steps.centre * 0.004 * 0.75
    assert tuned_s == pytest.approx(default_s)


@pytest.mark.parametrize(
    ("word", "pays"),
    [
        ("slower", "never"),
        ("equivalent", "never"),
        ("not resolved", "not resolved"),
        ("not comparable", "not comparable"),
    ],
)
def test_only_what_was_judged_faster_pays(word: Word, pays: Pays) -> None:
    (found,) = break_evens(LAUNCHES, [judged(word)])
    assert (found.pays, found.steps) == (pays, None)
    assert found.compile_s == pytest.approx(4.0)


def test_a_first_step_that_is_no_longer_pays_at_once() -> None:
    quick = [raced("tuned", launch, 0.4, [1.0]) for launch in range(3)]
    (found,) = break_evens([*LAUNCHES[:3], *quick], [judged("faster")])
    assert (found.pays, found.steps) == ("at once", None)
    assert found.compile_s == pytest.approx(-0.1)


def test_only_launches_count_in_which_both_lanes_raced() -> None:
    alone = [
        raced("default", 7, 100.0, [900.0]),
        raced("tuned", 8, 100.0, [900.0]),
        raced("tuned", 0, 100.0, [900.0], session="another"),
        raced("default", 1, 100.0, [900.0], control=True),
        replace(raced("tuned", 2, 100.0, [900.0]), outcome="not_comparable"),
    ]
    assert break_evens([*LAUNCHES, *alone], [judged("faster")]) == break_evens(LAUNCHES, [judged("faster")])


def test_without_a_common_launch_nothing_is_known() -> None:
    (found,) = break_evens(LAUNCHES[:3], [judged("faster")])
    assert (found.pays, found.compile_s, found.steps) == ("not resolved", None, None)


def test_pairs_of_candidates_and_controls_have_no_break_even() -> None:
    pair = judged("faster")
    assert break_evens(LAUNCHES, [replace(pair, between="candidates"), replace(pair, between="control")]) == ()
