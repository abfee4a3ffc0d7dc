"""Versions and settings in force in the trial processes, read back from the frameworks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from advisor.catalog import BASELINE, CANDIDATES, LANES
from advisor.reporting.inputs import ReportInputs
from advisor.reporting.pilots.compilers import compilations, compiler_names
from advisor.reporting.words.names import candidate_title, catalog_order, joined
from advisor.reporting.words.table import Table
from pilots.records import Environment, Lane

_NOT_TOLD = "not told"
#: These have columns of their own.
_IN_COLUMNS = ("threads", "precision", "compilation")


@dataclass(frozen=True)
class InForce:
    """What each candidate ran with, lane by lane; ``differences`` say where candidates of a lane did not run alike."""

    settings: Table
    differences: tuple[str, ...]
    versions: Table


@dataclass(frozen=True)
class _RanWith:
    """A candidate in a lane, and what its processes told."""

    candidate: str
    lane: Lane
    environments: tuple[Environment, ...]

    def setting(self, name: str) -> str:
        return _either(environment.settings.get(name, _NOT_TOLD) for environment in self.environments)


def build_in_force(inputs: ReportInputs) -> InForce | None:
    """Settings and versions; None where no trial came so far as to tell them."""
    entrants = _entrants(inputs)
    if not entrants:
        return None
    settings = tuple(
        (
            candidate_title(entrant.candidate),
            "none" if entrant.candidate == BASELINE else entrant.lane,
            _either(environment.device for environment in entrant.environments),
            entrant.setting("threads"),
            entrant.setting("precision"),
            _compilation(inputs, entrant),
        )
        for entrant in entrants
    )
    header = ("Candidate", "Lane", "Device", "Threads", "Precision", "Compilation")
    return InForce(Table(header, settings), _differences(entrants), _versions(inputs, entrants))


def _entrants(inputs: ReportInputs) -> tuple[_RanWith, ...]:
    found: dict[tuple[str, Lane], list[Environment]] = {}
    for record in inputs.records:
        if record.environment is not None:
            found.setdefault((record.spec.candidate, record.spec.lane), []).append(record.environment)
    entrants = (_RanWith(candidate, lane, tuple(own)) for (candidate, lane), own in found.items())
    return tuple(sorted(entrants, key=_shown_order))


def _shown_order(entrant: _RanWith) -> tuple[int, int]:
    """Lane by lane in the order of the catalog, and what is not in it, the baseline, at the end."""
    if entrant.candidate not in CANDIDATES:
        return (len(LANES), 0)
    return (list(LANES).index(entrant.lane), catalog_order(entrant.candidate))


def _compilation(inputs: ReportInputs, entrant: _RanWith) -> str:
    """What the compiler reported of itself in the races; without a race, what was set."""
    raced = compiler_names(compilations(inputs, entrant.candidate, entrant.lane))
    return raced or entrant.setting("compilation")


def _differences(entrants: Sequence[_RanWith]) -> tuple[str, ...]:
    """A sentence per lane and setting in which its candidates differ; those that do not tell are left out."""
    plain: tuple[tuple[str, str, Callable[[str], str]], ...] = (
        ("threads", "different numbers of threads", lambda text: text.removeprefix("NPROC=")),
        # Keras names the policy, the others the type of their products.
        ("precision", "different precision", lambda text: text.removeprefix("mixed_")),
    )
    sentences = []
    for lane in LANES:
        candidates = [entrant for entrant in entrants if entrant.lane == lane and entrant.candidate != BASELINE]
        for name, what, normal in plain:
            ran_with: dict[str, list[str]] = {}
            for entrant in candidates:
                if (value := normal(entrant.setting(name))) != _NOT_TOLD:
                    ran_with.setdefault(value, []).append(candidate_title(entrant.candidate))
            if len(ran_with) > 1:
                listed = "; ".join(f"{joined(titles)} {value}" for value, titles in ran_with.items())
                sentences.append(f"In the {lane} lane candidates ran with {what}: {listed}.")
    return tuple(sentences)


def _versions(inputs: ReportInputs, entrants: Sequence[_RanWith]) -> Table:
    by_candidate: dict[str, list[Environment]] = {}
    for entrant in entrants:
        by_candidate.setdefault(entrant.candidate, []).extend(entrant.environments)
    rows = tuple(
        (candidate_title(candidate), _own_versions(inputs, candidate, found), _other_settings(found))
        for candidate, found in by_candidate.items()
    )
    return Table(("Candidate", "Versions", "Other settings"), rows)


def _own_versions(inputs: ReportInputs, candidate: str, found: Sequence[Environment]) -> str:
    own = inputs.versions.get(candidate, found[0].versions)
    named = {
        name: _either(environment.versions[name] for environment in found if name in environment.versions)
        for name in own
    }
    return ", ".join(f"{name} {version}" for name, version in named.items() if version) or _NOT_TOLD


def _other_settings(found: Sequence[Environment]) -> str:
    names = sorted({name for environment in found for name in environment.settings if name not in _IN_COLUMNS})
    values = {
        name: _either(environment.settings[name] for environment in found if name in environment.settings)
        for name in names
    }
    return ", ".join(f"{name} {value}" for name, value in values.items()) or "none"


def _either(values: Iterable[str]) -> str:
    """The distinct values; as a rule there is one value."""
    return " or ".join(dict.fromkeys(values))
