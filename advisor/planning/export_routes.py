"""Which export routes are rehearsed here, and what would open the others."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata

from advisor.catalog import CANDIDATES
from pilots.records import RouteChoice
from pilots.routes import SERVED, SERVER, ExportRoute, routes, routes_of
from pilots.web_packages import install_command, installed_version

#: Versions of packages by candidate and distribution, in the interpreter that the candidate runs in.
Installed = Mapping[str, Mapping[str, str]]
#: Finds a program on the path, or the version of an npm package; None where there is none.
Find = Callable[[str], str | None]
_INSTALLS = "python -m pip install 'framework-advisor[{}]'"


@dataclass(frozen=True)
class WaysOut:
    """Routes to rehearse by candidate, and in sentences what is not rehearsed and why."""

    open: Mapping[str, tuple[RouteChoice, ...]]
    notes: tuple[str, ...]


def find_export_routes(
    candidates: Sequence[str],
    targets: Sequence[str],
    installed: Installed,
    which: Find = shutil.which,
    npm: Find = installed_version,
) -> WaysOut:
    """The routes to the targets that can run here; none where no target is named.

    A candidate's own format is among them whatever the targets are: it costs little, and shows that a model survives
    being saved at all.

    Args:
        candidates: that run here.
        targets: ids of the catalog.
        installed: see :data:`Installed`.
        which: finds a program.
        npm: tells the version of an npm package.
    """
    if not targets:
        return WaysOut({}, ())
    wanted = {candidate: _wanted(candidate, targets) for candidate in candidates}
    found = {
        candidate: tuple(
            RouteChoice(route.name, _versions(route, _server(route, targets), installed[candidate], npm))
            for route in some
            if not _lacking(route, installed.get(candidate, {}), which, npm)
        )
        for candidate, some in wanted.items()
    }
    closed = [
        (route, lacking)
        for candidate, some in wanted.items()
        for route in some
        if (lacking := _lacking(route, installed.get(candidate, {}), which, npm))
    ]
    return WaysOut(found, (*_rehearsed(found), *_served(found, targets), *opening(closed)))


def _server(route: ExportRoute, targets: Sequence[str]) -> tuple[str, ...]:
    """What serves the artifact, where that is asked for: another version of it makes another trial."""
    return (SERVER,) if SERVED in route.targets and SERVED in targets else ()


def _served(found: Mapping[str, tuple[RouteChoice, ...]], targets: Sequence[str]) -> tuple[str, ...]:
    """What would put the artifacts behind a server, where some cannot be."""
    choices = [choice for some in found.values() for choice in some if _server(routes()[choice.name], targets)]
    if all(any(package.startswith(f"{SERVER}==") for package in choice.packages) for choice in choices):
        return ()
    return (f"`{_INSTALLS.format('serve')}` puts what is exported for Python servers behind one, under load.",)


def _wanted(candidate: str, targets: Sequence[str]) -> tuple[ExportRoute, ...]:
    """The routes to the targets, and the framework's own format, which alone needs nothing besides."""
    return tuple(route for route in routes_of(candidate) if set(route.targets) & set(targets) or _is_own(route))


def _is_own(route: ExportRoute) -> bool:
    families = {CANDIDATES[candidate].family for candidate in route.candidates}
    return not (route.extra or route.programs or route.through) and len(families) == 1


def _versions(route: ExportRoute, server: Sequence[str], installed: Mapping[str, str], npm: Find) -> tuple[str, ...]:
    """``NAME==VERSION`` of all that takes part, the server only if it is installed."""
    names = dict.fromkeys((*route.packages, *(name for name in server if name in installed)))
    python = (f"{name}=={installed[name]}" for name in names)
    return (*python, *(f"{name}=={npm(name)}" for name in route.npm_names))


def _lacking(route: ExportRoute, installed: Mapping[str, str], which: Find, npm: Find) -> tuple[str, ...]:
    """Packages for Python and for a browser, and programs by the title of their group."""
    packages = (name for name in route.packages if name not in installed)
    scripts = (name for name in route.npm_names if npm(name) is None)
    programs = (group.title for group in route.programs if not group.found(which))
    return (*packages, *scripts, *programs)


def _rehearsed(found: Mapping[str, tuple[RouteChoice, ...]]) -> tuple[str, ...]:
    # From PyTorch and from TensorFlow a way may have the same title, each with an exporter of its own.
    titles = ", ".join(dict.fromkeys(routes()[choice.name].title for some in found.values() for choice in some))
    return (f"Routes that are rehearsed: {titles}.",) if titles else ()


def split_open(
    some: Sequence[ExportRoute], which: Find = shutil.which, npm: Find = installed_version
) -> tuple[tuple[ExportRoute, ...], tuple[tuple[ExportRoute, tuple[str, ...]], ...]]:
    """The routes that can be rehearsed with the packages of this interpreter, and the others with what they lack."""
    names = {name for route in some for name in route.packages}
    installed = {name: found for name in names if (found := _version(name))}
    lacking = {route: _lacking(route, installed, which, npm) for route in some}
    return tuple(route for route in some if not lacking[route]), tuple(
        (route, lacks) for route, lacks in lacking.items() if lacks
    )


def _version(name: str) -> str:
    with suppress(metadata.PackageNotFoundError):
        return metadata.version(name)
    return ""


def opening(closed: Sequence[tuple[ExportRoute, tuple[str, ...]]]) -> tuple[str, ...]:
    """Commands for each extra, all npm packages and programs, and what is missing where no command brings it."""
    pins = dict.fromkeys(pin for route, lacking in closed if set(route.npm_names) & set(lacking) for pin in route.npm)
    by_remedy: dict[str, dict[str, None]] = {}
    for route, lacking in closed:
        steps = _steps(route, lacking, tuple(pins))
        by_remedy.setdefault(f"{' and '.join(steps)} open{'s' if len(steps) == 1 else ''}", {})[route.title] = None
    return tuple(
        f"{remedy[0].upper()}{remedy[1:]} more routes: {', '.join(titles)}." for remedy, titles in by_remedy.items()
    )


def _steps(route: ExportRoute, lacking: Sequence[str], pins: Sequence[str]) -> list[str]:
    left = [name for name in lacking if name not in route.npm_names]
    steps = []
    if route.extra and set(left) & set(route.packages):
        steps.append(f"`{_INSTALLS.format(route.extra)}`")
        left = [name for name in left if name not in route.packages]
    if set(lacking) & set(route.npm_names):
        steps.append(f"`{install_command(pins)}`")
    for group in route.programs:
        if group.command and group.title in left:
            steps.append(f"`{group.command}` ({group.why})")
            left.remove(group.title)
    if left:
        steps.append(f"installing {', '.join(left)}")
    return steps
