"""How a model of each candidate reaches each target: the routes known, and the formats it can leave in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field, field_validator

from advisor.catalog import CANDIDATES, TARGETS
from advisor.knowledge.facts import CandidateIds, Confidence
from advisor.knowledge.formats import SERVES
from advisor.knowledge.tables import Entry, entries, only_known, parse, refuse_duplicates

RouteStatus = Literal["yes", "with_conditions", "no"]


@dataclass(frozen=True)
class RouteLimits:
    """What a route has to keep to: megabytes of what runs the model (None: any), and formats taken (empty: any).

    ``only_predicts``: nobody trains there, so that the framework need not come along.
    """

    installed_mb: float | None = None
    accepts: tuple[str, ...] = ()
    only_predicts: bool = False


class _Sourced(Entry):
    candidates: CandidateIds = Field(min_length=1)
    status: RouteStatus
    condition: str = ""
    facts: tuple[str, ...] = ()
    source: Annotated[str, Field(min_length=1)]
    as_of: date
    review_by: date
    confidence: Confidence

    @property
    def sources(self) -> tuple[str, ...]:
        """What it rests on: ids of facts, then the source in words."""
        return (*self.facts, self.source)


class Route(_Sourced):
    """Candidate -> export ``format`` -> ``runtime`` on a target; ``condition``: what it takes, or why not.

    ``installed_mb``: what the runtime and all it needs weigh on the target in megabytes, Python itself apart; None
    where that is not known. ``with_framework``: the framework itself is installed there.
    """

    target: str
    format: str
    runtime: str
    installed_mb: Annotated[float, Field(gt=0)] | None = None
    with_framework: bool = False

    @field_validator("target")
    @classmethod
    def _target_exists(cls, target: str) -> str:
        only_known((target,), tuple(TARGETS), "target")
        return target

    def fits(self, limits: RouteLimits) -> bool:
        """Whether a model gets there, light enough and in a format that is taken."""
        light = limits.installed_mb is None or (
            self.installed_mb is not None and self.installed_mb <= limits.installed_mb
        )
        idle = limits.only_predicts and self.with_framework
        return self.status != "no" and light and not idle and self.taken(limits)

    def taken(self, limits: RouteLimits) -> bool:
        """Whether its file is in a format that is taken."""
        return not limits.accepts or self.serves(limits.accepts)

    def serves(self, formats: Collection[str]) -> bool:
        """Whether its file is in one of these formats, by the names of :mod:`advisor.knowledge.formats`."""
        return bool(set(SERVES.get(self.format, ())) & set(formats))

    def text(self, candidate: str) -> str:
        """The route as people read it."""
        steps = (CANDIDATES[candidate].title, self.format, self.runtime)
        return " → ".join(step for step in steps if step)


class RehearsedRoute(Route):
    """A route that was tried here with the pilots of one candidate, whether it worked or failed.

    ``trials`` are the keys of the trials. ``conclusive``: a failure is due to the route, and not to a pilot that only
    stands in or to a limit of time or memory. ``model_mb`` is the largest artifact in megabytes, ``own_model`` says
    that the model is the team's own. By workload, ``p95_ms`` is the 95th percentile of one prediction with its
    interval, ``runtime_mib`` the peak memory of the runtime, and ``busy`` lists those timed on a busy machine.
    ``served`` is what came of it behind a server, None where no server was tried.
    """

    trials: tuple[str, ...] = Field(min_length=1)
    conclusive: bool
    model_mb: float | None = None
    own_model: bool = False
    p95_ms: Mapping[str, tuple[float, float, float]] = Field(default_factory=dict)
    runtime_mib: Mapping[str, float] = Field(default_factory=dict)
    busy: tuple[str, ...] = ()
    served: RouteStatus | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """The trials."""
        return self.trials


class FormatSupport(_Sourced):
    """Whether candidates can write a file format at all, by whatever converter."""

    format: str


@dataclass(frozen=True)
class Routes:
    """All that is known about leaving the framework."""

    routes: tuple[Route, ...]
    formats: tuple[FormatSupport, ...]

    def all_to(self, target: str, candidate: str) -> tuple[Route, ...]:
        """Every route of a candidate to a target, the best first; empty where nothing is known."""
        return tuple(r for r in self.routes if r.target == target and candidate in r.candidates)

    def to(self, target: str, candidate: str, limits: RouteLimits | None = None) -> Route | None:
        """The best route of a candidate to a target; None where nothing is known.

        With limits, the best of those that keep to them, or else of those in a format that is taken, if there are any.
        """
        known, limits = self.all_to(target, candidate), limits or RouteLimits()
        keeping = [r for r in known if r.fits(limits)] or [r for r in known if r.taken(limits)]
        return next(iter(keeping or known), None)

    def writes(self, file_format: str, candidate: str) -> FormatSupport | None:
        """Whether a candidate can write a format; None where nothing is known."""
        return next((f for f in self.formats if f.format == file_format and candidate in f.candidates), None)


def load_routes() -> Routes:
    """The built-in routes.

    Raises:
        AdvisorError: the file is not valid; names the table.
    """
    where = "routes.toml"
    document = parse(files("advisor.knowledge").joinpath(where).read_text("utf-8"), where)
    routes = entries(document, "routes", Route, where)
    formats = entries(document, "formats", FormatSupport, where)
    refuse_duplicates(
        _pairs([(f"{r.target} by {r.format}, {r.runtime}", r.candidates) for r in routes]), where, "routes"
    )
    refuse_duplicates(_pairs([(f.format, f.candidates) for f in formats]), where, "formats")
    return Routes(routes, formats)


def _pairs(named: Sequence[tuple[str, tuple[str, ...]]]) -> list[str]:
    return [f"{name} of {candidate}" for name, candidates in named for candidate in candidates]
