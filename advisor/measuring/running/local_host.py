"""This machine as a host of trials."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, cast

from advisor.measuring.machine import contention, processors
from advisor.measuring.machine.contention import ProcessorTime
from advisor.measuring.running.host import TrialSession
from advisor.measuring.running.supervisor import TrialLimits, TrialProcess, trial_environment


@dataclass(frozen=True)
class LocalFolder:
    """A folder of this machine."""

    path: str

    def read(self, name: str) -> bytes:
        """See :class:`advisor.measuring.running.host.TrialFolder`."""
        return (Path(self.path) / name).read_bytes()

    def write(self, name: str, content: IO[bytes]) -> None:
        """See :class:`advisor.measuring.running.host.TrialFolder`."""
        target = Path(self.path) / name
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("wb") as file:
            shutil.copyfileobj(content, file)

    def size_bytes(self) -> int:
        """See :class:`advisor.measuring.running.host.TrialFolder`."""
        return sum(file.stat().st_size for file in Path(self.path).rglob("*") if file.is_file())


@dataclass(frozen=True)
class LocalHost:
    """This machine: ``python`` is the interpreter of each candidate, ``limits`` are those of each trial."""

    python: Mapping[str, str]
    limits: TrialLimits
    machine_id: str = ""
    versions: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def start(self, candidate: str, threads: int) -> TrialProcess:
        """See :class:`advisor.measuring.running.host.TrialHost`."""
        return TrialProcess(self.python[candidate], trial_environment(threads), self.limits)

    @contextmanager
    def folder(self, purpose: str) -> Iterator[LocalFolder]:
        """See :class:`advisor.measuring.running.host.TrialHost`."""
        with tempfile.TemporaryDirectory(prefix=f"advisor-{purpose}-") as path:
            yield LocalFolder(path)

    def processor_time(self, sessions: Collection[TrialSession]) -> ProcessorTime:
        """See :class:`advisor.measuring.running.host.TrialHost`."""
        return contention.read([cast(TrialProcess, session).pid for session in sessions])

    def clock_mhz(self) -> float | None:
        """See :class:`advisor.measuring.running.host.TrialHost`."""
        return processors.clock_mhz(processors.DEVICES, processors.trial_cores())

    def spare_cores(self, threads: int) -> int:
        """See :class:`advisor.measuring.running.host.TrialHost`."""
        return processors.spare_cores(processors.DEVICES, processors.trial_cores(), threads)
