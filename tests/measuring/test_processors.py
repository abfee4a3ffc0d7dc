"""Kinds of cores and their clocks, from trees of files as kernels have them, and from what macOS prints."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from advisor.measuring.machine.processors import (
    CoreKind,
    allowed_cores,
    clock_drift,
    clock_mhz,
    core_kinds,
    core_kinds_from_sysctl,
    core_speeds,
    cores_to_run_on,
    spare_cores,
    trial_cores,
)
from advisor.measuring.running.supervisor import TrialLimits, TrialProcess

APPLE = "hw.perflevel0.physicalcpu: 4\nhw.perflevel0.logicalcpu: 4\nhw.perflevel1.logicalcpu: 6\n"
EQUAL = "hw.physicalcpu: 8\nhw.logicalcpu: 8\n"


def planted(devices: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = devices / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="ascii")
    return devices


def clocks(name: str, *khz: int) -> dict[str, str]:
    return {f"system/cpu/cpu{core}/cpufreq/{name}": str(one) for core, one in enumerate(khz)}


@pytest.mark.parametrize(
    ("files", "kinds"),
    [
        pytest.param({}, (), id="nothing told"),
        pytest.param(
            {
                "cpu_core/cpus": "0-3",
                "cpu_atom/cpus": "4,6-7",
                **clocks("cpuinfo_max_freq", 5_100_000, 5_100_000, 5_200_000, 5_200_000, 3_800_000),
            },
            (CoreKind("fast", 4, (0, 1, 2, 3), 5200.0), CoreKind("saving", 3, (4, 6, 7), 3800.0)),
            id="Intel's, by name",
        ),
        pytest.param(
            {f"system/cpu/cpu{core}/cpu_capacity": "1024" if core > 1 else "446" for core in range(4)},
            (CoreKind("fast", 2, (2, 3)), CoreKind("saving", 2, (0, 1))),
            id="ARM's, by capacity",
        ),
        pytest.param(
            clocks("cpuinfo_max_freq", 4_900_000, 3_500_000),
            (CoreKind("fast", 1, (0,), 4900.0), CoreKind("saving", 1, (1,), 3500.0)),
            id="by the highest clock",
        ),
        pytest.param(clocks("cpuinfo_max_freq", 5_100_000, 5_300_000), (), id="favoured cores of one kind"),
        pytest.param({"cpu_core/cpus": "0-7"}, (), id="the saving ones switched off"),
    ],
)
def test_kinds(tmp_path: Path, files: dict[str, str], kinds: tuple[CoreKind, ...]) -> None:
    assert core_kinds(planted(tmp_path, files)) == kinds


@pytest.mark.parametrize(
    ("text", "kinds"), [(APPLE, (CoreKind("fast", 4), CoreKind("saving", 6))), (EQUAL, ()), ("", ())]
)
def test_kinds_on_macos(text: str, kinds: tuple[CoreKind, ...]) -> None:
    assert core_kinds_from_sysctl(text) == kinds


@pytest.mark.parametrize(
    ("allowed", "kinds", "cores"),
    [
        ({0, 1, 2, 3}, (), {0, 1, 2, 3}),
        ({0, 1, 2, 3}, (CoreKind("fast", 2, (0, 1)), CoreKind("saving", 2, (2, 3))), {0, 1}),
        ({1, 2}, (CoreKind("fast", 2, (0, 1)), CoreKind("saving", 2, (2, 3))), {1}),
        ({2, 3}, (CoreKind("fast", 2, (0, 1)), CoreKind("saving", 2, (2, 3))), {2, 3}),
        ({0, 1}, (CoreKind("fast", 4), CoreKind("saving", 6)), {0, 1}),  # their numbers are not told
    ],
)
def test_trials_keep_to_fast_cores_that_are_allowed(allowed: set[int], kinds: tuple[CoreKind, ...], cores: set[int]):
    assert cores_to_run_on(allowed, kinds) == cores


@pytest.mark.parametrize(
    ("siblings", "cores", "threads", "spare"),
    [
        (("0", "1", "2", "3"), {0, 1, 2, 3}, 4, 0),
        (("0", "1", "2", "3"), {0, 1, 2, 3}, 1, 3),
        (("0", "1", "2", "3"), {0, 1}, 4, 0),  # more threads than cores
        (("0,2", "1,3", "0,2", "1,3"), {0, 1, 2, 3}, 2, 0),  # whoever runs on the other half slows these threads
        (("0,2", "1,3", "0,2", "1,3"), {0, 1, 2, 3}, 1, 1),
    ],
)
def test_cores_that_trials_leave_to_others(
    tmp_path: Path, siblings: tuple[str, ...], cores: set[int], threads: int, spare: int
) -> None:
    files = {f"system/cpu/cpu{core}/topology/thread_siblings_list": text for core, text in enumerate(siblings)}
    assert spare_cores(planted(tmp_path, files), cores, threads) == spare


@pytest.mark.parametrize(
    ("capacities", "cores"),
    [
        ((1024, 1024, 446, 446), {0, 1}),
        ((1024, *[780] * 3, *[300] * 4), set(range(8))),  # one fast core has less than a quarter of it all
        ((1024, 1024, *[1000] * 2, *[400] * 4), {0, 1, 2, 3}),
        ((1024, 300), {0}),
    ],
)
def test_trials_keep_to_fast_cores_only_if_enough_is_left(
    tmp_path: Path, capacities: tuple[int, ...], cores: set[int]
) -> None:
    files = {f"system/cpu/cpu{core}/cpu_capacity": str(one) for core, one in enumerate(capacities)}
    devices = planted(tmp_path, files)
    speeds = core_speeds(devices)
    assert speeds == dict(enumerate(capacities))
    assert cores_to_run_on(range(len(capacities)), core_kinds(devices), speeds) == cores


def test_the_clock_is_that_of_the_fastest_core_that_trials_run_on(tmp_path: Path) -> None:
    devices = planted(tmp_path, clocks("scaling_cur_freq", 800_000, 3_100_000, 4_000_000))
    assert clock_mhz(devices, {0, 1}) == 3100.0
    assert clock_mhz(devices, {7}) is None


@pytest.mark.parametrize(
    ("clocks_mhz", "drift"),
    [
        ([], None),
        ([4000.0, None, 3000.0], None),
        ([4000.0, 3500.0, 3000.0], 0.25),
        ([4000.0, 4000.0, 3900.0, 3500.0, 3000.0, 3000.0], 0.25),
        ([3000.0, 3000.0, 3300.0], -0.1),
    ],
)
def test_drift(clocks_mhz: list[float | None], drift: float | None) -> None:
    assert clock_drift(clocks_mhz) == (None if drift is None else pytest.approx(drift))


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="the system lets nobody choose")
def test_a_trial_runs_on_the_cores_it_is_given() -> None:
    one = frozenset({min(allowed_cores())})
    with closing(TrialProcess(sys.executable, {}, TrialLimits(60, 100_000, one))) as trial:
        assert set(psutil.Process(trial.pid).cpu_affinity()) == one
    with closing(TrialProcess(sys.executable, {}, TrialLimits(60, 100_000))) as trial:
        assert set(psutil.Process(trial.pid).cpu_affinity()) == trial_cores()
