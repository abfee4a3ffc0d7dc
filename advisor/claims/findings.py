"""Single findings that bear on a claim: one pair or candidate on one workload in one lane."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import combinations
from typing import Any

from advisor.catalog import CANDIDATES
from advisor.claims.finding import (
    Bearing,
    Finding,
    bearing_of,
    in_words,
    places,
    with_interval,
    without,
    workloads_of,
)
from advisor.claims.route_findings import export_routes, runtimes
from advisor.claims.rules import (
    BreakEvenTest,
    ExportRouteTest,
    FlipTest,
    GateTest,
    LaneTest,
    LevelTest,
    PairTest,
    QualityTest,
    RuntimesTest,
    Test,
)
from advisor.evidence.measured import RACED, Measured, launch_ratio
from advisor.measuring.analysis.comparison import Comparison
from advisor.measuring.analysis.quality import Word, compare_scores, score_interval
from advisor.measuring.analysis.statistics import Interval, t_interval
from pilots.records import Lane


def findings(test: Test, measured: Measured) -> tuple[Finding, ...]:
    """All findings of a test in the lanes that ran, on the workloads it is about."""
    make: Mapping[type[Test], Callable[[Any, Measured], Iterator[Finding]]] = {
        PairTest: _pairs,
        LaneTest: _tuning,
        LevelTest: _levels,
        QualityTest: _qualities,
        FlipTest: _flips,
        BreakEvenTest: _break_evens,
        GateTest: _gate,
        ExportRouteTest: export_routes,
        RuntimesTest: runtimes,
    }
    return tuple(make[type(test)](test, measured))


def _pairs(test: PairTest, measured: Measured) -> Iterator[Finding]:
    for workload, lane in places(test, measured):
        if test.measure == RACED and not measured.ran(lane):
            continue
        for first, second in test.pairs:
            bare = Finding(test.measure, workload, lane, first, second, "open")
            if not test.measure.startswith("code.") and measured.device_of((first, second)) is None:
                yield without(bare, _apart(measured, first, second))
            elif test.measure == RACED:
                yield _raced(bare, test, measured.race(workload, lane, first, second), measured)
            else:
                yield _divided(bare, test, lane, measured)


def _tuning(test: LaneTest, measured: Measured) -> Iterator[Finding]:
    for workload, _ in places(test, measured):
        for candidate in test.candidates:
            bare = Finding(RACED, workload, "tuned", candidate, candidate, "open")
            yield _raced(bare, test, measured.tuning(workload, "tuned", candidate), measured)


def _raced(bare: Finding, test: PairTest | LaneTest, pair: Comparison | None, measured: Measured) -> Finding:
    if pair is None:
        return without(bare, "the two did not race")
    if pair.ratio is None:
        return without(bare, pair.reason)
    interval = Interval(pair.ratio.ratio, pair.ratio.low, pair.ratio.high)
    bearing = bearing_of(test, interval, measured.measuring.equivalence_margin)
    # A reason beside a ratio says that two equals may differ as much: then it resolves nothing.
    if pair.word == "not resolved" and (pair.reason or test.expect != "between"):
        bearing = "open"
    return with_interval(bare, bearing, "ratio", interval, pair.reason)


def _divided(bare: Finding, test: PairTest, lane: Lane, measured: Measured) -> Finding:
    if test.measure.startswith("code."):
        counts = [measured.code_size(test.measure, bare.workload, candidate) for candidate in (bare.first, bare.second)]
        if counts[0] is None or counts[1] is None:
            return without(bare, "there is no code to count")
        exact = counts[0] / counts[1]
        return with_interval(
            bare, bearing_of(test, Interval(exact, exact, exact), 0.0), "ratio", Interval(exact, exact, exact)
        )
    found = {
        candidate: measured.values(test.measure, bare.workload, candidate, lane)
        for candidate in (bare.first, bare.second)
    }
    for candidate, (_, problem) in found.items():
        if problem:
            return without(bare, f"{_title(candidate)} {problem}")
    slowed = measured.slowed(test.measure, bare.workload, tuple(found), lane)
    ratio = launch_ratio(found[bare.first][0], found[bare.second][0], measured.measuring.confidence, slowed)
    if ratio is None:
        return without(bare, "fewer than two launches ran of both")
    return with_interval(bare, bearing_of(test, ratio, measured.measuring.equivalence_margin), "ratio", ratio)


def _levels(test: LevelTest, measured: Measured) -> Iterator[Finding]:
    for workload, lane in places(test, measured):
        for candidate in test.candidates:
            bare = Finding(test.measure, workload, lane, candidate, "", "open")
            if test.measure.startswith("code."):
                size = measured.code_size(test.measure, workload, candidate)
                if size is None:
                    yield without(bare, "there is no code to count")
                else:
                    exact = Interval(size, size, size)
                    yield with_interval(bare, bearing_of(test, exact, 0.0), "level", exact)
                continue
            values, problem = measured.values(test.measure, workload, candidate, lane)
            if problem:
                yield without(bare, f"{_title(candidate)} {problem}")
                continue
            series, _ = measured.counted(test.measure, workload, candidate, lane)
            over_rows = None if series is None else score_interval(series, measured.measuring.confidence)
            interval = over_rows or t_interval(list(values.values()), measured.measuring.confidence)
            yield with_interval(bare, bearing_of(test, interval, 0.0), "level", interval)


def _qualities(test: QualityTest, measured: Measured) -> Iterator[Finding]:
    for workload, lane in places(test, measured):
        for first, second in test.pairs:
            bare = Finding("learn.metric", workload, lane, first, second, "open")
            found = {
                candidate: measured.counted("learn.metric", workload, candidate, lane) for candidate in (first, second)
            }
            problems = [f"{_title(candidate)} {problem}" for candidate, (_, problem) in found.items() if problem]
            scores, others = found[first][0], found[second][0]
            if problems or scores is None or others is None:
                yield without(bare, problems[0])
                continue
            alpha = 1 - measured.measuring.confidence
            difference = compare_scores(scores, others, margin=test.margin, alpha=alpha)
            if difference is None:
                yield without(bare, "fewer than two launches ran of both")
            elif difference.interval is None:
                yield in_words(bare, "open", difference.reason)
            else:
                bearing = _quality(test, difference.word, difference.interval)
                yield with_interval(bare, bearing, "difference", difference.interval)


def _quality(test: QualityTest, word: Word, difference: Interval) -> Bearing:
    if test.expect == "higher":
        return "for" if difference.low > test.margin else "against" if difference.high < test.margin else "open"
    claimed: Word = "the same" if test.expect == "alike" else "differs"
    return "open" if word == "not resolved" else "for" if word == claimed else "against"


def _flips(test: FlipTest, measured: Measured) -> Iterator[Finding]:
    """A pair that is resolved one way on one workload and the other way on another; its finding is in words."""
    workloads = workloads_of(test, measured.workloads(RACED), measured.networks)
    if len(workloads) < 2:
        return
    for first, second in combinations(test.candidates, 2):
        if measured.device_of((first, second)) is None:
            continue
        places = {name: measured.race(name, test.lanes[0], first, second) for name in workloads}
        # What differs by less than the margin differs too little for an order that could change.
        words = {
            name: "equivalent" if pair.within_margin else pair.word for name, pair in places.items() if pair is not None
        }
        faster = [name for name, word in words.items() if word == "faster"]
        slower = [name for name, word in words.items() if word == "slower"]
        settled = len(words) == len(workloads) and all(w in ("faster", "slower", "equivalent") for w in words.values())
        bearing: Bearing = "for" if faster and slower else "against" if settled else "open"
        parts = [f"{word} on {_listed(names)}" for word, names in (("faster", faster), ("slower", slower)) if names]
        yield Finding(
            RACED, "", test.lanes[0], first, second, bearing,
            reason=" and ".join(parts) or "not resolved anywhere", measured=bool(words),
        )  # fmt: skip


def _break_evens(test: BreakEvenTest, measured: Measured) -> Iterator[Finding]:
    selected = workloads_of(test, measured.workloads(RACED), measured.networks)
    for break_even in measured.break_evens:
        if (
            break_even.workload not in selected
            or break_even.candidate not in test.candidates
            or break_even.lane not in test.lanes
        ):
            continue
        bare = Finding(RACED, break_even.workload, break_even.lane, break_even.candidate, "", "open")
        match break_even.pays:
            case "at once":
                yield with_interval(bare, "for", "steps", Interval(0.0, 0.0, 0.0))
            case "never":
                yield in_words(bare, "against", "compiling does not pay, however long the training")
            case "after" if break_even.steps is not None:
                late, early = break_even.steps.low > test.within_steps, break_even.steps.high <= test.within_steps
                yield with_interval(bare, "for" if early else "against" if late else "open", "steps", break_even.steps)
            case "not comparable":
                yield without(bare, "the tuned model was not shown to be the same")
            case _:
                yield in_words(bare, "open", "whether compiling pays is not resolved")


def _gate(test: GateTest, measured: Measured) -> Iterator[Finding]:
    for workload, lane in places(test, measured):
        for candidate in test.candidates:
            bare = Finding("gate", workload, lane, candidate, "", "open")
            passed = measured.gates.get((workload, candidate, lane))
            if passed is None:
                yield without(bare, "it did not come to the parity gate")
            else:
                said = "passes the parity gate" if passed else "does not pass the parity gate"
                yield in_words(bare, "for" if passed is test.passes else "against", said)


def _apart(measured: Measured, *candidates: str) -> str:
    missing = [_title(candidate) for candidate in candidates if not measured.devices.get(candidate)]
    return f"{' and '.join(missing)} did not run" if missing else "the two ran on different devices"


def _title(candidate: str) -> str:
    return CANDIDATES[candidate].title if candidate in CANDIDATES else "scikit-learn"


def _listed(names: list[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)
