"""How a model of each candidate reaches each target: the best route known, and the formats it can leave in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import Field, field_validator

from advisor.catalog import CANDIDATES, TARGETS
from advisor.knowledge.facts import CandidateIds, Confidence
from advisor.knowledge.tables import Entry, entries, only_known, parse, refuse_duplicates

RouteStatus = Literal["yes", "with_conditions", "no"]


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
    """Candidate -> export ``format`` -> ``runtime`` on a target; ``condition``: what it takes, or why not."""

    target: str
    format: str
    runtime: str

    @field_validator("target")
    @classmethod
    def _target_exists(cls, target: str) -> str:
        only_known((target,), tuple(TARGETS), "target")
        return target

    def text(self, candidate: str) -> str:
        """The route as people read it."""
        steps = (CANDIDATES[candidate].title, self.format, self.runtime)
        return " → ".join(step for step in steps if step)


class FormatSupport(_Sourced):
    """Whether candidates can write a file format at all, by whatever converter."""

    format: str


@dataclass(frozen=True)
class Routes:
    """All that is known about leaving the framework."""

    routes: tuple[Route, ...]
    formats: tuple[FormatSupport, ...]

    def to(self, target: str, candidate: str) -> Route | None:
        """The best route of a candidate to a target; None where nothing is known."""
        return next((r for r in self.routes if r.target == target and candidate in r.candidates), None)

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
    refuse_duplicates(_pairs([(r.target, r.candidates) for r in routes]), where, "routes")
    refuse_duplicates(_pairs([(f.format, f.candidates) for f in formats]), where, "formats")
    return Routes(routes, formats)


def _pairs(named: Sequence[tuple[str, tuple[str, ...]]]) -> list[str]:
    return [f"{name} of {candidate}" for name, candidates in named for candidate in candidates]
