"""What this machine can measure: candidates that work, what is missing, and the command that mends it."""

from __future__ import annotations

import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from advisor.catalog import CANDIDATES
from advisor.doctor.extras import Extra, extras, program_extras, web_extra
from advisor.doctor.findings import Diagnosis
from advisor.doctor.machine_checks import clock_finding, container_finding, thread_finding
from advisor.doctor.noise import NoiseTest, noise_finding, noise_test
from advisor.errors import AdvisorError, Command
from advisor.measuring.error_text import how_it_ended
from advisor.measuring.machine.child_environment import inherited_environment
from advisor.measuring.machine.fingerprint import Machine, fingerprint
from advisor.measuring.running.supervisor import PILOTS_MAIN
from pilots import OLDEST_PYTHON, TOO_OLD
from pilots.candidate import Candidate
from pilots.probe import Probe

_FIRST_UNTRIED_PYTHON = (3, 14)
_PROBE_TIMEOUT_S = 180.0  # a first TensorFlow import from a cold, slow disk takes a minute
_LEAST_FREE_DISK_MIB = 2048
_USUAL_COMPILER = {"Darwin": "clang++", "Windows": "cl"}.get(platform.system(), "g++")
_PROBE = TypeAdapter(Probe)


@dataclass(frozen=True)
class Examination:
    """All findings in the order in which to show them, and what they were drawn from.

    ``probes`` holds the candidates whose probe answered; the findings tell of the others. ``extras`` are what else can
    be installed.
    """

    machine: Machine
    noise: NoiseTest
    probes: tuple[Probe, ...]
    findings: tuple[Diagnosis, ...]
    extras: tuple[Extra, ...] = ()


_EXAMINATION = TypeAdapter(Examination)


def examine(
    candidates: Iterable[str],
    python: Mapping[str, str],
    *,
    folder: Path | None = None,
    probe_timeout_s: float = _PROBE_TIMEOUT_S,
) -> Examination:
    """Look at every candidate, one after another, and at the machine. Takes some seconds for each candidate.

    A candidate that is absent, crashes or hangs is a finding and raises nothing.

    Args:
        candidates: ids of the catalog.
        python: interpreters of candidates that do not run in ours, by candidate.
        folder: where the study will be written; the current folder if None.
        probe_timeout_s: after this long an import counts as hanging.

    Raises:
        AdvisorError: no such candidate.
    """
    chosen = [_known(candidate) for candidate in candidates]
    machine, noise = fingerprint(), noise_test()
    probes: list[Probe] = []
    findings: list[Diagnosis] = []
    for candidate in chosen:
        executable = python.get(candidate.id, sys.executable)
        answer = run_probe(candidate, executable, probe_timeout_s)
        if isinstance(answer, Probe):
            probes.append(answer)
            findings += probe_findings(candidate, answer, executable)
        else:
            findings.append(answer)
    findings.append(python_finding("this Python", platform.python_version()))
    findings += machine_findings(machine)
    findings += [thread_finding(machine), clock_finding(), container_finding(machine), noise_finding(noise)]
    if any(candidate.cxx_compiler for candidate in chosen):
        findings.append(compiler_finding(find_compiler()))
    findings.append(disk_finding(folder or Path()))
    return Examination(machine, noise, tuple(probes), tuple(findings), (*extras(), web_extra(), *program_extras()))


def examination_json(examination: Examination) -> str:
    """All of it, for programs."""
    told = _EXAMINATION.dump_python(examination, mode="json")
    told["noise"] |= {
        "spread_within_runs": examination.noise.spread_within_runs,
        "spread_between_runs": examination.noise.spread_between_runs,
    }
    for extra, original in zip(told["extras"], examination.extras, strict=True):
        extra["command"] = original.command
    return json.dumps(told, indent=1, allow_nan=False)


def run_probe(candidate: Candidate, executable: str, timeout_s: float) -> Probe | Diagnosis:
    """Probe one candidate in a process of its own; a finding where no answer came back."""
    command = [executable, str(PILOTS_MAIN), "probe", candidate.id]
    try:
        done = subprocess.run(
            command,
            env=inherited_environment(executable),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            check=False,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
    except subprocess.TimeoutExpired:
        return _broken(candidate, f"did not answer within {timeout_s:g} s", executable)
    except OSError as error:
        what = f"{candidate.title}: the interpreter {executable} cannot be started ({error.strerror or error})."
        return Diagnosis(candidate.id, "missing", what, f"Give its path with --python {candidate.id}=PATH")
    # Start-up hooks of an interpreter may have printed before the probe did; its answer comes last.
    for line in reversed(done.stdout.splitlines()):
        try:
            return _PROBE.validate_json(line)
        except ValidationError:
            continue
    last_line = next(reversed(done.stderr.strip().splitlines()), "")
    if done.returncode == TOO_OLD:
        what = f"{candidate.title} cannot be used: {last_line}."
        return Diagnosis(candidate.id, "missing", what, f"Name another interpreter with --python {candidate.id}=PATH")
    return _broken(candidate, f"ended with {how_it_ended(done.returncode)}: {last_line}".rstrip(": "), executable)


def probe_findings(candidate: Candidate, probe: Probe, executable: str) -> tuple[Diagnosis, ...]:
    """What an answered probe says, the candidate itself first."""
    install = _install_command(candidate.packages, executable)
    name = f"{candidate.title} ({candidate.packages[0]} {probe.version})"
    if not probe.importable:
        what = f"{candidate.title} cannot be imported: {probe.error}."
        return (Diagnosis(candidate.id, "missing", what, install),)
    if candidate.imports == "keras" and (probe.version or "").startswith("2."):
        what = f"Keras {probe.version} is installed; {candidate.title} needs Keras 3."
        return (Diagnosis(candidate.id, "missing", what, _install_command(("keras>=3.12",), executable)),)
    if probe.error is not None:
        what = f"{name} was imported but does not compute: {probe.error}."
        return (Diagnosis(candidate.id, "missing", what, Command(f"{install} --force-reinstall")),)
    threads = f"{probe.threads} threads" if probe.threads else "as many threads as the system gives it"
    found = [
        Diagnosis(
            candidate.id,
            "ok",
            f"{name} works on {', '.join(probe.devices)} with {threads}; its import took {probe.import_s or 0:.1f} s.",
        )
    ]
    if probe.lacking:
        what = f"{candidate.title} has no {' and no '.join(probe.lacking)} beside it, which every trial needs."
        found.append(Diagnosis(candidate.id, "missing", what, _install_command(probe.lacking, executable)))
    if executable != sys.executable:
        found.append(python_finding(f"the Python of {candidate.title}", probe.python))
    return tuple(found)


def python_finding(subject: str, version: str) -> Diagnosis:
    """Whether advisor supports a version of Python such as ``3.12.4``."""
    major, minor = (int(part) for part in version.split(".")[:2])
    if OLDEST_PYTHON <= (major, minor) < _FIRST_UNTRIED_PYTHON:
        return Diagnosis("python", "ok", f"{subject[0].upper()}{subject[1:]} is {version}.")
    supported = f"{OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} to 3.{_FIRST_UNTRIED_PYTHON[1] - 1}"
    what = f"{subject[0].upper()}{subject[1:]} is {version}; supported are {supported}."
    action = "Create an environment with a supported Python: python3.12 -m venv .venv"
    return Diagnosis("python", "warning", what, action)


def machine_findings(machine: Machine) -> tuple[Diagnosis, ...]:
    """A finding on the hardware, and on each thing that disturbs measurements."""
    accelerators = ", ".join(machine.accelerators) or "no accelerator"
    cores = f"{machine.usable_cores} usable core" + ("s" if machine.usable_cores != 1 else "")
    what = f"{machine.cpu}, {cores}, {machine.memory_mib / 1024:.1f} GiB of memory, {accelerators}."
    warnings = (Diagnosis("machine", "warning", warning.message, warning.action) for warning in machine.warnings)
    return (Diagnosis("machine", "ok", what), *warnings)


def find_compiler() -> str | None:
    """The C++ compiler of ``torch.compile`` on a CPU: that of CXX, else only the usual compiler of the system."""
    return shutil.which(os.environ.get("CXX") or _USUAL_COMPILER)


def compiler_finding(compiler: str | None) -> Diagnosis:
    """Whether ``torch.compile`` can work on a CPU."""
    if compiler is not None:
        return Diagnosis("compiler", "ok", f"The C++ compiler {Path(compiler).name} is there, for torch.compile.")
    named = os.environ.get("CXX")
    missing = f"The C++ compiler {named}, which CXX names, is not there" if named else "There is no C++ compiler"
    what = f"{missing}: torch.compile cannot work on the processor. Nothing else needs it."
    action = {
        "Darwin": Command("xcode-select --install"),
        "Windows": "Install the C++ build tools of Visual Studio",
    }.get(platform.system(), "Install g++, for example: sudo apt-get install g++; or set CXX to another one's name")
    return Diagnosis("compiler", "warning", what, "Set CXX to the compiler to use, or unset it" if named else action)


def disk_finding(folder: Path) -> Diagnosis:
    """Whether the study's folder, or the nearest existing folder above it, has room."""
    existing = folder.resolve()
    while not existing.exists():
        existing = existing.parent
    free_mib = shutil.disk_usage(existing).free // 2**20
    what = f"{free_mib / 1024:.1f} GiB are free on the disk of the study."
    if free_mib >= _LEAST_FREE_DISK_MIB:
        return Diagnosis("disk", "ok", what)
    return Diagnosis("disk", "warning", what, "Free some space, or name a study folder on another disk")


def _known(candidate: str) -> Candidate:
    if candidate not in CANDIDATES:
        raise AdvisorError(
            f"There is no candidate called '{candidate}'.",
            allowed=", ".join(CANDIDATES),
            next_command="advisor doctor",
        )
    return CANDIDATES[candidate]


def _broken(candidate: Candidate, how: str, executable: str) -> Diagnosis:
    action = Command(f"{_install_command(candidate.packages, executable)} --force-reinstall")
    return Diagnosis(candidate.id, "missing", f"{candidate.title} cannot be used: its probe {how}.", action)


def _install_command(packages: Sequence[str], executable: str) -> Command:
    interpreter = "python" if executable == sys.executable else executable
    return Command(shlex.join([interpreter, "-m", "pip", "install", *packages]))
