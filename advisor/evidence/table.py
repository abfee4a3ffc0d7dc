"""The evidence table: for each candidate and criterion what is known, how it is known, and how sure that is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from advisor.catalog import Kind
from advisor.interview.open_answers import Open, chance


@dataclass(frozen=True)
class ValueScale:
    """How a raw value becomes a value in [0, 1]; its anchors are fixed before anything is measured.

    ``barely_acceptable`` maps to 0 and ``good_enough`` to 1, clipped beyond. ``log`` for times, sizes and other
    ratios, linear otherwise.
    """

    barely_acceptable: float
    good_enough: float
    log: bool


@dataclass(frozen=True)
class Launches:
    """Measured: one raw value per launch. Launches with the same number ran side by side and share their noise.

    ``rows`` is what the luck of the test rows adds to a score, one number per group of rows (see
    :func:`advisor.measuring.analysis.quality.row_noise`); candidates were scored on the same rows and share it.
    ``row_step`` is what one test row is worth, by which each candidate's score is uncertain for itself.
    """

    numbers: tuple[int, ...]
    raw: tuple[float, ...]
    scale: ValueScale
    rows: tuple[float, ...] = ()
    row_step: float = 0.0


@dataclass(frozen=True)
class Uniform:
    """Answered: equally likely within ``half_width`` around ``centre``, on the value scale or beyond its ends."""

    centre: float
    half_width: float


@dataclass(frozen=True)
class Triangular:
    """Cited: most likely ``mode``, impossible beyond ``half_width`` from it, on the value scale or beyond its ends."""

    mode: float
    half_width: float


@dataclass(frozen=True)
class Missing:
    """Nothing is known: uniform on [0, 1], never the mean."""


Distribution = Launches | Uniform | Triangular | Missing


@dataclass(frozen=True)
class TurnsOut:
    """Something that counts ``amount`` on the value scale where open answers turn out so that it holds: ``when``.

    How an answer turns out is the same for everything that hangs on it.
    """

    amount: float
    when: Open

    @property
    def chance(self) -> float:
        """How likely it holds."""
        return chance(self.when)


#: Who shares a doubt: the components of one candidate on one criterion, all candidates on a criterion, or everything.
Scope = Literal["cell", "criterion", "table"]


@dataclass(frozen=True)
class Doubt:
    """What is not known about a component for a reason that it shares with others, as a shift on the value scale.

    Doubts of one ``name`` within one ``scope`` are one doubt: they are drawn from one random number, so that any number
    of components that share it leaves it as large as it is. Like everything that is not measured, those of a cell are
    mostly the same for the candidates of a family. ``shape`` is centred at 0, or
    a :class:`TurnsOut`.
    """

    name: str
    scope: Scope
    shape: Uniform | Triangular | TurnsOut


@dataclass(frozen=True)
class Component:
    """One thing known about one candidate on one criterion.

    ``measure`` names it the same for every candidate (``race.step_ms@vision``). ``raw`` is the central value in
    ``unit`` with its 95 % interval. ``source`` lists trial keys, answer keys or fact ids; ``as_of`` is an ISO date.
    ``scale`` turned the raw value into a value; None where nothing did. ``distribution`` is what is the
    component's own; ``doubts`` are what it shares with others. ``weight`` is relative to the others of its cell.
    ``effects`` is what each fact, by its id, added to the value; what may be added is among the doubts.
    """

    measure: str
    label: str
    kind: Kind
    distribution: Distribution
    raw: float | None
    raw_low: float | None
    raw_high: float | None
    unit: str
    source: tuple[str, ...]
    as_of: str | None
    note: str = ""
    scale: ValueScale | None = None
    doubts: tuple[Doubt, ...] = ()
    weight: float = 1.0
    effects: tuple[tuple[str, float], ...] = ()


_MISSING: tuple[Kind, ...] = ("missing",)
_STRONGEST_FIRST: tuple[Kind, ...] = ("measured", "rehearsed", "counted", "answered", "cited", "assumed", "missing")


@dataclass(frozen=True)
class Cell:
    """All that is known about one candidate on one criterion; its value is the weighted mean of its components'."""

    candidate: str
    criterion: str
    components: tuple[Component, ...]

    @property
    def missing(self) -> bool:
        """True if nothing at all is known."""
        return all(component.kind == "missing" for component in self.components)

    @property
    def shares(self) -> tuple[float, ...]:
        """What each component counts of the cell; they add up to 1."""
        total = sum(component.weight for component in self.components)
        return tuple(component.weight / total for component in self.components)

    @property
    def kind(self) -> Kind:
        """How the largest part of it is known; of parts as large, the weakest names it."""
        shares: dict[Kind, float] = {}
        for component, share in zip(self.components, self.shares, strict=True):
            shares[component.kind] = shares.get(component.kind, 0.0) + share
        return max(shares, key=lambda kind: (round(shares[kind], 9), _STRONGEST_FIRST.index(kind)))

    @property
    def shown(self) -> Component:
        """The component whose number stands for the cell: of its :attr:`kind`, the component of largest weight."""
        return max(
            (component for component in self.components if component.kind == self.kind),
            key=lambda component: component.weight,
        )

    @property
    def missing_share(self) -> float:
        """What the components count together of which nothing is known."""
        return self.share_of(_MISSING)

    def share_of(self, kinds: Collection[Kind]) -> float:
        """What the components of some kinds count together."""
        return sum(
            share for component, share in zip(self.components, self.shares, strict=True) if component.kind in kinds
        )


@dataclass(frozen=True)
class EvidenceTable:
    """Every candidate on every criterion that applies to the answers.

    ``not_applicable`` names the criteria that carry no weight here, each with the reason in a sentence.
    """

    candidates: tuple[str, ...]
    criteria: tuple[str, ...]
    cells: tuple[Cell, ...]
    not_applicable: dict[str, str]

    def cell(self, candidate: str, criterion: str) -> Cell:
        """The cell of a candidate and a criterion.

        Raises:
            KeyError: if the table has none.
        """
        for cell in self.cells:
            if cell.candidate == candidate and cell.criterion == criterion:
                return cell
        raise KeyError((candidate, criterion))
