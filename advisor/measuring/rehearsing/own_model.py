"""A model that the user brings in a file, taken out by every route that begins at it.

The file is never opened in this process, and only a copy of it by another: whatever is in it, it cannot change what
this process does, nor the original.
"""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from advisor.errors import AdvisorError, ExitCode
from advisor.measuring.error_text import naming_line
from advisor.measuring.machine.fingerprint import fingerprint
from advisor.measuring.rehearsing.rehearsal import Rehearsal
from advisor.measuring.running.host import TrialError, TrialFolder, TrialHost
from advisor.measuring.running.local_host import LocalHost
from advisor.measuring.running.supervisor import TrialLimits
from advisor.method import Method
from pilots.model_files import FORMATS, OPENED_AS, OTHERS, Format, format_of
from pilots.records import Size
from pilots.rehearsal_protocol import ExportModel, LookAtModel, ModelSeen
from pilots.rehearsal_records import RehearseResult
from pilots.routes import ExportRoute, routes

#: Whose interpreter runs a model that belongs to no candidate.
_NOBODY = ""


@dataclass(frozen=True)
class OwnModel:
    """A model in a file: its path, its format, a file with rows for it (None: made up), whether its code may run."""

    path: Path
    format: Format
    sample: Path | None
    trusted: bool


def own_model(path: Path, sample: Path | None, *, trusted: bool) -> OwnModel:
    """What the user named, looked at by its name alone.

    Raises:
        AdvisorError: there is no such file, or no model that can be rehearsed is called like this.
    """
    if not path.exists():
        raise AdvisorError("There is no such model.", where=str(path), next_command="name an existing file or folder")
    format = format_of(path)
    if format is None:
        instead = OTHERS.get(path.suffix.lower())
        told = f"This is {instead}." if instead else "This is not called like a model that can be rehearsed."
        raise AdvisorError(
            "This folder is no SavedModel: it holds no saved_model.pb." if path.is_dir() else told,
            where=str(path),
            allowed=", ".join(FORMATS.values()),
        )
    if sample is not None and not sample.is_file():
        raise AdvisorError(
            "There is no such sample.", where=str(sample), allowed="an .npy file, or an .npz file with one array"
        )
    if not trusted and (outside := _leading_outside(path)) is not None:
        raise AdvisorError(
            "This model is refused: a link in it leads out of its folder.",
            where=str(outside),
            allowed="a copy with the files themselves, or --trust where you know who made it",
        )
    return OwnModel(path, format, sample, trusted)


def _leading_outside(folder: Path) -> Path | None:
    """A link in a folder that leads out of it; followed, it would copy whatever it names."""
    inside = folder.resolve()
    found = folder.rglob("*") if folder.is_dir() else ()
    return next((path for path in found if path.is_symlink() and not path.resolve().is_relative_to(inside)), None)


def routes_from(format: Format, targets: Sequence[str]) -> tuple[ExportRoute, ...]:
    """The routes that begin at such a file and lead to one of the targets; its own runtime is the first of them."""
    own = _adopting(format)
    candidate = OPENED_AS.get(format)
    others = (
        route
        for route in routes().values()
        if route != own
        and not route.through
        and not (route.needs_code or route.calibrated)  # nobody gave the rows that it was trained with
        and (route.adopts == format or format in route.converts or (candidate and candidate in route.candidates))
        and set(route.targets) & set(targets)
    )
    return (own, *others)


def require_own_runtime(format: Format, closed: Sequence[tuple[ExportRoute, tuple[str, ...]]]) -> None:
    """Refuse a model that nothing here can be compared with.

    Raises:
        AdvisorError: what runs it as it is is not installed.
    """
    own = _adopting(format)
    lacking = next((lacks for route, lacks in closed if route == own), ())
    if lacking:
        wanted = shlex.quote(f"framework-advisor[{own.extra}]") if own.extra else " ".join(lacking)
        raise AdvisorError(
            f"{own.runtime}, with which {FORMATS[format]} is compared, is not installed.",
            where=", ".join(lacking),
            next_command=f"python -m pip install {wanted}",
        )


def unserved(format: Format, targets: Sequence[str]) -> tuple[str, ...]:
    """Those of the targets to which no route leads from such a file."""
    served = {target for route in routes_from(format, targets) for target in route.targets}
    return tuple(target for target in targets if target not in served)


def rehearse_own_model(
    model: OwnModel,
    wanted: Sequence[ExportRoute],
    size: Size,
    method: Method,
    *,
    tell: Callable[[str], None],
    wants_to_stop: Callable[[], bool],
) -> tuple[ModelSeen, tuple[RehearseResult, ...]]:
    """Run the model in its own runtime, then take it out by each route.

    Args:
        model: the user's.
        wanted: routes of :func:`routes_from`, all of whose packages are here.
        size: how many predictions are timed.
        method: limits and numbers.
        tell: is told what happens.
        wants_to_stop: asked before each route.

    Returns:
        What was seen of the model, and what came of the routes until it was to stop.

    Raises:
        AdvisorError: the model is not trusted, cannot be rehearsed, or does not run in its own runtime.
    """
    machine = fingerprint()
    memory_mib = (machine.memory_limit_mib or machine.memory_mib) * method.measuring.memory_limit_share
    host = LocalHost({_NOBODY: sys.executable}, TrialLimits(method.measuring.trial_timeout_s, memory_mib))
    threads = machine.usable_cores
    rehearsal = Rehearsal(
        host,
        lambda: host.start(_NOBODY, threads),
        threads,
        method.sizes[size].infer_calls,
        method.rehearsing,
        model.trusted,
    )
    own = _adopting(model.format)
    with host.folder("kept") as kept, _adopted(model, own, host) as artifact:
        tell(f"running it in {own.runtime}")
        seen = _look(model, own, artifact, kept, rehearsal)
        found = []
        for number, route in enumerate(wanted, 1):
            if wants_to_stop():
                break
            tell(f"{number} of {len(wanted)}: {route.title}")
            found.append(_rehearsed(model, route, f"{artifact.path}/{own.file}", kept, rehearsal))
    return seen, tuple(found)


def _adopting(format: Format) -> ExportRoute:
    found = (route for route in routes().values() if route.adopts == format)
    return next(route for route in found if not route.through and not route.npm)  # no browser looks at it first


def _rehearsed(
    model: OwnModel, route: ExportRoute, source: str, kept: TrialFolder, rehearsal: Rehearsal
) -> RehearseResult:
    if route.adopts == model.format:
        with _adopted(model, route, rehearsal.host) as artifact:
            result = RehearseResult("rehearse", route.name, works=False, artifact_bytes=artifact.size_bytes())
            return rehearsal.of_artifact(result, artifact, kept, None, route)
    return rehearsal.exported(
        lambda folder: ExportModel(route.name, model.format, source, kept.path, folder, model.trusted),
        kept,
        None,
        route,
    )


@contextmanager
def _adopted(model: OwnModel, route: ExportRoute, host: TrialHost) -> Iterator[TrialFolder]:
    """A folder of the host with a copy of the model, as the route has its artifacts."""
    with host.folder("artifact") as artifact:
        try:
            for name, file in _files(model, route):
                with file.open("rb") as content:
                    artifact.write(name, content)
        except OSError as error:
            raise AdvisorError(
                f"The model cannot be copied: {error.strerror or error}.",
                where=str(model.path),
                exit_code=ExitCode.FAILURE,
            ) from error
        yield artifact


def _files(model: OwnModel, route: ExportRoute) -> Iterator[tuple[str, Path]]:
    """Its files, each with the name that it has in an artifact of the route."""
    if not model.path.is_dir():
        yield route.file, model.path
        return
    for file in sorted(model.path.rglob("*")):
        if file.is_file():
            yield file.relative_to(model.path).as_posix(), file


def _look(
    model: OwnModel, own: ExportRoute, artifact: TrialFolder, kept: TrialFolder, rehearsal: Rehearsal
) -> ModelSeen:
    sample = None
    if model.sample is not None:
        sample = f"{kept.path}/{model.sample.name}"
        with model.sample.open("rb") as content:
            kept.write(model.sample.name, content)
    command = LookAtModel(own.name, model.format, artifact.path, sample, kept.path, rehearsal.threads, model.trusted)
    session = rehearsal.start()
    try:
        seen = session.request(command, ModelSeen)
    except TrialError as error:
        raise AdvisorError(
            f"The model does not run in {own.runtime}: {naming_line(error.error)}",
            where=str(model.path),
            allowed="a model that this version of its own runtime loads and runs",
        ) from error
    finally:
        session.close()
    if seen.distrusted:
        raise AdvisorError(
            f"This model is refused. {seen.distrusted}",
            where=str(model.path),
            allowed="a model that cannot run code, or --trust where you know who made it",
            next_command="the same command with --trust",
        )
    if seen.unfit:
        raise AdvisorError(f"This cannot be rehearsed: {seen.unfit}.", where=str(model.sample or model.path))
    return seen
