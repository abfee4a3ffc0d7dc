"""Records of what became of the time of a training, and of the ends of its epochs; see :mod:`pilots.results`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Wait:
    """The processor idled at one place ``times`` times, for ``seconds`` in all. ``stack`` names the lines of Python
    that the main thread was in, the innermost first, as ``file:line function``."""

    seconds: float
    times: int
    stack: tuple[str, ...]


@dataclass(frozen=True)
class TimeUse:
    """What became of the time that an experiment timed: seconds on the clock, and of all threads together.

    ``idle_s`` is how long the processor idled (:class:`pilots.idle_watch.IdleWatch`) and ``waits`` where, most first;
    None where nobody looked, as on an accelerator. The others are those of
    :class:`pilots.processor_use.ProcessorUse`, None where the system does not tell.
    """

    wall_s: float
    processor_s: float
    run_delay_s: float | None = None
    voluntary_switches: int | None = None
    involuntary_switches: int | None = None
    idle_s: float | None = None
    waits: tuple[Wait, ...] = ()


@dataclass(frozen=True)
class EpochEnd:
    """What an epoch's end took beyond its share of training steps: time on the clock, and of the processor in all
    threads together. Either falls below zero where noise is larger than the end.

    ``run_delay_s`` is how long threads stood ready meanwhile and did not get a core, that of the steps around the end
    included; None where the system does not tell.
    """

    seconds: float
    processor_s: float
    run_delay_s: float | None = None


@dataclass(frozen=True)
class EpochsOfLength:
    """Epochs that were made about ``wanted_s`` long, of ``steps`` steps each.

    ``step_s`` and ``step_processor_s`` are a typical step, the median of stretches of ``2 * edge_steps`` steps within
    epochs. ``epochs_s`` are whole epochs, each with one end, from ``edge_steps`` steps after one end to as many after
    the next; ``ends`` are theirs.
    """

    wanted_s: float
    steps: int
    edge_steps: int
    step_s: float
    step_processor_s: float
    epochs_s: tuple[float, ...]
    ends: tuple[EpochEnd, ...]


@dataclass(frozen=True)
class EpochsResult:
    """Trainings with epochs of several lengths, the rows being repeated until an epoch is long enough.

    A length is missing where time ran out before it, and has fewer ends where it ran out within.
    """

    kind: Literal["epochs"]
    batch_size: int
    lengths: tuple[EpochsOfLength, ...]
    time: TimeUse | None = None
