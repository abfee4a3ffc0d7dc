"""What a route declares, and the routes there are. Listing them imports no framework."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, Protocol, cast

from pilots.candidate import candidates
from pilots.model_files import Format
from pilots.web_packages import split_pin

if TYPE_CHECKING:
    from pilots.pilot import Array
    from pilots.records import TrialSpec

Precision = Literal["float32", "reduced"]
#: The distribution that serves artifacts, and the target for which they are served where it is installed.
SERVER, SERVED = "litserve", "python_server"
#: The backend of Keras with most export routes, and how the way round through it is told apart.
DETOUR = "keras-tensorflow"
_DETOUR_SUFFIX = "_via_tensorflow"
_FOLDER = Path(__file__).parent / "targets"


@dataclass(frozen=True)
class Programs:
    """Programs of which a route needs one on the path, such as compilers.

    Attributes:
        names: any of these will do.
        command: that installs such a program, where it is the same on every system.
        why: the reason for that command, in words that continue a sentence.
    """

    names: tuple[str, ...]
    command: str = ""
    why: str = ""

    @property
    def title(self) -> str:
        """As people read it."""
        return " or ".join(self.names)

    def found(self, which: Callable[[str], str | None] = shutil.which) -> str | None:
        """The place of the first of them that is on the path; None where none is."""
        return next(filter(None, map(which, self.names)), None)


@dataclass(frozen=True)
class ExportRoute:
    """From a candidate's trained model to an artifact, and to the runtime that loads it.

    Attributes:
        format: of the artifact, as people read it.
        runtime: that loads it, likewise.
        candidates: from whose model it is exported directly.
        targets: that it serves, by their ids.
        exports_with: distributions that the export needs besides the candidate's own.
        runs_with: distributions that the target needs, those of the framework included where it is the runtime; see
            :meth:`runtime_of`.
        extra: of this project that installs what is not there by default; empty where all is.
        precision: ``float32`` has to predict the same within rounding, ``reduced`` as good as the same.
        detour: Keras candidates whose weights are also taken into Keras on TensorFlow and exported from there: a route
            of its own, told apart.
        programs: that it takes, one of each group.
        npm: packages that a page in a browser loads, as ``NAME@VERSION``; see :mod:`pilots.web_packages`.
        adopts: the format of models in files (see :mod:`pilots.model_files`) that are such an artifact already.
        file: the name of the artifact in its folder; empty where it is the folder.
        converts: formats of models in files that the export takes as they are.
        needs_code: of the model, wherever the artifact is loaded.
        calibrated: the export needs rows that the model was trained with.
        shipped: what the runtime takes here is what a target ships; else its size on disk is not told.
        reservation: what a rehearsal here leaves open, as a condition: such a route never counts as a route without,
            and its times count for nothing.
        note: what readers of a table with such a rehearsal have to know, a sentence; may be empty.
        through: the candidate whose framework exports, where it is not the candidate that trained.
        module: in ``pilots.targets``; set when the route is found.
    """

    format: str
    runtime: str
    candidates: tuple[str, ...]
    targets: tuple[str, ...]
    exports_with: tuple[str, ...] = ()
    runs_with: tuple[str, ...] = ()
    extra: str = ""
    precision: Precision = "float32"
    detour: tuple[str, ...] = ()
    programs: tuple[Programs, ...] = ()
    npm: tuple[str, ...] = ()
    adopts: Format | None = None
    file: str = ""
    converts: tuple[Format, ...] = ()
    needs_code: bool = False
    calibrated: bool = False
    shipped: bool = True
    reservation: str = ""
    note: str = ""
    through: str = ""
    module: str = ""

    @property
    def name(self) -> str:
        """What identifies it in records: its module's name, and a suffix where it is a detour."""
        return f"{self.module}{_DETOUR_SUFFIX}" if self.through else self.module

    @property
    def title(self) -> str:
        """As people read it."""
        way = "Keras on TensorFlow → " if self.through else ""
        return f"{way}{self.format} → {self.runtime}"

    @property
    def packages(self) -> tuple[str, ...]:
        """All distributions that a rehearsal needs besides the candidate's own."""
        needed = (*self.exports_with, *self.runs_with)
        return tuple(dict.fromkeys((*needed, "keras", "tensorflow") if self.through else needed))

    def runtime_of(self, candidate: str) -> tuple[str, ...]:
        """The distributions that the target needs for this candidate's artifact: Keras requires no backend itself."""
        return (*self.runs_with, candidates()[candidate].backend) if "keras" in self.runs_with else self.runs_with

    @property
    def npm_names(self) -> tuple[str, ...]:
        """The packages for a browser without their versions: whichever version is installed is tried."""
        return tuple(split_pin(pin)[0] for pin in self.npm)


@dataclass(frozen=True)
class ModelToExport:
    """A trained model that is to be exported.

    ``model`` is the framework's own object, ``inputs`` some rows as it takes them, more than one; ``candidate`` says
    which framework this process holds. A model in a file that only converters read is a path, of no candidate ("").
    ``examples`` are rows of the training data, likewise, for quantizers to calibrate on; None where nobody has them.
    """

    model: Any
    inputs: Array
    candidate: str
    examples: Array | None = None

    def calibration(self) -> Array:
        """The examples.

        Raises:
            ValueError: there are none.
        """
        if self.examples is None:
            raise ValueError("there are no rows of the training data to calibrate on")
        return self.examples


@dataclass(frozen=True)
class Artifact:
    """An exported model in its folder, and what a process that runs it may take.

    ``spec`` tells a runtime that needs the model's code where that stands; None where nobody has it. Code in a file
    that is not ``trusted`` is never run.
    """

    folder: Path
    threads: int
    candidate: str
    spec: TrialSpec | None
    trusted: bool = False


class RouteModule(Protocol):
    """A module of ``pilots.targets``."""

    ROUTE: ExportRoute

    def export(self, subject: ModelToExport, folder: Path) -> tuple[str, ...]:
        """Write the artifact into an empty folder; returns what had to be worked around, in phrases."""

    def load(self, artifact: Artifact) -> Any:
        """The artifact, ready to predict in its runtime."""

    def run(self, loaded: Any, x: Array) -> Array:
        """Outputs for rows in the artifact's layout, numpy in and numpy out."""


@cache
def routes() -> Mapping[str, ExportRoute]:
    """Every route by name, the detour through TensorFlow after the direct route."""
    return {route.name: route for path in sorted(_FOLDER.glob("[!_]*.py")) for route in _declared(path.stem)}


def routes_of(candidate: str) -> tuple[ExportRoute, ...]:
    """Those that begin at a candidate."""
    return tuple(route for route in routes().values() if candidate in route.candidates)


def module_of(route: ExportRoute) -> RouteModule:
    """The module that exports, loads and runs."""
    return cast(RouteModule, _module(route.module))


def _declared(module: str) -> Iterator[ExportRoute]:
    route: ExportRoute = replace(_module(module).ROUTE, module=module)
    if route.candidates:
        yield route
    if route.detour:
        yield replace(route, candidates=route.detour, through=DETOUR)


def _module(name: str) -> ModuleType:
    return import_module(f"pilots.targets.{name}")
