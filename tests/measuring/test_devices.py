"""Which device a trial ran on, whatever its framework calls it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from advisor.measuring.machine.devices import device_kind, devices_by_candidate
from pilots.records import Environment, TrialRecord, TrialSpec
from pilots.results import FootprintResult


def ran(candidate: str, device: str) -> TrialRecord:
    spec = TrialSpec("footprint", "vision", "quick", candidate, "default", 0, 0, threads=2)
    environment = Environment("3.11.9", {}, device)
    result = FootprintResult("footprint", 1.0, 2.0, 3.0, 10)
    return TrialRecord(f"{candidate} {device}", spec, "ok", "2026-11-21T12:00:00+00:00", 1.0, environment, result)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("cpu", "cpu"),
        ("CPU:0", "cpu"),
        ("cuda:0 NVIDIA H200", "gpu"),
        ("gpu:0 NVIDIA H200", "gpu"),
        ("GPU:0", "gpu"),
        ("cuda", "gpu"),
        ("rocm:1 AMD Instinct MI300X", "gpu"),
        ("mps", "mps"),
        ("mps:0", "mps"),
        ("xpu:0 Intel Data Center GPU Max 1100", "xpu"),
        ("tpu:0 TPU v5 lite", "tpu"),
        ("npu:3 something new", "npu"),
        ("", ""),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert device_kind(text) == kind


def test_devices_are_told_by_candidate_and_each_once() -> None:
    records = [ran("pytorch", "mps"), ran("tensorflow", "cpu"), ran("pytorch", "mps:0"), ran("pytorch", "cpu")]
    assert devices_by_candidate(records) == {"pytorch": ("mps", "cpu"), "tensorflow": ("cpu",)}


def test_the_same_gpu_under_two_names_is_one_device() -> None:
    records = [ran("pytorch", "cuda:0 NVIDIA H200"), ran("keras-jax", "gpu:0 NVIDIA H200")]
    assert set(devices_by_candidate(records).values()) == {("gpu",)}


def test_neither_the_baseline_nor_a_trial_without_a_result_counts() -> None:
    failed = replace(ran("tensorflow", "cpu"), outcome="crashed", result=None)
    unopened = replace(ran("keras-jax", "cpu"), environment=None)
    assert devices_by_candidate([ran("baseline", "cpu"), failed, unopened]) == {}
