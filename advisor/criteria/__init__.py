"""What candidates are judged by: a criterion in each file of this folder, found by being there."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Criterion:
    """One of the things candidates are judged by.

    Attributes:
        id: its name everywhere; public interface.
        title: as people read it.
        meaning: what it stands for, in words that follow a colon.
        order: the criterion with the smaller number comes first in every table.
        gain: what being better on it means to somebody who will not read code.
        precaution: what helps where the chosen candidate is behind on it.
        points: the weight where nobody stated priorities, by stage; the most important criterion has 100.
        anchors: of its value scale where it is measured or answered; see ``evidence.table.ValueScale``.
        shifts: what answers change about its points.
        none: answers under which it has no weight.
    """

    id: str
    title: str
    meaning: str
    order: int
    gain: str
    precaution: str
    points: Mapping[str, float]
    anchors: Mapping[str, Any] | None = None
    shifts: tuple[Mapping[str, Any], ...] = ()
    none: tuple[Mapping[str, Any], ...] = ()


@cache
def criteria() -> Mapping[str, Criterion]:
    """All of them by id, in their order."""
    found = [
        Criterion(id=file.name.removesuffix(".toml"), **tomllib.loads(file.read_text("utf-8")))
        for file in files("advisor.criteria").iterdir()
        if file.name.endswith(".toml")
    ]
    return {
        criterion.id: criterion for criterion in sorted(found, key=lambda criterion: (criterion.order, criterion.id))
    }
