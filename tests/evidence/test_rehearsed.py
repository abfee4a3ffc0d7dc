"""What rehearsals do to the routes, to the evidence and to the constraints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from advisor.deciding.advice import hybrid, target_routes
from advisor.deciding.constraints import Given, check
from advisor.evidence.build import Knowledge, PilotResults, build_table
from advisor.evidence.from_facts import relevant_effects, route_components
from advisor.evidence.from_rehearsals import memory_components, serving_components, speed_components
from advisor.evidence.rehearsed import with_rehearsed
from advisor.evidence.table import Component, Triangular
from advisor.interview.answers import Answers
from advisor.knowledge.facts import Effect, load_facts
from advisor.knowledge.routes import RehearsedRoute, RouteLimits, Routes, load_routes
from advisor.measuring.analysis.series import Series
from advisor.method import method
from pilots.outcomes import Outcome
from pilots.records import RouteChoice, TrialRecord, TrialSpec
from pilots.rehearsal_records import Figures, RehearseResult, ServedResult
from pilots.results import Contention, InferBatch
from pilots.routes import routes as export_routes

CITED = load_routes()
TODAY = date(2026, 11, 26)
WORKS = RehearseResult(
    "rehearse",
    "",
    True,
    artifact_bytes=2_000_000,
    installed_bytes=40_000_000,
    batches=(InferBatch(1, 9.0, tuple(1 + number / 1000 for number in range(100))), InferBatch(256, 9.0, (4.0,))),
)
FAILS = RehearseResult("rehearse", "", False, failed_stage="load", error="ValueError: no such operator")


def trial(candidate: str, route: str, result: RehearseResult, workload: str = "vision") -> TrialRecord:
    spec = TrialSpec("rehearse", workload, "quick", candidate, "default", 0, 0, 1, route=RouteChoice(route))
    named = replace(result, route=route)
    return TrialRecord(f"key-{candidate}-{route}-{workload}", spec, "ok", "2026-11-26T00:00:00", 1.0, None, named)


def merged(*records: TrialRecord, stand_ins: tuple[str, ...] = (), own_model: bool = False) -> Routes:
    return with_rehearsed(CITED, records, export_routes(), stand_ins, 0.95, own_model=own_model)


def given(routes: Routes, said: dict) -> Given:
    answers, candidates = Answers(said), ("pytorch", "keras-torch", "tensorflow")
    table = build_table(answers, Knowledge(load_facts(), routes, TODAY), PilotResults(), candidates, method())
    return Given(answers, table, load_facts(), routes, {})


def test_without_rehearsals_the_cited_routes_stay_as_they_are():
    assert merged() is CITED


def test_what_works_here_comes_first_with_its_trial_as_the_source():
    routes = merged(trial("tensorflow", "litert", WORKS))
    best = routes.to("android", "tensorflow")
    assert isinstance(best, RehearsedRoute)
    assert (best.status, best.sources, best.installed_mb, best.model_mb) == (
        "yes",
        ("key-tensorflow-litert-vision",),
        40,
        2,
    )
    answers = Answers({"deployment.targets": ("android",)})
    found = target_routes("tensorflow", answers, routes)["android"]
    assert (found.status, found.source) == ("rehearsed", best.sources)
    assert target_routes("pytorch", answers, routes)["android"].status == "cited"
    shipped = hybrid("tensorflow", (), ("tensorflow",), answers, routes, "clear")
    assert shipped is not None and "LiteRT" in shipped.ship["android"]


DOUBT = {"criterion": "deployment", "candidates": ("tensorflow",), "effect": -0.2}


@pytest.mark.parametrize(
    ("effect", "cited", "rehearsed"),
    [
        ({**DOUBT, "formats": ("onnx",)}, 0.7, 1.0),  # of the converter: it was tried
        ({**DOUBT, "formats": ("tflite",)}, 0.9, 1.0),  # of another converter
        (DOUBT, 0.7, 0.8),  # of nobody's converter
    ],
)
def test_what_was_tried_here_is_not_marked_down_by_a_cited_doubt_about_its_converter(effect, cited, rehearsed):
    doubt = load_facts()[0].model_copy(update={"effects": (Effect(**effect),), "different_reasons": ""})
    answers = Answers({"deployment.targets": ("desktop",), "deployment.accepts": ("onnx",)})
    routes = merged(trial("tensorflow", "onnx_runtime", WORKS))
    for known, worth in ((CITED, cited), (routes, rehearsed)):
        (component,) = route_components("tensorflow", answers, [doubt], known, method(), TODAY)
        assert component.distribution.mode == pytest.approx(worth)


def test_a_way_that_works_here_is_worth_what_it_showed_whatever_is_cited():
    """Of all built-in facts: the converter to ONNX looks for a maintainer, and its files are all the same."""
    answers = Answers({"deployment.targets": ("desktop",), "deployment.accepts": ("onnx",)})
    routes = merged(trial("tensorflow", "onnx_runtime", WORKS))
    (component,) = route_components("tensorflow", answers, load_facts(), routes, method(), TODAY)
    assert component.distribution.mode == method().rehearsed.works
    assert "T18" in relevant_effects("tensorflow", "longevity", answers, load_facts())


def test_a_way_round_is_told_and_is_worth_less_than_a_direct_one():
    """It takes TensorFlow and a process of its own, which nobody who trains on JAX has otherwise."""
    direct = merged(trial("keras-torch", "onnx_runtime", WORKS)).to("android", "keras-torch")
    around = merged(trial("keras-torch", "onnx_runtime_via_tensorflow", WORKS)).to("android", "keras-torch")
    assert direct is not None and (direct.status, direct.condition) == ("yes", "")
    assert around is not None
    assert (around.status, around.condition) == ("with_conditions", "by way of Keras 3 on TensorFlow")


def test_what_a_browser_downloads_is_held_against_what_may_be_installed():
    fetched = replace(WORKS, installed_bytes=None, figures=Figures(download_bytes=14_000_000))
    routes = merged(trial("pytorch", "onnx_web", fetched), trial("keras-torch", "onnx_web", fetched))
    best = routes.to("browser", "pytorch")
    assert isinstance(best, RehearsedRoute)
    assert (best.installed_mb, best.model_mb, best.p95_ms.keys()) == (14, 2, {"vision"})
    required = {"deployment.targets": ("browser",), "deployment.required": ("browser",)}
    for budget_mb, statuses in ((20.0, []), (10.0, ["fail"])):
        found = given(routes, {**required, "deployment.install_mb": budget_mb})
        checks = [one for one in check("pytorch", found) if one.constraint == "install_budget"]
        assert [one.status for one in checks] == statuses


def test_a_work_around_or_one_failing_pilot_is_a_condition():
    around = merged(trial("keras-torch", "saved_model_via_tensorflow", replace(WORKS, worked_around=("fixed to 1",))))
    route = around.to("python_server", "keras-torch")
    assert route is not None and any(
        one.status == "with_conditions" and "fixed to 1" in one.condition
        for one in around.all_to("python_server", "keras-torch")
    )
    both = merged(trial("tensorflow", "litert", WORKS), trial("tensorflow", "litert", FAILS, "text"))
    found = [one for one in both.all_to("android", "tensorflow") if isinstance(one, RehearsedRoute)]
    assert [(one.status, one.trials) for one in found] == [
        ("with_conditions", ("key-tensorflow-litert-vision", "key-tensorflow-litert-text"))
    ]
    assert "with the text pilot it failed at load: ValueError: no such operator" in found[0].condition


def test_what_did_not_run_on_a_chip_is_no_route_without_a_condition():
    routes = merged(trial("tensorflow", "litert_micro", replace(WORKS, installed_bytes=None)))
    (micro,) = [one for one in routes.all_to("microcontroller", "tensorflow") if isinstance(one, RehearsedRoute)]
    assert (micro.status, micro.condition) == ("with_conditions", "run on this computer, not on a chip")
    assert (micro.installed_mb, micro.p95_ms) == (None, {})  # neither is that of a chip
    said = {"deployment.targets": ("microcontroller",), "deployment.required": ("microcontroller",)}
    assert [one for one in check("tensorflow", given(routes, said)) if one.constraint == "required_targets"] == []


def failing_everywhere(candidate: str, target: str) -> tuple[TrialRecord, ...]:
    return tuple(
        trial(candidate, name, FAILS)
        for name, way in export_routes().items()
        if candidate in way.candidates and target in way.targets
    )


@pytest.mark.parametrize(
    ("stand_ins", "outcome", "error", "status"),
    [
        ((), "failed", "ValueError: no such operator", "fail"),
        ((), "crashed", "ended with signal SIGSEGV", "fail"),
        ((), "not_comparable", "12 of 20 rows predicted otherwise", "fail"),
        (("vision",), "failed", "ValueError: no such operator", "unknown"),  # it only stands in for what was asked
        ((), "timed_out", "no answer for 600 s", "unknown"),  # more time might have done
        ((), "out_of_memory", "MemoryError", "unknown"),
        ((), "out_of_memory", "RuntimeError: CUDA error: out of memory", "unknown"),
        ((), "unavailable", "ImportError: libc10.so: undefined symbol", "unknown"),
        ((), "unavailable", "RuntimeError: Failed to find C compiler", "unknown"),
        # Studies of before kinds of ends were stored.
        ((), None, "ValueError: no such operator", "fail"),
        ((), None, "no answer for 600 s", "unknown"),
        ((), None, "used 9000 MiB, more than the 8000 MiB a trial may take", "unknown"),
    ],
)
def test_a_failure_of_every_route_may_veto(
    stand_ins: tuple[str, ...], outcome: Outcome | None, error: str, status: str
):
    """Only what is the route's own doing does; what a limit or this machine did says nothing about it."""
    records = failing_everywhere("tensorflow", "android")
    records = tuple(replace(one, result=replace(one.result, failed_outcome=outcome, error=error)) for one in records)
    routes = merged(*records, stand_ins=stand_ins)
    said = {"deployment.targets": ("android",), "deployment.required": ("android",)}
    assert any(route.status != "no" for route in CITED.all_to("android", "tensorflow"))  # it is cited to work
    checks = [one for one in check("tensorflow", given(routes, said)) if one.constraint == "required_targets"]
    assert [one.status for one in checks] == [status]
    assert error in checks[0].reason
    assert checks[0].evidence[0].startswith("key-tensorflow")
    assert not [one for one in check("pytorch", given(routes, said)) if one.constraint == "required_targets"]


def test_one_failing_route_leaves_the_others():
    routes = merged(trial("pytorch", "onnx_runtime", FAILS))
    formats = {route.format for route in routes.all_to("android", "pytorch") if route.status != "no"}
    assert "ONNX" not in formats
    assert routes.to("android", "keras-torch") == CITED.to("android", "keras-torch")


def test_evidence_is_rehearsed_where_something_was():
    routes = merged(trial("tensorflow", "litert", WORKS), trial("pytorch", "onnx_runtime", FAILS))
    table = given(routes, {"deployment.targets": ("android",)}).table
    kinds = {one: table.cell(one, "deployment").components[0].kind for one in table.candidates}
    assert kinds == {"pytorch": "cited", "keras-torch": "cited", "tensorflow": "rehearsed"}


def test_a_speed_is_no_surer_than_its_noise():
    """The 95th percentile of these lies anywhere between 1 and 50 ms, which is most of the scale."""
    noisy = replace(WORKS, batches=(InferBatch(1, 9.0, (*(1.0,) * 93, *(50.0,) * 7)),))
    routes = merged(trial("tensorflow", "litert", noisy))
    said = Answers({"deployment.targets": ("android",)})
    (found,) = speed_components("tensorflow", said, routes, ("tensorflow",), method())
    (noise,) = found.doubts
    assert isinstance(noise.shape, Triangular)
    assert noise.shape.half_width > 0.5


def test_a_speed_that_was_rehearsed_on_a_busy_machine_is_in_doubt():
    def doubts(busy: bool, taken: Callable[..., tuple[Component, ...]]) -> dict[str, float]:
        record = trial("tensorflow", "litert", replace(WORKS, runtime_mib=64.0))
        record = replace(record, contention=Contention(0.4, 0.0, busy=busy, cores=2))
        said = Answers({"deployment.targets": ("android",)})
        (found,) = taken("tensorflow", said, merged(record), ("tensorflow",), method())
        return {one.name: one.shape.half_width for one in found.doubts if isinstance(one.shape, Triangular)}

    added = doubts(True, speed_components).items() - doubts(False, speed_components).items()
    assert added == {("busy_machine", method().cited_half_width.busy_machine)}
    assert doubts(True, memory_components) == doubts(False, memory_components)


TAKING = {"inference_speed": speed_components, "memory": memory_components}


@pytest.mark.parametrize("criterion", TAKING)
def test_a_rehearsal_counts_once_however_many_targets_it_serves(criterion: str):
    """Two targets that one trial serves were two draws of its noise and weighed twice beside what was timed here."""
    routes = merged(trial("pytorch", "onnx_runtime", replace(WORKS, runtime_mib=64.0)))
    one, two = (
        TAKING[criterion]("pytorch", Answers({"deployment.targets": targets}), routes, ("pytorch",), method())
        for targets in (("python_server",), ("python_server", "edge_linux"))
    )
    assert (len(one), len(two)) == (1, 2)
    assert {part.source for part in two} == {one[0].source}
    assert {part.doubts for part in two} == {one[0].doubts}
    assert {part.distribution.half_width for part in two} == {0.0}
    assert sum(part.weight for part in two) == one[0].weight == 1.0


def test_what_was_rehearsed_with_a_stand_in_is_cited():
    """As what was measured on one is: a time of another model says little about this one. A route is about code."""
    slow = Series("infer.p95_ms", "text", "pytorch", "default", "ms", (0, 1, 2), (9.0, 9.1, 9.2), ("a", "b", "c"))
    routes = merged(trial("pytorch", "onnx_runtime", WORKS))

    def kinds(criterion: str, *stand_ins: str) -> list[str]:
        answers = Answers({"deployment.targets": ("python_server",)})
        pilots = PilotResults((slow,), {("text", "pytorch")}, stand_ins=stand_ins)
        evidence = build_table(answers, Knowledge((), routes, TODAY), pilots, ("pytorch",), method())
        return [one.kind for one in evidence.cell("pytorch", criterion).components]

    assert kinds("inference_speed") == ["measured", "rehearsed"]
    assert kinds("inference_speed", "vision") == ["measured", "cited"]
    assert kinds("deployment", "vision") == ["rehearsed"]


def test_the_memory_of_the_runtime_counts_and_is_missing_where_no_route_works():
    routes = merged(
        trial("tensorflow", "litert", replace(WORKS, runtime_mib=64.0)), trial("pytorch", "onnx_runtime", FAILS)
    )
    said = Answers({"deployment.targets": ("android",)})
    both = ("tensorflow", "pytorch")
    (held,), (missing,) = (memory_components(one, said, routes, both, method()) for one in both)
    assert (held.measure, held.raw, held.unit) == ("rehearse.runtime_mib@android@vision", 64.0, "MiB")
    assert (held.kind, missing.kind) == ("rehearsed", "missing")
    # Two of one launch each are compared, and their ratio may be off by the factor.
    assert held.raw_low and held.raw_high
    assert held.raw_high / held.raw_low == pytest.approx(method().measuring.single_launch_memory_factor)


@pytest.mark.parametrize(("budget_ms", "status"), [(2.0, None), (1.05, "unknown"), (0.5, "unknown")])
def test_the_time_allowed_is_held_against_the_best_rehearsed_route(budget_ms: float, status: str | None):

    slow = Series(
        "infer.p95_ms", "vision", "tensorflow", "default", "ms", (0, 1, 2), (90.0, 91.0, 92.0), ("a", "b", "c")
    )
    said = Answers({"deployment.targets": ("android",), "deployment.latency_ms": budget_ms})
    routes = merged(trial("tensorflow", "litert", WORKS))
    pilots = PilotResults((slow,), {("vision", "tensorflow")})
    table = build_table(said, Knowledge(load_facts(), routes, TODAY), pilots, ("tensorflow", "pytorch"), method())
    found = {
        one: [
            each.status
            for each in check(one, Given(said, table, load_facts(), routes, {}))
            if "latency" in each.constraint
        ]
        for one in table.candidates
    }
    assert found == {"tensorflow": [status] if status else [], "pytorch": ["unknown"]}


@pytest.mark.parametrize(
    ("budget_mb", "own_model", "status"), [(3.0, True, None), (1.0, True, "fail"), (1.0, False, "unknown")]
)
def test_the_size_of_the_model(budget_mb: float, own_model: bool, status: str | None):
    routes = merged(trial("tensorflow", "litert", WORKS), own_model=own_model)
    said = {
        "deployment.targets": ("android",),
        "deployment.required": ("android",),
        "deployment.model_mb": budget_mb,
    }
    found = [one.status for one in check("tensorflow", given(routes, said)) if one.constraint == "model_budget"]
    assert found == ([status] if status else [])


@pytest.mark.parametrize(("budget_mb", "fits"), [(50.0, True), (30.0, False)])
def test_the_size_of_what_runs_it_is_what_was_measured(budget_mb: float, fits: bool):
    best = merged(trial("tensorflow", "litert", WORKS)).to("android", "tensorflow")
    assert best is not None
    assert best.fits(RouteLimits(budget_mb)) is fits


SERVED = ServedResult("litserve", stopped_cleanly=True)
REFUSED = ServedResult("litserve", error="ValueError: the answers differ")


@pytest.mark.parametrize(
    ("results", "value"),
    [
        ({"vision": SERVED}, 1.0),
        ({"vision": SERVED, "text": SERVED}, 1.0),
        ({"vision": SERVED, "text": REFUSED}, 0.6),
        ({"vision": replace(SERVED, stopped_cleanly=False)}, 0.6),
        ({"vision": REFUSED}, 0.0),
    ],
)
def test_what_was_served_is_evidence_of_operations(results: dict[str, ServedResult], value: float):
    records = [
        trial("pytorch", "torch_export", replace(WORKS, served=served), workload)
        for workload, served in results.items()
    ]
    routes = merged(*records, trial("tensorflow", "saved_model", WORKS))
    answers = Answers({"deployment.targets": ("python_server",)})
    knowledge = Knowledge(load_facts(), routes, TODAY)
    table = build_table(answers, knowledge, PilotResults(), ("pytorch", "tensorflow"), method())
    cited, found = table.cell("pytorch", "operations").components
    assert cited.kind == "cited"
    assert isinstance(found.distribution, Triangular)
    assert (found.kind, found.distribution.mode) == ("rehearsed", value)
    assert found.source == tuple(record.key for record in records)
    assert table.cell("tensorflow", "operations").components[1].kind == "missing"  # nobody gains by trying none


def test_a_pilot_that_did_not_get_as_far_as_the_server_is_a_condition_too():
    served = trial("pytorch", "torch_export", replace(WORKS, served=SERVED))
    routes = merged(served, trial("pytorch", "torch_export", FAILS, "text"))
    asked = Answers({"deployment.targets": ("python_server",)})
    (found,) = serving_components("pytorch", asked, routes, ("pytorch",), method())
    assert found.distribution == Triangular(0.6, 0.05)


def test_the_best_served_route_speaks_and_without_any_server_facts_do_alone():
    asked = Answers({"deployment.targets": ("python_server",)})
    both = merged(
        trial("pytorch", "torch_export", replace(WORKS, served=REFUSED)),
        trial("pytorch", "onnx_runtime", replace(WORKS, served=SERVED)),
    )
    (found,) = serving_components("pytorch", asked, both, ("pytorch",), method())
    assert "ONNX Runtime" in found.label
    assert (
        serving_components("pytorch", Answers({"deployment.targets": ("android",)}), both, ("pytorch",), method()) == ()
    )
    unserved = merged(trial("pytorch", "torch_export", WORKS))
    assert serving_components("pytorch", asked, unserved, ("pytorch",), method()) == ()
