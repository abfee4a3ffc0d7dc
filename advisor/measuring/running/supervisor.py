"""One trial process: started, spoken to, paused, and cleared away whatever it does."""

from __future__ import annotations

import math
import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Annotated, TypeVar, cast

from pydantic import Field, TypeAdapter, ValidationError

import pilots
from advisor.measuring.error_text import how_it_ended
from advisor.measuring.machine.child_environment import inherited_environment
from advisor.measuring.machine.peak_memory import Peak
from advisor.measuring.machine.process_tree import kill, resident_mib, started_with, tree
from advisor.measuring.machine.processors import keep_to, trial_cores
from advisor.measuring.running.host import TrialError
from pilots.outcomes import Outcome
from pilots.protocol import Command, EpochEnded, Failed, GoOn, Reply, encode

PILOTS_MAIN = Path(pilots.__file__).parent / "__main__.py"

_REPLY: TypeAdapter[Reply] = TypeAdapter(Annotated[Reply, Field(discriminator="type")])
_ERROR_LINES = 15
_SAMPLE_S = 0.05
#: Blocks of a race are shorter, so that nobody looks while they are timed.
_LOOK_S = 1.0
_END_S = 10.0
_CLEARING_TRIES = 20
_CLEARING_PAUSE_S = 0.05
#: Its value, the scratch folder, is in the environment of every process that a trial starts, and of no other.
_MARK = "ADVISOR_TRIAL"
_CAN_PAUSE = hasattr(signal, "SIGSTOP")

R = TypeVar("R")


def trial_environment(threads: int) -> dict[str, str]:
    """Variables that libraries read while they are loaded, so they must be there before the process starts.

    The same number of threads for all; no framework may grab a whole accelerator's memory, which would lock the
    others out and hide what it uses; every process compiles for itself, as a user's first run does; TensorFlow's
    start-up notices would bury a real error.
    """
    count = str(threads)
    return {
        "OMP_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": count,
        "TF_NUM_INTRAOP_THREADS": count,
        "TF_NUM_INTEROP_THREADS": count,
        "NPROC": count,  # the only way to tell XLA in JAX
        "TF_FORCE_GPU_ALLOW_GROWTH": "true",
        "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
        "TORCHINDUCTOR_FORCE_DISABLE_CACHES": "1",
        "JAX_ENABLE_COMPILATION_CACHE": "false",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "PYTHONUNBUFFERED": "1",
    }


def scratch_environment(folder: Path) -> dict[str, str]:
    """Variables that keep in ``folder`` whatever a trial's libraries leave on disk.

    The folders of compilers have variables of their own; what PyTorch keeps of its C++ headers and TensorFlow of the
    code it has rewritten goes where temporary files go.
    """
    temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP", _MARK), str(folder))
    return {
        **temporary,
        "TORCHINDUCTOR_CACHE_DIR": str(folder / "inductor"),
        "TRITON_CACHE_DIR": str(folder / "triton"),
    }


@dataclass(frozen=True)
class TrialLimits:
    """What one trial may take: seconds, MiB and the cores that it runs on."""

    timeout_s: float
    memory_mib: float
    cores: frozenset[int] = field(default_factory=trial_cores)


class TrialProcess:
    """A process of ``pilots`` in the candidate's own interpreter, with a scratch folder of its own.

    It runs in a process group of its own: Ctrl-C in the terminal reaches only the supervisor, and a whole group
    can be ended at once. Pauses use SIGSTOP where the system has it; elsewhere the process waits on its pipe.

    On Linux the process ends with the *thread* that makes this object, not only with the supervisor (see
    ``pilots.worker.end_with_parent``): make it in a thread that lives at least as long as the trial.

    Raises:
        TrialError: the interpreter cannot be started, or there is no room for temporary files.
    """

    def __init__(self, python: str, environment: Mapping[str, str], limits: TrialLimits) -> None:
        self._limits = limits
        try:
            self._errors = cast(IO[bytes], tempfile.TemporaryFile())  # noqa: SIM115 - closed by close()
            self._scratch = Path(tempfile.mkdtemp(prefix="advisor-"))
        except OSError as error:
            raise TrialError("failed", f"temporary files cannot be written: {error}") from error
        try:
            self._process = subprocess.Popen(
                [python, str(PILOTS_MAIN), "worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env={**inherited_environment(python), **scratch_environment(self._scratch), **environment},
                text=True,
                encoding="utf-8",
                errors="replace",
                process_group=0 if os.name == "posix" else None,
            )
        except OSError as error:
            self._errors.close()
            _remove(self._scratch)
            raise TrialError("unavailable", f"the interpreter cannot be started: {error}") from error
        keep_to(self._process.pid, limits.cores)  # before it has any thread but its first
        self._commands, self._replies = cast(tuple[IO[str], IO[str]], (self._process.stdin, self._process.stdout))
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._paused = self._ended = self._closed = False
        self._looked_at = -math.inf
        threading.Thread(target=self._read_lines, daemon=True).start()

    def request(self, command: Command, reply_type: type[R], on_epoch: Callable[[EpochEnded], None] | None = None) -> R:
        """Send a command and wait for its reply. While ``on_epoch`` handles the end of an epoch, the process waits.

        Raises:
            TrialError: the process failed, crashed, fell silent, took too much memory, or sent garbage or values
                that are not numbers.
        """
        self._send(command)
        while True:
            reply = self._receive()
            if isinstance(reply, Failed):
                raise TrialError(reply.kind, reply.error)
            if isinstance(reply, EpochEnded) and on_epoch is not None:
                on_epoch(reply)
                self._send(GoOn())
                continue
            if not isinstance(reply, reply_type):
                raise self._error("crashed", f"unexpected reply {reply.type} to {command.type}")
            return reply

    @property
    def pid(self) -> int:
        """Number of the process; of nobody, or of another process, once it has ended."""
        return self._process.pid

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
        """Sample the memory of the process and its children while inside. Disturbs timing: time nothing."""
        peak = Peak()
        stop = threading.Event()

        def sample() -> None:
            while True:
                peak.see(tree(self._process.pid))
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
        return resident_mib(tree(self._process.pid))

    def close(self) -> None:
        """End the process with all that it started, remove its scratch folder. Never raises, may be called twice."""
        if self._closed:
            return
        self._closed = True
        self._end()
        for pipe in (self._commands, self._replies):
            with suppress(OSError):
                pipe.close()
        self._errors.close()
        _remove(self._scratch)

    def _end(self) -> None:
        """Kill the group, the children that left it, and the daemons that left both."""
        if self._ended:  # the number of a process that is gone may be another's by now
            return
        self._ended = True
        family = tree(self._process.pid) if self._process.poll() is None else []
        if os.name == "posix":
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        kill(family)
        self._process.wait()
        for _ in range(_CLEARING_TRIES):  # a process may have been started while the others were killed
            strays = started_with(_MARK, str(self._scratch))
            if not strays:
                return
            kill(strays)
            time.sleep(_CLEARING_PAUSE_S)

    def _send(self, command: Command) -> None:
        try:
            self._commands.write(encode(command))
            self._commands.flush()
        except OSError:
            raise self._death() from None

    def _read_lines(self) -> None:
        with suppress(ValueError, OSError):  # closed under the reader's hands by close()
            for line in self._replies:
                self._lines.put(line)
        self._lines.put(None)

    def _receive(self) -> Reply:
        line = self._await_line()
        if line is None:
            raise self._death()
        # A look takes longer than some blocks of a race last.
        if time.monotonic() - self._looked_at >= _LOOK_S:
            self._check_memory()
        try:
            reply = _REPLY.validate_json(line)
        except ValidationError:
            raise self._error("crashed", f"garbage in place of a reply: {line[:200]!r}") from None
        for place, value in _numbers(asdict(reply)):
            if not math.isfinite(value):  # neither JSON nor any statistic could hold it
                raise TrialError("failed", f"{reply.type}: {place} is not a number ({value})")
        return reply

    def _await_line(self) -> str | None:
        """The next line of the process, None at its end. Its memory is looked at while it keeps us waiting."""
        deadline = time.monotonic() + self._limits.timeout_s
        while True:
            left_s = max(0.0, deadline - time.monotonic())
            try:
                return self._lines.get(timeout=min(left_s, _LOOK_S))
            except queue.Empty:
                self._check_memory()
                if left_s <= _LOOK_S:
                    raise self._error("timed_out", f"no answer for {self._limits.timeout_s:.0f} s") from None

    def _check_memory(self) -> None:
        self._looked_at = time.monotonic()
        used_mib, allowed_mib = self.memory_mib(), self._limits.memory_mib
        if used_mib > allowed_mib:
            self._end()  # now, before the system ends what the user has running
            raise TrialError(
                "out_of_memory", f"used {used_mib:.0f} MiB, more than the {allowed_mib:.0f} MiB a trial may take"
            )

    def _death(self) -> TrialError:
        try:
            code = self._process.wait(timeout=_END_S)
        except subprocess.TimeoutExpired:
            return self._error("crashed", "closed its pipe without ending")
        how = how_it_ended(code)
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


def _numbers(value: object, place: str = "") -> Iterator[tuple[str, float]]:
    """Every number in nested dicts and tuples, with where it stands (``result.epochs.0.metric``)."""
    if isinstance(value, float):
        yield place, value
    elif isinstance(value, dict | tuple | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _numbers(part, f"{place}.{key}".lstrip("."))


def _remove(folder: Path) -> None:
    """Remove a folder; a process that was just killed may still be finishing a file in it."""
    for _ in range(_CLEARING_TRIES):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(_CLEARING_PAUSE_S)
