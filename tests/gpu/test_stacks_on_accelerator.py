"""Every stack on an accelerator: it is used, waited for, computes the same, and is not taken whole."""

from __future__ import annotations

import json
import shlex
import sys
from pathlib import Path
from statistics import median

import pytest
from stacks_here import OpenIt, Stack, nvidia_gpus

from advisor.measuring.machine.devices import device_kind
from pilots.pipeline_protocol import Load, PipelinesTimed
from pilots.protocol import CheckParity, Done, ParityChecked, Predict, Train

MATMUL_TRIAL = Path(__file__).with_name("matmul_trial.py")
#: Without memory growth TensorFlow takes nearly all of a GPU, and JAX three quarters.
LEAST_MIB, MOST_MIB = 1, 4096

FULL_PRECISION = {
    "pytorch": {"tf32_convolutions": "False", "matmul_precision": "highest"},
    "keras-torch": {"tf32_convolutions": "False", "matmul_precision": "highest"},
    "keras-tensorflow": {"tf32": "False"},
    "tensorflow": {"tf32": "False"},
    "keras-jax": {"matmul_precision": "highest"},
}


def test_the_device_asked_for_is_used(stack: Stack, open_trial: OpenIt) -> None:
    kind = device_kind(open_trial(stack).opened.environment.device)
    assert (kind != "cpu") == stack.on_accelerator


def test_the_processor_is_used_where_it_is_asked_for(stack: Stack, open_trial: OpenIt) -> None:
    trial = open_trial(stack, device="cpu")
    assert trial.opened.environment.device == "cpu"
    with trial.process.watched_memory() as peak:
        trial.process.request(Train(steps=5), Done)
    # TensorFlow and JAX may open the driver all the same, which holds some hundred MiB.
    assert peak.accelerator_mib is None or peak.accelerator_mib < MOST_MIB / 4


def test_full_float32_precision_is_in_force(stack: Stack, open_trial: OpenIt) -> None:
    settings = open_trial(stack).opened.environment.settings
    expected = FULL_PRECISION[stack.candidate]
    assert {name: settings.get(name) for name in expected} == expected


@pytest.mark.parametrize("workload", ["tabular", "vision"])
def test_it_computes_what_the_processor_computes(
    stack: Stack, workload: str, open_trial: OpenIt, tmp_path: Path
) -> None:
    """The gate's tolerances: shorter floats in products or convolutions would exceed them."""
    here, there = str(tmp_path / "cpu.npz"), str(tmp_path / "device.npz")
    on_cpu = open_trial(stack, workload, device="cpu").process
    on_cpu.request(CheckParity("the processor", here, None), ParityChecked)
    on_cpu.close()
    on_device = open_trial(stack, workload).process
    result = on_device.request(CheckParity("the processor", there, here), ParityChecked).result
    assert result.passed, result.checks


def test_its_data_pipeline_feeds_it(stack: Stack, open_trial: OpenIt) -> None:
    """Batches are checked as they come out, on whichever device that is; workers start beside a device in use."""
    result = (
        open_trial(stack, "vision")
        .process.request(Load(steps=3, rounds=1, workers=2, limit_s=60), PipelinesTimed)
        .result
    )
    assert result.difference is None
    assert [pipeline.error for pipeline in result.pipelines] == [None, None]
    assert all(len(pipeline.fed_s) == 1 for pipeline in result.pipelines)


def test_the_barrier_waits(stack: Stack, open_trial: OpenIt, tmp_path: Path) -> None:
    """A functional check: without a barrier a block ends when its work was issued, and fetching waits for the rest."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(MATMUL_TRIAL)])} "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    report = tmp_path / "report.json"
    trial = open_trial(stack, python=str(python), environment={"ADVISOR_MATMUL_REPORT": str(report)})
    trial.process.request(Train(steps=1), Done)
    pairs = json.loads(report.read_text(encoding="utf-8"))
    for block in ("few", "many"):
        assert median(left_s / taken_s for taken_s, left_s in (pair[block] for pair in pairs)) < 0.2
    assert 1.6 < median(pair["many"][0] / pair["few"][0] for pair in pairs) < 2.4


def test_a_small_model_takes_little_of_its_memory(stack: Stack, open_trial: OpenIt) -> None:
    trial = open_trial(stack)
    with trial.process.watched_memory() as predicting:
        trial.process.request(Predict(calls=5), Done)
    with trial.process.watched_memory() as training:
        trial.process.request(Train(steps=20), Done)
    for peak in (predicting, training):
        if stack.on_accelerator and nvidia_gpus() > 0:
            assert peak.accelerator_mib is not None, "the driver does not list the process"
            assert LEAST_MIB < peak.accelerator_mib < MOST_MIB
        else:
            assert peak.accelerator_mib is None
