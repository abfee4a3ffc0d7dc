"""The part of :mod:`pilots.protocol` about the frameworks' own data pipelines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pilots.results import LoadResult


@dataclass(frozen=True)
class Load:
    """Check the framework's data pipeline, then time ``steps`` of its batches in each of ``rounds`` rounds.

    By default and with ``workers``. After ``limit_s`` none but a first begins. Answered by :class:`PipelinesTimed`.
    """

    steps: int
    rounds: int
    workers: int
    limit_s: float
    type: Literal["load"] = "load"


@dataclass(frozen=True)
class PipelinesTimed:
    """The checked and timed data pipelines."""

    result: LoadResult
    type: Literal["loaded"] = "loaded"
