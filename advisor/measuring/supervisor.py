"""One trial process: started, spoken to, paused, and cleared away whatever it does."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Annotated, TypeVar, cast

import psutil
from pydantic import Field, TypeAdapter, ValidationError

import pilots
from pilots.protocol import Command, EpochEnded, Failed, Reply, encode
from pilots.records import Outcome

PILOTS_MAIN = Path(pilots.__file__).parent / "__main__.py"

_REPLY: TypeAdapter[Reply] = TypeAdapter(Annotated[Reply, Field(discriminator="type")])
_ERROR_LINES = 15
_SAMPLE_S = 0.05
_END_S = 10.0
_CAN_PAUSE = hasattr(signal, "SIGSTOP")

R = TypeVar("R", bound=Reply)


def trial_environment(threads: int) -> dict[str, str]:
    """Variables that libraries read while they are loaded, so they must be there before the process starts.

    The same number of threads for all; no framework may grab a whole accelerator's memory, which would lock the
    others out and hide what it uses; TensorFlow's start-up notices would bury a real error.
    """
    count = str(threads)
    return {
        "OMP_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": count,
        "TF_NUM_INTRAOP_THREADS": count,
        "TF_NUM_INTEROP_THREADS": count,
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "PYTHONUNBUFFERED": "1",
    }


@dataclass(frozen=True)
class Limits:
    """What one trial may take; seconds and MiB."""

    timeout_s: float
    memory_mib: float


class TrialError(Exception):
    """A trial ended without a result. ``outcome`` and ``error`` go into its record."""

    def __init__(self, outcome: Outcome, error: str) -> None:
        super().__init__(error)
        self.outcome: Outcome = outcome
        self.error = error


class TrialProcess:
    """A process of ``pilots`` in the candidate's own interpreter.

    It runs in a process group of its own: Ctrl-C in the terminal reaches only the supervisor, and a whole group
    can be ended at once. Pauses use SIGSTOP where the system has it; elsewhere the process waits on its pipe.

    Raises:
        TrialError: the interpreter cannot be started.
    """

    def __init__(self, python: str, environment: Mapping[str, str], limits: Limits) -> None:
        self._limits = limits
        self._errors = cast(IO[bytes], tempfile.TemporaryFile())  # noqa: SIM115 - closed by close()
        try:
            self._process = subprocess.Popen(
                [python, str(PILOTS_MAIN), "worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env={**os.environ, **environment},
                text=True,
                encoding="utf-8",
                errors="replace",
                process_group=0 if os.name == "posix" else None,
            )
        except OSError as error:
            self._errors.close()
            raise TrialError("unavailable", f"the interpreter cannot be started: {error}") from error
        self._commands, self._replies = cast(tuple[IO[str], IO[str]], (self._process.stdin, self._process.stdout))
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._paused = self._closed = False
        threading.Thread(target=self._read_lines, daemon=True).start()

    def request(self, command: Command, reply_type: type[R], on_epoch: Callable[[EpochEnded], None] | None = None) -> R:
        """Send a command and wait for its reply.

        Raises:
            TrialError: the process failed, crashed, fell silent, took too much memory, or sent garbage.
        """
        try:
            self._commands.write(encode(command))
            self._commands.flush()
        except OSError:
            raise self._death() from None
        while True:
            reply = self._receive()
            if isinstance(reply, Failed):
                outcome: Outcome = "failed" if reply.kind == "failed" else reply.kind
                raise TrialError(outcome, reply.error)
            if isinstance(reply, EpochEnded) and on_epoch is not None:
                on_epoch(reply)
                continue
            if not isinstance(reply, reply_type):
                raise self._error("crashed", f"unexpected reply {reply.type} to {command.type}")
            return reply

    def pause(self) -> None:
        """Stop the process with all its threads; its memory stays as it is."""
        if _CAN_PAUSE and not self._paused and self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGSTOP)
            self._paused = True

    def resume(self) -> None:
        """Let a paused process go on."""
        if self._paused:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGCONT)
            self._paused = False

    @contextmanager
    def awake(self) -> Iterator[TrialProcess]:
        """Resumed inside, paused outside."""
        self.resume()
        try:
            yield self
        finally:
            self.pause()

    @contextmanager
    def watched_memory(self) -> Iterator[Peak]:
        """Sample the resident memory of the process and its children while inside. Disturbs timing: time nothing."""
        peak = Peak()
        stop = threading.Event()

        def sample() -> None:
            while True:
                peak.mib = max(peak.mib, self.memory_mib())
                if stop.wait(_SAMPLE_S):
                    return

        sampler = threading.Thread(target=sample, daemon=True)
        sampler.start()
        try:
            yield peak
        finally:
            stop.set()
            sampler.join()

    def memory_mib(self) -> float:
        """Resident memory of the process and its children, in MiB; 0 when it has ended."""
        total = 0
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(self._process.pid)
            for member in (process, *process.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    total += member.memory_info().rss
        return total / 2**20

    def close(self) -> None:
        """End the process and every child it left behind. Never raises, may be called twice."""
        if self._closed:  # the number of a process that is gone may be another's by now
            return
        self._closed = True
        children = self._children()
        if os.name == "posix":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()
        for child in children:  # those that left the group
            with suppress(psutil.Error):
                child.kill()
        self._process.wait()
        for pipe in (self._commands, self._replies):
            with suppress(OSError):
                pipe.close()
        self._errors.close()

    def _children(self) -> list[psutil.Process]:
        with suppress(psutil.Error):
            if self._process.poll() is None:
                return cast(list[psutil.Process], psutil.Process(self._process.pid).children(recursive=True))
        return []

    def _read_lines(self) -> None:
        with suppress(ValueError, OSError):  # closed under the reader's hands by close()
            for line in self._replies:
                self._lines.put(line)
        self._lines.put(None)

    def _receive(self) -> Reply:
        try:
            line = self._lines.get(timeout=self._limits.timeout_s)
        except queue.Empty:
            raise self._error("timed_out", f"no answer for {self._limits.timeout_s:.0f} s") from None
        if line is None:
            raise self._death()
        used_mib = self.memory_mib()
        if used_mib > self._limits.memory_mib:
            raise TrialError(
                "out_of_memory",
                f"used {used_mib:.0f} MiB, more than the {self._limits.memory_mib:.0f} MiB a trial may take",
            )
        try:
            return _REPLY.validate_json(line)
        except ValidationError:
            raise self._error("crashed", f"garbage in place of a reply: {line[:200]!r}") from None

    def _death(self) -> TrialError:
        try:
            code = self._process.wait(timeout=_END_S)
        except subprocess.TimeoutExpired:
            return self._error("crashed", "closed its pipe without ending")
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
        if how == "signal SIGKILL":
            return self._error(
                "out_of_memory", f"ended with {how}, which is what the system sends when memory runs out"
            )
        return self._error("crashed", f"ended with {how}")

    def _error(self, outcome: Outcome, what: str) -> TrialError:
        """``what`` happened, and the last lines that the process wrote to its standard error."""
        return TrialError(outcome, f"{what}\n{self._last_errors()}".rstrip())

    def _last_errors(self) -> str:
        self._errors.seek(0)
        text = self._errors.read().decode("utf-8", "replace")
        return "\n".join(text.rstrip().splitlines()[-_ERROR_LINES:])


class Peak:
    """The highest resident memory seen so far, in MiB."""

    mib: float = 0.0
