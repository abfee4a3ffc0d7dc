"""What the doctor says of noise, threads, clock, container and extras, and its JSON."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest
from command_line import ROOT, advisor

from advisor.catalog import CANDIDATES
from advisor.doctor.extras import BRINGS, by_extra, extras, program_extras, web_extra
from advisor.doctor.machine_checks import clock_finding, container_finding, thread_finding
from advisor.doctor.noise import NoiseTest, noise_finding, noise_test, spread
from advisor.measuring.machine.fingerprint import fingerprint
from pilots.results import Contention

MACHINE = replace(fingerprint(), usable_cores=3, cpu_quota_cores=None, memory_limit_mib=None)


def test_noise_is_measured_in_several_processes() -> None:
    noise = noise_test()
    assert len(noise.block_ms_by_run) > 2
    assert all(block > 0 for blocks in noise.block_ms_by_run for block in blocks)
    assert noise.spread_within_runs >= 0
    assert noise.spread_between_runs >= 0
    assert noise.others is None or 0 <= noise.others.others_share <= 1


def test_spreads_by_hand() -> None:
    blocks = tuple(float(value) for value in range(95, 106))
    assert spread(blocks) == pytest.approx(0.08)
    noise = NoiseTest((blocks, tuple(1.5 * block for block in blocks), blocks), None)
    assert noise.spread_within_runs == pytest.approx(0.08)
    assert noise.spread_between_runs == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("slowest", "others", "status", "parts"),
    [
        (1.02, None, "ok", ["2.0% from run to run", "A quiet machine."]),
        (1.02, Contention(0.01, 0.0), "ok", ["programs took 1%", "on the same host 0%", "A quiet machine."]),
        (1.02, Contention(0.01, None), "ok", ["programs took 1% of the processor's time. A quiet machine."]),
        (1.02, Contention(0.4, 0.0), "warning", ["programs took 40%"]),
        (1.02, Contention(0.0, 0.4), "warning", ["on the same host 40%"]),
        (1.25, None, "warning", ["25.0% from run to run", "small differences will stay unresolved"]),
    ],
)
def test_noise_finding(slowest: float, others: Contention | None, status: str, parts: list[str]) -> None:
    found = noise_finding(NoiseTest(((1.0,), (1.0,), (slowest,)), others))
    assert found.status == status
    assert bool(found.action) == (status == "warning")
    assert ("quiet" in found.what) == (status == "ok")
    for part in parts:
        assert part in found.what


def test_threads_are_those_that_trials_get(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    assert thread_finding(MACHINE).what == "Every candidate is given 3 threads, one for each usable core."
    assert "1 thread," in thread_finding(replace(MACHINE, usable_cores=1)).what
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert thread_finding(MACHINE).what.endswith("Your OMP_NUM_THREADS=1 counts for none of them.")
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert "Your" not in thread_finding(MACHINE).what


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({}, "does not tell what governs"),
        ({"scaling_governor": "performance\n"}, "governed by the governor performance."),
        (
            {
                "scaling_governor": "powersave",
                "scaling_driver": "intel_pstate",
                "energy_performance_preference": "performance",
            },
            "the governor powersave (driver intel_pstate, preference performance).",
        ),
    ],
)
def test_the_clock(tmp_path: Path, files: dict[str, str], says: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert says in clock_finding(tmp_path).what


@pytest.mark.parametrize(
    ("cores", "mib", "says"),
    [
        (None, None, "No container limits"),
        (1.5, None, "limits this to 1.5 cores' worth of time."),
        (2.0, 4096, "limits this to 2 cores' worth of time and 4.0 GiB of memory."),
    ],
)
def test_the_container(cores: float | None, mib: int | None, says: str) -> None:
    assert says in container_finding(replace(MACHINE, cpu_quota_cores=cores, memory_limit_mib=mib)).what


def test_every_extra_says_what_it_brings() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert set(project["optional-dependencies"]) == set(BRINGS)


def test_extras_are_read_from_requirements() -> None:
    requirements = [
        "numpy>=1.26",
        "jax>=0.5; extra == 'jax'",
        'ray[default]>=2; python_version < "3.13" and extra == "ray"',
        "framework-advisor[jax]; extra == 'test'",
        "pytest; extra == 'test'",
        "jax>=0.5 ; extra=='test'",
    ]
    assert by_extra(requirements) == {
        "jax": ("jax>=0.5",),
        "ray": ("ray[default]>=2",),
        "test": ("pytest", "jax>=0.5"),
    }


def test_what_is_installed_is_not_offered() -> None:
    found = {extra.name: extra for extra in extras()}
    assert found.keys() >= {"jax", "test"}
    installed = {(one.metadata["Name"] or "").lower().replace("_", "-") for one in metadata.distributions()}
    for extra in found.values():
        for requirement in extra.packages:
            here = re.split(r"[^\w.-]", requirement)[0].lower() in installed
            assert (requirement in extra.missing) is not here
        assert bool(extra.command) == bool(extra.missing)
        assert extra.brings


def test_what_a_browser_needs_is_offered_with_the_command_of_npm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ADVISOR_WEB", str(tmp_path))
    lacking = web_extra()
    assert lacking.missing == lacking.packages
    assert lacking.command == f'npm install --prefix "$ADVISOR_WEB" {" ".join(lacking.packages)}'
    for pin in lacking.packages:
        name, _, number = pin.rpartition("@")
        folder = tmp_path / "node_modules" / name
        folder.mkdir(parents=True)
        (folder / "package.json").write_text(json.dumps({"version": number}), encoding="utf-8")
    assert (web_extra().missing, web_extra().command) == ((), "")
    (folder / "package.json").write_text("no JSON", encoding="utf-8")
    assert web_extra().missing == (pin,)


def test_a_program_is_offered_with_the_command_that_brings_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    (lacking,) = program_extras()
    assert lacking.name == "tensorflowjs_converter" and lacking.missing == lacking.packages
    assert lacking.command.startswith("pipx install tensorflowjs==")
    assert "older TensorFlow" in lacking.brings
    (tmp_path / "tensorflowjs_converter").touch(0o755)
    (found,) = program_extras()
    assert (found.missing, found.command) == ((), "")


def test_all_of_it_as_json(tmp_path: Path) -> None:
    python = [word for candidate in CANDIDATES for word in ("--python", f"{candidate}={tmp_path / 'none'}")]
    done = advisor("doctor", "--json", *python)
    assert done.returncode == 0
    told = json.loads(done.stdout)
    assert told.keys() == {"machine", "noise", "probes", "findings", "extras"}
    assert told["noise"].keys() >= {"spread_within_runs", "spread_between_runs", "others", "block_ms_by_run"}
    assert {one["status"] for one in told["findings"] if one["subject"] in CANDIDATES} == {"missing"}
    assert all(extra.keys() == {"name", "brings", "packages", "missing", "command"} for extra in told["extras"])
