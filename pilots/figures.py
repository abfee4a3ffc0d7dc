"""The result of an experiment that has no class of its own for it, and how it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class FiguresResult:
    """Numbers by name; a number's unit, if it has any, ends its name (``_ms``, ``_s``, ``_mib``, ``_share``)."""

    kind: Literal["figures"]
    figures: dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class Measure:
    """Carry out an experiment, by its name, with the model of this process. Answered by :class:`Measured`."""

    experiment: str
    type: Literal["measure"] = "measure"


@dataclass(frozen=True)
class Measured:
    """What it found."""

    result: FiguresResult
    type: Literal["measured"] = "measured"
