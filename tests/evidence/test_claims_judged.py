"""Each kind of test of a claim: confirmed, refuted, not resolved, and what it takes to be tested at all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import product

import pytest
from scored_rows import losses_of

from advisor.catalog import CANDIDATES
from advisor.claims.claims import Article, Claim, Claims, load_claims
from advisor.claims.judge import TESTED, JudgedClaim, judge_claims
from advisor.evidence.measured import Measured, launch_ratio, measured_of
from advisor.knowledge.facts import Fact, load_facts
from advisor.measuring.analysis.break_even import BreakEven, Pays
from advisor.measuring.analysis.comparison import Comparison, Ratio, Word
from advisor.measuring.analysis.series import Series
from advisor.measuring.analysis.statistics import Interval
from advisor.measuring.code.size import CodeSize
from advisor.method import method
from pilots.records import Environment, Lane, TrialRecord, TrialSpec
from pilots.rehearsal_records import RehearseResult
from pilots.results import InferBatch, ParityCheck, ParityResult
from pilots.routes import routes

NETWORKS = {"tabular": "dense network", "vision": "residual network", "text": "transformer encoder"}
RACE = {"kind": "pairs", "measure": "race.step_ms", "first": ["pytorch"], "second": ["tensorflow"]}
SLOWER = {**RACE, "expect": "more"}


def claim(*tests: dict[str, object], **more: object) -> Claim:
    return Claim.model_validate(
        {"id": "C1", "text": "So it is.", "seeds": ["S0"], "kind": "measured", "tests": tests} | more
    )


def judge(
    measured: Measured | None, *tests: dict[str, object], facts: Sequence[Fact] = (), **more: object
) -> JudgedClaim:
    claims = Claims((Article(id="S0", title="One"),), (claim(*tests, **more),))
    return judge_claims(claims, facts, measured, NETWORKS).of("C1")


def pair(
    centre: float, low: float, high: float, *, word: Word | None = None, workload: str = "tabular",
    lane: Lane = "default", first: str = "pytorch", second: str = "tensorflow", reason: str = "",
) -> Comparison:  # fmt: skip
    if word is None:
        word = (
            "equivalent"
            if low > 0.97 and high < 1.03
            else "faster"
            if high < 1
            else "slower"
            if low > 1
            else "not resolved"
        )
    ratio = None if word == "not comparable" else Ratio(centre, low, high, 5, 100, 0)
    between = "candidates" if first != second else "lanes"
    return Comparison(workload, lane, between, first, second, word, ratio, reason)


def study(*comparisons: Comparison, devices: dict[str, str] | None = None, **more: object) -> Measured:
    ran = devices or dict.fromkeys(CANDIDATES, "cpu")
    empty = Measured(
        comparisons=comparisons, series=(), code=(), break_evens=(), gates={},
        devices={name: (kind,) for name, kind in ran.items()}, networks=NETWORKS, measuring=method().measuring,
        rehearsals={},
    )  # fmt: skip
    return replace(empty, **more)  # type: ignore[arg-type]


def values(measure: str, candidate: str, *found: float, workload: str = "tabular") -> Series:
    launches = tuple(range(len(found)))
    losses = losses_of(found) if measure == "learn.metric" else None
    keys = tuple(f"k{n}" for n in launches)
    return Series(measure, workload, candidate, "default", "", launches, found, keys, losses)


def passed(*workloads: str) -> dict[tuple[str, str, str], bool]:
    return {(workload, candidate, "default"): True for workload in workloads for candidate in CANDIDATES}


@pytest.mark.parametrize(
    ("found", "expect", "verdict"),
    [
        ((1.5, 1.3, 1.7), {"expect": "more"}, "confirmed here"),
        ((0.5, 0.4, 0.6), {"expect": "more"}, "refuted here"),
        ((1.01, 0.99, 1.02), {"expect": "more"}, "refuted here"),  # shown to be equal
        ((1.1, 0.9, 1.3), {"expect": "more"}, "not resolved here"),
        ((0.5, 0.4, 0.6), {"expect": "less"}, "confirmed here"),
        ((1.5, 1.3, 1.7), {"expect": "less"}, "refuted here"),
        ((1.0, 0.95, 1.05), {"low": 0.9, "high": 1.1}, "confirmed here"),
        ((1.0, 0.85, 1.05), {"low": 0.9, "high": 1.1}, "not resolved here"),
        ((1.5, 1.3, 1.7), {"low": 0.9, "high": 1.1}, "refuted here"),
        ((1.7, 1.6, 1.8), {"low": 1.5}, "confirmed here"),
        ((1.2, 1.1, 1.3), {"low": 1.5}, "refuted here"),
        ((0.5, 0.4, 0.6), {"high": 1.03}, "confirmed here"),
        ((1.17, 1.16, 1.19), {"low": 1.15, "high": 1.2}, "confirmed here"),
    ],
)
def test_a_pair_that_raced(found, expect, verdict):
    assert judge(study(pair(*found)), {**RACE, **expect}).verdict == verdict


@pytest.mark.parametrize("turned", [False, True])
def test_pairs_are_found_in_either_order(turned):
    test = {**SLOWER, **({"first": ["tensorflow"], "second": ["pytorch"]} if turned else {})}
    judged = judge(study(pair(2.0, 1.6, 2.5)), test)
    assert judged.verdict == ("refuted here" if turned else "confirmed here")
    (finding,) = judged.parts[0].findings
    assert (finding.centre, finding.low, finding.high) == pytest.approx(
        (0.5, 0.4, 0.625) if turned else (2.0, 1.6, 2.5)
    )


@pytest.mark.parametrize("expect", [{"expect": "more"}, {"low": 1.1}, {"high": 1.1}])
def test_what_two_equals_may_show_as_well_resolves_nothing(expect):
    noisy = pair(1.2, 1.15, 1.25, word="not resolved", reason="a candidate against its own copy may differ")
    assert judge(study(noisy), {**RACE, **expect}).verdict == "not resolved here"


KERAS = ("keras-tensorflow", "keras-jax", "keras-torch")


def slower_keras(words: dict[tuple[str, Lane], float]) -> Measured:
    found = [
        pair(ratio, ratio * 0.98, ratio * 1.02, first="pytorch", second=name, lane=lane)
        for (name, lane), ratio in words.items()
    ]
    return study(*found)


KERAS_IS_SLOWER = {
    "kind": "pairs", "measure": "race.step_ms", "first": list(KERAS), "second": ["pytorch"],
    "expect": "more", "lanes": ["default", "tuned"], "of": "every",
}  # fmt: skip
LANES: tuple[Lane, ...] = ("default", "tuned")


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, "confirmed here"),
        ({("keras-jax", "tuned"): 2.0}, "refuted here"),  # one backend in one lane suffices
        ({("keras-jax", "tuned"): 1.0}, "refuted here"),
        ({("keras-jax", "tuned"): None}, "not resolved here"),  # it did not race
        ({(name, "tuned"): None for name in KERAS}, "not resolved here"),  # the lane was not run
        ({(name, "tuned"): None for name in KERAS} | {("keras-jax", "default"): 2.0}, "refuted here"),
    ],
)
def test_keras_is_slower_only_if_it_is_on_every_backend_in_both_lanes(changed, verdict):
    everywhere: dict[tuple[str, Lane], float | None] = {(name, lane): 0.5 for name in KERAS for lane in LANES}
    left = {place: ratio for place, ratio in (everywhere | changed).items() if ratio is not None}
    judged = judge(slower_keras(left), KERAS_IS_SLOWER)
    assert judged.verdict == verdict
    assert ("the tuned lane was not run" in judged.parts[0].missing) is all(lane == "default" for _, lane in left)


@pytest.mark.parametrize(
    ("ratios", "of", "verdict"),
    [
        ((2.0, 2.0, 2.0), "every", "confirmed here"),
        ((2.0, 2.0, 0.5), "every", "refuted here"),
        ((2.0, 2.0, 2.0), "most", "confirmed here"),
        ((2.0, 2.0, 0.5), "most", "mostly confirmed here"),
        ((2.0, 2.0, None), "most", "mostly confirmed here"),
        ((2.0, 0.5, 0.5), "most", "refuted here"),
        ((2.0, 0.5, None), "most", "not resolved here"),
        ((2.0, 0.5, 0.5), "some", "confirmed here"),
        ((0.5, 0.5, 0.5), "some", "refuted here"),
        ((0.5, 0.5, None), "some", "not resolved here"),
    ],
)
def test_in_how_many_workloads_it_has_to_be_so(ratios, of, verdict):
    found = [
        pair(1.0, 0.8, 1.2, workload=name) if ratio is None else pair(ratio, ratio * 0.9, ratio * 1.1, workload=name)
        for name, ratio in zip(NETWORKS, ratios, strict=True)
    ]
    assert judge(study(*found), {**SLOWER, "of": of}).verdict == verdict


def test_only_the_workloads_that_a_claim_is_about_count():
    measured = study(pair(2.0, 1.9, 2.1, workload="text"), pair(0.5, 0.4, 0.6, workload="vision"))
    assert judge(measured, {**SLOWER, "networks": ["transformer"]}).verdict == "confirmed here"
    assert judge(measured, {**SLOWER, "pilots": ["vision"]}).verdict == "refuted here"
    nothing = judge(measured, {**SLOWER, "networks": ["dense"]})
    assert (nothing.verdict, nothing.options) == ("not tested here", ("--pilots", "tabular"))
    assert "dense" in nothing.reason


def test_a_claim_about_a_gpu_is_not_tested_by_a_cpu_nor_the_other_way_round():
    measured = study(pair(2.0, 1.9, 2.1))
    on_gpu = replace(measured, devices=dict.fromkeys(CANDIDATES, ("gpu",)))
    for device, here, elsewhere in (("cpu", measured, on_gpu), ("gpu", on_gpu, measured)):
        test = {**SLOWER, "device": device}
        assert judge(here, test).verdict == "confirmed here"
        other = judge(elsewhere, test)
        assert other.verdict == "cannot be tested"
        assert other.reason.startswith(f"it speaks of a {device.upper()}")


def test_candidates_on_different_devices_are_not_compared():
    mixed = study(pair(2.0, 1.9, 2.1), devices={"pytorch": "gpu", "tensorflow": "cpu"})
    judged = judge(mixed, SLOWER)
    assert (judged.verdict, judged.reason) == ("not tested here", "the two ran on different devices")
    cannot = judge(mixed, {**SLOWER, "device": "gpu"})
    assert (cannot.verdict, "different devices" in cannot.reason) == ("cannot be tested", True)


def test_what_failed_the_gate_tests_nothing():
    judged = judge(study(pair(1, 1, 1, word="not comparable", reason="it is not the same model")), SLOWER)
    assert (judged.verdict, judged.reason) == ("not tested here", "it is not the same model")


@pytest.mark.parametrize(
    ("first", "second", "expect", "verdict"),
    [
        ((200.0, 202.0, 204.0), (100.0, 100.0, 101.0), {"expect": "more"}, "confirmed here"),
        ((100.0, 100.0, 100.0), (100.0, 100.0, 100.0), {"expect": "more"}, "refuted here"),
        ((100.0, 150.0, 200.0), (120.0, 120.0, 120.0), {"expect": "more"}, "not resolved here"),
        ((110.0, 111.0, 112.0), (100.0, 100.0, 101.0), {"low": 1.0, "high": 1.25}, "confirmed here"),
        ((200.0, 202.0), (100.0, 100.0), {"expect": "more"}, "not tested here"),  # too few launches
    ],
)
def test_a_memory_ratio_over_launches(first, second, expect, verdict):
    name = "footprint.train_peak_mib"
    found = (values(name, "pytorch", *first), values(name, "tensorflow", *second))
    measured = study(series=found, gates=passed("tabular"))
    test = {**RACE, "measure": name, **expect}
    assert judge(measured, test).verdict == verdict
    assert judge(replace(measured, gates={}), test).verdict == "not tested here"


def test_launches_are_paired():
    ratio = launch_ratio({0: 2.0, 1: 20.0, 3: 7.0}, {0: 1.0, 1: 10.0, 2: 5.0}, 0.95)
    assert ratio is not None and (ratio.centre, ratio.low, ratio.high) == pytest.approx((2.0, 2.0, 2.0))
    among_others = launch_ratio({0: 2.0, 1: 20.0}, {0: 1.0, 1: 10.0}, 0.95, slowed=1.25)
    assert among_others is not None and (among_others.low, among_others.high) == pytest.approx((1.6, 2.5))
    assert launch_ratio({0: 1.0}, {0: 1.0}, 0.95) is None
    assert launch_ratio({0: 1.0, 1: 0.0}, {0: 1.0, 1: 1.0}, 0.95) is None


@pytest.mark.parametrize(
    ("lines", "expect", "verdict"),
    [
        ((60, 100), {"expect": "less"}, "confirmed here"),
        ((100, 100), {"expect": "less"}, "refuted here"),
        ((40, 100), {"high": 0.5}, "confirmed here"),
        ((60, 100), {"high": 0.5}, "refuted here"),
    ],
)
@pytest.mark.parametrize("measure", ["code.operations", "code.training_operations"])
def test_lines_of_code_are_counted_not_estimated(measure, lines, expect, verdict):
    whole = measure == "code.operations"
    code = tuple(
        CodeSize("tabular", name, count if whole else 900, ("model.py",), 900 if whole else count)
        for name, count in zip(("keras-jax", "pytorch"), lines, strict=True)
    )
    test = {**RACE, "measure": measure, "first": ["keras-jax"], "second": ["pytorch"], **expect}
    assert judge(study(code=code), test).verdict == verdict
    assert judge(study(), test).verdict == "not tested here"


@pytest.mark.parametrize(
    ("shares", "verdict"),
    [
        ((0.70, 0.71, 0.72), "confirmed here"),
        ((0.10, 0.11, 0.12), "refuted here"),
        ((0.30, 0.50, 0.70), "not resolved here"),
    ],
)
def test_a_level_such_as_the_share_of_a_step_spent_waiting(shares, verdict):
    test = {"kind": "level", "measure": "load.waiting_share", "candidates": ["pytorch"], "low": 0.5}
    measured = study(series=(values("load.waiting_share", "pytorch", *shares),), gates=passed("tabular"))
    assert judge(measured, test).verdict == verdict
    assert judge(study(), test).verdict == "not tested here"


@pytest.mark.parametrize(
    ("first", "second", "expect", "verdict"),
    [
        ((0.9, 0.91, 0.92), (0.9, 0.91, 0.92), "alike", "confirmed here"),
        ((0.9, 0.91, 0.92), (0.7, 0.71, 0.72), "alike", "refuted here"),
        ((0.9, 0.91, 0.92), (0.88, 0.93, 0.9), "alike", "not resolved here"),
        ((0.9, 0.91, 0.92), (0.7, 0.71, 0.72), "unlike", "confirmed here"),
        ((0.9, 0.91, 0.92), (0.9, 0.91, 0.92), "unlike", "refuted here"),
        ((0.9, 0.91, 0.92), (0.88, 0.93, 0.9), "unlike", "not resolved here"),
        ((0.9, 0.91, 0.92), (0.7, 0.71, 0.72), "higher", "confirmed here"),
        ((0.7, 0.71, 0.72), (0.9, 0.91, 0.92), "higher", "refuted here"),
        ((0.9, 0.91, 0.92), (0.9, 0.91, 0.92), "higher", "refuted here"),
        ((0.9, 0.91, 0.92), (0.88, 0.93, 0.9), "higher", "not resolved here"),
    ],
)
def test_equal_quality_is_shown_not_assumed(first, second, expect, verdict):
    test = {"kind": "quality", "first": ["pytorch"], "second": ["tensorflow"], "expect": expect, "margin": 0.01}
    found = (values("learn.metric", "pytorch", *first), values("learn.metric", "tensorflow", *second))
    assert judge(study(series=found, gates=passed("tabular")), test).verdict == verdict
    assert judge(study(series=found), test).verdict == "not tested here"


def test_scores_whose_rows_were_not_kept_resolve_nothing():
    test = {"kind": "quality", "first": ["pytorch"], "second": ["tensorflow"], "expect": "alike", "margin": 0.01}
    found = [replace(values("learn.metric", name, 0.9, 0.9, 0.9), losses=None) for name in ("pytorch", "tensorflow")]
    judged = judge(study(series=tuple(found), gates=passed("tabular")), test)
    assert judged.verdict == "not resolved here"
    (finding,) = judged.parts[0].findings
    assert "not kept" in finding.reason


def test_the_baseline_needs_no_gate():
    test = {"kind": "quality", "first": ["pytorch"], "second": ["baseline"], "expect": "alike", "margin": 0.01}
    found = (values("learn.metric", "pytorch", 0.9, 0.9, 0.9), values("learn.metric", "baseline", 0.9, 0.9, 0.9))
    assert judge(study(series=found, gates=passed("tabular")), test).verdict == "confirmed here"


FLIPS = {"kind": "flips", "candidates": ["pytorch", "tensorflow"], "workloads": 3}


@pytest.mark.parametrize(
    ("ratios", "verdict"),
    [
        ((2.0, 0.5), "confirmed here"),  # one change of places proves it, however few pilots
        ((2.0, 2.0), "not resolved here"),  # too few to say that none changes
        ((2.0, 2.0, 2.0), "refuted here"),
        ((2.0, 2.0, None), "not resolved here"),
        ((2.0,), "not tested here"),
    ],
)
def test_changes_of_places_between_workloads(ratios, verdict):
    found = [
        pair(1.0, 0.8, 1.2, workload=name) if ratio is None else pair(ratio, ratio * 0.9, ratio * 1.1, workload=name)
        for name, ratio in zip(NETWORKS, ratios, strict=False)
    ]
    judged = judge(study(*found), FLIPS)
    assert judged.verdict == verdict
    assert judged.options == ("--pilots", "all")
    if verdict == "confirmed here":
        assert judged.parts[0].findings[0].reason == "faster on vision and slower on tabular"


@pytest.mark.parametrize(
    ("pays", "steps", "verdict"),
    [
        ("after", (500, 400, 700), "confirmed here"),
        ("after", (5000, 4000, 7000), "refuted here"),
        ("after", (900, 500, 2000), "not resolved here"),
        ("at once", None, "confirmed here"),
        ("never", None, "refuted here"),
        ("not resolved", None, "not resolved here"),
        ("not comparable", None, "not tested here"),
    ],
)
def test_the_steps_after_which_compiling_has_paid(pays: Pays, steps, verdict):
    test = {"kind": "break_even", "candidates": ["pytorch"], "within_steps": 1000}
    one = BreakEven("tabular", "pytorch", "tuned", pays, 2.0, Interval(*steps) if steps else None)
    lanes = pair(0.8, 0.7, 0.9, lane="tuned", second="pytorch")
    judged = judge(study(lanes, break_evens=(one,)), test)
    assert (judged.verdict, judged.options) == (verdict, ("--tuned",))
    untuned = judge(study(pair(0.5, 0.4, 0.6)), test)
    assert (untuned.verdict, untuned.reason) == ("not tested here", "the tuned lane was not run")


@pytest.mark.parametrize(("ratio", "verdict"), [(0.7, "confirmed here"), (1.5, "refuted here")])
def test_tuning_against_the_default_lane(ratio, verdict):
    test = {"kind": "tuning", "candidates": ["pytorch"], "expect": "less"}
    measured = study(pair(ratio, ratio * 0.9, ratio * 1.1, lane="tuned", second="pytorch"))
    assert judge(measured, test).verdict == verdict


@pytest.mark.parametrize(
    ("gates", "passes", "verdict"),
    [
        ({"keras-jax": True, "keras-torch": True}, True, "confirmed here"),
        ({"keras-jax": True, "keras-torch": False}, True, "not resolved here"),  # as often as not
        ({"keras-jax": False, "keras-torch": False}, True, "refuted here"),
        ({"keras-jax": True}, True, "not resolved here"),  # the other never came to the gate
        ({"keras-jax": False, "keras-torch": False}, False, "confirmed here"),
        ({}, True, "not tested here"),
    ],
)
def test_models_that_pass_the_gate(gates, passes, verdict):
    test = {"kind": "gate", "candidates": ["keras-jax", "keras-torch"], "passes": passes, "pilots": ["text"]}
    found = {("text", name, "default"): passed for name, passed in gates.items()}
    assert judge(study(gates=found), test).verdict == verdict


def test_all_parts_have_to_hold_or_one_of_them():
    measured = study(pair(2.0, 1.9, 2.1))
    slower, faster = SLOWER, {**RACE, "expect": "less"}
    assert judge(measured, slower, faster).verdict == "refuted here"
    assert judge(measured, slower, faster, needs="one").verdict == "confirmed here"
    assert judge(measured, faster, faster, needs="one").verdict == "refuted here"
    elsewhere = {**SLOWER, "device": "gpu"}
    assert judge(measured, slower, elsewhere).verdict == "not resolved here"
    assert judge(measured, faster, elsewhere).verdict == "refuted here"


def test_a_claim_of_which_a_part_is_untested_is_refuted_but_never_confirmed():
    part = {"untested": "the rest"}
    assert judge(study(pair(2.0, 1.9, 2.1)), SLOWER, **part).verdict == "not resolved here"
    assert judge(study(pair(0.5, 0.4, 0.6)), SLOWER, **part).verdict == "refuted here"


FACT = Fact(
    id="X1", text="So it is.", as_of=date(2026, 1, 1), review_by=date(2027, 1, 1), source="there", confidence="H"
)


@pytest.mark.parametrize(
    ("settles", "verdict"),
    [
        ("false", "false"),
        ("outdated", "outdated"),
        ("true in part", "true in part"),
        ("supported", "supported by a dated fact"),
    ],
)
def test_dated_facts_settle_what_is_not_measured(settles, verdict):
    settled = {"settled": {"verdict": settles, "why": "Look.", "facts": ["X1", "X2"]}}
    judged = judge(None, facts=[FACT], **settled)
    assert (judged.verdict, judged.reason, judged.facts) == (verdict, "Look.", (FACT,))
    assert judge(study(pair(2.0, 1.9, 2.1)), SLOWER, facts=[FACT], **settled).verdict == "confirmed here"
    assert judge(study(pair(1.1, 0.8, 1.3)), SLOWER, facts=[FACT], **settled).verdict == verdict


def test_what_cannot_be_tested_says_why():
    judged = judge(study(), untestable={"obstacle": "opinion", "why": "A matter of taste."})
    assert (judged.verdict, judged.reason) == ("cannot be tested", "A matter of taste.")


def test_without_a_study_nothing_is_tested():
    judged = judge(None, SLOWER)
    assert (judged.verdict, judged.parts, judged.options) == ("not tested here", (), ())
    assert judge(None, {**SLOWER, "lanes": ["tuned"], "networks": ["dense", "residual"]}).options == (
        "--pilots", "tabular,vision", "--tuned",
    )  # fmt: skip


def test_what_contradicts_each_other_comes_out_independently():
    overhead, none = claim({**RACE, "low": 1.05}), claim({**RACE, "low": 0.9, "high": 1.1}, id="C2")
    for ratio, verdicts in (
        ((1.5, 1.4, 1.6), ("confirmed here", "refuted here")),
        ((1.0, 0.98, 1.02), ("refuted here", "confirmed here")),
        ((1.07, 1.06, 1.09), ("confirmed here", "confirmed here")),
        ((1.0, 0.5, 2.0), ("not resolved here", "not resolved here")),
    ):
        claims = Claims((Article(id="S0", title="One"),), (overhead, none))
        judged = judge_claims(claims, (), study(pair(*ratio)), NETWORKS)
        assert tuple(judged.of(name).verdict for name in ("C1", "C2")) == verdicts


def test_what_the_records_say_becomes_what_is_measured():
    def check(candidate: str, outcome: str, *, ok: bool) -> TrialRecord:
        result = ParityResult("parity", "pytorch", 10, ok, (ParityCheck("forward", ok, 0.1, 1e-4, 1e-5, ""),))
        spec = TrialSpec("parity", "tabular", "quick", candidate, "default", 0, 0, 2)
        place = Environment("3.12", {}, "cuda:0", {})
        return TrialRecord("key", spec, outcome, "2026-11-20", 1.0, place, result)  # type: ignore[arg-type]

    code = (CodeSize("tabular", "pytorch", 50, ("model.py",)),)
    records = (check("pytorch", "ok", ok=True), check("tensorflow", "not_comparable", ok=False))
    measured = measured_of(records, (), (), code, NETWORKS, method().measuring)
    assert measured.gates == {("tabular", "pytorch", "default"): True, ("tabular", "tensorflow", "default"): False}
    assert measured.device_of(["pytorch", "tensorflow"]) == "gpu"
    assert measured.code == code
    assert measured_of((), (), (), code, NETWORKS, method().measuring).code == ()


SHIPPED = load_claims()


@pytest.mark.parametrize("name", [one.id for one in SHIPPED.claims])
def test_every_claim_stands_somewhere_without_a_study(name):
    judged = judge_claims(SHIPPED, load_facts(), None, NETWORKS).of(name)
    assert judged.verdict not in TESTED
    assert judged.reason or judged.claim.tests


def rehearsed(
    route: str, *, candidate: str = "pytorch", workload: str = "tabular", works: bool = True, call_ms: float = 1.0,
    size: int = 100,
) -> dict[tuple[str, str, str], RehearseResult]:  # fmt: skip
    calls = tuple(call_ms * (1 + 0.01 * (number % 5)) for number in range(100))
    result = RehearseResult(
        "rehearse", route, works, failed_stage=None if works else "export", artifact_bytes=size if works else None,
        installed_bytes=size, runtime_mib=float(size),
        batches=(InferBatch(1, 0.0, calls),) if works else (),
    )  # fmt: skip
    return {(workload, candidate, route): result}


def everything(ratio: float, device: str) -> Measured:
    """A study in which every pair raced in both lanes, the first always ``ratio`` times as slow as the second."""
    names = tuple(CANDIDATES)
    networks = {**NETWORKS, "time_series": "LSTM, 32 units", "generative": "variational autoencoder"}
    pairs = [
        pair(ratio, ratio * 0.99, ratio * 1.01, workload=workload, lane=lane, first=a, second=b)
        for workload in networks for lane in LANES for a in names for b in names if a != b
    ]  # fmt: skip
    launched = (
        "learn.metric",
        "learn.train_s",
        "load.waiting_share",
        "footprint.train_peak_mib",
        "footprint.train_accelerator_peak_mib",
    )
    found = [
        values(m, name, 0.6, 0.6, 0.6, workload=workload) for m in launched for workload in networks for name in names
    ]
    came_out: dict[tuple[str, str, str], RehearseResult] = {}
    for route, workload, name in product(routes(), networks, names):
        came_out |= rehearsed(route, candidate=name, workload=workload)
    return study(
        *pairs, networks=networks, rehearsals=came_out, series=tuple(found), gates=passed(*networks),
        devices=dict.fromkeys(names, device),
        code=tuple(CodeSize(workload, name, 50, ("model.py",), 20) for workload in networks for name in names),
        break_evens=tuple(BreakEven(w, name, "tuned", "never", 1.0, None) for w in networks for name in names),
    )  # fmt: skip


@pytest.mark.parametrize("name", [one.id for one in SHIPPED.claims if one.tests])
def test_every_test_that_is_shipped_works(name):
    """Where everything was measured, each claim with tests is tested, on the device that it speaks of."""
    verdicts = {
        judge_claims(SHIPPED, (), everything(ratio, device), NETWORKS).of(name).verdict
        for ratio in (0.5, 1.0, 2.0)
        for device in ("cpu", "gpu")
    }
    assert verdicts & set(TESTED)
    assert "not tested here" not in verdicts


WAY_OUT = {"kind": "way_out", "candidates": ["pytorch"], "routes": ["onnx_runtime", "torch_export"]}


@pytest.mark.parametrize(
    ("tried", "works", "verdict"),
    [
        ({}, True, "not tested here"),
        (rehearsed("onnx_runtime"), True, "confirmed here"),
        (rehearsed("onnx_runtime"), False, "refuted here"),
        (rehearsed("onnx_runtime", works=False), True, "refuted here"),
        # One export route suffices.
        (rehearsed("onnx_runtime", works=False) | rehearsed("torch_export"), True, "confirmed here"),
        # Another export route is not what the claim speaks of.
        (rehearsed("state_dict"), True, "not tested here"),
        # With one pilot it comes out, with another it does not.
        (
            rehearsed("onnx_runtime") | rehearsed("onnx_runtime", workload="text", works=False),
            True,
            "not resolved here",
        ),
    ],
)
def test_ways_out(tried: dict[tuple[str, str, str], RehearseResult], works: bool, verdict: str) -> None:
    judged = judge(study(rehearsals=tried), {**WAY_OUT, "works": works})
    assert judged.verdict == verdict
    assert judged.options == ("--set", "deployment.targets=python_server")


RUNTIMES = {
    "kind": "runtimes", "candidates": ["pytorch"], "first": ["onnx_runtime"], "second": ["state_dict"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("test", "tried", "verdict"),
    [
        ({"measure": "rehearse.p50_ms", "expect": "less"}, {"call_ms": 0.3}, "confirmed here"),
        ({"measure": "rehearse.p50_ms", "expect": "less"}, {"call_ms": 3.0}, "refuted here"),
        ({"measure": "rehearse.p50_ms", "expect": "less"}, {"call_ms": 1.01}, "not resolved here"),
        ({"measure": "rehearse.p50_ms", "expect": "less"}, {"call_ms": 0.45}, "not resolved here"),  # one launch each
        ({"measure": "rehearse.p50_ms", "expect": "between", "high": 0.3}, {"call_ms": 0.9}, "refuted here"),
        ({"measure": "rehearse.artifact_bytes", "expect": "less"}, {"size": 99}, "confirmed here"),
        ({"measure": "rehearse.artifact_bytes", "expect": "between", "high": 0.5}, {"size": 51}, "refuted here"),
        ({"measure": "rehearse.p50_ms", "expect": "less"}, {"works": False}, "not tested here"),
    ],
)
def test_runtimes_are_compared(test: dict[str, object], tried: dict[str, float], verdict: str) -> None:
    both = rehearsed("state_dict") | rehearsed("onnx_runtime", **tried)  # type: ignore[arg-type]
    assert judge(study(rehearsals=both), {**RUNTIMES, **test}).verdict == verdict


def test_a_route_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="onnx_runtime"):
        claim({**WAY_OUT, "routes": ["onnx_runtme"]})
