"""Single findings that bear on a claim: one pair or candidate on one workload in one lane."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any, Literal

from advisor.catalog import CANDIDATES
from advisor.evidence.measured import RACED, Measured, launch_ratio
from advisor.knowledge.claim_rules import (
    BreakEvenTest,
    FlipTest,
    GateTest,
    LaneTest,
    LevelTest,
    PairTest,
    QualityTest,
    RehearsedMeasure,
    RuntimesTest,
    Test,
    WayOutTest,
)
from advisor.measuring.comparison import Comparison
from advisor.measuring.statistics import Interval, percentile_interval, ratio_is_equivalent, t_interval, tost
from pilots.records import Lane, RehearseResult
from pilots.routes import routes

Bearing = Literal["for", "against", "open"]
#: Of what the numbers are: ``ratio`` of first to second, of the two ``routes`` that ``reason`` names, ``difference`` of
#: scores, a value as it is, or ``steps``.
Scale = Literal["ratio", "routes", "difference", "level", "steps", "none"]


@dataclass(frozen=True)
class Finding:
    """What one look shows: whether it is as claimed (``for``), ``against`` it, or leaves it ``open``.

    ``second`` is empty where a candidate is compared with nothing. ``centre``, ``low`` and ``high`` are missing where
    nothing was measured, for the ``reason``; ``measured`` then tells a result in words from none.
    """

    measure: str
    workload: str
    lane: str
    first: str
    second: str
    bearing: Bearing
    scale: Scale = "none"
    centre: float | None = None
    low: float | None = None
    high: float | None = None
    reason: str = ""
    measured: bool = False


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
        WayOutTest: _ways_out,
        RuntimesTest: _runtimes,
    }
    return tuple(make[type(test)](test, measured))


def workloads_of(test: Test, among: Iterable[str], networks: Mapping[str, str]) -> tuple[str, ...]:
    """Those of the workloads that a test is about."""
    return tuple(
        name
        for name in among
        if (not test.pilots or name in test.pilots)
        and (not test.networks or any(word in networks.get(name, "").casefold() for word in test.networks))
    )


def measure_of(test: Test) -> str:
    """The measure that a test looks at."""
    match test:
        case PairTest() | LevelTest() | RuntimesTest():
            return test.measure
        case WayOutTest():
            return "rehearse"
        case QualityTest():
            return "learn.metric"
        case GateTest():
            return "gate"
        case _:
            return RACED


def _places(test: Test, measured: Measured) -> Iterator[tuple[str, Lane]]:
    measure = measure_of(test)
    if measure == "gate":
        among: Iterable[str] = dict.fromkeys(workload for workload, _, _ in measured.gates)
    else:
        among = measured.workloads(measure)
    selected = workloads_of(test, among, measured.networks)
    yield from ((workload, lane) for lane in test.lanes for workload in selected)


def _pairs(test: PairTest, measured: Measured) -> Iterator[Finding]:
    for workload, lane in _places(test, measured):
        if test.measure == RACED and not measured.ran(lane):
            continue
        for first, second in test.pairs:
            bare = Finding(test.measure, workload, lane, first, second, "open")
            if not test.measure.startswith("code.") and measured.device_of((first, second)) is None:
                yield _without(bare, _apart(measured, first, second))
            elif test.measure == RACED:
                yield _raced(bare, test, measured.race(workload, lane, first, second), measured)
            else:
                yield _divided(bare, test, lane, measured)


def _tuning(test: LaneTest, measured: Measured) -> Iterator[Finding]:
    for workload, _ in _places(test, measured):
        for candidate in test.candidates:
            bare = Finding(RACED, workload, "tuned", candidate, candidate, "open")
            yield _raced(bare, test, measured.tuning(workload, "tuned", candidate), measured)


def _raced(bare: Finding, test: PairTest | LaneTest, pair: Comparison | None, measured: Measured) -> Finding:
    if pair is None:
        return _without(bare, "the two did not race")
    if pair.ratio is None:
        return _without(bare, pair.reason)
    interval = Interval(pair.ratio.ratio, pair.ratio.low, pair.ratio.high)
    bearing = _bearing(test, interval, measured.measuring.equivalence_margin)
    # A reason beside a ratio says that two equals may differ as much: then it resolves nothing.
    if pair.word == "not resolved" and (pair.reason or test.expect != "between"):
        bearing = "open"
    return _with(bare, bearing, "ratio", interval, pair.reason)


def _divided(bare: Finding, test: PairTest, lane: Lane, measured: Measured) -> Finding:
    if test.measure.startswith("code."):
        counts = [measured.lines(test.measure, bare.workload, one) for one in (bare.first, bare.second)]
        if counts[0] is None or counts[1] is None:
            return _without(bare, "there is no code to count")
        exact = counts[0] / counts[1]
        return _with(bare, _bearing(test, Interval(exact, exact, exact), 0.0), "ratio", Interval(exact, exact, exact))
    found = {one: measured.values(test.measure, bare.workload, one, lane) for one in (bare.first, bare.second)}
    for candidate, (_, problem) in found.items():
        if problem:
            return _without(bare, f"{_title(candidate)} {problem}")
    ratio = launch_ratio(found[bare.first][0], found[bare.second][0], measured.measuring.confidence)
    if ratio is None:
        return _without(bare, "fewer than two launches ran of both")
    return _with(bare, _bearing(test, ratio, measured.measuring.equivalence_margin), "ratio", ratio)


def _levels(test: LevelTest, measured: Measured) -> Iterator[Finding]:
    for workload, lane in _places(test, measured):
        for candidate in test.candidates:
            bare = Finding(test.measure, workload, lane, candidate, "", "open")
            if test.measure.startswith("code."):
                lines = measured.lines(test.measure, workload, candidate)
                if lines is None:
                    yield _without(bare, "there is no code to count")
                else:
                    exact = Interval(lines, lines, lines)
                    yield _with(bare, _bearing(test, exact, 0.0), "level", exact)
                continue
            values, problem = measured.values(test.measure, workload, candidate, lane)
            if problem:
                yield _without(bare, f"{_title(candidate)} {problem}")
                continue
            interval = t_interval(list(values.values()), measured.measuring.confidence)
            yield _with(bare, _bearing(test, interval, 0.0), "level", interval)


def _qualities(test: QualityTest, measured: Measured) -> Iterator[Finding]:
    for workload, lane in _places(test, measured):
        for first, second in test.pairs:
            bare = Finding("learn.metric", workload, lane, first, second, "open")
            found = {one: measured.values("learn.metric", workload, one, lane) for one in (first, second)}
            problems = [f"{_title(one)} {problem}" for one, (_, problem) in found.items() if problem]
            scores, others = found[first][0], found[second][0]
            shared = [scores[launch] - others[launch] for launch in scores if launch in others]
            if problems or len(shared) < 2:
                yield _without(bare, problems[0] if problems else "fewer than two launches ran of both")
                continue
            found_test = tost(shared, margin=test.margin)
            interval = Interval(found_test.difference, found_test.low, found_test.high)
            yield _with(bare, _quality(test, interval, alike=found_test.equivalent), "difference", interval)


def _quality(test: QualityTest, difference: Interval, *, alike: bool) -> Bearing:
    above, below = difference.low > test.margin, difference.high < -test.margin
    match test.expect:
        case "alike":
            return "for" if alike else "against" if above or below else "open"
        case "unlike":
            return "for" if above or below else "against" if alike else "open"
        case "higher":
            return "for" if above else "against" if alike or difference.high < test.margin else "open"


def _flips(test: FlipTest, measured: Measured) -> Iterator[Finding]:
    """A pair that is resolved one way on one workload and the other way on another; its finding is in words."""
    workloads = workloads_of(test, measured.workloads(RACED), measured.networks)
    if len(workloads) < 2:
        return
    for first, second in combinations(test.candidates, 2):
        if measured.device_of((first, second)) is None:
            continue
        places = {name: measured.race(name, test.lanes[0], first, second) for name in workloads}
        words = {name: pair.word for name, pair in places.items() if pair is not None}
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
    for one in measured.break_evens:
        if one.workload not in selected or one.candidate not in test.candidates or one.lane not in test.lanes:
            continue
        bare = Finding(RACED, one.workload, one.lane, one.candidate, "", "open")
        match one.pays:
            case "at once":
                yield _with(bare, "for", "steps", Interval(0.0, 0.0, 0.0))
            case "never":
                yield _in_words(bare, "against", "compiling does not pay, however long the training")
            case "after" if one.steps is not None:
                late, early = one.steps.low > test.within_steps, one.steps.high <= test.within_steps
                yield _with(bare, "for" if early else "against" if late else "open", "steps", one.steps)
            case "not comparable":
                yield _without(bare, "the tuned model was not shown to be the same")
            case _:
                yield _in_words(bare, "open", "whether compiling pays is not resolved")


def _gate(test: GateTest, measured: Measured) -> Iterator[Finding]:
    for workload, lane in _places(test, measured):
        for candidate in test.candidates:
            bare = Finding("gate", workload, lane, candidate, "", "open")
            passed = measured.gates.get((workload, candidate, lane))
            if passed is None:
                yield _without(bare, "it did not come to the parity gate")
            else:
                said = "passes the parity gate" if passed else "does not pass the parity gate"
                yield _in_words(bare, "for" if passed is test.passes else "against", said)


def _ways_out(test: WayOutTest, measured: Measured) -> Iterator[Finding]:
    for workload, lane in _places(test, measured):
        for candidate in test.candidates:
            bare = Finding("rehearse", workload, lane, candidate, "", "open")
            tried = [one for name in test.routes if (one := measured.rehearsals.get((workload, candidate, name)))]
            if not tried:
                yield _without(bare, "no such way out was rehearsed")
                continue
            works = [routes()[one.route].title for one in tried if one.works]
            said = f"comes out by {' and '.join(works)}" if works else f"does not come out: {_why_not(tried)}"
            yield _in_words(bare, "for" if bool(works) is test.works else "against", said)


def _why_not(tried: Iterable[RehearseResult]) -> str:
    return "; ".join(f"{routes()[one.route].title} failed at {one.failed_stage}" for one in tried)


def _runtimes(test: RuntimesTest, measured: Measured) -> Iterator[Finding]:
    for workload, lane in _places(test, measured):
        for candidate, first, second in product(test.candidates, test.first, test.second):
            found = [measured.rehearsals.get((workload, candidate, name)) for name in (first, second)]
            ran = [one for one in found if one is not None and one.works]
            title = " and ".join(routes()[name].title for name in (first, second))
            bare = Finding(test.measure, workload, lane, candidate, "", "open", reason=title)
            spans = [span for one in ran if (span := _rehearsed(test.measure, one, measured.measuring.confidence))]
            if len(spans) < 2:
                yield _without(bare, f"not both of {title} work")
                continue
            above, below = spans
            ratio = Interval(above.centre / below.centre, above.low / below.high, above.high / below.low)
            margin = 0.0 if test.measure.endswith("_bytes") else measured.measuring.equivalence_margin
            yield _with(bare, _bearing(test, ratio, margin), "routes", ratio, title)


def _rehearsed(measure: RehearsedMeasure, result: RehearseResult, confidence: float) -> Interval | None:
    if measure == "rehearse.p50_ms":
        single = next((batch.calls_ms for batch in result.batches if batch.batch_size == 1), ())
        return Interval(*percentile_interval(single, 50, confidence)) if single else None
    exact = {
        "rehearse.artifact_bytes": result.artifact_bytes,
        "rehearse.installed_bytes": result.installed_bytes,
        "rehearse.runtime_mib": result.runtime_mib,
    }[measure]
    return Interval(exact, exact, exact) if exact else None


def _bearing(test: PairTest | LaneTest | LevelTest | RuntimesTest, interval: Interval, margin: float) -> Bearing:
    """Of an interval: wholly where it is claimed to be, wholly elsewhere, or across the border."""
    if test.expect == "between":
        low = float("-inf") if test.low is None else test.low
        high = float("inf") if test.high is None else test.high
        if low <= interval.low and interval.high <= high:
            return "for"
        return "against" if interval.high < low or interval.low > high else "open"
    # Two that are shown to be equal are shown not to differ, whichever way a claim has it.
    equal = ratio_is_equivalent(interval, margin) if margin else interval.low == interval.high == 1
    if equal:
        return "against"
    below, above = interval.high < 1, interval.low > 1
    as_claimed, otherwise = (below, above) if test.expect == "less" else (above, below)
    return "for" if as_claimed else "against" if otherwise else "open"


def _with(bare: Finding, bearing: Bearing, scale: Scale, interval: Interval, reason: str = "") -> Finding:
    return Finding(
        bare.measure, bare.workload, bare.lane, bare.first, bare.second, bearing,
        scale, interval.centre, interval.low, interval.high, reason, measured=True,
    )  # fmt: skip


def _in_words(bare: Finding, bearing: Bearing, reason: str) -> Finding:
    return Finding(
        bare.measure, bare.workload, bare.lane, bare.first, bare.second, bearing, reason=reason, measured=True
    )


def _without(bare: Finding, reason: str) -> Finding:
    return Finding(bare.measure, bare.workload, bare.lane, bare.first, bare.second, "open", reason=reason)


def _apart(measured: Measured, *candidates: str) -> str:
    missing = [_title(one) for one in candidates if not measured.devices.get(one)]
    return f"{' and '.join(missing)} did not run" if missing else "the two ran on different devices"


def _title(candidate: str) -> str:
    return CANDIDATES[candidate].title if candidate in CANDIDATES else "scikit-learn"


def _listed(names: list[str]) -> str:
    return ", ".join(name.replace("_", " ") for name in names)
