"""The extras of this distribution: what each brings, whether it is here, and the command that installs it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata

from pilots.routes import Programs, routes
from pilots.web_packages import install_command, installed_version, split_pin

DISTRIBUTION = "framework-advisor"
#: What each brings, for people; the packages are read from the distribution itself.
BRINGS: Mapping[str, str] = {
    "jax": "the candidate keras-jax",
    "parquet": "tables of yours in Parquet, and exporting to it",
    "tracking": "exporting to MLflow and to TensorBoard",
    "onnx": "rehearsals of ONNX files in ONNX Runtime",
    "litert": "rehearsals of LiteRT files, as on phones and small devices",
    "micro": "rehearsals in the interpreter of LiteRT for Microcontrollers",
    "edge-torch": "rehearsals of PyTorch models in ExecuTorch and LiteRT, as on phones and small devices",
    "openvino": "rehearsals of models in OpenVINO",
    "serve": "rehearsals of Python servers under load, by LitServe",
    "test": "the tests of advisor itself",
    "bench": "the benchmarks of advisor itself",
}
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_EXTRA = re.compile(r"""extra\s*==\s*['"]([^'"]+)['"]""")


@dataclass(frozen=True)
class Extra:
    """A set of optional packages. ``missing`` are those of its requirements that are not installed in any version."""

    name: str
    brings: str
    packages: tuple[str, ...]
    missing: tuple[str, ...]

    @property
    def command(self) -> str:
        """What installs what is missing; empty where nothing is."""
        return shlex.join(["python", "-m", "pip", "install", *self.missing]) if self.missing else ""


class WebExtra(Extra):
    """The packages of npm that models run in a browser with, which pip cannot bring."""

    @property
    def command(self) -> str:
        """What installs what is missing; empty where nothing is."""
        return install_command(self.missing) if self.missing else ""


def web_extra() -> WebExtra:
    """What rehearsals in a browser need besides the browser. ``missing`` are packages that are there in no version."""
    pins = tuple(dict.fromkeys(pin for route in routes().values() for pin in route.npm))
    missing = tuple(pin for pin in pins if installed_version(split_pin(pin)[0]) is None)
    return WebExtra("web", "rehearsals in a browser, with Chromium on the path", pins, missing)


@dataclass(frozen=True)
class ProgramExtra(Extra):
    """A program that rehearsals start and that neither pip nor npm brings into this environment."""

    brought_by: str = ""

    @property
    def command(self) -> str:
        """What installs it where it is missing; else empty."""
        return self.brought_by if self.missing else ""


def program_extras() -> tuple[ProgramExtra, ...]:
    """The programs of routes that one command brings on every system."""
    runtimes: dict[Programs, dict[str, None]] = {}
    for route in routes().values():
        for programs in route.programs:
            if programs.command:
                runtimes.setdefault(programs, {})[route.runtime] = None
    return tuple(
        ProgramExtra(
            programs.title,
            f"rehearsals in {', '.join(names)}; {programs.why}",
            programs.names,
            () if programs.found() else programs.names,
            programs.command,
        )
        for programs, names in runtimes.items()
    )


def extras() -> tuple[Extra, ...]:
    """The extras of the installed distribution, in its order; none where advisor runs without being installed."""
    try:
        found = metadata.metadata(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return ()
    names = found.get_all("Provides-Extra") or []
    needed = by_extra(metadata.requires(DISTRIBUTION) or ())
    return tuple(_extra(name, needed.get(name, ())) for name in names)


def by_extra(requirements: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Requirements of a distribution by its extras, as its metadata have them: ``jax>=0.5; extra == 'jax'``.

    Extras that an extra consists of are left out: each is told of by itself.
    """
    found: dict[str, tuple[str, ...]] = {}
    for requirement in requirements:
        needed, _, marker = requirement.partition(";")
        extra = _EXTRA.search(marker)
        if extra and not needed.strip().startswith(DISTRIBUTION):
            found[extra[1]] = (*found.get(extra[1], ()), needed.strip())
    return found


def _extra(name: str, packages: tuple[str, ...]) -> Extra:
    missing = tuple(requirement for requirement in packages if not _installed(requirement))
    return Extra(name, BRINGS.get(name, ", ".join(packages)), packages, missing)


def _installed(requirement: str) -> bool:
    name = _NAME.match(requirement)
    try:
        metadata.version(name[0] if name else requirement)
    except (metadata.PackageNotFoundError, ValueError):
        return False
    return True
