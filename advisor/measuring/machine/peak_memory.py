"""How much memory a trial held at most."""

from __future__ import annotations

from collections.abc import Iterable

import psutil

from advisor.measuring.machine.accelerator import process_memory_mib
from advisor.measuring.machine.process_tree import resident_mib


class Peak:
    """The highest memory seen so far, in MiB: resident, and on accelerators where the driver tells (else None)."""

    mib: float = 0.0
    accelerator_mib: float | None = None

    def see(self, processes: Iterable[psutil.Process]) -> None:
        """Take in what these processes hold together now."""
        family = list(processes)
        self.mib = max(self.mib, resident_mib(family))
        held_mib = process_memory_mib({process.pid for process in family})
        if held_mib is not None:
            self.accelerator_mib = max(self.accelerator_mib or 0.0, held_mib)
