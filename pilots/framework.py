"""What a module of a framework offers: the settings of the process, and the pilots built in it."""

from __future__ import annotations

from typing import Protocol

from pilots.lanes import Tuning
from pilots.pilot import Data, Pilot, Recipe
from pilots.workload import Workload


class Framework(Protocol):
    """A module ``pilots.frameworks.NAME``: settings of the process and the pilots built in it."""

    def configure(self, *, threads: int, device: str) -> None:
        """Set threads, device and precision on purpose; called once, before anything else is computed."""

    def settings(self) -> dict[str, str]:
        """Threads, precision, compilation and the like as read back from the framework."""

    def device(self) -> str:
        """The device in use, as its framework names it (``cpu``, ``cuda:0 NVIDIA H200``, ``mps``)."""

    def fast_bfloat16(self) -> bool:
        """Whether the device in use is an accelerator that computes with bfloat16 natively."""

    def build(self, workload: Workload, data: Data, recipe: Recipe, tuning: Tuning) -> Pilot:
        """A new model of the workload with the loss and optimiser of the recipe."""
