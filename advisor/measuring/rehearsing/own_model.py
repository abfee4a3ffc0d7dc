"""A model that the user brings in a file, taken out by every route that begins at it.

The file is never opened in this process, and only a copy of it by another: whatever is in it, it cannot change what
this process does, nor the original.
"""

from __future__ import annotations

import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from advisor.errors import AdvisorError, ExitCode
from advisor.measuring.error_text import naming_line
from advisor.measuring.machine.fingerprint import fingerprint
from advisor.measuring.rehearsing.rehearsal import Rehearsal, bytes_in
from advisor.measuring.running.supervisor import TrialError, TrialLimits, TrialProcess, trial_environment
from advisor.method import Method
from pilots.model_files import FORMATS, OPENED_AS, OTHERS, Format, format_of
from pilots.records import RehearseResult, Size
from pilots.rehearsal_protocol import ExportModel, LookAtModel, ModelSeen
from pilots.routes import ExportRoute, routes


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
    return next((one for one in found if one.is_symlink() and not one.resolve().is_relative_to(inside)), None)


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
    limits, threads = TrialLimits(method.measuring.trial_timeout_s, memory_mib), machine.usable_cores

    def start() -> TrialProcess:
        return TrialProcess(sys.executable, trial_environment(threads), limits)

    rehearsal = Rehearsal(start, threads, method.sizes[size].infer_calls, method.rehearsing, model.trusted)
    own = _adopting(model.format)
    with tempfile.TemporaryDirectory(prefix="advisor-kept-") as folder, _adopted(model, own) as artifact:
        kept = Path(folder)
        tell(f"running it in {own.runtime}")
        seen = _look(model, own, artifact, kept, start, threads)
        found = []
        for number, route in enumerate(wanted, 1):
            if wants_to_stop():
                break
            tell(f"{number} of {len(wanted)}: {route.title}")
            found.append(_rehearsed(model, route, artifact / own.file, kept, rehearsal))
    return seen, tuple(found)


def _adopting(format: Format) -> ExportRoute:
    found = (route for route in routes().values() if route.adopts == format)
    return next(route for route in found if not route.through and not route.npm)  # no browser looks at it first


def _rehearsed(model: OwnModel, route: ExportRoute, source: Path, kept: Path, rehearsal: Rehearsal) -> RehearseResult:
    if route.adopts == model.format:
        with _adopted(model, route) as artifact:
            result = RehearseResult("rehearse", route.name, works=False, artifact_bytes=bytes_in(artifact))
            return rehearsal.of_artifact(result, artifact, kept, None, route)
    return rehearsal.exported(
        lambda folder: ExportModel(route.name, model.format, str(source), str(kept), folder, model.trusted),
        kept,
        None,
        route,
    )


@contextmanager
def _adopted(model: OwnModel, route: ExportRoute) -> Iterator[Path]:
    """A folder with a copy of the model, as the route has its artifacts."""
    with tempfile.TemporaryDirectory(prefix="advisor-artifact-") as folder:
        artifact = Path(folder)
        try:
            if model.path.is_dir():
                shutil.copytree(model.path, artifact, dirs_exist_ok=True)
            else:
                shutil.copyfile(model.path, artifact / route.file)
        except (OSError, shutil.Error) as error:
            raise AdvisorError(
                f"The model cannot be copied: {getattr(error, 'strerror', None) or error}.",
                where=str(model.path),
                exit_code=ExitCode.FAILURE,
            ) from error
        yield artifact


def _look(
    model: OwnModel, own: ExportRoute, artifact: Path, kept: Path, start: Callable[[], TrialProcess], threads: int
) -> ModelSeen:
    sample = str(model.sample.resolve()) if model.sample is not None else None
    command = LookAtModel(own.name, model.format, str(artifact), sample, str(kept), threads, model.trusted)
    process = start()
    try:
        seen = process.request(command, ModelSeen)
    except TrialError as error:
        raise AdvisorError(
            f"The model does not run in {own.runtime}: {naming_line(error.error)}",
            where=str(model.path),
            allowed="a model that this version of its own runtime loads and runs",
        ) from error
    finally:
        process.close()
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
