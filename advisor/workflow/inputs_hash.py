"""Which study and which program stand behind a decision: a hash over everything that a verdict depends on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.resources import files
from importlib.resources.abc import Traversable

from advisor import __version__
from advisor.knowledge.facts import is_stale
from advisor.knowledge.routes import load_routes
from advisor.workflow.snapshot import Snapshot, digest

_OF_PROGRAM = ("knowledge", "past_review", "method", "rules", "version")
#: What turns a study into a verdict: modules and whole packages, by where they stand.
_RULES: Mapping[str, tuple[str, ...]] = {
    "advisor": ("catalog.py", "criteria", "deciding", "evidence", "interview", "knowledge", "measuring"),
    "pilots": ("candidate.py", "candidates", "routes.py", "targets"),
}


def inputs_hash(snapshot: Snapshot, today: date) -> str:
    """64 hexadecimal digits over everything that a verdict depends on, as :func:`inputs_of` lists it.

    The first half is over the study, the second over the program: two reports with the same first half rest on the same
    study, and with the same second half on the same method and knowledge. Half of a SHA-256 each.
    """
    found = inputs_of(snapshot, today)
    halves = (
        {name: part for name, part in found.items() if (name in _OF_PROGRAM) is program} for program in (False, True)
    )
    return "".join(digest(json.dumps(half, sort_keys=True).encode())[:32] for half in halves)


def inputs_of(snapshot: Snapshot, today: date) -> dict[str, str]:
    """Everything that a verdict depends on, by name, each as a SHA-256; nothing that decides nothing is among it.

    Of the machine what trials are known by, and what training is held against: its load, what a run left out and the
    like decide nothing. Of the day, which facts and routes are past their review date by then.
    """
    machine, code = snapshot.machine, snapshot.code
    told = (machine.id, machine.accelerators, {name: dict(found) for name, found in snapshot.versions.items()})
    stale = [fact.id for fact in snapshot.facts if is_stale(fact, today)]
    stale += [f"{route.target} {route.format}" for route in load_routes().routes if today > route.review_by]
    in_folders = {name: found for name, found in snapshot.digests.items() if "/" in name}
    cited = (
        ("advisor.knowledge", "facts.toml"),
        ("advisor.knowledge", "routes.toml"),
        ("advisor.claims", "claims.toml"),
        ("advisor.interview", "questions.toml"),
    )
    return {
        **{name: found for name, found in snapshot.digests.items() if name not in in_folders},
        "people": _of(in_folders),
        "machine": _of(told),
        "code": _of([repr(code.sizes), sorted(code.texts.items())]),
        "knowledge": digest(*(files(package).joinpath(name).read_bytes() for package, name in cited)),
        "past_review": _of(stale),
        "method": digest(*_numbers()),
        "rules": digest(*_sources()),
        "version": digest(__version__.encode()),
    }


def _numbers() -> Iterator[bytes]:
    """The file of the method and those of the criteria, in a fixed order."""
    yield files("advisor").joinpath("method.toml").read_bytes()
    for file in sorted(files("advisor.criteria").iterdir(), key=lambda path: path.name):
        if file.name.endswith(".toml"):
            yield file.read_bytes()


def _of(told: object) -> str:
    return digest(json.dumps(told, sort_keys=True).encode())


def _sources() -> Iterator[bytes]:
    """The source of every module of :data:`_RULES`, in a fixed order."""
    for package, places in _RULES.items():
        for place in places:
            yield from (module.read_bytes() for module in _modules(files(package).joinpath(place)))


def _modules(place: Traversable) -> Iterator[Traversable]:
    """A module, or all those in a folder and below."""
    if place.is_dir():
        for within in sorted(place.iterdir(), key=lambda path: path.name):
            yield from _modules(within)
    elif place.name.endswith(".py"):
        yield place
