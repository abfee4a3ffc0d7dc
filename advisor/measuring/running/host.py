"""The port to where trials run: a host is one machine, a session one trial process on it.

A launch, with all its candidates, runs on one host. Nothing on this side of the port knows of process numbers, signals
or where files lie: what a host stores is read and written by name, as bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO, Protocol, TypeVar

from advisor.measuring.machine.contention import ProcessorTime
from advisor.measuring.machine.peak_memory import Peak
from pilots.outcomes import Outcome
from pilots.protocol import Command, EpochEnded, Open, Opened
from pilots.records import TrialSpec

R = TypeVar("R")


class TrialError(Exception):
    """A trial ended without a result. ``outcome`` and ``error`` go into its record."""

    def __init__(self, outcome: Outcome, error: str) -> None:
        super().__init__(error)
        self.outcome: Outcome = outcome
        self.error = error


class TrialSession(Protocol):
    """A trial process that answers one command after another. Its methods raise TrialError once it has ended."""

    def request(self, command: Command, reply_type: type[R], on_epoch: Callable[[EpochEnded], None] | None = None) -> R:
        """Send a command and wait for its reply. While ``on_epoch`` handles the end of an epoch, the process waits."""

    def pause(self) -> None:
        """Stop it with all its threads; its memory stays as it is."""

    def awake(self) -> AbstractContextManager[object]:
        """Resumed inside, paused outside."""

    def memory_mib(self) -> float:
        """Resident memory with that of its children, in MiB; 0 when it has ended."""

    def watched_memory(self) -> AbstractContextManager[Peak]:
        """Sample its memory while inside. Disturbs timing: time nothing."""

    def close(self) -> None:
        """End it with all that it started. Never raises, may be called twice."""


class TrialFolder(Protocol):
    """A folder on a host. Its path goes into commands and means something there alone."""

    @property
    def path(self) -> str:
        """Where it is, for the processes of the host."""

    def read(self, name: str) -> bytes:
        """A file in it.

        Raises:
            OSError: there is none, or it cannot be read.
        """

    def write(self, name: str, content: IO[bytes]) -> None:
        """Put a file into it, in a folder of its own where the name says so; ``content`` is read to its end.

        Raises:
            OSError: it cannot be written.
        """

    def size_bytes(self) -> int:
        """What the files in it weigh."""


class TrialHost(Protocol):
    """A machine on which trials run."""

    @property
    def machine_id(self) -> str:
        """By which its trials are known."""

    @property
    def versions(self) -> Mapping[str, Mapping[str, str]]:
        """What is installed there, by candidate."""

    def start(self, candidate: str, threads: int) -> TrialSession:
        """A new process in the interpreter of a candidate, the baseline included.

        Raises:
            TrialError: it cannot be started.
        """

    def folder(self, purpose: str) -> AbstractContextManager[TrialFolder]:
        """An empty folder, removed at the end of the block; ``purpose`` is a word for whoever finds it."""

    def processor_time(self, sessions: Collection[TrialSession]) -> ProcessorTime:
        """The counters of its processor now; time of these sessions is told from that of others."""

    def clock_mhz(self) -> float | None:
        """The clock of the cores that trials run on; None where nobody tells."""

    def spare_cores(self, threads: int) -> int:
        """Cores that trials of so many threads leave idle."""


@dataclass(frozen=True)
class OpenSession:
    """A session with a trial open in it, and what it said about itself."""

    session: TrialSession
    opened: Opened


class Sessions:
    """The sessions of one launch: all of them end with it, however it ends."""

    def __init__(self, host: TrialHost) -> None:
        self.host = host
        self._stack = ExitStack()

    def start(self, spec: TrialSpec) -> TrialSession:
        """A new process for a trial.

        Raises:
            TrialError: it cannot be started.
        """
        session = self.host.start(spec.candidate, spec.threads)
        self._stack.callback(session.close)
        return session

    def open(self, spec: TrialSpec) -> OpenSession:
        """The same with the trial opened.

        Raises:
            TrialError: it cannot be started or opened.
        """
        session = self.start(spec)
        try:
            return OpenSession(session, session.request(Open(spec), Opened))
        except TrialError:
            session.close()
            raise

    @contextmanager
    def opened(self, spec: TrialSpec) -> Iterator[OpenSession]:
        """The same for one trial, ended with the block."""
        found = self.open(spec)
        try:
            yield found
        finally:
            found.session.close()

    def close(self) -> None:
        """End them all, also those that others are waiting for."""
        self._stack.close()
