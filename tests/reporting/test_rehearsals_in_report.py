"""The rehearsed deployments as the report shows them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from report_decision import decision
from report_study import study_inputs

from advisor.reporting.deployment.rehearsals import build_rehearsals
from advisor.reporting.document import build_document
from advisor.reporting.formats.render import render
from advisor.reporting.words.table import Code
from pilots.records import RouteChoice, TrialRecord, TrialSpec
from pilots.rehearsal_records import Figures, RehearseResult, ServedLoad, ServedResult
from pilots.results import InferBatch

WORKS = RehearseResult(
    kind="rehearse",
    route="",
    works=True,
    rows=256,
    worst_error=2e-7,
    agreement=1.0,
    metric_before=0.93,
    metric=0.93,
    export_s=1.0,
    artifact_bytes=22_886,
    installed_bytes=130_000_000,
    load_s=0.25,
    runtime_mib=64.0,
    batches=(InferBatch(1, 9.0, (1.0, 2.0, 3.0)), InferBatch(256, 9.0, (4.0, 4.0))),
)
FAILS = RehearseResult(
    kind="rehearse", route="", works=False, failed_stage="compare", error="12 of 20 outputs | [are] no *finite* numbers"
)


def trial(candidate: str, route: str, result: RehearseResult | None, error: str | None = None) -> TrialRecord:
    spec = TrialSpec("rehearse", "vision", "quick", candidate, "default", 0, 0, 1, route=RouteChoice(route))
    named = replace(result, route=route) if result else None
    outcome = "ok" if result else "crashed"
    return TrialRecord(f"{candidate}{route}", spec, outcome, "2026-11-20T00:00:00", 1.0, None, named, error)


TRIALS = (
    trial("keras-tensorflow", "litert", replace(WORKS, worked_around=("the number of rows is fixed to 1",))),
    trial("pytorch", "onnx_runtime", FAILS),
    trial("pytorch", "state_dict", WORKS),
    trial("keras-jax", "keras_file", None, "Traceback (most recent call last):\nValueError: diverged"),
    trial("pytorch", "gone", WORKS),
)


def test_a_column_is_shown_where_a_row_has_its_figure():
    micro = trial("tensorflow", "litert_micro", replace(WORKS, figures=Figures(arena_bytes=2544), installed_bytes=None))
    failed = trial("keras-jax", "litert_micro_via_tensorflow", None, "ValueError: diverged")
    (target,) = build_rehearsals((micro, failed), ("microcontroller",))
    assert "not on a chip" in target.stand_in
    assert target.table.header[-1] == "Arena (estimate)"
    assert sorted(row[-1] for row in target.table.rows) == ["", "2.54 kB"]
    (server,) = build_rehearsals(TRIALS[2:3], ("python_server",))
    assert server.table.header[-1] == "Runtime on disk"


def rehearsals_of(inputs):
    return build_rehearsals(inputs.records, inputs.answers.choices("deployment.targets"))


@pytest.fixture
def inputs():
    found = study_inputs(decision())
    return replace(found, records=(*found.records, *TRIALS))


def test_one_table_for_each_target(inputs):
    server, android = rehearsals_of(inputs)  # those that the answers name
    assert (server.title, android.title) == ("Python server", "Android")
    assert server.stand_in == ""
    assert "as a stand-in for a phone" in android.stand_in
    assert [row[:4] for row in server.table.rows] == [
        ("PyTorch", "ONNX → ONNX Runtime", "vision", "no"),
        ("PyTorch", "weights file → PyTorch", "vision", "yes"),
        ("Keras 3 on JAX", ".keras file → Keras", "vision", "no"),
    ]
    assert server.table.rows[1][4:] == (
        "100%",
        "22.9 kB",
        "0.250 s",
        "2 ms / 2.90 ms / 2.98 ms",
        "64,000",
        "64 MiB",
        "130 MB",
    )
    assert [row[:4] for row in android.table.rows] == [
        ("PyTorch", "ONNX → ONNX Runtime", "vision", "no"),
        ("Keras 3 on TensorFlow", ".tflite file → LiteRT", "vision", "yes; the number of rows is fixed to 1"),
    ]


def test_a_download_is_shown_where_a_route_has_one(inputs):
    fetched = replace(WORKS, installed_bytes=None, figures=Figures(download_bytes=14_300_000))
    trials = (trial("pytorch", "onnx_web", fetched), trial("tensorflow", "onnx_web", FAILS))
    broken = trial("keras-jax", "onnx_web_via_tensorflow", None, "ValueError: diverged")
    records = (*trials, broken, *TRIALS)
    browser, server, own = build_rehearsals(records, ("browser", "python_server"))
    assert "headless Chromium on this computer" in browser.stand_in
    assert browser.table.header[-2:] == ("Runtime on disk", "Download")
    assert [row[-2:] for row in browser.table.rows] == [("", "14.3 MB"), ("", ""), ("", "")]
    for one in (browser, server, own):
        assert all(len(row) == len(one.table.header) for row in one.table.rows)
    assert "Download" not in server.table.header


def test_failures_come_with_stage_and_error(inputs):
    server, _ = rehearsals_of(inputs)
    assert server.failures is not None
    assert [row[3:] for row in server.failures.rows] == [
        ("compare", Code("12 of 20 outputs | [are] no *finite* numbers")),
        ("training", Code("ValueError: diverged")),
    ]


def test_the_own_format_is_shown_where_it_leads_to_no_target(inputs):
    answers = type(inputs.answers)({**inputs.answers.said, "deployment.targets": ("android",)})
    android, own = rehearsals_of(replace(inputs, answers=answers))
    assert (android.title, own.title) == ("Android", "Saved and loaded again")
    assert [row[1] for row in own.table.rows] == ["weights file → PyTorch", ".keras file → Keras"]


def test_the_report_holds_them(inputs):
    text = render(build_document(inputs), flavor="plain")
    assert "### Android" in text
    assert "that it could be exported counts for nothing" in text.replace("\n", " ")
    assert "12 of 20 outputs" in text
    assert "### Android" not in render(build_document(study_inputs(decision())), flavor="plain")


def test_what_was_served_is_told_for_python_servers(inputs):
    loads = (ServedLoad(1, 2.0, (1.0, 2.0, 3.0), 0), ServedLoad(8, 0.5, (4.0, 5.0, 6.0), 2))
    served = replace(WORKS, served=ServedResult("LitServe", None, 3.0, loads, stopped_cleanly=True))
    failed = replace(WORKS, served=ServedResult("LitServe", "the server answered 500: <no> | *way*"))
    records = [trial("pytorch", "state_dict", served), trial("tensorflow", "saved_model", failed)]
    (target, others) = build_rehearsals(records, ("python_server", "batch"))
    assert target.served is not None and others.served is None
    first, second, third = [row[3:] for row in target.served.rows]
    assert first == ("1", "1.50", "2 ms / 2.90 ms / 2.98 ms", "0", "yes", "")
    assert second[0] == "8" and second[3] == "2"
    assert third == ("", "", "", "", "", Code("the server answered 500: <no> | *way*"))


def test_what_is_to_know_of_a_route_is_told_only_where_it_ran(inputs):
    _, android = rehearsals_of(inputs)
    assert "ExecuTorch" not in android.stand_in
    spec = next(record.spec for record in inputs.records if record.spec.route and record.spec.candidate == "pytorch")
    executed = replace(
        next(record for record in inputs.records if record.spec == spec),
        spec=replace(spec, route=RouteChoice("executorch_xnnpack")),
        result=replace(WORKS, route="executorch_xnnpack"),
    )
    _, android = rehearsals_of(replace(inputs, records=(*inputs.records, executed)))
    assert "ExecuTorch ran by its runtime for Python" in android.stand_in
