"""What two candidates' races support saying, and above all what they do not."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Sequence
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.measuring.analysis.comparison import Comparison, Ratio, compare, noise_floor
from advisor.measuring.analysis.racing_order import in_order_of_racing
from advisor.measuring.running.schedule import still_racing
from advisor.method import method
from pilots.outcomes import Outcome
from pilots.records import ExperimentName, Lane, Result, TrialRecord, TrialSpec
from pilots.results import Contention, ParityCheck, ParityResult, RaceBlock, RaceResult, RaceRound

MEASURING = method().measuring
FIRST, SECOND = "pytorch", "tensorflow"


def record(
    experiment: ExperimentName,
    candidate: str,
    result: Result | None,
    *,
    launch: int = 0,
    control: bool = False,
    lane: Lane = "default",
    outcome: Outcome = "ok",
    error: str | None = None,
) -> TrialRecord:
    spec = TrialSpec(experiment, "vision", "quick", candidate, lane, launch, launch, threads=2, control=control)
    key = f"{experiment}-{candidate}-{lane}-{launch}-{control}"
    return TrialRecord(key, spec, outcome, "2026-11-20T12:00:00+00:00", 1.0, None, result, error)


def race(step_ms: Sequence[float], session: str) -> RaceResult:
    blocks = tuple(RaceBlock(i, 20, 20 * ms / 1000, 0.0) for i, ms in enumerate(step_ms))
    return RaceResult("race", session, 32, 1.0, 0.1, 0.1, 32, 1.0, True, blocks, tuple(range(len(blocks))))


def parity(candidate: str, *, passed: bool = True, lane: Lane = "default") -> TrialRecord:
    check = ParityCheck("gradients", passed, 0.1 if passed else 42.0, 1e-4, 1e-5, "dense/kernel")
    result = ParityResult("parity", FIRST, 1000, passed, (check,))
    return record("parity", candidate, result, lane=lane, outcome="ok" if passed else "not_comparable")


def raced(
    candidate: str, launches: Sequence[Sequence[float]], *, control: bool = False, lane: Lane = "default"
) -> list[TrialRecord]:
    return [
        record("race", candidate, race(step_ms, f"session-{launch}"), launch=launch, control=control, lane=lane)
        for launch, step_ms in enumerate(launches)
    ]


def side_by_side(ratio: float, *, launches: int = 5, noise: float = 0.01, control: bool = False) -> list[TrialRecord]:
    """Two candidates whose true step time ratio is ``ratio``, on a machine whose pace drifts by a factor of two."""
    generator = np.random.default_rng(7)
    pace = np.exp(generator.uniform(0, 0.7, size=(launches, 8)))
    scatter = np.exp(generator.normal(0, noise, size=(launches, 1)))
    second = FIRST if control else SECOND
    return [
        parity(FIRST),
        parity(SECOND),
        *raced(FIRST, (2 * ratio * pace * scatter).tolist()),
        *raced(second, (2 * pace).tolist(), control=control),
    ]


def only(records: Sequence[TrialRecord]) -> Comparison:
    (comparison,) = compare(records, MEASURING, launches=5)
    return comparison


@pytest.mark.parametrize(
    ("ratio", "noise", "word", "within_margin"),
    [
        (0.8, 0.01, "faster", False),
        (1.25, 0.01, "slower", False),
        (1.0, 0.003, "equivalent", False),
        (1.01, 0.0003, "slower", True),  # resolved, and too small to matter
        (0.99, 0.0003, "faster", True),
        (1.05, 0.30, "not resolved", False),
    ],
)
def test_words(ratio: float, noise: float, word: str, within_margin: bool) -> None:
    comparison = only(side_by_side(ratio, noise=noise))
    assert (comparison.first, comparison.second, comparison.word) == (FIRST, SECOND, word)
    assert comparison.within_margin is within_margin
    assert comparison.ratio is not None
    assert comparison.ratio.rounds == 8 * comparison.ratio.launches
    assert comparison.ratio.low < ratio < comparison.ratio.high
    resolved = word in ("faster", "slower")
    assert (comparison.ratio.high < 1 or comparison.ratio.low > 1) is resolved
    assert (comparison.smallest_found is not None) is (word == "not resolved")
    # Judged after the third launch, the fourth and the fifth: the first finding stands.
    assert 3 <= comparison.ratio.launches <= 5
    if word == "not resolved":
        assert comparison.ratio.launches == 5
        assert comparison.smallest_found is not None and comparison.smallest_found > 0.3


def test_the_first_finding_stands() -> None:
    records = side_by_side(0.5, noise=0.001)
    later = [one for one in records if one.spec.launch >= 3]
    assert len(later) == 4  # two launches that say the same
    assert only(records) == only([one for one in records if one not in later])


def test_median_over_rounds_mean_over_launches_by_hand() -> None:
    records = [
        parity(FIRST),
        parity(SECOND),
        *raced(FIRST, [[1.0, 2.0, 90.0], [4.0, 4.0, 4.0], [8.0, 8.0, 8.0]]),
        *raced(SECOND, [[1.0, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]),
    ]
    ratio = only(records).ratio
    assert ratio is not None
    assert ratio.ratio == pytest.approx(4.0)  # the geometric mean of 2, 4 and 8


def test_outliers_are_counted_and_kept() -> None:
    records = side_by_side(1.25)
    broken = race([2.5] * 7 + [250.0], "session-0")
    calm = race([2.0] * 8, "session-0")
    records = [r for r in records if not (r.spec.experiment == "race" and r.spec.launch == 0)]
    records += [record("race", FIRST, broken), record("race", SECOND, calm)]
    ratio = only(records).ratio
    assert ratio is not None
    assert ratio.outliers >= 1
    assert ratio.rounds == 8 * ratio.launches


def test_rounds_are_paired_within_a_session_only() -> None:
    records = [parity(FIRST), parity(SECOND)]
    for launch in range(4):
        records.append(record("race", FIRST, race([1.0, 2.0], f"a{launch}"), launch=launch))
        records.append(record("race", SECOND, race([1.0, 2.0, 3.0], f"b{launch}"), launch=launch))
    comparison = only(records)
    assert comparison.word == "not resolved"
    assert comparison.ratio is None
    assert "0 of the 3 launches" in comparison.reason


@pytest.mark.parametrize("launches", [0, 1, 2])
def test_too_few_launches_resolve_nothing(launches: int) -> None:
    crashed = record(
        "race",
        SECOND,
        None,
        launch=9,
        outcome="crashed",
        error="Traceback (most recent call last):\nSegmentation fault\n",
    )
    comparison = only([*side_by_side(3.0, launches=launches), record("race", FIRST, None), crashed])
    assert (comparison.word, comparison.ratio) == ("not resolved", None)
    assert f"{launches} of the 3 launches needed" in comparison.reason
    assert "tensorflow ended as crashed: Segmentation fault" in comparison.reason


@pytest.mark.parametrize(
    ("check", "reason"),
    [
        (parity(SECOND, passed=False), "not the same model as pytorch: gradients (dense/kernel)"),
        (None, "tensorflow was never checked"),
        (record("parity", SECOND, None, outcome="timed_out"), "the parity check of tensorflow ended as timed out"),
        (
            record(
                "parity", SECOND, None, outcome="failed", error="Traceback (most recent call last):\nValueError: no"
            ),
            "ended as failed: ValueError: no",
        ),
        (record("parity", SECOND, None, outcome="not_comparable", error="other shapes"), "other shapes"),
    ],
)
def test_nothing_is_compared_before_parity_is_shown(check: TrialRecord | None, reason: str) -> None:
    records = [r for r in side_by_side(0.5) if not (r.spec.experiment == "parity" and r.spec.candidate == SECOND)]
    comparison = only(records if check is None else [*records, check])
    assert (comparison.word, comparison.ratio) == ("not comparable", None)
    assert reason in comparison.reason


def test_every_pair_in_the_order_of_the_catalog_and_without_the_baseline() -> None:
    records = []
    for candidate in ("tensorflow", "keras-torch", "pytorch"):
        records += [parity(candidate), *raced(candidate, [[1.0, 1.1]] * 3)]
    records += raced("baseline", [[1.0, 1.1]] * 3)
    found = compare(records, MEASURING, launches=5)
    assert [(one.first, one.second) for one in found] == [
        ("pytorch", "keras-torch"),
        ("pytorch", "tensorflow"),
        ("keras-torch", "tensorflow"),
    ]


def test_a_further_candidate_widens_intervals_and_moves_no_ratio() -> None:
    """The pairs of a lane share one chance of error."""
    records = side_by_side(1.02, noise=0.02)
    more = [*records, parity("keras-torch"), *raced("keras-torch", [[1.0] * 8] * 5)]
    alone = only(records).ratio
    (among_three,) = (
        pair.ratio for pair in compare(more, MEASURING, launches=5) if (pair.first, pair.second) == (FIRST, SECOND)
    )
    assert alone is not None and among_three is not None
    assert among_three.ratio == pytest.approx(alone.ratio)
    assert among_three.low < alone.low < alone.high < among_three.high
    assert among_three.confidence > alone.confidence


@settings(max_examples=25, deadline=None)
@given(st.floats(0.5, 2.0), st.integers(3, 5), st.sampled_from([0.0, 0.01, 0.1]))
def test_a_machine_that_slows_down_slows_both_alike(ratio: float, launches: int, noise: float) -> None:
    comparison = only(side_by_side(ratio, launches=launches, noise=noise))
    assert comparison.ratio is not None
    assert comparison.ratio.low <= comparison.ratio.ratio <= comparison.ratio.high
    # the pace drifts by a factor of two; what is left is the scatter of the launches
    assert abs(math.log(comparison.ratio.ratio / ratio)) <= 3 * noise + 1e-9


def test_a_candidate_racing_itself_gives_the_noise_floor() -> None:
    records = side_by_side(1.0, noise=0.02, control=True)
    (control,) = compare(records, MEASURING, launches=5)
    assert control.between == "control"
    assert (control.first, control.second) == (FIRST, FIRST)
    assert control.word in ("equivalent", "not resolved")
    floor = noise_floor(records, "vision", MEASURING)
    assert floor is not None
    assert (floor.candidates, floor.ratio) == ((FIRST,), control.ratio)
    assert noise_floor(records, "tabular", MEASURING) is None


def test_copies_of_several_candidates_are_one_noise_floor() -> None:
    """Each launch had a copy of another candidate: too few of each, enough of all."""
    by_copy = {FIRST: (1.00, 1.02), SECOND: (0.98, 1.01), "keras-torch": (1.03,)}
    records, launch = [], 0
    for candidate, ratios in by_copy.items():
        for ratio in ratios:
            for control, step_ms in ((False, 2 * ratio), (True, 2.0)):
                result = race([step_ms] * 4, f"session-{launch}")
                records.append(record("race", candidate, result, launch=launch, control=control))
            launch += 1
    floor = noise_floor(records, "vision", MEASURING)
    assert floor is not None
    assert floor.candidates == (FIRST, "keras-torch", SECOND)
    assert floor.ratio.launches == 5
    logs = np.log([ratio for ratios in by_copy.values() for ratio in ratios])
    assert floor.ratio.ratio == pytest.approx(math.exp(logs.mean()))
    assert floor.scatter == pytest.approx(logs.std(ddof=1))
    assert [one for one in compare(records, MEASURING, launches=5) if one.between == "control"] == []
    assert noise_floor(records[:2], "vision", MEASURING) is None  # one launch


def test_the_copy_never_stands_in_for_the_candidate() -> None:
    records = side_by_side(1.25)
    copy = raced(FIRST, [[500.0] * 8] * 5, control=True)
    pair, control = compare([*records, *copy], MEASURING, launches=5)
    assert pair.ratio is not None
    assert pair.ratio.ratio == pytest.approx(1.25, rel=0.05)
    assert control.word == "faster"


@pytest.mark.parametrize("launches", [3, 5])
def test_a_candidate_racing_itself_is_rarely_called_different(launches: int) -> None:
    """In 5 % of runs, by the confidence of 95 %; 7 % between launches, 2 % between rounds."""
    generator = np.random.default_rng(launches)
    different = 0
    repetitions = 300
    for _ in range(repetitions):
        drawn = generator.normal(0, 0.07, (launches, 1)) + generator.normal(0, 0.02, (launches, 6))
        records = raced(FIRST, (2 * np.exp(drawn)).tolist())
        records += raced(FIRST, [[2.0] * 6] * launches, control=True)
        (control,) = compare(records, MEASURING, launches=launches)
        different += control.word in ("faster", "slower")
    chance = 3 * math.sqrt(0.05 * 0.95 / repetitions)
    assert different / repetitions <= 0.05 + chance


def in_two_lanes(*, tuned_ms: float, passed: bool = True) -> list[TrialRecord]:
    """Two candidates in both lanes, five launches: 2 ms and 3 ms by default, the first one's tuned lane as given."""
    pace = np.exp(np.random.default_rng(3).uniform(0, 0.7, size=(5, 8)))
    return [
        parity(FIRST),
        parity(SECOND),
        parity(FIRST, lane="tuned", passed=passed),
        parity(SECOND, lane="tuned"),
        *raced(FIRST, (2 * pace).tolist()),
        *raced(SECOND, (3 * pace).tolist()),
        *raced(FIRST, (tuned_ms * pace).tolist(), lane="tuned"),
        *raced(SECOND, (3 * pace).tolist(), lane="tuned"),
    ]


def test_candidates_are_compared_within_a_lane_and_lanes_within_a_candidate() -> None:
    found = compare(in_two_lanes(tuned_ms=1.0), MEASURING, launches=5)
    words = {(one.between, one.lane, one.first, one.second): one.word for one in found}
    assert words == {
        ("candidates", "default", FIRST, SECOND): "faster",
        ("candidates", "tuned", FIRST, SECOND): "faster",
        ("lanes", "tuned", FIRST, FIRST): "faster",
        ("lanes", "tuned", SECOND, SECOND): "equivalent",
    }
    (halved,) = (one.ratio for one in found if one.between == "lanes" and one.first == FIRST)
    assert halved is not None
    assert halved.ratio == pytest.approx(0.5)


def test_a_lane_that_fails_the_gate_bars_that_lane_alone() -> None:
    found = compare(in_two_lanes(tuned_ms=1.0, passed=False), MEASURING, launches=5)
    words = {(one.between, one.lane, one.first): one.word for one in found}
    assert words["candidates", "default", FIRST] == "faster"
    assert words["candidates", "tuned", FIRST] == words["lanes", "tuned", FIRST] == "not comparable"
    (barred,) = (one for one in found if one.between == "lanes" and one.first == FIRST)
    assert "pytorch in the tuned lane is not the same model" in barred.reason


def test_who_is_settled_races_no_more() -> None:
    ratio = Ratio(1.0, 0.9, 1.1, 3, 24, 0, 0.98)
    control = Comparison("vision", "default", "control", "a", "a", "not resolved", ratio)
    resolved = Comparison("vision", "default", "candidates", "a", "b", "faster", ratio, settled=True)
    assert still_racing([control, resolved]) == frozenset()
    unresolved = Comparison("vision", "tuned", "candidates", "b", "c", "not resolved", ratio)
    assert still_racing([control, resolved, unresolved]) == {("b", "tuned"), ("c", "tuned")}
    lanes = Comparison("vision", "tuned", "lanes", "d", "d", "equivalent", ratio)  # 2 % are not ruled out yet
    assert still_racing([control, lanes]) == {("d", "tuned"), ("d", "default")}
    broken = Comparison("vision", "tuned", "candidates", "e", "f", "not resolved", None, "its races crashed")
    assert still_racing([control, broken]) == frozenset()


def among_others(records: list[TrialRecord], cores_taken: float, *, busy: Collection[int] = ()) -> list[TrialRecord]:
    """The same races while others took so much of a core; all rounds of the busy launches were crowded."""
    found = []
    for one in records:
        if not isinstance(one.result, RaceResult):
            found.append(one)
            continue
        crowded = one.spec.launch in busy
        share = 0.5 if crowded else cores_taken / 2
        rounds = tuple(RaceRound(block.round, share, None, 0.6, crowded) for block in one.result.blocks)
        around = Contention(share, None, busy=crowded, cores=2)
        found.append(replace(one, result=replace(one.result, rounds=rounds, contention=around)))
    return found


@pytest.mark.parametrize(
    ("ratio", "cores_taken", "word"),
    [
        (1.2, 0.0, "slower"),
        (1.2, 0.02, "slower"),  # what is there where nobody is
        (1.2, 0.3, "not resolved"),  # spinning threads may lose more than that by it
        (1 / 1.2, 0.3, "not resolved"),
        (2.0, 0.3, "slower"),
        (0.5, 0.3, "faster"),
        (1.0, 0.0, "equivalent"),
        (1.0, 0.3, "not resolved"),
    ],
)
def test_a_difference_that_others_may_have_made_is_none(ratio, cores_taken, word):
    calm = only(side_by_side(ratio, noise=0.001))
    pair = only(among_others(side_by_side(ratio, noise=0.001), cores_taken))
    assert pair.word == word
    assert pair.ratio.ratio == pytest.approx(calm.ratio.ratio, rel=0.002)
    if pair.ratio.launches == calm.ratio.launches:  # otherwise it went on to be sure
        assert pair.ratio.low <= calm.ratio.low < calm.ratio.high <= pair.ratio.high
    assert ("others at work" in pair.reason) == (word == "not resolved")


def test_rounds_in_which_others_took_too_much_count_for_neither():
    """Whoever loses by the others would be called slower by them."""
    first, second = [[2.0, 2.01, 9.0, 9.1]] * 3, [[2.0, 2.01, 2.0, 2.0]] * 3
    races = [*raced(FIRST, first), *raced(SECOND, second)]
    passed = [parity(FIRST), parity(SECOND)]
    assert only([*passed, *races]).word != "equivalent"
    rounds = tuple(RaceRound(number, 0.3 * (number > 1), None, 0.6, number > 1) for number in range(4))
    pair = only([*passed, *(replace(one, result=replace(one.result, rounds=rounds)) for one in races)])
    assert pair.word == "equivalent"
    assert pair.ratio.rounds == 6


@pytest.mark.parametrize(("busy", "word", "launches"), [((4,), "slower", 4), ((2, 3, 4), "not resolved", None)])
def test_launches_on_a_busy_machine_resolve_nothing(busy, word, launches):
    pair = only(among_others(side_by_side(2.0), 0.0, busy=busy))
    assert pair.word == word
    if launches is None:
        assert pair.ratio is None
        assert "3 of 5 were measured on a busy machine" in pair.reason
    else:
        assert pair.ratio.launches <= launches


def test_a_launch_that_raced_again_comes_last() -> None:
    """At its old place it would have been among those by which the pair was settled, and the finding would turn."""
    calm = side_by_side(1.2, launches=4, noise=0.001)
    busy = among_others(calm, 0.0, busy=(1,))
    found = only(busy)
    assert (found.word, found.settled) == ("slower", True)
    (longer,) = {len(one.result.blocks) for one in calm if isinstance(one.result, RaceResult)}
    again = [
        replace(one, started_at="2026-11-21T12:00:00+00:00", result=race([number] * longer, "again"))
        for number, one in enumerate(calm, start=1)
        if isinstance(one.result, RaceResult) and one.spec.launch == 1
    ]
    kept = [one for one in busy if one.spec.experiment == "parity" or one.spec.launch != 1]
    assert in_order_of_racing([*kept, *again]) == (0, 2, 3, 1)
    assert only([*again, *kept]) == found
    at_its_old_place = [replace(one, started_at=kept[0].started_at) for one in again]
    assert only([*kept, *at_its_old_place]).word != "slower"


def test_where_nobody_asks_for_quiet_and_others_take_a_core_every_number_can_be_written() -> None:
    pair = only(among_others(side_by_side(1.2), cores_taken=1.6))
    assert pair.word == "not resolved"
    assert pair.ratio is not None
    json.dumps(asdict(pair), allow_nan=False)
    assert 0 < pair.ratio.low < 0.1 < 10 < pair.ratio.high
    assert "others at work" in pair.reason
