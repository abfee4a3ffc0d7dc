"""How a claim is put to the test: a few kinds of tests, each a table in ``claims.toml``; no claim has code of its own.

A test looks at single findings (a pair on a workload in a lane, a candidate on a workload) and ``of`` says how many of
them have to be as claimed.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from advisor.catalog import BASELINE, CANDIDATES
from advisor.knowledge.facts import CandidateIds
from advisor.knowledge.tables import Entry, only_known
from advisor.measuring.measures import measures
from pilots.records import Lane
from pilots.routes import routes

Expectation = Literal["less", "more", "between"]
Of = Literal["every", "most", "some"]
Device = Literal["cpu", "gpu"]
#: What is told of an exported model in its runtime.
RehearsedMeasure = Literal[
    "rehearse.p50_ms", "rehearse.artifact_bytes", "rehearse.installed_bytes", "rehearse.runtime_mib"
]

#: Code is counted, not timed: it has no launches and no lane.
CODE_MEASURES = ("code.operations", "code.training_operations")


class _Test(Entry):
    """What all tests have in common.

    ``lanes`` must all have run before a claim is confirmed. ``networks`` are words of which one stands in the
    workload's description of its network, ``pilots`` names of workloads; without either every workload counts.
    ``device``: the claim speaks of this kind of device and of no other.

    ``of`` is how the claim is meant. A statement about things in general holds if it holds in ``most`` cases. ``every``
    is for what says "always" or "consistently": one case refutes it. ``some`` is for what says that something happens,
    and for a gain of "up to" so much: it is about the largest gain, so one case that reaches it is enough, and cases
    that exceed it are no objection.
    """

    lanes: tuple[Lane, ...] = Field(default=("default",), min_length=1)
    networks: tuple[str, ...] = ()
    pilots: tuple[str, ...] = ()
    device: Device | None = None
    of: Of = "most"


class _Range(_Test):
    """``less`` and ``more`` than the other, or a value ``between`` ``low`` and ``high``, of which one may be open."""

    expect: Expectation = "between"
    low: float | None = None
    high: float | None = None

    @model_validator(mode="after")
    def _range_fits_what_is_expected(self) -> Self:
        bounds = [bound for bound in (self.low, self.high) if bound is not None]
        if self.expect == "between" and not bounds:
            raise ValueError('"between" needs low, high or both')
        if self.expect != "between" and bounds:
            raise ValueError(f'"{self.expect}" takes neither low nor high')
        if len(bounds) == 2 and bounds[0] >= bounds[1]:
            raise ValueError(f"low {bounds[0]} must lie below high {bounds[1]}")
        return self


def _is_measure(measure: str) -> str:
    only_known((measure,), (*measures(), *CODE_MEASURES), "measure")
    return measure


class PairTest(_Range):
    """The measure of each ``first`` divided by that of each ``second``, in the same lane."""

    kind: Literal["pairs"]
    measure: str
    first: CandidateIds = Field(min_length=1)
    second: CandidateIds = Field(min_length=1)

    _known = field_validator("measure")(_is_measure)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every pair of two different candidates."""
        return tuple((a, b) for a in self.first for b in self.second if a != b)


class LaneTest(_Range):
    """The step time of each candidate in the tuned lane divided by its own in the default lane."""

    kind: Literal["tuning"]
    candidates: CandidateIds = Field(min_length=1)


class LevelTest(_Range):
    """The measure itself, candidate by candidate, in its own unit."""

    kind: Literal["level"]
    measure: str
    candidates: CandidateIds = Field(min_length=1)

    _known = field_validator("measure")(_is_measure)

    @model_validator(mode="after")
    def _a_level_has_no_other(self) -> Self:
        if self.expect != "between":
            raise ValueError('a level is compared with nothing: write low, high or both, and no "expect"')
        return self


class QualityTest(_Test):
    """The scores of both after the same training: ``alike`` within ``margin``, ``unlike``, or the first ``higher``."""

    kind: Literal["quality"]
    first: tuple[str, ...] = Field(min_length=1)
    second: tuple[str, ...] = Field(min_length=1)
    expect: Literal["alike", "unlike", "higher"]
    margin: Annotated[float, Field(gt=0)]

    @field_validator("first", "second")
    @classmethod
    def _can_learn(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        only_known(names, (*CANDIDATES, BASELINE), "candidate")
        return names

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every pair of two different candidates."""
        return tuple((a, b) for a in self.first for b in self.second if a != b)


class FlipTest(_Test):
    """Whether two candidates change places from one workload to another; none did only if ``workloads`` raced."""

    kind: Literal["flips"]
    candidates: CandidateIds = Field(min_length=2)
    workloads: Annotated[int, Field(ge=2)]
    of: Of = "some"


class BreakEvenTest(_Test):
    """Whether the tuned lane has paid for its compilation ``within_steps`` steps of training."""

    kind: Literal["break_even"]
    candidates: CandidateIds = Field(min_length=1)
    within_steps: Annotated[int, Field(ge=1)]
    lanes: tuple[Lane, ...] = ("tuned",)


class GateTest(_Test):
    """Whether the candidates' models pass the parity gate, or, with ``passes = false``, do not."""

    kind: Literal["gate"]
    candidates: CandidateIds = Field(min_length=1)
    passes: bool = True


def _are_routes(names: tuple[str, ...]) -> tuple[str, ...]:
    only_known(names, tuple(routes()), "route")
    return names


class ExportRouteTest(_Test):
    """Whether models of the candidates come out by any of the ``routes`` as what they were, or with ``works = false``
    do not."""

    kind: Literal["way_out"]
    candidates: CandidateIds = Field(min_length=1)
    routes: tuple[str, ...] = Field(min_length=1)
    works: bool = True

    _known = field_validator("routes")(_are_routes)


class RuntimesTest(_Range):
    """The measure of the same model by each ``first`` route divided by that by each ``second`` route.

    Every rehearsal is one launch: sizes are exact, times and memory resolve only what is far apart.
    """

    kind: Literal["runtimes"]
    measure: RehearsedMeasure
    candidates: CandidateIds = Field(min_length=1)
    first: tuple[str, ...] = Field(min_length=1)
    second: tuple[str, ...] = Field(min_length=1)

    _known = field_validator("first", "second")(_are_routes)


Test = (
    PairTest | LaneTest | LevelTest | QualityTest | FlipTest | BreakEvenTest | GateTest | ExportRouteTest | RuntimesTest
)
AnyTest = Annotated[Test, Field(discriminator="kind")]
