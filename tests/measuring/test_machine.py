"""The machine's fingerprint, from texts as Linux, macOS, containers and drivers really print them."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from advisor.measuring.machine.fingerprint import (
    Machine,
    Surroundings,
    fingerprint,
    identity,
    usable_cores,
    warnings_about,
)
from advisor.measuring.machine.processors import CoreKind
from advisor.measuring.machine.sources import (
    CgroupLimits,
    Processor,
    accelerators_from_nvidia_smi,
    cgroup_limits,
    power_saving_policy,
    processor_from_cpuinfo,
    processor_from_sysctl,
    read_text,
    relevant_environment,
    run_text,
)

LAPTOP = """processor\t: 0
vendor_id\t: GenuineIntel
model\t\t: 142
model name\t: Intel(R) Core(TM) i7-8550U CPU @ 1.80GHz
flags\t\t: fpu vme sse4_1 sse4_2 fma avx f16c avx2 smep

processor\t: 1
model name\t: something else
"""
GRAVITON = """processor\t: 0
BogoMIPS\t: 243.75
Features\t: fp asimd evtstrm aes asimdhp cpuid asimddp sve
CPU implementer\t: 0x41
CPU part\t: 0xd40
"""
RASPBERRY = """processor\t: 0
Features\t: fp asimd evtstrm crc32 cpuid
CPU implementer\t: 0x41
CPU part\t: 0xd08

Model\t\t: Raspberry Pi 4 Model B Rev 1.4
"""
INTEL_MAC = """machdep.cpu.brand_string: Intel(R) Core(TM) i9-9880H CPU @ 2.30GHz
machdep.cpu.features: FPU VME SSE4.1 SSE4.2 FMA AVX1.0 F16C
machdep.cpu.leaf7_features: SMEP AVX2 BMI1
hw.optional.avx2_0: 1
"""
APPLE = """machdep.cpu.brand_string: Apple M2
hw.optional.arm.FEAT_BF16: 1
hw.optional.arm.FEAT_I8MM: 1
hw.optional.arm.FEAT_SME: 0
"""

MACHINE = Machine(
    id="",
    system="Linux 6.8.0-45-generic x86_64",
    cpu="AMD Ryzen 7 5800X 8-Core Processor",
    cpu_flags=("avx2", "fma"),
    physical_cores=8,
    usable_cores=16,
    memory_mib=32036,
    accelerators=(),
    python="3.12.4",
    on_battery=False,
    load_1min=0.2,
    cpu_quota_cores=None,
    memory_limit_mib=None,
    environment={},
    warnings=(),
)
QUIET = Surroundings(allowed_cores=16, available_mib=24000, power_saving=None)


MIXED = (CoreKind("fast", 8, tuple(range(8)), 5000.0), CoreKind("saving", 8, tuple(range(8, 16)), 3800.0))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            LAPTOP,
            Processor("Intel(R) Core(TM) i7-8550U CPU @ 1.80GHz", ("avx", "avx2", "f16c", "fma", "sse4_2")),
        ),
        (GRAVITON, Processor("ARM (implementer 0x41, part 0xd40)", ("asimd", "asimddp", "asimdhp", "sve"))),
        (RASPBERRY, Processor("Raspberry Pi 4 Model B Rev 1.4 (implementer 0x41, part 0xd08)", ("asimd",))),
        ("", None),
        ("no colon here\nprocessor : 0\n", None),
    ],
)
def test_cpuinfo(text: str, expected: Processor | None) -> None:
    assert processor_from_cpuinfo(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            INTEL_MAC,
            Processor("Intel(R) Core(TM) i9-9880H CPU @ 2.30GHz", ("avx1.0", "avx2", "f16c", "fma", "sse4.2")),
        ),
        (APPLE, Processor("Apple M2", ("bf16", "i8mm"))),
        ("", None),
    ],
)
def test_sysctl(text: str, expected: Processor | None) -> None:
    assert processor_from_sysctl(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NVIDIA A10G, 23028 MiB, 550.54.15\n", ("NVIDIA A10G, 23028 MiB, driver 550.54.15",)),
        (
            "Tesla T4, 15360 MiB, 535.1\nTesla T4, 15360 MiB, 535.1\n",
            ("Tesla T4, 15360 MiB, driver 535.1",) * 2,
        ),
        ("NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.\n", ()),
        ("No devices were found\n", ()),
        ("", ()),
    ],
)
def test_nvidia_smi(text: str, expected: tuple[str, ...]) -> None:
    assert accelerators_from_nvidia_smi(text) == expected


@pytest.mark.parametrize(
    ("files", "membership", "expected"),
    [
        pytest.param({}, "0::/\n", CgroupLimits(None, None), id="nothing mounted"),
        pytest.param(
            {"cpu.max": "max 100000", "memory.max": "max"},
            "0::/\n",
            CgroupLimits(None, None),
            id="v2 unlimited",
        ),
        pytest.param(
            {"cpu.max": "150000 100000", "memory.max": "4294967296"},
            "0::/\n",
            CgroupLimits(1.5, 4096),
            id="v2 container with its own namespace",
        ),
        pytest.param(
            {"a/cpu.max": "200000 100000", "a/b/cpu.max": "max 100000", "a/memory.max": "1073741824"},
            "0::/a/b\n",
            CgroupLimits(2.0, 1024),
            id="v2 limit on a parent",
        ),
        pytest.param(
            {
                "cpu,cpuacct/cpu.cfs_quota_us": "50000",
                "cpu,cpuacct/cpu.cfs_period_us": "100000",
                "memory/memory.limit_in_bytes": "2147483648",
            },
            "4:cpu,cpuacct:/docker/0123\n3:memory:/docker/0123\n1:name=systemd:/docker/0123\n",
            CgroupLimits(0.5, 2048),
            id="v1 container whose path is the host's",
        ),
        pytest.param(
            {
                "cpu/cpu.cfs_quota_us": "-1",
                "cpu/cpu.cfs_period_us": "100000",
                "memory/memory.limit_in_bytes": "9223372036854771712",
            },
            "2:memory:/\n1:cpu:/\n0::/\n",
            CgroupLimits(None, None),
            id="v1 unlimited",
        ),
        pytest.param({"cpu.max": "nonsense"}, "garbage\n0::/../..\n", CgroupLimits(None, None), id="garbage"),
    ],
)
def test_cgroup_limits(tmp_path: Path, files: dict[str, str], membership: str, expected: CgroupLimits) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text + "\n", encoding="utf-8")
    assert cgroup_limits(tmp_path, membership) == expected


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({"scaling_governor": "performance"}, None),
        ({"scaling_governor": "schedutil", "scaling_driver": "acpi-cpufreq"}, None),
        ({"scaling_governor": "powersave", "scaling_driver": "acpi-cpufreq"}, "powersave"),
        ({"scaling_governor": "powersave", "scaling_driver": "intel_pstate"}, None),
        ({"scaling_governor": "powersave", "energy_performance_preference": "balance_performance"}, None),
        ({"scaling_governor": "powersave", "energy_performance_preference": "power"}, "power"),
    ],
)
def test_power_saving_policy(tmp_path: Path, files: dict[str, str], expected: str | None) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text + "\n", encoding="utf-8")
    assert power_saving_policy(tmp_path) == expected


def test_environment_keeps_what_matters_and_no_secret() -> None:
    given = {
        "OMP_NUM_THREADS": "4",
        "KERAS_BACKEND": "torch",
        "TORCH_HOME": "/home/ana/.cache/torch",
        "LD_PRELOAD": "/home/ana/libjemalloc.so",
        "TF_SERVICE_TOKEN": "hunter2",
        "TF_VAR_database": "hunter2",
        "TORCH_HUB": "https://ana:hunter2@example.org",
        "XLA_FLAGS_OF_MINE": "1",
        "AWS_SECRET_ACCESS_KEY": "hunter2",
        "PATH": "/usr/bin",
    }
    assert relevant_environment(given, "/home/ana") == {
        "KERAS_BACKEND": "torch",
        "LD_PRELOAD": "set",
        "OMP_NUM_THREADS": "4",
        "TF_SERVICE_TOKEN": "set",
        "TORCH_HOME": "~/.cache/torch",
        "TORCH_HUB": "set",
    }


@pytest.mark.parametrize("home", ["", "/"])
def test_environment_without_a_real_home(home: str) -> None:
    assert relevant_environment({"TORCH_HOME": "/data/torch"}, home) == {"TORCH_HOME": "/data/torch"}


def test_absent_sources_are_none(tmp_path: Path) -> None:
    assert read_text(tmp_path / "absent") is None
    assert read_text(tmp_path) is None
    assert run_text(("no-such-command-here",)) is None
    assert run_text((sys.executable, "-c", "raise SystemExit(1)")) is None
    assert run_text((sys.executable, "-c", "print('here')")) == "here\n"


@pytest.mark.parametrize(
    ("allowed", "quota", "expected"), [(8, None, 8), (8, 2.0, 2), (8, 1.5, 1), (8, 0.3, 1), (2, 6.0, 2)]
)
def test_usable_cores(allowed: int, quota: float | None, expected: int) -> None:
    assert usable_cores(allowed, quota) == expected


@pytest.mark.parametrize(
    ("machine", "surroundings", "expected"),
    [
        (MACHINE, QUIET, set()),
        (replace(MACHINE, load_1min=None, on_battery=None), QUIET, set()),
        # What the machine has just installed is over; whoever is at work now is seen before each launch.
        (replace(MACHINE, load_1min=7.0), QUIET, set()),
        (replace(MACHINE, core_kinds=MIXED, pinned_cores=8), QUIET, {"mixed_cores"}),
        (replace(MACHINE, core_kinds=MIXED), QUIET, {"mixed_cores_not_pinned"}),
        (replace(MACHINE, on_battery=True), QUIET, {"on_battery"}),
        (MACHINE, replace(QUIET, power_saving="powersave"), {"power_saving"}),
        (replace(MACHINE, cpu_quota_cores=2.0, usable_cores=2), QUIET, {"cpu_quota"}),
        (replace(MACHINE, cpu_quota_cores=16.0), QUIET, set()),
        (replace(MACHINE, usable_cores=1), QUIET, {"single_core"}),
        (MACHINE, replace(QUIET, available_mib=900), {"memory_low"}),
        (replace(MACHINE, memory_limit_mib=2048), QUIET, {"memory_low"}),
        (
            replace(MACHINE, accelerators=("a",), environment={"CUDA_VISIBLE_DEVICES": ""}),
            QUIET,
            {"accelerator_hidden"},
        ),
        (replace(MACHINE, accelerators=("a",), environment={"CUDA_VISIBLE_DEVICES": "0"}), QUIET, set()),
        (replace(MACHINE, environment={"CUDA_VISIBLE_DEVICES": ""}), QUIET, set()),
        (replace(MACHINE, environment={"LD_PRELOAD": "set"}), QUIET, {"preload"}),
    ],
)
def test_warnings(machine: Machine, surroundings: Surroundings, expected: set[str]) -> None:
    found = warnings_about(machine, surroundings)
    assert {warning.id for warning in found} == expected
    assert all(warning.message.endswith(".") and warning.action.endswith(".") for warning in found)


@pytest.mark.parametrize(
    "same",
    [
        replace(MACHINE, load_1min=7.0, on_battery=True),
        replace(MACHINE, python="3.11.9", environment={"OMP_NUM_THREADS": "1"}),
        replace(MACHINE, system="Linux 6.8.0-47-generic x86_64", memory_mib=MACHINE.memory_mib - 20),
    ],
)
def test_identity_survives_what_changes_between_runs(same: Machine) -> None:
    assert identity(same) == identity(MACHINE)


@pytest.mark.parametrize(
    "other",
    [
        replace(MACHINE, cpu="AMD Ryzen 9 5950X 16-Core Processor"),
        replace(MACHINE, cpu_flags=("avx2", "avx512f", "fma")),
        replace(MACHINE, usable_cores=4),
        replace(MACHINE, memory_mib=16000),
        replace(MACHINE, memory_limit_mib=8192),
        replace(MACHINE, accelerators=("NVIDIA A10G, 23028 MiB, driver 550",)),
        replace(MACHINE, system="Windows 11 AMD64"),
    ],
)
def test_identity_tells_machines_apart(other: Machine) -> None:
    assert identity(other) != identity(MACHINE)


def test_this_machine_has_a_lasting_fingerprint_that_can_be_stored() -> None:
    first, second = fingerprint(), fingerprint()
    assert first.id == second.id == identity(first)
    assert first.cpu
    assert first.usable_cores >= 1
    assert first.memory_mib > 0
    assert json.loads(json.dumps(asdict(first)))["id"] == first.id
