"""What is known about an experiment: a trial of a kind. Each is a ``NAME.toml`` in :mod:`pilots.experiments`.

Beside it stands ``NAME.py``, which carries it out in the trial process. Experiments with commands and results of their
own are served by :mod:`pilots.worker`; of any other the module has a function ``measure`` (see :func:`measure_of`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, cast

_FOLDER = Path(__file__).parent / "experiments"

#: Kinds of launches: which trials run together.
Stage = Literal["baseline", "gate", "pilots", "footprint", "rehearsal"]


@dataclass(frozen=True)
class Experiment:
    """A kind of trial.

    Attributes:
        name: of its module, its records and its file; public interface.
        order: the smaller, the earlier in every list.
        stage: the launches that it runs in; empty where it is no part of a study.
        planned: whether a study runs it in every launch of the stage ``pilots``, only on pilots whose images are
            augmented, or by rules of its own.
        lanes: whether it runs in every lane that is wanted, or in the default lane alone.
        trains: it falls away where nothing is trained.
        turn: of the experiments that a candidate runs by itself, the smaller, the earlier; equal turns are shuffled.
        criteria: what it tells about.
        besides: what it tells that answers no criterion.
        tells: what its numbers are about, as people read it.
        activity: what a candidate is doing, for those who watch.
        timed: what a report calls one of its trials that others disturbed; empty where nothing is timed alone.
        training: what a report calls it where the processor idled in it.
        estimate_s: rough seconds by size, for the first estimate.
    """

    name: str
    order: int
    stage: Stage | Literal[""] = "pilots"
    planned: Literal["always", "augmenting", ""] = ""
    lanes: Literal["every", "default"] = "default"
    trains: bool = True
    turn: int = 3
    criteria: tuple[str, ...] = ()
    besides: str = ""
    tells: str = ""
    activity: str = ""
    timed: str = ""
    training: str = ""
    estimate_s: Mapping[str, float] = field(default_factory=dict)


@cache
def experiments() -> Mapping[str, Experiment]:
    """All of them by name, in their order."""
    tables = ((path.stem, tomllib.loads(path.read_text("utf-8"))) for path in sorted(_FOLDER.glob("*.toml")))
    found = [Experiment(name=name, **{**table, "criteria": tuple(table.get("criteria", ()))}) for name, table in tables]
    return {
        experiment.name: experiment
        for experiment in sorted(found, key=lambda experiment: (experiment.order, experiment.name))
    }


def measure_of(name: str) -> Callable[[Any], dict[str, tuple[float, ...]]]:
    """What an experiment without commands of its own does: it takes a :class:`pilots.experiments.opening.OpenedTrial`
    and returns numbers by name; see :class:`pilots.figures.FiguresResult`."""
    measure = import_module(f"pilots.experiments.{name}").measure
    return cast("Callable[[Any], dict[str, tuple[float, ...]]]", measure)
