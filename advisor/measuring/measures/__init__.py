"""What is read off trials: a module for each experiment that is measured, found by its name.

A module has ``RESULT``, the class of result it reads, ``ORDER``, by which its measures are listed, and ``MEASURES``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.resources import files
from types import ModuleType
from typing import Any

from pilots.records import TrialRecord

_TIME_UNITS = ("ms", "s", "rows/s", "samples/s")


def _derived(result: Any) -> None:
    """What is read off no single result, but made of other measures."""


@dataclass(frozen=True)
class Counts:
    """What a measure counts for in the evidence. Speeds and memory depend on the hardware, quality does not.

    It does not count on a workload that has the measure ``unless``, which includes it. It rests on the trials of the
    measure ``also`` as well. Several measures of a criterion come in the order of ``place``.
    """

    criterion: str
    label: str
    needs_training: bool = True
    depends_on_hardware: bool = True
    unless: str = ""
    also: str = ""
    place: int = 0


@dataclass(frozen=True)
class Measure:
    """A number that each trial of a kind tells, and how it is read off its result; None where a result lacks it.

    ``phrase`` is what it is called within a sentence. ``slowed_by_others``: others at work may change it.
    """

    name: str
    unit: str
    phrase: str
    read: Callable[[Any], float | None] = _derived
    counts: Counts | None = None
    slowed_by_others: bool | None = None

    @property
    def is_timed(self) -> bool:
        """Whether others at work may change it."""
        return self.unit in _TIME_UNITS if self.slowed_by_others is None else self.slowed_by_others


@cache
def measures() -> Mapping[str, Measure]:
    """All of them by name, in the order in which they are listed."""
    modules = sorted(_modules().values(), key=lambda module: (module.ORDER, module.__name__))
    return {measure.name: measure for module in modules for measure in module.MEASURES}


@cache
def counted(criterion: str) -> tuple[Measure, ...]:
    """Those that count for a criterion."""
    found = [
        measure
        for measure in measures().values()
        if measure.counts is not None and measure.counts.criterion == criterion
    ]
    return tuple(sorted(found, key=lambda measure: measure.counts.place if measure.counts else 0))


def read(record: TrialRecord) -> dict[str, float]:
    """What a finished trial measured, by name."""
    module = _modules().get(record.spec.experiment)
    if module is None or not isinstance(record.result, module.RESULT):
        return {}
    values = ((measure.name, measure.read(record.result)) for measure in module.MEASURES)
    return {name: value for name, value in values if value is not None}


@cache
def _modules() -> Mapping[str, ModuleType]:
    names = (path.name.removesuffix(".py") for path in files(__name__).iterdir() if path.name.endswith(".py"))
    return {name: import_module(f"{__name__}.{name}") for name in sorted(names) if not name.startswith("_")}
