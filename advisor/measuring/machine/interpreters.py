"""Which Python each candidate runs in, and the versions that identify it there. Imports no framework."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from advisor.catalog import BASELINE, BASELINE_PACKAGES, CANDIDATES
from advisor.errors import AdvisorError
from advisor.measuring.machine.child_environment import inherited_environment
from advisor.measuring.running.supervisor import PILOTS_MAIN
from pilots.routes import SERVER, routes

_SHARED_PACKAGES = ("python", "numpy", "scikit-learn")
_TIMEOUT_S = 60


@dataclass(frozen=True)
class Interpreter:
    """Where a candidate runs: its Python and the versions of the packages that identify it there.

    ``installed`` are the versions of all that anything of ours may need.
    """

    python: str
    versions: Mapping[str, str]
    installed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Interpreters:
    """Candidates that can run, baseline included, and those that cannot, with what is missing in a sentence."""

    found: Mapping[str, Interpreter]
    unavailable: Mapping[str, str]

    @property
    def versions(self) -> dict[str, Mapping[str, str]]:
        """The identifying versions of each candidate that can run."""
        return {name: interpreter.versions for name, interpreter in self.found.items()}


def find_interpreters(candidates: Iterable[str], python: Mapping[str, str]) -> Interpreters:
    """Ask each candidate's interpreter for its packages; ``python`` maps candidates to interpreters other than ours.

    Raises:
        AdvisorError: an interpreter that was named cannot be started.
    """
    found: dict[str, Interpreter] = {}
    unavailable: dict[str, str] = {}
    installed: dict[str, dict[str, str]] = {}
    for candidate in (*candidates, BASELINE):
        executable = python.get(candidate, sys.executable)
        if executable not in installed:
            installed[executable] = _installed(executable)
        packages = CANDIDATES[candidate].packages if candidate in CANDIDATES else BASELINE_PACKAGES
        absent = [name for name in (*packages, "numpy", "scikit-learn") if name not in installed[executable]]
        if absent:
            unavailable[candidate] = _lacking(tuple(dict.fromkeys(absent)), ours=executable == sys.executable)
            continue
        names_of_versions = dict.fromkeys((*packages, *_SHARED_PACKAGES))
        versions = {name: installed[executable][name] for name in names_of_versions}
        found[candidate] = Interpreter(executable, versions, installed[executable])
    return Interpreters(found, unavailable)


def _lacking(packages: Sequence[str], *, ours: bool) -> str:
    """What to install. The path of an interpreter is not told: this gets into the report."""
    where, command = ("", "python") if ours else (" in the Python that --python names", "with that Python:")
    return f"not installed{where}: {', '.join(packages)} ({command} -m pip install {' '.join(packages)})"


def _needed_by_routes() -> list[str]:
    return sorted({SERVER, *(package for route in routes().values() for package in route.packages)})


def _installed(executable: str) -> dict[str, str]:
    problem = ""
    try:
        done = subprocess.run(
            [executable, str(PILOTS_MAIN), "versions", *_needed_by_routes()],
            env=inherited_environment(executable),
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        if done.returncode == 0:
            versions = json.loads(done.stdout)
            if isinstance(versions, dict) and "python" in versions:
                return versions
        problem = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}, no versions"])[-1]
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        problem = str(error)
    raise AdvisorError(
        f"A Python interpreter cannot be used: {problem}.",
        where=executable,
        allowed="the path of a Python 3.11 or later that has numpy, scikit-learn and the framework",
        next_command="advisor doctor",
    )
